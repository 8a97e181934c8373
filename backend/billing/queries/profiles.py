"""Sellers and buyers."""

from datetime import date, datetime
from uuid import UUID

import asyncpg

from backend.billing.schemas.profiles import (
    BillingProfileUpdate,
    LegalEntityUpdate,
    VatRateCreate,
)
from backend.billing.states import Terms, VatState
from backend.db.scope import Scope

PROFILE = (
    "company_name, address_lines, postal_code, city, country, vat_id, vat_state, vat_checked_at,"
    " vat_check_reference, email, currency, purchase_reference, terms, legal_entity, version"
)
ENTITY = (
    "code, name, address_lines, postal_code, city, country, vat_id, registration, email, currency,"
    " time_zone, tax_point, invoice_prefix, receipt_prefix, credit_note_prefix, payment_days,"
    " bank_name, iban, bic, is_specimen, version"
)


async def profile(scope: Scope, tenant_id: UUID) -> asyncpg.Record | None:
    return await scope.row(
        f"SELECT {PROFILE} FROM billing_profiles WHERE tenant_id = $1", tenant_id
    )


async def save_profile(
    scope: Scope, data: BillingProfileUpdate, vat_id: str | None, vat_state: VatState
) -> asyncpg.Record | None:
    """None where another version stands. What the register said of an id stays with that id."""
    return await scope.row(
        "INSERT INTO billing_profiles AS p (tenant_id, company_name, address_lines, postal_code,"
        " city, country, vat_id, vat_state, vat_check_at, email, currency, purchase_reference,"
        " version, changed_by, changed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text,"
        " CASE WHEN $8::text = 'format_valid' THEN $13::timestamptz END,"
        " $9, $10, $11, 1, $12, $13)"
        " ON CONFLICT (tenant_id) DO UPDATE SET company_name = excluded.company_name,"
        " address_lines = excluded.address_lines, postal_code = excluded.postal_code,"
        " city = excluded.city, country = excluded.country, vat_id = excluded.vat_id,"
        " vat_state = CASE WHEN p.vat_id = excluded.vat_id AND p.country = excluded.country"
        " THEN p.vat_state ELSE excluded.vat_state END,"
        " vat_checked_at = CASE WHEN p.vat_id = excluded.vat_id AND p.country = excluded.country"
        " THEN p.vat_checked_at END,"
        " vat_check_reference = CASE WHEN p.vat_id = excluded.vat_id"
        " AND p.country = excluded.country THEN p.vat_check_reference END,"
        " vat_check_at = CASE WHEN p.vat_id = excluded.vat_id AND p.country = excluded.country"
        " THEN p.vat_check_at ELSE excluded.vat_check_at END, vat_check_tries = 0,"
        " email = excluded.email, currency = excluded.currency,"
        " purchase_reference = excluded.purchase_reference, version = p.version + 1,"
        " changed_by = excluded.changed_by, changed_at = excluded.changed_at"
        f" WHERE p.version = $14 RETURNING {PROFILE}",
        scope.tenant_id,
        data.company_name,
        data.address_lines,
        data.postal_code,
        data.city,
        data.country,
        vat_id,
        vat_state.value,
        data.email,
        data.currency,
        data.purchase_reference,
        scope.principal.actor,
        scope.now,
        data.version,
    )


async def set_terms(scope: Scope, terms: Terms) -> asyncpg.Record | None:
    """A tenant that was postpaid already keeps the moment it became so."""
    return await scope.row(
        "UPDATE billing_profiles SET terms = $2, postpaid_since = CASE WHEN $2::text = 'postpaid'"
        " THEN coalesce(postpaid_since, $3::timestamptz) ELSE postpaid_since END,"
        " version = version + 1, changed_by = $4,"
        f" changed_at = $3 WHERE tenant_id = $1 RETURNING {PROFILE}",
        scope.tenant_id,
        terms.value,
        scope.now,
        scope.principal.actor,
    )


async def postpaid_since(scope: Scope) -> datetime | None:
    """The moment the tenant became postpaid; locked, so that one clock bills it at a time."""
    since: datetime | None = await scope.value(
        "SELECT postpaid_since FROM billing_profiles WHERE tenant_id = $1 FOR UPDATE",
        scope.tenant_id,
    )
    return since


