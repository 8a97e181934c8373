"""The evaluation of a rule, a page by key at a time. Everything about a candidate in one SELECT.

Each source yields its next `limit` ids above the key in order, so the first `limit` of their union
are complete, and a candidate reached through several groups has all of them on the same page.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.db.scope import Scope

_COLUMNS = (
    "SELECT s.id, s.phone, s.country, s.name, s.email, s.external_id, s.language, s.time_zone,"
    " s.attributes, s.consent_at IS NOT NULL AS has_consent, s.number_state,"
    " r.group_ids, (SELECT o.evidence_id FROM pub_audience_opt_outs o"
    " WHERE o.tenant_id = $1 AND o.phone = s.phone AND o.sender IN ('', $4)"
    " ORDER BY o.sender LIMIT 1) AS opted_out"
)
_JOIN = (
    " JOIN subscribers s ON s.tenant_id = $1 AND s.id = r.id WHERE s.state = 'active' ORDER BY r.id"
)
# Reached one by one or with everybody: every group the person is in has its say.
_OWN_GROUPS = (
    "ARRAY(SELECT m.group_id FROM group_members m"
    " WHERE m.tenant_id = $1 AND m.subscriber_id = c.id ORDER BY m.group_id)"
)

EVERYBODY = (
    f"{_COLUMNS} FROM (SELECT c.id, {_OWN_GROUPS} AS group_ids FROM ("
    " SELECT a.id FROM subscribers a WHERE a.tenant_id = $1 AND a.id > $2 AND a.state = 'active'"
    f" ORDER BY a.id LIMIT $3) c) r{_JOIN}"
)
CHOSEN = (
    f"{_COLUMNS} FROM (SELECT c.id, CASE WHEN c.reached[1] IS NULL THEN {_OWN_GROUPS}"
    " ELSE c.reached END AS group_ids FROM ("
    " SELECT u.id, array_agg(u.group_id ORDER BY u.group_id)"
    "   FILTER (WHERE u.group_id IS NOT NULL) AS reached FROM ("
    "   SELECT m.subscriber_id AS id, g.group_id FROM unnest($5::uuid[]) AS g (group_id),"
    "   LATERAL (SELECT n.subscriber_id FROM group_members n WHERE n.tenant_id = $1"
    "     AND n.group_id = g.group_id AND n.subscriber_id > $2"
    "     ORDER BY n.subscriber_id LIMIT $3) m"
    "   UNION ALL SELECT x, NULL FROM unnest($6::uuid[]) AS x) u"
    f" GROUP BY u.id ORDER BY u.id LIMIT $3) c) r{_JOIN}"
)
_NIL = UUID(int=0)


async def everybody(scope: Scope, sender: str, after: UUID | None, limit: int) -> list[Any]:
    return await scope.rows(EVERYBODY, scope.tenant_id, after or _NIL, limit, sender)


async def chosen(
    scope: Scope,
    sender: str,
    after: UUID | None,
    limit: int,
    *,
    group_ids: Sequence[UUID],
    subscriber_ids: Sequence[UUID],
) -> list[Any]:
    """`subscriber_ids`: the next `limit` single ones above `after`, in order."""
    return await scope.rows(
        CHOSEN, scope.tenant_id, after or _NIL, limit, sender, group_ids, subscriber_ids
    )


async def count_everybody(scope: Scope) -> int:
    return int(
        await scope.value(
            "SELECT count(*) FROM subscribers WHERE tenant_id = $1 AND state = 'active'",
            scope.tenant_id,
        )
    )


async def count_chosen(
    scope: Scope, group_ids: Sequence[UUID], subscriber_ids: Sequence[UUID]
) -> int:
    return int(
        await scope.value(
            "SELECT count(*) FROM (SELECT subscriber_id FROM group_members WHERE tenant_id = $1"
            " AND group_id = ANY($2::uuid[]) UNION SELECT id FROM subscribers"
            " WHERE tenant_id = $1 AND id = ANY($3::uuid[]) AND state = 'active') u",
            scope.tenant_id,
            list(group_ids),
            list(subscriber_ids),
        )
    )
