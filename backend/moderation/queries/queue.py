"""The queue: a copy of every case without its content, and the desk's list read from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.db.scope import Scope

COUNTED_MAX = 10_000
_ORDER = "q.priority_at, q.opened_at, q.case_id"
_ROW = (
    "SELECT q.tenant_id, q.case_id, q.kind, q.title, q.cause, q.recipients, q.segments,"
    " q.rescreening, q.lane, q.lane_why, q.priority_at, q.skips, q.questions, q.barred,"
    " q.has_first_vote, q.takes_effect_at,"
    " q.opened_at, q.due_at, q.closed_at, q.score, q.flags, q.state,"
    " CASE WHEN q.lease_until > $1 THEN q.lease_holder END AS lease_holder,"
    " CASE WHEN q.lease_until > $1 THEN q.lease_holder_name END AS lease_holder_name,"
    " CASE WHEN q.lease_until > $1 THEN q.lease_until END AS lease_until"
)
# Columns of the copy, and what each is in the case: the copy cannot say anything else.
_COPIED = {
    "tenant_id": "c.tenant_id",
    "case_id": "c.id",
    "kind": "c.kind",
    "title": "c.title",
    "cause": "c.cause",
    "recipients": "(c.dry_run ->> 'recipients')::int",
    "segments": "(c.dry_run ->> 'segments')::bigint",
    "opened_at": "c.opened_at",
    "due_at": "c.due_at",
    "closed_at": "c.closed_at",
    "score": "c.score",
    "flags": "ARRAY(SELECT h ->> 'rule' FROM jsonb_array_elements(c.hits) WITH ORDINALITY"
    " AS t (h, n) GROUP BY h ->> 'rule' ORDER BY min(n))",
    "lease_holder": "c.lease_holder",
    "lease_holder_name": "c.lease_holder_name",
    "lease_until": "c.lease_until",
    "state": "c.state",
    "rescreening": "c.rescreening",
    "lane": "c.lane",
    "lane_why": "c.lane_why",
    "priority_at": "c.priority_at",
    "skips": "c.skips",
    "questions": "c.questions",
    "barred": "c.barred",
    "has_first_vote": "c.first_vote_id IS NOT NULL",
    "takes_effect_at": "c.takes_effect_at",
}
_STAYS = {"tenant_id", "case_id", "kind", "title", "cause", "opened_at", "due_at"}
_COPY = (
    f"INSERT INTO queue_rows ({', '.join(_COPIED)}) SELECT {', '.join(_COPIED.values())}"
    " FROM cases c WHERE c.tenant_id = $1 AND c.id = $2"
    " ON CONFLICT (tenant_id, case_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COPIED if name not in _STAYS)
)


def copied_columns() -> tuple[str, str]:
    """The copy's columns, and what each is of a case `c`."""
    return ", ".join(_COPIED), ", ".join(_COPIED.values())


async def copy_to_queue(scope: Scope, case_id: UUID) -> None:
    """In the transaction that changed the case."""
    await scope.execute(_COPY, scope.tenant_id, case_id)


async def open_page(  # noqa: PLR0917 - the filters of one list
    scope: Scope,
    mine: UUID | None,
    kind: str | None,
    lane: str | None,
    after: tuple[datetime, datetime, UUID] | None,
    limit: int,
) -> list[Any]:
    """In a platform scope. What must be begun first, then oldest; `mine` is a holder's account."""
    # Only the filters that are asked for stand in the text: each has an index of its own.
    args: list[Any] = [scope.now]
    where = ""
    for text, given in (
        ("q.lease_holder = ${} AND q.lease_until > $1", [mine]),
        ("q.kind = ${}", [kind]),
        ("q.lane = ${}", [lane]),
        (f"({_ORDER}) > (${{}}, ${{}}, ${{}})", list(after or [None])),
    ):
        if given != [None]:
            where += " AND " + text.format(*range(len(args) + 1, len(args) + 1 + len(given)))
            args += given
    return await scope.rows(
        f"{_ROW} FROM queue_rows q WHERE q.state = 'open'{where}"
        f" ORDER BY {_ORDER} LIMIT ${len(args) + 1}",
        *args,
        limit,
    )


