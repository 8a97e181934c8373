"""Rows for measuring the queue: as many cases as asked for, written by the server itself.

Needs the connection of a superuser to an installation that holds nothing else: foreign keys and
row policies are off while it writes.
"""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.moderation.queries.queue import copied_columns

_DRY_RUN = '{"recipients": 1200, "segments": 1300}'
_CASES = (
    "INSERT INTO cases (tenant_id, id, kind, sender_id, content_hash, title, state, opened_at,"
    " due_at, closed_at, dry_run, hits, score, lane, priority_at)"
    " SELECT $1, gen_random_uuid(), 'sender_id', gen_random_uuid(), repeat('c', 64),"
    " 'SENDER' || n, $2::text, $6::timestamptz - n * interval '1 second',"
    " CASE WHEN n % 3 = 0 THEN $6::timestamptz + n * interval '1 second' END,"
    " CASE WHEN $2::text <> 'open' THEN $6::timestamptz - n * interval '0.5 second' END,"
    " $3::text::jsonb,"
    " '[]', n % 100, (ARRAY['standard', 'large', 'flagged', 'lead_only'])[1 + n % 4],"
    " $6::timestamptz + (n % 7919) * interval '1 second' FROM generate_series($4::int, $5::int) n"
)
BATCH = 100_000


async def is_filled(scope: Scope) -> bool:
    return bool(await scope.value("SELECT EXISTS (SELECT 1 FROM queue_rows)"))


async def fill_queue(owner_url: str, tenant_id: UUID, waiting: int, decided: int) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        now = datetime.now(UTC)
        for state, rows in (("open", waiting), ("decided", decided)):
            for first in range(1, rows + 1, BATCH):
                last = min(first + BATCH - 1, rows)
                await connection.execute(_CASES, tenant_id, state, _DRY_RUN, first, last, now)
        names, values = copied_columns()
        await connection.execute(
            f"INSERT INTO queue_rows ({names}) SELECT {values} FROM cases c WHERE tenant_id = $1",
            tenant_id,
        )
        await connection.execute("VACUUM (ANALYZE) queue_rows")
        await connection.execute("VACUUM (ANALYZE) cases")
    finally:
        await connection.close()
