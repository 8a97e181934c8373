"""Links in mails by the hash of their secret, and what using one changes."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope
from backend.identity.schemas import Contact, MemberContact

_CONTACT = (
    "a.id AS account_id, a.email, a.name, a.language, a.is_demo,"
    " a.email_confirmed_at IS NOT NULL AS is_email_confirmed"
)


async def insert_token(
    scope: Scope, token_hash: bytes, purpose: str, subject_id: UUID, expires_at: datetime
) -> None:
    await scope.execute(
        "INSERT INTO mail_tokens (token_hash, purpose, subject_id, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        token_hash,
        purpose,
        subject_id,
        scope.now,
        expires_at,
    )


async def read_token(scope: Scope, token_hash: bytes, purpose: str) -> asyncpg.Record | None:
    return await scope.row(
        "SELECT subject_id, expires_at, used_at FROM mail_tokens"
        " WHERE token_hash = $1 AND purpose = $2",
        token_hash,
        purpose,
    )


async def use_token(scope: Scope, token_hash: bytes, purpose: str) -> UUID | None:
    """The subject of a link that is alive, which it is for one caller only."""
    subject_id: UUID | None = await scope.value(
        "UPDATE mail_tokens SET used_at = $3 WHERE token_hash = $1 AND purpose = $2"
        " AND used_at IS NULL AND expires_at > $3 RETURNING subject_id",
        token_hash,
        purpose,
        scope.now,
    )
    return subject_id


async def use_other_tokens(scope: Scope, subject_id: UUID, purpose: str) -> None:
    await scope.execute(
        "UPDATE mail_tokens SET used_at = $3"
        " WHERE subject_id = $1 AND purpose = $2 AND used_at IS NULL",
        subject_id,
        purpose,
        scope.now,
    )


async def forget_tokens(scope: Scope, before: datetime) -> int:
    """In a platform scope."""
    return await scope.execute("DELETE FROM mail_tokens WHERE expires_at < $1", before)


async def confirm_address(scope: Scope, account_id: UUID) -> str:
    """The address; what the account owns may submit from now on."""
    email: str = await scope.value(
        "UPDATE accounts SET email_confirmed_at = coalesce(email_confirmed_at, $2)"
        " WHERE id = $1 RETURNING email",
        account_id,
        scope.now,
    )
    await scope.execute(
        "UPDATE tenants SET is_confirmed = true WHERE NOT is_confirmed AND id IN"
        " (SELECT tenant_id FROM members WHERE account_id = $1 AND role = 'owner')",
        account_id,
    )
    return email


async def change_password(scope: Scope, account_id: UUID, password_hash: str) -> None:
    """Every login session of the account has ended: none carries the new generation."""
    await scope.execute(
        "UPDATE accounts SET password_hash = $2, failed_tries = 0,"
        " login_generation = login_generation + 1 WHERE id = $1",
        account_id,
        password_hash,
    )


async def set_language(scope: Scope, account_id: UUID, language: str) -> None:
    await scope.execute("UPDATE accounts SET language = $2 WHERE id = $1", account_id, language)


async def contact(scope: Scope, account_id: UUID) -> Contact | None:
    row = await scope.row(
        f"SELECT {_CONTACT} FROM accounts a WHERE a.id = $1 AND a.state = 'active'", account_id
    )
    return msgspec.convert(dict(row), Contact) if row else None


async def contact_by_email(scope: Scope, email: str) -> Contact | None:
    row = await scope.row(
        f"SELECT {_CONTACT} FROM accounts a WHERE a.email = $1 AND a.state = 'active'", email
    )
    return msgspec.convert(dict(row), Contact) if row else None


async def member_contacts(scope: Scope, tenant_id: UUID) -> list[MemberContact]:
    """In a platform scope."""
    rows = await scope.rows(
        f"SELECT {_CONTACT}, m.role FROM members m JOIN accounts a ON a.id = m.account_id"
        " WHERE m.tenant_id = $1 AND a.state = 'active' ORDER BY a.id",
        tenant_id,
    )
    return [msgspec.convert(dict(row), MemberContact) for row in rows]
