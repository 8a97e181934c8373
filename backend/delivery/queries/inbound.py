"""What came in from handsets, raw, and the replies it became."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.gateways.port import InboundMessage
from backend.kernel.ids import uuid7

TEXTS_LOOKED_AT_MAX = 50
"""Of one phone in one tenant, newest first: the sender they wrote to is among them."""

SESSION_DAYS_MAX = 10
"""A session submits messages for so long after its day: a week of pause and its retries."""


async def lock_conversation(scope: Scope, source: str, destination: str) -> None:
    """Until the end of the transaction: what one handset writes to one sender has an order, also
    where its carrier gives half of it to another process.
    """
    await scope.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('inbound:' || $1 || '>' || $2, 0))",
        source,
        destination,
    )


async def recent(
    scope: Scope, sources: Sequence[str], destinations: Sequence[str], since: datetime
) -> list[asyncpg.Record]:
    """Of these conversations, oldest first."""
    return await scope.rows(
        "SELECT i.source, i.destination, i.gateway_id, i.raw, i.part_reference"
        " FROM unnest($1::text[], $2::text[]) AS c (source, destination) JOIN inbound_messages i"
        " ON i.source = c.source AND i.destination = c.destination AND i.received_at >= $3"
        " ORDER BY i.received_at, i.id",
        list(sources),
        list(destinations),
        since,
    )


async def insert(scope: Scope, gateway_id: UUID, message: InboundMessage, state: str) -> UUID:
    row_id = uuid7()
    await scope.execute(
        "INSERT INTO inbound_messages (id, gateway_id, source, destination, data_coding, body,"
        " part_reference, part_number, parts_total, raw, received_at, state)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        row_id,
        gateway_id,
        message.source,
        message.destination,
        message.data_coding,
        message.body,
        message.part_reference,
        message.part_number,
        message.parts_total,
        message.raw,
        scope.now,
        state,
    )
    return row_id


async def waiting_parts(
    scope: Scope, gateway_id: UUID, message: InboundMessage, since: datetime
) -> list[asyncpg.Record]:
    """Of the same text, by their number."""
    return await scope.rows(
        "SELECT id, part_number, data_coding, body FROM inbound_messages WHERE state = 'waiting'"
        " AND source = $1 AND destination = $2 AND gateway_id = $3 AND parts_total = $4"
        " AND part_reference = $5 AND received_at >= $6 ORDER BY part_number, id",
        message.source,
        message.destination,
        gateway_id,
        message.parts_total,
        message.part_reference,
        since,
    )


async def incomplete(scope: Scope, before: datetime, rows_max: int) -> list[asyncpg.Record]:
    """In a platform scope: texts whose parts have waited long enough for the others."""
    return await scope.rows(
        "SELECT gateway_id, source, destination, part_reference, parts_total,"
        " min(data_coding) AS data_coding, min(received_at) AS received_at FROM inbound_messages"
        " WHERE state = 'waiting' GROUP BY gateway_id, source, destination, part_reference,"
        " parts_total HAVING max(received_at) < $1 ORDER BY min(received_at) LIMIT $2",
        before,
        rows_max,
    )


async def mark(scope: Scope, ids: Sequence[UUID], state: str) -> int:
    """Only what was not matched yet."""
    return await scope.execute(
        "UPDATE inbound_messages SET state = $2 WHERE id = ANY($1::uuid[]) AND state <> 'matched'",
        list(ids),
        state,
    )


async def texted(
    scope: Scope, phone: str, tenants: Sequence[UUID], since: datetime
) -> list[asyncpg.Record]:
    """In a platform scope: (tenant_id, session_id, sender, at), newest first.

    By the key of the phone first, whatever the planner thinks of tables nobody has counted yet.
    """
    return await scope.rows(
        "WITH mine AS MATERIALIZED (SELECT m.* FROM unnest($2::uuid[]) AS t (id) CROSS JOIN LATERAL"
        "  (SELECT tenant_id, session_id, batch_no, submitted_at FROM messages"
        "  WHERE tenant_id = t.id AND phone = $1 AND session_day >= $3 AND attempt >= 1"
        "  AND submitted_at >= $4 ORDER BY submitted_at DESC LIMIT $5) m)"
        " SELECT b.tenant_id, b.session_id, b.sender, mine.submitted_at AS at FROM mine"
        " JOIN batches b ON b.tenant_id = mine.tenant_id AND b.session_id = mine.session_id"
        " AND b.batch_no = mine.batch_no ORDER BY mine.submitted_at DESC",
        phone,
        list(tenants),
        since.date() - timedelta(days=SESSION_DAYS_MAX),
        since,
        TEXTS_LOOKED_AT_MAX,
    )


async def stops_of(scope: Scope, phone: str) -> list[asyncpg.Record]:
    """In a platform scope: (tenant_id, sender) that heard a STOP of this phone."""
    return await scope.rows(
        "SELECT DISTINCT tenant_id, sender FROM replies WHERE phone = $1 AND kind = 'stop'", phone
    )


async def insert_reply(  # noqa: PLR0917 - the columns of a row
    scope: Scope,
    reply_id: UUID,
    inbound_id: UUID,
    session_id: UUID | None,
    phone: str,
    sender: str,
    kind: str,
    text: str,
) -> None:
    await scope.execute(
        "INSERT INTO replies (tenant_id, id, inbound_id, session_id, phone, sender, kind, text,"
        " received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.tenant_id,
        reply_id,
        inbound_id,
        session_id,
        phone,
        sender,
        kind,
        text,
        scope.now,
    )


async def replies_page(
    scope: Scope, session_id: UUID, kind: str | None, before: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """Newest first."""
    return await scope.rows(
        "SELECT id, phone, sender, kind, text, received_at FROM replies"
        " WHERE tenant_id = $1 AND session_id = $2 AND ($3::text IS NULL OR kind = $3)"
        " AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        scope.tenant_id,
        session_id,
        kind,
        before,
        limit,
    )


async def replies_by_kind(scope: Scope, session_id: UUID) -> dict[str, int]:
    rows = await scope.rows(
        "SELECT kind, count(*) AS replies FROM replies WHERE tenant_id = $1 AND session_id = $2"
        " GROUP BY kind",
        scope.tenant_id,
        session_id,
    )
    return {row["kind"]: row["replies"] for row in rows}
