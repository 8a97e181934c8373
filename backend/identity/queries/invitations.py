"""Invitations inside their tenant's scope, and by id in the doorway."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope
from backend.identity.invitation_schemas import InvitationRow

_COLUMNS = "tenant_id, id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at"


def _row(row: asyncpg.Record) -> InvitationRow:
    return msgspec.convert(dict(row), InvitationRow)


async def insert(scope: Scope, invitation: InvitationRow) -> None:
    """Raises asyncpg.UniqueViolationError where one to this address is open."""
    await scope.execute(
        "INSERT INTO invitations (tenant_id, id, email, role, invited_by, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        invitation.tenant_id,
        invitation.id,
        invitation.email,
        invitation.role.value,
        invitation.invited_by,
        invitation.created_at,
        invitation.expires_at,
    )


async def all_open(scope: Scope, rows_max: int) -> list[InvitationRow]:
    rows = await scope.rows(
        f"SELECT {_COLUMNS} FROM invitations WHERE tenant_id = $1"
        " AND accepted_at IS NULL AND revoked_at IS NULL ORDER BY id DESC LIMIT $2",
        scope.tenant_id,
        rows_max,
    )
    return [_row(row) for row in rows]


async def open_to(scope: Scope, email: str) -> InvitationRow | None:
    row = await scope.row(
        f"SELECT {_COLUMNS} FROM invitations WHERE tenant_id = $1 AND email = $2"
        " AND accepted_at IS NULL AND revoked_at IS NULL",
        scope.tenant_id,
        email,
    )
    return _row(row) if row else None


async def lock(scope: Scope, invitation_id: UUID) -> InvitationRow:
    """Raises NotFound."""
    row = await scope.one(
        f"SELECT {_COLUMNS} FROM invitations WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        scope.tenant_id,
        invitation_id,
    )
    return _row(row)


async def by_id(scope: Scope, invitation_id: UUID) -> InvitationRow | None:
    """In the doorway: whose it is, is what is asked."""
    row = await scope.row(f"SELECT {_COLUMNS} FROM invitations WHERE id = $1", invitation_id)
    return _row(row) if row else None


async def renew(scope: Scope, invitation_id: UUID, expires_at: datetime) -> InvitationRow:
    row = await scope.one(
        "UPDATE invitations SET expires_at = $3"
        f" WHERE tenant_id = $1 AND id = $2 RETURNING {_COLUMNS}",
        scope.tenant_id,
        invitation_id,
        expires_at,
    )
    return _row(row)


async def revoke(scope: Scope, invitation_id: UUID) -> InvitationRow:
    row = await scope.one(
        "UPDATE invitations SET revoked_at = coalesce(revoked_at, $3)"
        f" WHERE tenant_id = $1 AND id = $2 RETURNING {_COLUMNS}",
        scope.tenant_id,
        invitation_id,
        scope.now,
    )
    return _row(row)


async def accept(scope: Scope, invitation_id: UUID, account_id: UUID) -> None:
    await scope.execute(
        "UPDATE invitations SET accepted_at = $3, accepted_by = $4"
        " WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        invitation_id,
        scope.now,
        account_id,
    )


async def is_member_by_email(scope: Scope, email: str, tenant_id: UUID) -> bool:
    """In the doorway, which alone knows addresses."""
    return bool(
        await scope.value(
            "SELECT true FROM members m JOIN accounts a ON a.id = m.account_id"
            " WHERE m.tenant_id = $1 AND a.email = $2",
            tenant_id,
            email,
        )
    )


async def invitation_names(scope: Scope, row: InvitationRow) -> asyncpg.Record:
    """In the doorway: the words of the mail, and whether the address has an account."""
    return await scope.one(
        "SELECT t.name AS tenant_name, a.name AS inviter_name, a.language, a.is_demo,"
        " EXISTS (SELECT 1 FROM accounts x WHERE x.email = $3) AS has_account"
        " FROM tenants t, accounts a WHERE t.id = $1 AND a.id = $2",
        row.tenant_id,
        row.invited_by,
        row.email,
    )
