"""Rows for measuring the queue: as many cases as asked for, written by the server itself.

Needs the connection of a superuser to an installation that holds nothing else: foreign keys and
row policies are off while it writes, and every index but the keys is made anew at the end, which
turns hours of 5,000,000 cases into minutes.
"""

from collections.abc import Sequence
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
_DRY_RUN = msgspec.json.encode(msgspec.structs.replace(EMPTY, recipients=1200)).decode()
_BOUNDS = (
    '{"hosts": ["nordlys.example"], "countries": ["NO"], "recipients_max": 1440, "segments_max": 2}'
)
_WORDS = "ARRAY['Autumn', 'Parcel', 'Reminder', 'Members', 'Opening', 'Invoice', 'Night', 'Table']"
# Ids in the order of time, as uuid7() makes them: what is newest is what is read.
_CASES = (
    "INSERT INTO cases (tenant_id, id, kind, session_id, content_version, template_version_id,"
    " sender_id, content_hash, title, state, opened_at, due_at, closed_at, dry_run, hits, bounds,"
    " score, lane, priority_at)"
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
)
_DECISIONS = (
    "INSERT INTO decisions (tenant_id, id, case_id, verdict, content_hash, lease_fence, decided_by,"
    " decided_by_name, reason_code, conduct_version, bounds, decided_at, lane, review_seconds)"
    " SELECT c.tenant_id, overlay(c.id::text PLACING 'a' FROM 20)::uuid, c.id, v,"
    " c.content_hash, 1,"
    " ($1::uuid[])[1 + n % cardinality($1::uuid[])], 'Lead ' || n % cardinality($1::uuid[]),"
    " CASE v WHEN 'refuse' THEN 'unsafe_link' END, CASE v WHEN 'refuse' THEN 1 END,"
    " CASE v WHEN 'approve' THEN c.bounds END, c.closed_at, c.lane, n % 600"
    " FROM (SELECT *, split_part(title, ' ', 2)::int AS n FROM cases WHERE state = 'decided') c,"
    " LATERAL (SELECT CASE WHEN n % 20 = 0 THEN 'refuse' WHEN n % 20 = 1 THEN 'request_changes'"
    " ELSE 'approve' END AS v) r"
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
    connection = await asyncpg.connect(owner_url)
    try:
        now = datetime.now(UTC)
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(f"SET LOCAL maintenance_work_mem = '{OWNERS_MEMORY_MIB}MB'")
            remade = await _drop_indexes(connection, ["cases", "queue_rows", "decisions"])
            await connection.execute(_CASES, tenants, "decided", 1, decided, now)
            await connection.execute(_CASES, tenants, "open", 1, waiting, now)
            names, values = copied_columns()
            await connection.execute(
                f"INSERT INTO queue_rows ({names}) SELECT {values} FROM cases c"
                " WHERE tenant_id = ANY($1) ON CONFLICT DO NOTHING",
                tenants,
            )
            if deciders:
                await connection.execute(_DECISIONS, deciders)
            for made in remade:
                await connection.execute(made)
        for table in ("queue_rows", "cases", "decisions"):
            await connection.execute(f"VACUUM (ANALYZE) {table}")
    finally:
        await connection.close()


async def _drop_indexes(connection: Any, tables: list[str]) -> list[str]:
    """All that no constraint stands on; the statements that make them again."""
    rows = await connection.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made"
        " FROM pg_index i WHERE i.indrelid = ANY($1::text[]::regclass[]) AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        tables,
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