async def postpaid_tenants(scope: Scope, after: UUID | None, limit: int) -> list[UUID]:
    rows = await scope.rows(
        "SELECT tenant_id FROM billing_profiles WHERE postpaid_since IS NOT NULL"
        " AND ($1::uuid IS NULL OR tenant_id > $1) ORDER BY tenant_id LIMIT $2",
        after,
        limit,
    )
    return [row["tenant_id"] for row in rows]


async def vat_question(scope: Scope) -> asyncpg.Record | None:
    """The id to ask about, where one is due, and the seller's own."""
    return await scope.row(
        "SELECT p.vat_id, p.vat_check_tries, e.vat_id AS requester FROM billing_profiles p"
        " JOIN legal_entities e ON e.code = p.legal_entity"
        " WHERE p.tenant_id = $1 AND p.vat_check_at <= $2",
        scope.tenant_id,
        scope.now,
    )


async def record_vat_answer(
    scope: Scope, vat_id: str, state: VatState, reference: str, next_at: datetime
) -> bool:
    """False where the tenant has changed the id meanwhile."""
    return bool(
        await scope.execute(
            "UPDATE billing_profiles SET vat_state = $3, vat_checked_at = $4,"
            " vat_check_reference = $5, vat_check_tries = 0, vat_check_at = $6"
            " WHERE tenant_id = $1 AND vat_id = $2",
            scope.tenant_id,
            vat_id,
            state.value,
            scope.now,
            reference,
            next_at,
        )
    )


async def postpone_vat_check(scope: Scope, vat_id: str, next_at: datetime) -> None:
    await scope.execute(
        "UPDATE billing_profiles SET vat_check_tries = vat_check_tries + 1, vat_check_at = $3"
        " WHERE tenant_id = $1 AND vat_id = $2",
        scope.tenant_id,
        vat_id,
        next_at,
    )


async def tenants_with_vat_due(scope: Scope, limit: int) -> list[UUID]:
    rows = await scope.rows(
        "SELECT tenant_id FROM billing_profiles WHERE vat_check_at <= $1"
        " ORDER BY vat_check_at LIMIT $2",
        scope.now,
        limit,
    )
    return [row["tenant_id"] for row in rows]


async def entity(scope: Scope, code: str) -> asyncpg.Record:
    return await scope.one(f"SELECT {ENTITY} FROM legal_entities WHERE code = $1", code)


async def entities(scope: Scope) -> list[asyncpg.Record]:
    return await scope.rows(f"SELECT {ENTITY} FROM legal_entities ORDER BY code")


async def rates(scope: Scope, code: str) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT effective_from, rate_permille FROM legal_entity_rates WHERE code = $1"
        " ORDER BY effective_from DESC",
        code,
    )


async def rate_on(scope: Scope, code: str, day: date) -> int | None:
    rate: int | None = await scope.value(
        "SELECT rate_permille FROM legal_entity_rates WHERE code = $1 AND effective_from <= $2"
        " ORDER BY effective_from DESC LIMIT 1",
        code,
        day,
    )
    return rate


async def save_entity(
    scope: Scope, code: str, data: LegalEntityUpdate, vat_id: str | None
) -> asyncpg.Record | None:
    """None where another version stands. Whoever says who sells ends the specimen."""
    return await scope.row(
        "UPDATE legal_entities SET name = $3, address_lines = $4, postal_code = $5, city = $6,"
        " country = $7, vat_id = $8, registration = $9, email = $10, currency = $11,"
        " time_zone = $12, tax_point = $13, invoice_prefix = $14, receipt_prefix = $15,"
        " credit_note_prefix = $16, payment_days = $17, bank_name = $18, iban = $19, bic = $20,"
        " is_specimen = false, version = version + 1, changed_by = $21, changed_at = $22"
        f" WHERE code = $1 AND version = $2 RETURNING {ENTITY}",
        code,
        data.version,
        data.name,
        data.address_lines,
        data.postal_code,
        data.city,
        data.country,
        vat_id,
        data.registration,
        data.email,
        data.currency,
        data.time_zone,
        data.tax_point.value,
        data.invoice_prefix,
        data.receipt_prefix,
        data.credit_note_prefix,
        data.payment_days,
        data.bank_name,
        data.iban,
        data.bic,
        scope.principal.actor,
        scope.now,
    )


async def insert_rate(scope: Scope, code: str, data: VatRateCreate) -> bool:
    return bool(
        await scope.execute(
            "INSERT INTO legal_entity_rates (code, effective_from, rate_permille, created_by,"
            " created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            code,
            data.effective_from,
            data.rate_permille,
            scope.principal.actor,
            scope.now,
        )
    )
