"""Tenants, members and keys inside a tenant's scope or, for staff, across them."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope
from backend.identity.schemas import (
    ApiKeyView,
    AutoValidation,
    MemberView,
    TenantFacts,
    TenantView,
)

_TENANT = (
    "id, name, status, trial_ends_at, default_country, language, verified_phone,"
    " verified_reason, auto_validation, auto_validation_lost_reason, suspended_reason, created_at"
)
_KEY = "id, name, prefix, scopes, is_test, created_at, expires_at, revoked_at, last_used_at"


def _plain(row: asyncpg.Record) -> dict[str, object]:
    return dict(row)


async def tenant_facts(scope: Scope) -> TenantFacts:
    row = await scope.one(
        "SELECT id, name, status, trial_ends_at, default_country, verified_phone, auto_validation,"
        " is_confirmed FROM tenants WHERE id = $1",
        scope.tenant_id,
    )
    return msgspec.convert(_plain(row), TenantFacts)


async def tenant_view(scope: Scope, tenant_id: UUID) -> TenantView:
    row = await scope.one(f"SELECT {_TENANT} FROM tenants WHERE id = $1", tenant_id)
    return msgspec.convert(_plain(row), TenantView)


async def tenants_page(
    scope: Scope, search: str | None, after: UUID | None, limit: int
) -> list[TenantView]:
    """Newest first. `search` is matched literally inside the name, without case."""
    rows = await scope.rows(
        f"SELECT {_TENANT} FROM tenants WHERE status <> 'platform'"
        " AND ($1::text IS NULL OR position(lower($1) IN lower(name)) > 0)"
        " AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        search,
        after,
        limit,
    )
    return [msgspec.convert(_plain(row), TenantView) for row in rows]


async def set_auto_validation(
    scope: Scope, bounds: AutoValidation | None, lost_reason: str | None
) -> bool:
    """Whether anything changed."""
    return bool(
        await scope.execute(
            "UPDATE tenants SET auto_validation = $2, auto_validation_lost_reason = $3"
            " WHERE id = $1 AND (auto_validation IS DISTINCT FROM $2::jsonb)",
            scope.tenant_id,
            msgspec.to_builtins(bounds) if bounds else None,
            lost_reason,
        )
    )


async def suspend(scope: Scope, reason: str) -> bool:
    """False: it is no tenant that sends, or it is suspended already."""
    return bool(
        await scope.execute(
            "UPDATE tenants SET status = 'suspended', suspended_from = status,"
            " suspended_reason = $2 WHERE id = $1 AND status IN ('trial', 'active')",
            scope.tenant_id,
            reason,
        )
    )


async def reactivate(scope: Scope) -> bool:
    """What it was before. False: it is not suspended."""
    return bool(
        await scope.execute(
            "UPDATE tenants SET status = coalesce(suspended_from, 'active'),"
            " suspended_from = NULL, suspended_reason = NULL"
            " WHERE id = $1 AND status = 'suspended'",
            scope.tenant_id,
        )
    )


async def set_sending_weight(scope: Scope, tenant_id: UUID, weight: int) -> bool:
    """In a platform scope; False: there is no such tenant."""
    return bool(
        await scope.execute(
            "UPDATE tenants SET sending_weight = $2 WHERE id = $1", tenant_id, weight
        )
    )


async def set_verified_number(scope: Scope, phone: str, reason: str) -> None:
    await scope.execute(
        "UPDATE tenants SET verified_phone = $2, verified_reason = $3, verified_at = $4"
        " WHERE id = $1",
        scope.tenant_id,
        phone,
        reason,
        scope.now,
    )


async def is_member(scope: Scope, account_id: UUID | None) -> bool:
    """Whether the account belongs to this scope's tenant."""
    return bool(
        await scope.value(
            "SELECT true FROM members WHERE tenant_id = $1 AND account_id = $2",
            scope.tenant_id,
            account_id,
        )
    )


async def tenants_of_account(scope: Scope, account_id: UUID | None) -> set[UUID]:
    """In a platform scope: where somebody of ours is a member too, and so decides nothing."""
    rows = await scope.rows("SELECT tenant_id FROM members WHERE account_id = $1", account_id)
    return {row["tenant_id"] for row in rows}


