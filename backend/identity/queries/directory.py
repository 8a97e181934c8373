"""Accounts, tenants, members and staff as the doorway sees them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.identity.tables import Account


async def account_by_email(scope: Scope, email: str) -> asyncpg.Record | None:
    return await scope.row(
        "SELECT id, email, name, password_hash, state, is_demo, failed_tries"
        " FROM accounts WHERE email = $1",
        email,
    )


async def who_is(scope: Scope, account_id: UUID) -> asyncpg.Record | None:
    """The account with its staff roles and memberships, in one round trip per request."""
    return await scope.row(
        "SELECT a.id, a.email, a.name, a.state, a.is_demo, a.login_generation, a.language,"
        " a.email_confirmed_at IS NOT NULL AS is_email_confirmed,"
        " coalesce((SELECT array_agg(s.role) FROM staff s WHERE s.account_id = a.id), '{}')"
        "  AS staff_roles,"
        " coalesce((SELECT array_agg(DISTINCT f.kind) FROM second_factors f"
        "  WHERE f.account_id = a.id), '{}') AS factor_kinds,"
        " coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name,"
        "  'status', t.status, 'is_confirmed', t.is_confirmed, 'role', m.role)"
        "  ORDER BY lower(t.name), t.id)"
        "  FROM members m JOIN tenants t ON t.id = m.tenant_id"
        "  WHERE m.account_id = a.id), '[]') AS tenants"
        " FROM accounts a WHERE a.id = $1",
        account_id,
    )


async def note_login(scope: Scope, account_id: UUID, new_hash: str | None) -> None:
    await scope.execute(
        "UPDATE accounts SET failed_tries = 0, last_login_at = $2,"
        " password_hash = coalesce($3, password_hash) WHERE id = $1",
        account_id,
        scope.now,
        new_hash,
    )


async def note_failed_login(scope: Scope, account_id: UUID) -> None:
    await scope.execute(
        "UPDATE accounts SET failed_tries = failed_tries + 1, last_failed_at = $2 WHERE id = $1",
        account_id,
        scope.now,
    )


async def insert_account(
    scope: Scope,
    account_id: UUID,
    email: str,
    name: str,
    password_hash: str,
    *,
    language: str = "en",
    is_demo: bool = False,
    is_confirmed: bool,
) -> None:
    """Raises asyncpg.UniqueViolationError for an e-mail that is taken."""
    await Account.insert(
        Account(
            id=account_id,
            email=email,
            name=name,
            password_hash=password_hash,
            is_demo=is_demo,
            language=language,
            email_confirmed_at=scope.now if is_confirmed else None,
            created_at=scope.now,
        )
    ).run()


async def insert_tenant(  # noqa: PLR0917 - one row's columns
    scope: Scope,
    tenant_id: UUID,
    name: str,
    status: str,
    country: str | None,
    trial_days: int,
    *,
    is_confirmed: bool,
) -> None:
    await scope.execute(
        "INSERT INTO tenants (id, name, status, default_country, trial_ends_at, is_confirmed)"
        " VALUES ($1, $2, $3, $4,"
        " CASE WHEN $3 = 'trial' THEN $5::timestamptz + make_interval(days => $6) END, $7)",
        tenant_id,
        name,
        status,
        country,
        scope.now,
        trial_days,
        is_confirmed,
    )


async def insert_member(scope: Scope, tenant_id: UUID, account_id: UUID, role: str) -> None:
    await scope.execute(
        "INSERT INTO members (tenant_id, account_id, role) VALUES ($1, $2, $3)",
        tenant_id,
        account_id,
        role,
    )


async def insert_kill_switch(scope: Scope, switch_id: UUID, tenant_id: UUID) -> None:
    await scope.execute(
        "INSERT INTO kill_switches (id, tenant_id) VALUES ($1, $2)", switch_id, tenant_id
    )


async def insert_staff(scope: Scope, account_id: UUID, role: str) -> None:
    await scope.execute(
        "INSERT INTO staff (account_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        account_id,
        role,
    )


async def key_by_prefix(scope: Scope, prefix: str) -> asyncpg.Record | None:
    return await scope.row(
        "SELECT k.tenant_id, k.id, k.secret_hash, k.scopes, k.is_test, k.expires_at, k.revoked_at,"
        " k.last_used_at,"
        " k.created_by, t.status FROM api_keys k JOIN tenants t ON t.id = k.tenant_id"
        " WHERE k.prefix = $1",
        prefix,
    )


async def note_key_used(scope: Scope, key_id: UUID, before: datetime) -> None:
    """Once, of those who come in the same moment."""
    await scope.execute(
        "UPDATE api_keys SET last_used_at = $2"
        " WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
        key_id,
        scope.now,
        before,
    )


async def demo_accounts(scope: Scope) -> list[dict[str, Any]]:
    rows = await scope.rows(
        "SELECT a.email, a.name,"
        " (SELECT min(s.role) FROM staff s WHERE s.account_id = a.id) AS staff_role,"
        " (SELECT jsonb_agg(jsonb_build_object('name', t.name, 'status', t.status,"
        "  'auto', t.auto_validation IS NOT NULL, 'role', m.role))"
        "  FROM members m JOIN tenants t ON t.id = m.tenant_id"
        "  WHERE m.account_id = a.id) AS tenants"
        " FROM accounts a WHERE a.is_demo AND a.state = 'active' ORDER BY a.created_at, a.id"
    )
    return [dict(row) for row in rows]