async def closed_page(
    scope: Scope, state: str, kind: str | None, after: UUID | None, limit: int
) -> list[Any]:
    """In a platform scope. Newest case first."""
    return await scope.rows(
        f"{_ROW} FROM queue_rows q WHERE q.state = $2 AND ($3::text IS NULL OR q.kind = $3)"
        " AND ($4::uuid IS NULL OR q.case_id < $4) ORDER BY q.case_id DESC LIMIT $5",
        scope.now,
        state,
        kind,
        after,
        limit,
    )


async def free_rows(
    scope: Scope,
    account_id: UUID | None,
    not_of: list[UUID],
    lanes: list[str],
    limit: int,
) -> list[Any]:
    """In a platform scope: what this account may be given next, first what must be begun first."""
    return await scope.rows(
        "SELECT q.tenant_id, q.case_id FROM queue_rows q WHERE q.state = 'open'"
        " AND (q.lease_until IS NULL OR q.lease_until <= $1) AND q.takes_effect_at IS NULL"
        " AND q.tenant_id <> ALL($2) AND q.rescreening <> 'pending' AND q.lane = ANY($3)"
        " AND NOT ($4 = ANY(q.barred)) AND NOT EXISTS (SELECT 1 FROM queue_hidings h"
        " WHERE h.tenant_id = q.tenant_id AND h.case_id = q.case_id AND h.account_id = $4"
        f" AND h.hidden_until > $1) ORDER BY {_ORDER} LIMIT $5",
        scope.now,
        not_of,
        lanes,
        account_id,
        limit,
    )


async def own_rows(
    scope: Scope, account_id: UUID | None, not_of: list[UUID], lanes: list[str], limit: int
) -> list[Any]:
    """In a platform scope: what this account holds and has not decided, in the desk's order."""
    return await scope.rows(
        "SELECT q.tenant_id, q.case_id FROM queue_rows q WHERE q.state = 'open'"
        " AND q.lease_holder = $4 AND q.lease_until > $1 AND q.takes_effect_at IS NULL"
        " AND q.tenant_id <> ALL($2) AND q.rescreening <> 'pending' AND q.lane = ANY($3)"
        f" AND NOT ($4 = ANY(q.barred)) ORDER BY {_ORDER} LIMIT $5",
        scope.now,
        not_of,
        lanes,
        account_id,
        limit,
    )


async def counts(scope: Scope, account_id: UUID | None) -> Any:
    """Each figure from an index of its own, and none further than COUNTED_MAX."""
    return await scope.one(
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM queue_rows WHERE state = 'open'"
        " ORDER BY priority_at LIMIT $3) o) AS open,"
        " (SELECT count(*) FROM queue_rows WHERE lease_holder IS NOT NULL AND lease_until > $1)"
        " AS held,"
        " (SELECT count(*) FROM queue_rows WHERE lease_holder = $2 AND lease_until > $1) AS mine,"
        " (SELECT count(*) FROM (SELECT 1 FROM queue_rows WHERE state = 'open' AND due_at < $1"
        " ORDER BY due_at LIMIT $3) d) AS overdue,"
        " (SELECT min(opened_at) FROM queue_rows WHERE state = 'open') AS oldest_opened_at,"
        " (SELECT min(due_at) FROM queue_rows WHERE state = 'open' AND due_at IS NOT NULL)"
        " AS next_due_at, $3::int AS counted_max",
        scope.now,
        account_id,
        COUNTED_MAX,
    )


async def position(scope: Scope, tenant_id: UUID, case_id: UUID, counted_max: int) -> int | None:
    """In a platform scope: 1 is the next one; None when it does not wait, or further back than
    is counted.
    """
    found: int = await scope.value(
        "SELECT count(*) FROM (SELECT 1 FROM queue_rows q, queue_rows me WHERE me.tenant_id = $3"
        " AND me.case_id = $1 AND me.state = 'open' AND q.state = 'open'"
        f" AND ({_ORDER})"
        " <= (me.priority_at, me.opened_at, me.case_id) ORDER BY q.priority_at LIMIT $2) f",
        case_id,
        counted_max + 1,
        tenant_id,
    )
    return found if 0 < found <= counted_max else None


async def row(scope: Scope, tenant_id: UUID, case_id: UUID) -> Any:
    """In a platform scope. Raises NotFound."""
    return await scope.one(
        f"{_ROW} FROM queue_rows q WHERE q.tenant_id = $2 AND q.case_id = $3",
        scope.now,
        tenant_id,
        case_id,
    )
