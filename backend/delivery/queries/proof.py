"""What would have to be true of a tenant's messages; each query finds what is not.

Every one takes a tenant and answers (subject, expected, found) rows, none when all is well. A
session's rows and figures change in one transaction, so one statement sees them agree.
"""

from uuid import UUID

from backend.db.scope import Scope

_STATES = (
    "accepted",
    "delivered",
    "unreachable",
    "rejected",
    "expired",
    "unconfirmed",
    "cancelled",
)
_COUNTS = ", ".join(f"count(*) FILTER (WHERE state = '{name}') AS {name}" for name in _STATES)
_HELD = (
    "f.tenant_id = $1 AND f.session_day IS NOT NULL AND f.state IN"
    " ('sending', 'paused', 'settling', 'completed', 'failed')"
)

# Promise 5: every recipient has a message or an exclusion, and the sums match.
EXPLAINED = f"""
SELECT 'session:' || f.session_id AS subject,
    coalesce(f.planned, 0)::bigint + coalesce(f.excluded, 0) AS expected,
    coalesce(m.messages, 0) + coalesce(x.exclusions, 0) AS found
FROM pub_campaigns_figures f
LEFT JOIN (SELECT session_id, count(*) AS messages FROM messages WHERE tenant_id = $1
    GROUP BY session_id) m ON m.session_id = f.session_id
LEFT JOIN (SELECT session_id, count(*) FILTER (WHERE k < 1000000000) AS exclusions
    FROM exclusions WHERE tenant_id = $1 GROUP BY session_id) x ON x.session_id = f.session_id
WHERE {_HELD}
  AND coalesce(f.planned, 0)::bigint + coalesce(f.excluded, 0)
      <> coalesce(m.messages, 0) + coalesce(x.exclusions, 0)
"""

# Progress is the sum over batches and must be what the messages' rows say.
FIGURES = f"""
WITH counted AS (
    SELECT session_id, {_COUNTS},
        count(*) FILTER (WHERE state = 'undelivered' AND retry_at IS NULL) AS undelivered,
        count(*) FILTER (WHERE state = 'undelivered' AND retry_at IS NOT NULL) AS waiting_retry,
        count(*) FILTER (WHERE state = 'excluded') AS excluded_at_claim
    FROM messages WHERE tenant_id = $1 GROUP BY session_id
), sides AS (
    SELECT f.session_id, v.name, v.said, v.real FROM pub_campaigns_figures f
    JOIN counted c ON c.session_id = f.session_id
    CROSS JOIN LATERAL (VALUES
        {
    ", ".join(
        f"('{name}', f.{name}, c.{name})"
        for name in (*_STATES, "undelivered", "waiting_retry", "excluded_at_claim")
    )
}
    ) AS v (name, said, real)
    WHERE {_HELD}
)
SELECT 'session:' || session_id || ' ' || name AS subject, real AS expected, said AS found
FROM sides WHERE real <> said
"""

# Promise 1, per session: what its messages were charged is what was taken and not given back.
CHARGED = f"""
SELECT 'session:' || f.session_id AS subject, coalesce(m.charged, 0) AS expected,
    coalesce(h.captured - h.returned, 0) AS found
FROM pub_campaigns_figures f
LEFT JOIN (SELECT session_id, sum(charged)::bigint AS charged FROM messages WHERE tenant_id = $1
    GROUP BY session_id) m ON m.session_id = f.session_id
LEFT JOIN pub_ledger_sessions h ON h.tenant_id = $1 AND h.session_id = f.session_id
WHERE {_HELD} AND coalesce(m.charged, 0) <> coalesce(h.captured - h.returned, 0)
"""

# Promise 10: a row is what its newest attempt's receipts say, whatever order they came in.
RECEIPTS = """
WITH ranked AS (
    SELECT c.session_day, c.session_id, c.n, c.attempt, c.part, max(CASE r.status
        WHEN 'delivered' THEN 9
        WHEN 'undelivered' THEN CASE WHEN r.is_temporary THEN 7 ELSE 8 END
        WHEN 'expired' THEN 6 WHEN 'rejected' THEN 5 WHEN 'deleted' THEN 4 WHEN 'unknown' THEN 3
        WHEN 'enroute' THEN 2 ELSE 1 END) AS rank
    FROM carrier_ids c
    JOIN raw_receipts r ON r.gateway_id = c.gateway_id AND r.carrier_id = c.carrier_id
    WHERE c.tenant_id = $1 AND r.state = 'applied'
    GROUP BY c.session_day, c.session_id, c.n, c.attempt, c.part
)
SELECT 'message:' || m.session_id || '/' || m.n || ' part ' || k.part AS subject,
    k.rank::bigint AS expected, (m.ranks >> (k.part * 4)) & 15 AS found
FROM ranked k JOIN messages m ON m.tenant_id = $1 AND m.session_day = k.session_day
    AND m.session_id = k.session_id AND m.n = k.n AND m.attempt = k.attempt
WHERE k.rank <> (m.ranks >> (k.part * 4)) & 15
LIMIT 100
"""

CHECKS = {
    "promise 5, every recipient is explained": EXPLAINED,
    "promise 5, the figures are the rows": FIGURES,
    "promise 1, a session's charges are what was captured": CHARGED,
    "promise 10, rows are what receipts say": RECEIPTS,
}

# By the index's own two columns, and joined: `= ANY` of a page of ids compares each with each.
KNOWN_PARTS = (
    "SELECT c.carrier_id, c.tenant_id, c.session_id, c.n, c.attempt"
    " FROM unnest($1::uuid[]) AS g (id) CROSS JOIN unnest($2::text[]) AS w (carrier_id)"
    " JOIN carrier_ids c ON c.gateway_id = g.id AND c.carrier_id = w.carrier_id"
)
OURS = (
    "SELECT DISTINCT unnest(carrier_ids) AS carrier_id FROM system_messages"
    " WHERE carrier_ids && $1::text[]"
)
IN_DOUBT = (
    "SELECT DISTINCT phone FROM send_attempts WHERE state = 'unconfirmed' AND phone = ANY ($1)"
    " UNION SELECT DISTINCT phone FROM messages WHERE phone = ANY ($1)"
    " AND state IN ('submitting', 'unconfirmed')"
    " UNION SELECT DISTINCT phone FROM system_messages WHERE phone = ANY ($1)"
    " AND state IN ('submitting', 'unconfirmed')"
)
LICENSED = (
    "SELECT count(*) FROM send_attempts WHERE tenant_id = $1 AND session_id = $2 AND n = $3"
    " AND attempt = $4 AND state = 'ended'"
)


async def tenants(scope: Scope, after: UUID, limit: int) -> list[UUID]:
    rows = await scope.rows(
        "SELECT DISTINCT tenant_id FROM pub_campaigns_figures WHERE tenant_id > $1"
        " ORDER BY tenant_id LIMIT $2",
        after,
        limit,
    )
    return [row["tenant_id"] for row in rows]
