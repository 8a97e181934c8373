"""Second factors and recovery codes of one account. Whatever changes them locks the account's row
first, so that two windows cannot both be the last, or the next.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope
from backend.identity.factor_schemas import FactorRow
from backend.identity.passkeys import NewPasskey


async def lock_account(scope: Scope, account_id: UUID) -> asyncpg.Record:
    return await scope.one(
        "SELECT id, email, name, is_demo, factor_failed_tries, factor_wait_until, login_generation,"
        " EXISTS (SELECT 1 FROM staff s WHERE s.account_id = accounts.id) AS is_staff"
        " FROM accounts WHERE id = $1 FOR NO KEY UPDATE",
        account_id,
    )


async def account_id_of(scope: Scope, email: str) -> UUID | None:
    found: UUID | None = await scope.value("SELECT id FROM accounts WHERE email = $1", email)
    return found


async def factors_of(scope: Scope, account_id: UUID) -> list[FactorRow]:
    rows = await scope.rows(
        "SELECT id, account_id, kind, name, created_at, last_used_at, secret_sealed, last_step,"
        " credential_id, public_key, sign_count, transports"
        " FROM second_factors WHERE account_id = $1 ORDER BY created_at, id",
        account_id,
    )
    return [msgspec.convert(dict(row), FactorRow) for row in rows]


async def insert_totp(  # noqa: PLR0917 - one row's columns
    scope: Scope, factor_id: UUID, account_id: UUID, name: str, sealed: bytes, step: int
) -> None:
    """Raises asyncpg.UniqueViolationError when the same secret was confirmed a moment ago."""
    await scope.execute(
        "INSERT INTO second_factors (id, account_id, kind, name, created_at, last_used_at,"
        " secret_sealed, last_step) VALUES ($1, $2, 'totp', $3, $4, $4, $5, $6)",
        factor_id,
        account_id,
        name,
        scope.now,
        sealed,
        step,
    )


async def insert_passkey(  # noqa: PLR0917 - one row's columns
    scope: Scope,
    factor_id: UUID,
    account_id: UUID,
    name: str,
    passkey: NewPasskey,
    transports: Sequence[str],
) -> None:
    """Raises asyncpg.UniqueViolationError for a credential that somebody has."""
    await scope.execute(
        "INSERT INTO second_factors (id, account_id, kind, name, created_at, credential_id,"
        " public_key, sign_count, transports) VALUES ($1, $2, 'passkey', $3, $4, $5, $6, $7, $8)",
        factor_id,
        account_id,
        name,
        scope.now,
        passkey.credential_id,
        passkey.public_key,
        passkey.sign_count,
        list(transports),
    )


async def take_step(scope: Scope, factor_id: UUID, step: int) -> bool:
    """Whether no code of this step or a later one was taken before: each is good once."""
    taken = await scope.execute(
        "UPDATE second_factors SET last_step = $2, last_used_at = $3"
        " WHERE id = $1 AND kind = 'totp' AND last_step < $2",
        factor_id,
        step,
        scope.now,
    )
    return taken == 1


async def count_use(scope: Scope, factor_id: UUID, sign_count: int) -> bool:
    """False for a count that did not grow, which a copy of the key would show. Authenticators that
    do not count say 0 for ever.
    """
    counted = await scope.execute(
        "UPDATE second_factors SET sign_count = $2, last_used_at = $3"
        " WHERE id = $1 AND kind = 'passkey'"
        " AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))",
        factor_id,
        sign_count,
        scope.now,
    )
    return counted == 1


async def rename_factor(scope: Scope, factor_id: UUID, name: str) -> None:
    await scope.execute("UPDATE second_factors SET name = $2 WHERE id = $1", factor_id, name)


async def delete_factor(scope: Scope, factor_id: UUID) -> None:
    await scope.execute("DELETE FROM second_factors WHERE id = $1", factor_id)


async def delete_all(scope: Scope, account_id: UUID) -> int:
    """How many factors there were; the recovery codes go with them."""
    count = await scope.execute("DELETE FROM second_factors WHERE account_id = $1", account_id)
    await delete_codes(scope, account_id)
    return count


async def delete_codes(scope: Scope, account_id: UUID) -> None:
    await scope.execute("DELETE FROM recovery_codes WHERE account_id = $1", account_id)


async def insert_codes(scope: Scope, account_id: UUID, hashes: Sequence[bytes]) -> None:
    await scope.execute(
        "INSERT INTO recovery_codes (account_id, code_hash, created_at)"
        " SELECT $1, hash, $3 FROM unnest($2::bytea[]) AS hash",
        account_id,
        list(hashes),
        scope.now,
    )


async def codes_left(scope: Scope, account_id: UUID) -> int:
    left: int = await scope.value(
        "SELECT count(*) FROM recovery_codes WHERE account_id = $1 AND used_at IS NULL", account_id
    )
    return left


async def use_code(scope: Scope, account_id: UUID, code_hash: bytes) -> bool:
    used = await scope.execute(
        "UPDATE recovery_codes SET used_at = $3"
        " WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL",
        account_id,
        code_hash,
        scope.now,
    )
    return used == 1


async def is_known_code(scope: Scope, account_id: UUID, code_hash: bytes) -> bool:
    return bool(
        await scope.value(
            "SELECT true FROM recovery_codes WHERE account_id = $1 AND code_hash = $2",
            account_id,
            code_hash,
        )
    )


async def note_tries(scope: Scope, account_id: UUID, tries: int, until: datetime | None) -> None:
    await scope.execute(
        "UPDATE accounts SET factor_failed_tries = $2, factor_wait_until = $3 WHERE id = $1",
        account_id,
        tries,
        until,
    )


async def end_sessions(scope: Scope, account_id: UUID) -> int:
    """The generation that sessions carry from now on: every one that stands has ended."""
    generation: int = await scope.value(
        "UPDATE accounts SET login_generation = login_generation + 1 WHERE id = $1"
        " RETURNING login_generation",
        account_id,
    )
    return generation
