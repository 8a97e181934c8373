"""The second statement of a claim: younger than the locks, so it sees every opt-out before them."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.delivery.queries.preparing import SessionKey

EXCLUDED_K = 1_000_000_000
"""Added to n: keys of exclusions made at a claim never meet those of the preparation."""


GAP_MAX = 16
"""A run of numbers may have holes of this size: reading over them costs less than a statement."""


def runs_of(ns: Sequence[int], gap_max: int = GAP_MAX) -> list[list[int]]:
    """Numbers in stretches that a range of the primary key reads at once. They must ascend: a step
    back would put a number outside the range of its stretch.

    A range and not `= ANY`: of a session this young the planner has no statistics, so it expects
    one row of it and would rather read the whole session by another index than probe 200 times.
    """
    runs: list[list[int]] = []
    for n in ns:
        assert not runs or n > runs[-1][-1], "numbers must ascend"
        if runs and n - runs[-1][-1] <= gap_max:
            runs[-1].append(n)
        else:
            runs.append([n])
    return runs


async def claim(
    scope: Scope, key: SessionKey, ns: Sequence[int], sender: str, gateway_id: UUID
) -> list[asyncpg.Record]:
    """Queued messages among `ns` become submitting; opted-out ones excluded, with evidence.

    One that was charged already and opted out before its retry ends as undelivered instead.
    """
    opted_out = (
        "(SELECT evidence_id FROM pub_audience_opt_outs o WHERE o.tenant_id = $1"
        " AND o.phone = m.phone AND o.sender IN ('', $5) LIMIT 1)"
    )
    claimed: list[asyncpg.Record] = []
    for run in runs_of(sorted(ns)):
        claimed += await scope.rows(
            "WITH claimed AS (UPDATE messages m SET gateway_id = $6,"
            "  (state, attempt, submitted_at) = (SELECT CASE WHEN o.evidence_id IS NULL"
            "   THEN 'submitting' WHEN m.charged > 0 THEN 'undelivered' ELSE 'excluded' END,"
            "   CASE WHEN o.evidence_id IS NULL THEN m.attempt + 1 ELSE m.attempt END,"
            "   CASE WHEN o.evidence_id IS NULL THEN $7 ELSE m.submitted_at END"
            f"   FROM (SELECT) one LEFT JOIN LATERAL {opted_out} o ON true),"
            "  ranks = 0, parts_accepted = 0, cause_rank = 0, cause = NULL, error_code = NULL,"
            "  done_at = NULL, retry_at = NULL"
            "  WHERE m.tenant_id = $1 AND m.session_day = $2 AND m.session_id = $3"
            "  AND m.n BETWEEN $8 AND $9 AND m.n + 0 = ANY($4::int[]) AND m.state = 'queued'"
            "  RETURNING m.n, m.batch_no, m.phone, m.body, m.encoding, m.segments, m.credits,"
            "  m.charged, m.attempt, m.resends, m.state, m.subscriber_id, m.generation,"
            f"  CASE WHEN m.state <> 'submitting' THEN {opted_out} END AS evidence_id),"
            " excluded AS (INSERT INTO exclusions (tenant_id, session_day, session_id, generation,"
            "  at, k, subscriber_id, phone, reason, evidence) SELECT $1, $2, $3, generation, $7,"
            f"  n + {EXCLUDED_K}, subscriber_id, phone, 'opted_out', 'opt_out:' || evidence_id"
            "  FROM claimed WHERE state = 'excluded')"
            " SELECT * FROM claimed ORDER BY n",
            scope.tenant_id,
            *key,
            run,
            sender,
            gateway_id,
            scope.now,
            run[0],
            run[-1],
        )
    return claimed


async def keep_earlier_attempts(scope: Scope, key: SessionKey, ns: Sequence[int]) -> None:
    """Before a retry overwrites them: what the carrier said about the attempt before."""
    await scope.execute(
        "WITH locked AS MATERIALIZED (SELECT l.* FROM unnest($4::int[]) AS w (n) CROSS JOIN LATERAL"
        "  (SELECT m.n, m.attempt, m.gateway_id, m.phone, m.parts_accepted, m.ranks, m.error_code,"
        "  m.submitted_at FROM messages m WHERE m.tenant_id = $1 AND m.session_day = $2"
        "  AND m.session_id = $3 AND m.n = w.n AND m.state = 'queued' AND m.attempt >= 1"
        "  FOR UPDATE) l)"
        " INSERT INTO send_attempts AS a (tenant_id, session_day, session_id, n, attempt,"
        "  gateway_id, phone, sender, state, parts_accepted, ranks, code, submitted_at)"
        " SELECT $1, $2, $3, n, attempt, gateway_id, phone, '', 'ended', parts_accepted, ranks,"
        "  error_code, submitted_at FROM locked"
        " ON CONFLICT (tenant_id, session_id, n, attempt) DO UPDATE"
        "  SET state = 'ended', parts_accepted = excluded.parts_accepted, ranks = excluded.ranks",
        scope.tenant_id,
        *key,
        list(ns),
    )


async def insert_attempts(
    scope: Scope, key: SessionKey, gateway_id: UUID, sender: str, rows: Sequence[asyncpg.Record]
) -> None:
    """Of second and later attempts."""
    await scope.execute(
        "INSERT INTO send_attempts (tenant_id, session_day, session_id, gateway_id, sender,"
        " state, submitted_at, n, attempt, phone) SELECT $1, $2, $3, $4, $5, 'submitting', $6, *"
        " FROM unnest($7::int[], $8::smallint[], $9::text[])"
        " ON CONFLICT (tenant_id, session_id, n, attempt) DO NOTHING",
        scope.tenant_id,
        *key,
        gateway_id,
        sender,
        scope.now,
        [row["n"] for row in rows],
        [row["attempt"] for row in rows],
        [row["phone"] for row in rows],
    )
