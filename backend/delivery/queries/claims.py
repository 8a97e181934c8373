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


_IN_RUN = (
    "m.tenant_id = $1 AND m.session_day = $2 AND m.session_id = $3 AND m.n BETWEEN $8 AND $9"
    " AND m.n + 0 = ANY($4::int[]) AND m.state = 'queued'"
)
# Who opted out is looked up for the whole run at once, by this statement's own snapshot: a look-up
# per message costs as much as the message's row.
_CLAIM = f"""
WITH stops AS MATERIALIZED (
    SELECT DISTINCT ON (o.phone) o.phone, o.evidence_id FROM pub_audience_opt_outs o
    WHERE o.tenant_id = $1 AND o.sender IN ('', $5)
        AND o.phone = ANY(ARRAY(SELECT m.phone FROM messages m WHERE {_IN_RUN}))
    ORDER BY o.phone, o.sender
), claimed AS (
    UPDATE messages m SET gateway_id = $6,
        state = CASE WHEN m.phone <> ALL(s.phones) THEN 'submitting'
            WHEN m.charged > 0 THEN 'undelivered' ELSE 'excluded' END,
        attempt = CASE WHEN m.phone <> ALL(s.phones) THEN m.attempt + 1 ELSE m.attempt END,
        submitted_at = CASE WHEN m.phone <> ALL(s.phones) THEN $7 ELSE m.submitted_at END,
        ranks = 0, parts_accepted = 0, cause_rank = 0, cause = NULL, error_code = NULL,
        done_at = NULL, retry_at = NULL
    FROM (SELECT coalesce(array_agg(phone), '{{}}') AS phones FROM stops) s
    WHERE {_IN_RUN}
    RETURNING m.n, m.batch_no, m.phone, m.body, m.encoding, m.segments, m.credits, m.charged,
        m.attempt, m.resends, m.state, m.subscriber_id, m.generation
), excluded AS (
    INSERT INTO exclusions (tenant_id, session_day, session_id, generation, at, k, subscriber_id,
        phone, reason, evidence)
    SELECT $1, $2, $3, c.generation, $7, c.n + {EXCLUDED_K}, c.subscriber_id, c.phone, 'opted_out',
        'opt_out:' || s.evidence_id
    FROM claimed c JOIN stops s ON s.phone = c.phone WHERE c.state = 'excluded'
)
SELECT n, batch_no, phone, body, encoding, segments, credits, charged, attempt, resends, state
FROM claimed ORDER BY n
"""


async def claim(
    scope: Scope, key: SessionKey, ns: Sequence[int], sender: str, gateway_id: UUID
) -> list[asyncpg.Record]:
    """Queued messages among `ns` become submitting; opted-out ones excluded, with evidence.

    One that was charged already and opted out before its retry ends as undelivered instead.
    """
    claimed: list[asyncpg.Record] = []
    for run in runs_of(sorted(ns)):
        claimed += await scope.rows(
            _CLAIM, scope.tenant_id, *key, run, sender, gateway_id, scope.now, run[0], run[-1]
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
