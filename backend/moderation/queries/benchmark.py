"""Rows for measuring the queue: as many cases as asked for, written by the server itself.

Needs the connection of a superuser to an installation that holds nothing else: foreign keys and
row policies are off while it writes, every index but the keys is made anew at the end, and as many
connections write as there are processors: hours of 5,000,000 cases become minutes.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope
from backend.kernel.ids import uuid7
from backend.moderation.diff import DIFF_CHARACTERS_MAX, diff_words
from backend.moderation.dry_run import EMPTY
from backend.moderation.queries.queue import copied_columns
from backend.moderation.schemas.screening import DryRun, Hit

OWNERS_MEMORY_MIB: Final = 512
# A chunk's cases stay in memory between the table they go to and the two that copy them.
CHUNK_CASES: Final = 20_000
CHUNK_MEMORY_MIB: Final = 128
WRITERS_MAX: Final = 4
_TABLES: Final = ("cases", "queue_rows", "decisions")
_DRY_RUN = msgspec.json.encode(msgspec.structs.replace(EMPTY, recipients=1200)).decode()
_BOUNDS = (
    '{"hosts": ["nordlys.example"], "countries": ["NO"], "recipients_max": 1440, "segments_max": 2}'
)
_WORDS = "ARRAY['Autumn', 'Parcel', 'Reminder', 'Members', 'Opening', 'Invoice', 'Night', 'Table']"
# Ids in the order of time, as uuid7() makes them: what is newest is what is read.
_CASES = (
    "WITH made AS (INSERT INTO cases (tenant_id, id, kind, session_id, content_version,"
    " template_version_id, sender_id, content_hash, title, state, opened_at, due_at,"
    " closed_at, dry_run, hits, bounds, score, lane, priority_at)"
    " SELECT ($1::uuid[])[1 + n / 10 % cardinality($1::uuid[])],"
    " (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000'"
    " || CASE $2::text WHEN 'open' THEN '8000' ELSE '9000' END || lpad(to_hex(n), 12, '0'))::uuid,"
    " CASE k WHEN 0 THEN 'sender_id' WHEN 1 THEN 'template_version' ELSE 'campaign_session' END,"
    " CASE WHEN k > 1 THEN gen_random_uuid() END, CASE WHEN k > 1 THEN 1 END,"
    " CASE WHEN k = 1 THEN gen_random_uuid() END, CASE WHEN k = 0 THEN gen_random_uuid() END,"
    f" repeat('c', 64), ({_WORDS})[1 + n % 8] || ' ' || n, $2::text, at,"
    " CASE WHEN n % 3 = 0 THEN $5::timestamptz + n % 1000000 * interval '1 second' END,"
    " CASE WHEN $2::text <> 'open' THEN at + n % 3600 * interval '1 second' END,"
    f" '{_DRY_RUN}', '[]', CASE WHEN k > 1 THEN '{_BOUNDS}'::jsonb END, n % 100,"
    " (ARRAY['standard', 'large', 'flagged', 'lead_only'])[1 + n % 4],"
    " $5::timestamptz + (n % 7919) * interval '1 second'"
    " FROM generate_series($4::int, $3::int, -1) n,"
    " LATERAL (SELECT n % 10 AS k, $5::timestamptz - n * interval '1 second' AS at) r"
    " RETURNING *), "
)
_DECISIONS = (
    "decided AS (INSERT INTO decisions (tenant_id, id, case_id, verdict, content_hash,"
    " lease_fence, decided_by, decided_by_name, reason_code, conduct_version, bounds,"
    " decided_at, lane, review_seconds)"
    " SELECT c.tenant_id, overlay(c.id::text PLACING 'a' FROM 20)::uuid, c.id, v,"
    " c.content_hash, 1,"
    " ($6::uuid[])[1 + n % cardinality($6::uuid[])], 'Lead ' || n % cardinality($6::uuid[]),"
    " CASE v WHEN 'refuse' THEN 'unsafe_link' END, CASE v WHEN 'refuse' THEN 1 END,"
    " CASE v WHEN 'approve' THEN c.bounds END, c.closed_at, c.lane, n % 600"
    " FROM (SELECT *, split_part(title, ' ', 2)::int AS n FROM made WHERE state = 'decided'"
    " AND cardinality($6::uuid[]) > 0) c,"
    " LATERAL (SELECT CASE WHEN n % 20 = 0 THEN 'refuse' WHEN n % 20 = 1 THEN 'request_changes'"
    " ELSE 'approve' END AS v) r) "
)


async def fill_queue(
    owner_url: str,
    tenants: Sequence[UUID],
    waiting: int,
    decided: int,
    *,
    deciders: Sequence[UUID] = (),
) -> None:
    """Decisions beside the decided cases only where somebody is named who made them."""
    names, values = copied_columns()
    copies = f"INSERT INTO queue_rows ({names}) SELECT {values} FROM made c"
    now = datetime.now(UTC)
    chunks = [
        (tenants, state, max(1, newest - CHUNK_CASES + 1), newest, now, deciders)
        for state, cases in (("decided", decided), ("open", waiting))
        for newest in range(cases, 0, -CHUNK_CASES)
    ]
    async with _writers(owner_url) as writers:
        for table in _TABLES:
            await writers[0].execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        remade = await _drop_indexes(writers[0])
        await _share(writers, [(_CASES + _DECISIONS + copies, *chunk) for chunk in chunks])
        await _share(writers, [(made,) for made in remade])
        for table in _TABLES:
            await writers[0].execute(f"ALTER TABLE {table} RESET (autovacuum_enabled)")
        await _share(writers, [(f"VACUUM (ANALYZE) {table}",) for table in _TABLES])


@asynccontextmanager
async def _writers(owner_url: str) -> AsyncIterator[list[asyncpg.Connection]]:
    settings = {
        "session_replication_role": "replica",
        "synchronous_commit": "off",
        "maintenance_work_mem": f"{OWNERS_MEMORY_MIB}MB",
        "work_mem": f"{CHUNK_MEMORY_MIB}MB",
    }
    writers: list[asyncpg.Connection] = []
    try:
        for _ in range(min(os.cpu_count() or 1, WRITERS_MAX)):
            writers.append(await asyncpg.connect(owner_url, server_settings=settings))  # noqa: PERF401 - closed where a later one fails
        yield writers
    finally:
        for writer in writers:
            await writer.close()


async def _share(writers: list[asyncpg.Connection], statements: Iterable[tuple[Any, ...]]) -> None:
    """In this order, each by whoever is free: a later one does not need an earlier one."""
    left = iter(statements)

    async def work(writer: asyncpg.Connection) -> None:
        for statement in left:
            await writer.execute(*statement)

    work_of_each: list[Coroutine[Any, Any, None]] = [work(writer) for writer in writers]
    await asyncio.gather(*work_of_each)


@asynccontextmanager
async def room_for_log(owner_url: str) -> AsyncIterator[None]:
    """On a server of one's own: without checkpoints while inside, and with all on disk after."""
    connection = await asyncpg.connect(owner_url)
    try:
        for setting in ("max_wal_size = '24GB'", "checkpoint_timeout = '1h'"):
            await connection.execute(f"ALTER SYSTEM SET {setting}")
        await connection.execute("SELECT pg_reload_conf()")
        yield
        for name in ("max_wal_size", "checkpoint_timeout"):
            await connection.execute(f"ALTER SYSTEM RESET {name}")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _drop_indexes(connection: asyncpg.Connection) -> list[str]:
    """All that no constraint stands on; the statements that make them again."""
    rows = await connection.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made"
        " FROM pg_index i WHERE i.indrelid = ANY($1::text[]::regclass[]) AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        _TABLES,
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['name']}")
    return [row["made"] for row in rows]


