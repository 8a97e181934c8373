"""Rows of system_messages: queued by whoever answers, claimed before the carrier is called."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope
from backend.kernel.ids import uuid7


class SystemMessageDraft(msgspec.Struct, frozen=True):
    """`reference` says what it is for: a second row of the same is not written."""

    kind: str
    reference: str
    gateway_id: UUID
    phone: str
    sender: str
    body: str


async def queue(
    scope: Scope,
    draft: SystemMessageDraft,
    *,
    expires_at: datetime,
    since: datetime,
    per_number_max: int,
) -> bool:
    """False: it is there already, or this number heard enough of us since then."""
    return bool(
        await scope.execute(
            "INSERT INTO system_messages (id, kind, reference, gateway_id, phone, sender, body,"
            " state, created_at, due_at, expires_at)"
            " SELECT $1, $2, $3, $4, $5, $6, $7, 'queued', $8, $8, $9 WHERE (SELECT count(*)"
            " FROM system_messages WHERE phone = $5 AND created_at > $10) < $11"
            " ON CONFLICT (reference) DO NOTHING",
            uuid7(),
            draft.kind,
            draft.reference,
            draft.gateway_id,
            draft.phone,
            draft.sender,
            draft.body,
            scope.now,
            expires_at,
            since,
            per_number_max,
        )
    )


async def lock_range(scope: Scope, prefix: str) -> None:
    """Until the end of the transaction: codes to one operator range are counted one by one."""
    await scope.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('codes:' || $1::text, 0))", prefix
    )


async def codes_to_range(scope: Scope, prefix: str, since: datetime) -> int:
    return int(
        await scope.value(
            "SELECT count(*) FROM system_messages WHERE phone LIKE $1 AND created_at > $2"
            " AND kind = 'verification'",
            f"{prefix}%",
            since,
        )
    )


async def is_platform_stopped(scope: Scope) -> bool:
    """The platform's kill switch, locked: who turns it waits for us, or we see it."""
    return bool(
        await scope.value("SELECT is_on FROM kill_switches WHERE tenant_id IS NULL FOR SHARE")
    )


async def due(scope: Scope) -> int:
    return int(
        await scope.value(
            "SELECT count(*) FROM system_messages WHERE state = 'queued' AND due_at <= $1",
            scope.now,
        )
    )


async def claim(
    scope: Scope, gateway_ids: Sequence[UUID], until: datetime, rows_max: int
) -> list[asyncpg.Record]:
    # Materialized, or a plan that asks the inner statement again for each row takes more than the
    # limit says: every time it skips what it has locked.
    return await scope.rows(
        "WITH due AS MATERIALIZED (SELECT id FROM system_messages WHERE state = 'queued'"
        " AND due_at <= $1 AND expires_at > $1 AND gateway_id = ANY($2::uuid[])"
        " ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED)"
        " UPDATE system_messages m SET state = 'submitting', tries = tries + 1, lease_until = $3"
        " FROM due WHERE m.id = due.id"
        " RETURNING m.id, kind, gateway_id, phone, sender, body, tries",
        scope.now,
        list(gateway_ids),
        until,
        rows_max,
    )


# A code is nobody's to read once its message is over.
_WITHOUT_CODE = "CASE WHEN kind = 'verification' THEN '(code)' ELSE body END"


class SystemOutcome(msgspec.Struct, frozen=True):
    """What one try came to."""

    state: str
    code: str = ""
    carrier_ids: tuple[str, ...] = ()


async def record(
    scope: Scope, claimed: asyncpg.Record, outcome: SystemOutcome, due_at: datetime
) -> bool:
    """False: a lease that ran out has judged it meanwhile."""
    return bool(
        await scope.execute(
            "UPDATE system_messages SET state = $3, code = $4, due_at = $5, carrier_ids = $6,"
            " lease_until = NULL, body = CASE $3 WHEN 'queued' THEN body"
            f" ELSE {_WITHOUT_CODE} END"
            " WHERE id = $1 AND tries = $2 AND state = 'submitting'",
            claimed["id"],
            claimed["tries"],
            outcome.state,
            outcome.code,
            due_at,
            list(outcome.carrier_ids),
        )
    )


async def expire(scope: Scope) -> int:
    """What a dead process submitted is not known; what waited too long is not worth sending."""
    return await scope.execute(
        f"UPDATE system_messages SET lease_until = NULL, body = {_WITHOUT_CODE},"
        " state = CASE state WHEN 'submitting' THEN 'unconfirmed' ELSE 'expired' END"
        " WHERE (state = 'submitting' AND lease_until < $1) OR"
        " (state = 'queued' AND expires_at <= $1)",
        scope.now,
    )
