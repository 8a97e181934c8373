"""The evaluation of a rule, a page by key at a time. Everything about a candidate in one SELECT.

Each source yields its next `limit` ids above the key in order, so the first `limit` of their union
are complete, and a candidate reached through several groups has all of them on the same page.

People, groups and opt-outs come as rows of one statement and meet here, by dictionary: a join is
planned by statistics, nobody has counted what was imported a minute ago, and the nested loop the
planner then chose took 800 ms for a page of 1,000. Who was reached is looked up one by one: for an
array of ids it read a tenant nobody had counted whole, page after page.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.audience.queries.matching import Parameters, condition
from backend.audience.targeting.terms import Term
from backend.db.pages import read_in_order
from backend.db.scope import Scope
from backend.kernel.ids import NIL_ID

_PEOPLE, _GROUPS = 1, 2

_COLUMNS = (
    "s.id, s.phone, s.country, s.name, s.email, s.external_id, s.language, s.time_zone,"
    " s.attributes, s.consent_at IS NOT NULL AS has_consent, s.consent_source, s.number_state,"
    " {left_out} AS left_out_by"
)
_EMPTY = "NULL, NULL, NULL, NULL, NULL, NULL, NULL::jsonb, NULL::boolean, NULL, NULL, NULL::integer"
_PARTS = (
    " SELECT 1 AS part, p.*, NULL::uuid[] AS group_ids, NULL::uuid AS evidence_id FROM page p"
    f" UNION ALL SELECT 2, a.id, NULL, {_EMPTY}, m.group_ids, NULL FROM {{alone}} a,"
    "   LATERAL (SELECT array_agg(group_id ORDER BY group_id) AS group_ids FROM group_members"
    "     WHERE tenant_id = $1 AND subscriber_id = a.id) m WHERE m.group_ids IS NOT NULL"
    f" UNION ALL SELECT 3, NULL, o.phone, {_EMPTY}, NULL, o.evidence_id"
    "   FROM pub_audience_opt_outs o WHERE o.tenant_id = $1"
    "   AND o.phone = ANY(ARRAY(SELECT phone FROM page)) AND o.sender IN ('', $4)"
)
_EVERYBODY = (
    f"WITH page AS MATERIALIZED (SELECT {_COLUMNS} FROM subscribers s"
    " WHERE s.tenant_id = $1 AND s.id > $2 AND s.state = 'active' ORDER BY s.id LIMIT $3)"
    + _PARTS.replace("{alone}", "page")
)
# Reached one by one or by a rule (no group among the reasons): every group the person is in has its
# say.
_CHOSEN = (
    "WITH reached AS MATERIALIZED ("
    " SELECT u.id, array_agg(u.group_id ORDER BY u.group_id)"
    "   FILTER (WHERE u.group_id IS NOT NULL) AS group_ids FROM ("
    "   SELECT m.subscriber_id AS id, g.group_id FROM unnest($5::uuid[]) AS g (group_id),"
    "   LATERAL (SELECT n.subscriber_id FROM group_members n WHERE n.tenant_id = $1"
    "     AND n.group_id = g.group_id AND n.subscriber_id > $2"
    "     ORDER BY n.subscriber_id LIMIT $3) m"
    "   UNION ALL SELECT x, NULL FROM unnest($6::uuid[]) AS x{by_rule}) u"
    " GROUP BY u.id ORDER BY u.id LIMIT $3),"
    f" page AS MATERIALIZED (SELECT {_COLUMNS} FROM reached r, LATERAL (SELECT * FROM subscribers"
    "   WHERE tenant_id = $1 AND id = r.id AND state = 'active' OFFSET 0) s)"
    + _PARTS.replace("{alone}", "(SELECT id FROM reached WHERE group_ids IS NULL)")
    + f" UNION ALL SELECT 2, r.id, NULL, {_EMPTY}, r.group_ids, NULL FROM reached r"
    " WHERE r.group_ids IS NOT NULL"
)
_BY_RULE = (
    "   UNION ALL (SELECT s.id, NULL FROM subscribers s WHERE s.tenant_id = $1 AND s.id > $2"
    "     AND s.state = 'active' AND {rule} ORDER BY s.id LIMIT $3)"
)


class Filters:
    """The rules of an audience as SQL: whom they reach, and whom they leave out.

    `left_out_by` of a row is the place of the first of `deselecting` that means the person, from 1.
    """

    def __init__(
        self, at: datetime, reaching: Sequence[Term] = (), deselecting: Sequence[Term] = ()
    ) -> None:
        self.at = at
        self.reaching = tuple(reaching)
        self.deselecting = tuple(deselecting)

    def rule(self, given: Parameters) -> str:
        return "(" + " OR ".join(condition(term, given) for term in self.reaching) + ")"

    def left_out(self, given: Parameters) -> str:
        if not self.deselecting:
            return "0"
        cases = " ".join(
            f"WHEN {condition(term, given)} THEN {place}"
            for place, term in enumerate(self.deselecting, 1)
        )
        return f"(CASE {cases} ELSE 0 END)"


def everybody_sql(filters: Filters) -> tuple[str, list[Any]]:
    """The statement, and its parameters from $5 on."""
    given = Parameters(5, filters.at)
    return _EVERYBODY.replace("{left_out}", filters.left_out(given)), given.values


def chosen_sql(filters: Filters) -> tuple[str, list[Any]]:
    """The statement, and its parameters from $7 on."""
    given = Parameters(7, filters.at)
    by_rule = _BY_RULE.replace("{rule}", filters.rule(given)) if filters.reaching else ""
    sql = _CHOSEN.replace("{left_out}", filters.left_out(given)).replace("{by_rule}", by_rule)
    return sql, given.values


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """`person` is a row of subscribers; `opted_out` the evidence."""

    person: Any
    group_ids: tuple[UUID, ...]
    opted_out: UUID | None


def _joined(rows: Sequence[Any]) -> list[Candidate]:
    people: list[Any] = []
    groups: dict[UUID, tuple[UUID, ...]] = {}
    opted: dict[str, UUID] = {}
    for row in rows:
        if row["part"] == _PEOPLE:
            people.append(row)
        elif row["part"] == _GROUPS:
            groups[row["id"]] = tuple(row["group_ids"])
        else:
            opted[row["phone"]] = row["evidence_id"]
    people.sort(key=lambda row: row["id"])
    return [Candidate(p, groups.get(p["id"], ()), opted.get(p["phone"])) for p in people]


async def everybody(
    scope: Scope, sender: str, after: UUID | None, limit: int, filters: Filters
) -> list[Candidate]:
    sql, values = everybody_sql(filters)
    await read_in_order(scope)
    return _joined(await scope.rows(sql, scope.tenant_id, after or NIL_ID, limit, sender, *values))


async def chosen(
    scope: Scope,
    sender: str,
    after: UUID | None,
    limit: int,
    filters: Filters,
    *,
    group_ids: Sequence[UUID],
    subscriber_ids: Sequence[UUID],
) -> list[Candidate]:
    """`subscriber_ids`: the next `limit` single ones above `after`, in order."""
    sql, values = chosen_sql(filters)
    key = (scope.tenant_id, after or NIL_ID, limit, sender)
    await read_in_order(scope)
    return _joined(await scope.rows(sql, *key, group_ids, subscriber_ids, *values))


async def count_everybody(scope: Scope) -> int:
    return int(
        await scope.value(
            "SELECT count(*) FROM subscribers WHERE tenant_id = $1 AND state = 'active'",
            scope.tenant_id,
        )
    )


async def count_chosen(
    scope: Scope, group_ids: Sequence[UUID], subscriber_ids: Sequence[UUID], filters: Filters
) -> int:
    given = Parameters(4, filters.at)
    by_rule = ""
    if filters.reaching:
        by_rule = (
            " UNION SELECT s.id FROM subscribers s WHERE s.tenant_id = $1"
            f" AND s.state = 'active' AND {filters.rule(given)}"
        )
    return int(
        await scope.value(
            "SELECT count(*) FROM (SELECT subscriber_id FROM group_members WHERE tenant_id = $1"
            " AND group_id = ANY($2::uuid[]) UNION SELECT id FROM subscribers"
            f" WHERE tenant_id = $1 AND id = ANY($3::uuid[]) AND state = 'active'{by_rule}) u",
            scope.tenant_id,
            list(group_ids),
            list(subscriber_ids),
            *given.values,
        )
    )