async def newest_case(scope: Scope) -> UUID:
    found: UUID = await scope.value(
        "SELECT id FROM cases WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1", scope.tenant_id
    )
    return found


async def enlarge_case(
    owner_url: str, tenant_id: UUID, case_id: UUID, dry_run: DryRun, hits: list[Hit]
) -> None:
    """The case shows this dry run, and a comparison as long as there are."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            "UPDATE cases SET dry_run = $3::text::jsonb, hits = $4::text::jsonb"
            " WHERE tenant_id = $1 AND id = $2",
            tenant_id,
            case_id,
            msgspec.json.encode(dry_run).decode(),
            msgspec.json.encode(hits).decode(),
        )
        await connection.execute(
            "UPDATE case_comparisons SET comparison = $3::text::jsonb"
            " WHERE tenant_id = $1 AND case_id = $2",
            tenant_id,
            case_id,
            msgspec.json.encode(_comparison()).decode(),
        )
    finally:
        await connection.close()


def _comparison() -> dict[str, Any]:
    """Of texts as long as are compared at all, a word here and there another."""
    words = [f"word{n}" for n in range(DIFF_CHARACTERS_MAX // 18)]
    after = [word if n % 5 else f"new{n}" for n, word in enumerate(words)]
    return {
        "decision_id": str(uuid7()),
        "title": "A million parcels",
        "approved_at": datetime.now(UTC).isoformat(),
        "is_same_campaign": True,
        "similar_percent": 80,
        "pieces": msgspec.to_builtins(diff_words(" ".join(words), " ".join(after))),
    }