async def account_name(scope: Scope, account_id: UUID | None) -> str:
    """In a platform scope. Raises NotFound."""
    row = await scope.one("SELECT name FROM accounts WHERE id = $1", account_id)
    name: str = row["name"]
    return name


async def tenant_names(scope: Scope, tenant_ids: list[UUID]) -> dict[UUID, str]:
    """In a platform scope, for lists over several tenants."""
    rows = await scope.rows("SELECT id, name FROM tenants WHERE id = ANY($1)", tenant_ids)
    return {row["id"]: row["name"] for row in rows}


async def members(scope: Scope) -> list[asyncpg.Record]:
    """In the tenant's scope, so that the row policy says whose they are."""
    return await scope.rows(
        "SELECT account_id, role, created_at FROM members WHERE tenant_id = $1", scope.tenant_id
    )


async def member(scope: Scope, account_id: UUID) -> asyncpg.Record:
    """Locked. Raises NotFound."""
    return await scope.one(
        "SELECT account_id, role, created_at FROM members"
        " WHERE tenant_id = $1 AND account_id = $2 FOR UPDATE",
        scope.tenant_id,
        account_id,
    )


async def lock_owners(scope: Scope) -> int:
    """How many there are; two who take their leave at once wait for each other."""
    rows = await scope.rows(
        "SELECT account_id FROM members WHERE tenant_id = $1 AND role = 'owner'"
        " ORDER BY account_id FOR UPDATE",
        scope.tenant_id,
    )
    return len(rows)


async def set_role(scope: Scope, account_id: UUID, role: str) -> None:
    await scope.execute(
        "UPDATE members SET role = $3 WHERE tenant_id = $1 AND account_id = $2",
        scope.tenant_id,
        account_id,
        role,
    )


async def remove_member(scope: Scope, account_id: UUID) -> None:
    await scope.execute(
        "DELETE FROM members WHERE tenant_id = $1 AND account_id = $2",
        scope.tenant_id,
        account_id,
    )


async def account_names(scope: Scope, account_ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """In a platform scope: name and address of each; of an unknown account nothing."""
    rows = await scope.rows(
        "SELECT id, name, email FROM accounts WHERE id = ANY($1::uuid[])", list(account_ids)
    )
    return {row["id"]: row for row in rows}


async def key_names(scope: Scope, key_ids: Sequence[UUID]) -> dict[UUID, str]:
    """In a platform scope; of an unknown key nothing."""
    rows = await scope.rows(
        "SELECT id, name FROM api_keys WHERE id = ANY($1::uuid[])", list(key_ids)
    )
    return {row["id"]: row["name"] for row in rows}


async def named(scope: Scope, found: Sequence[asyncpg.Record]) -> list[MemberView]:
    """Members with their names; a platform read, because names are no tenant's property."""
    rows = await scope.rows(
        "SELECT id, name, email FROM accounts WHERE id = ANY($1::uuid[]) ORDER BY lower(name), id",
        [row["account_id"] for row in found],
    )
    of = {row["account_id"]: _plain(row) for row in found}
    return [
        msgspec.convert({**of[row["id"]], "name": row["name"], "email": row["email"]}, MemberView)
        for row in rows
    ]


async def insert_key(scope: Scope, view: ApiKeyView, secret_hash: bytes, created_by: UUID) -> None:
    await scope.execute(
        "INSERT INTO api_keys (tenant_id, id, name, prefix, secret_hash, scopes, is_test,"
        " created_by, created_at, expires_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        scope.tenant_id,
        view.id,
        view.name,
        view.prefix,
        secret_hash,
        [key_scope.value for key_scope in view.scopes],
        view.is_test,
        created_by,
        view.created_at,
        view.expires_at,
    )


async def keys(scope: Scope) -> list[ApiKeyView]:
    rows = await scope.rows(
        f"SELECT {_KEY} FROM api_keys WHERE tenant_id = $1 ORDER BY id DESC", scope.tenant_id
    )
    return [msgspec.convert(_plain(row), ApiKeyView) for row in rows]


async def revoke_key(scope: Scope, key_id: UUID) -> ApiKeyView:
    """Raises NotFound. Revoking twice keeps the first time."""
    row = await scope.one(
        "UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3)"
        f" WHERE tenant_id = $1 AND id = $2 RETURNING {_KEY}",
        scope.tenant_id,
        key_id,
        scope.now,
    )
    return msgspec.convert(_plain(row), ApiKeyView)
