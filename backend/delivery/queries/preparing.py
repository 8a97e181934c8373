"""Rows a preparation writes, and drops when another begins from nothing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from backend.campaigns.schemas.evaluation import EvaluatedMessage, Exclusion
from backend.db.scope import Scope

DROPPED_ROWS_MAX = 20_000
"""Rows deleted per transaction."""
PENDING_DAYS = 10
"""A session is paused for 7 days at most."""


class SessionKey(NamedTuple):
    """What every row of a session's delivery begins with, behind the tenant."""

    session_day: date
    session_id: UUID


class NewBatch(NamedTuple):
    batch_no: int
    gateway_id: UUID
    sender: str
    first_n: int
    last_n: int
    segments: int
    credits: int
    not_before: datetime
    opens_at: datetime | None = None
    """Held by hours until then."""
    not_after: datetime | None = None


async def make_partitions(scope: Scope, day: date) -> bool:
    return bool(await scope.value("SELECT make_delivery_partitions($1)", day))


async def drop_partitions(scope: Scope, day: date) -> bool:
    return bool(await scope.value("SELECT drop_delivery_partitions($1)", day))


async def known_phones(
    scope: Scope, key: SessionKey, generation: int, phones: Sequence[str]
) -> set[str]:
    """Of this generation: a row that a lost preparation wrote late is nobody's message, and who has
    one is no duplicate. It stays in the way, so the next generation begins without it.
    """
    rows = await scope.rows(
        "SELECT phone FROM messages WHERE tenant_id = $1 AND session_day = $2"
        " AND session_id = $3 AND generation = $4 AND phone = ANY($5::text[])",
        scope.tenant_id,
        *key,
        generation,
        list(phones),
    )
    return {row["phone"] for row in rows}


async def lock_caps(scope: Scope) -> None:
    """Two preparations at once would each see room that the other takes."""
    await scope.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('caps:' || $1::text, 0))",
        str(scope.tenant_id),
    )


async def pending_phones(scope: Scope, key: SessionKey, phones: Sequence[str]) -> dict[str, int]:
    """Messages of other sessions that may still be accepted; those that are stand as contacts."""
    rows = await scope.rows(
        "SELECT phone, count(*)::int AS messages FROM messages WHERE tenant_id = $1"
        " AND phone = ANY($2::text[]) AND session_day >= $3 AND session_id <> $4"
        " AND state IN ('queued', 'submitting', 'unconfirmed') GROUP BY phone",
        scope.tenant_id,
        list(phones),
        key.session_day - timedelta(days=PENDING_DAYS),
        key.session_id,
    )
    return {row["phone"]: row["messages"] for row in rows}


async def insert_messages(
    scope: Scope,
    key: SessionKey,
    generation: int,
    rows: Sequence[tuple[int, int, EvaluatedMessage]],
) -> None:
    """(n, batch_no, message) each; one statement a page."""
    messages = [message for _, _, message in rows]
    await scope.execute(
        "INSERT INTO messages (tenant_id, session_day, session_id, generation, n, batch_no,"
        " subscriber_id, phone, country, body, encoding, segments, credits, not_before)"
        " SELECT $1, $2, $3, $4, * FROM unnest($5::int[], $6::int[], $7::uuid[], $8::text[],"
        " $9::text[], $10::text[], $11::text[], $12::smallint[], $13::int[], $14::timestamptz[])",
        scope.tenant_id,
        *key,
        generation,
        [n for n, _, _ in rows],
        [batch_no for _, batch_no, _ in rows],
        [message.subscriber_id for message in messages],
        [message.phone for message in messages],
        [message.country for message in messages],
        [message.body for message in messages],
        [message.encoding for message in messages],
        [message.segments for message in messages],
        [message.credits for message in messages],
        [message.not_before for message in messages],
    )


async def insert_exclusions(
    scope: Scope, key: SessionKey, generation: int, first_k: int, rows: Sequence[Exclusion]
) -> None:
    await scope.execute(
        "INSERT INTO exclusions (tenant_id, session_day, session_id, generation, at, k,"
        " subscriber_id, phone, reason, evidence) SELECT $1, $2, $3, $4, $5, * FROM"
        " unnest($6::int[], $7::uuid[], $8::text[], $9::text[], $10::text[])",
        scope.tenant_id,
        *key,
        generation,
        scope.now,
        list(range(first_k, first_k + len(rows))),
        [row.subscriber_id for row in rows],
        [row.phone for row in rows],
        [row.reason.value for row in rows],
        [row.evidence for row in rows],
    )


async def insert_batches(
    scope: Scope, key: SessionKey, generation: int, rows: Sequence[NewBatch]
) -> None:
    await scope.execute(
        "INSERT INTO batches (tenant_id, session_day, session_id, generation, state, size,"
        " batch_no, gateway_id, sender, first_n, last_n, segments, credits, not_before, opens_at,"
        " not_after) SELECT $1, $2, $3, $4, 'prepared', b.last_n - b.first_n + 1, b.*"
        " FROM unnest($5::int[], $6::uuid[], $7::text[], $8::int[], $9::int[], $10::bigint[],"
        " $11::bigint[],"
        " $12::timestamptz[], $13::timestamptz[], $14::timestamptz[]) AS b (batch_no, gateway_id,"
        " sender, first_n, last_n, segments, credits, not_before, opens_at, not_after)",
        scope.tenant_id,
        *key,
        generation,
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def totals(scope: Scope, session_id: UUID) -> asyncpg.Record:
    return await scope.one(
        "SELECT count(*)::int AS batches, coalesce(sum(size), 0)::int AS messages,"
        " coalesce(sum(segments), 0)::bigint AS segments,"
        " coalesce(sum(credits), 0)::bigint AS credits"
        " FROM batches WHERE tenant_id = $1 AND session_id = $2 AND state = 'prepared'",
        scope.tenant_id,
        session_id,
    )


async def count_exclusions(scope: Scope, key: SessionKey) -> int:
    return int(
        await scope.value(
            "SELECT count(*) FROM exclusions"
            " WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3",
            scope.tenant_id,
            *key,
        )
    )


async def open_batches(scope: Scope, session_id: UUID) -> int:
    """With the hold: from here on they may be claimed."""
    return await scope.execute(
        "UPDATE batches SET state = 'queued'"
        " WHERE tenant_id = $1 AND session_id = $2 AND state = 'prepared'",
        scope.tenant_id,
        session_id,
    )


async def drop_some_messages(scope: Scope, key: SessionKey, generation: int) -> int:
    """Of that generation and those before it."""
    return await scope.execute(
        "DELETE FROM messages WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3"
        " AND state = 'queued' AND attempt = 0 AND generation <= $4 AND n IN (SELECT n"
        " FROM messages WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3"
        " AND generation <= $4 ORDER BY n LIMIT $5)",
        scope.tenant_id,
        *key,
        generation,
        DROPPED_ROWS_MAX,
    )


async def drop_batches_and_exclusions(scope: Scope, key: SessionKey) -> None:
    await scope.execute(
        "DELETE FROM exclusions WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3",
        scope.tenant_id,
        *key,
    )
    await scope.execute(
        "DELETE FROM batches WHERE tenant_id = $1 AND session_id = $2 AND state = 'prepared'",
        scope.tenant_id,
        key.session_id,
    )


async def left_prepared(scope: Scope, rows_max: int) -> list[asyncpg.Record]:
    """In a platform scope: sessions with batches that never got a hold."""
    return await scope.rows(
        "SELECT DISTINCT tenant_id, session_id FROM batches WHERE state = 'prepared' LIMIT $1",
        rows_max,
    )
