"""The queue: a copy of every case without its content, and the desk's list read from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.db.scope import Scope

# What has no due time sorts after everything that has one, and a page can begin after it.
NEVER = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
_SLACK = "coalesce(q.due_at, '9999-12-31 00:00:00+00'::timestamptz)"
_ROW = (
    "SELECT q.tenant_id, q.case_id, q.kind, q.title, q.cause, q.recipients, q.segments,"
    " q.rescreening,"
    " q.opened_at, q.due_at, q.closed_at, q.score, q.flags, q.state,"
    " CASE WHEN q.lease_until > $1 THEN q.lease_holder END AS lease_holder,"
    " CASE WHEN q.lease_until > $1 THEN q.lease_holder_name END AS lease_holder_name,"
    " CASE WHEN q.lease_until > $1 THEN q.lease_until END AS lease_until"
)

# Derived from the case in one statement: the copy cannot say anything else than the case does.
COPY = (
    "SELECT c.tenant_id, c.id, c.kind, c.title, c.cause, (c.dry_run ->> 'recipients')::int,"
    " (c.dry_run ->> 'segments')::bigint, c.opened_at, c.due_at, c.closed_at, c.score,"
    " ARRAY(SELECT h ->> 'rule' FROM jsonb_array_elements(c.hits) WITH ORDINALITY AS t (h, n)"
    " GROUP BY h ->> 'rule' ORDER BY min(n)),"
    " c.lease_holder, c.lease_holder_name, c.lease_until, c.state,"
    " c.rescreening FROM cases c"
)


async def copy_to_queue(scope: Scope, case_id: UUID) -> None:
    """In the transaction that changed the case."""
    await scope.execute(
        "INSERT INTO queue_rows (tenant_id, case_id, kind, title, cause, recipients, segments,"
        " opened_at, due_at, closed_at, score, flags, lease_holder, lease_holder_name,"
        f" lease_until, state, rescreening) {COPY} WHERE c.tenant_id = $1 AND c.id = $2"
        " ON CONFLICT (tenant_id, case_id) DO UPDATE SET closed_at = excluded.closed_at,"
        " lease_holder = excluded.lease_holder, lease_holder_name = excluded.lease_holder_name,"
        " lease_until = excluded.lease_until, state = excluded.state,"
        " rescreening = excluded.rescreening, recipients = excluded.recipients,"
        " segments = excluded.segments, score = excluded.score, flags = excluded.flags",
        scope.tenant_id,
        case_id,
    )


async def open_page(
    scope: Scope,
    mine: UUID | None,
    kind: str | None,
    after: tuple[datetime, datetime, UUID] | None,
    limit: int,
) -> list[Any]:
    """In a platform scope. Least slack first, then oldest; `mine` is a holder's account."""
    due, opened, case_id = after or (None, None, None)
    return await scope.rows(
        f"{_ROW} FROM queue_rows q WHERE q.state = 'open'"
        " AND ($2::uuid IS NULL OR (q.lease_holder = $2 AND q.lease_until > $1))"
        " AND ($3::text IS NULL OR q.kind = $3)"
        f" AND ($4::timestamptz IS NULL OR ({_SLACK}, q.opened_at, q.case_id)"
        f" > ($4, $5::timestamptz, $6::uuid)) ORDER BY {_SLACK}, q.opened_at, q.case_id LIMIT $7",
        scope.now,
        mine,
        kind,
        due,
        opened,
        case_id,
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


async def free_rows(scope: Scope, not_of: list[UUID], limit: int) -> list[Any]:
    """In a platform scope: what may be claimed next, least slack first."""
    return await scope.rows(
        "SELECT q.tenant_id, q.case_id FROM queue_rows q WHERE q.state = 'open'"
        " AND (q.lease_until IS NULL OR q.lease_until <= $1) AND q.tenant_id <> ALL($2)"
        " AND q.rescreening <> 'pending'"
        f" ORDER BY {_SLACK}, q.opened_at, q.case_id LIMIT $3",
        scope.now,
        not_of,
        limit,
    )


async def counts(scope: Scope, account_id: UUID | None) -> Any:
    return await scope.one(
        "SELECT count(*) AS open,"
        " count(*) FILTER (WHERE q.lease_until > $1) AS held,"
        " count(*) FILTER (WHERE q.lease_until > $1 AND q.lease_holder = $2) AS mine,"
        " count(*) FILTER (WHERE q.due_at < $1) AS overdue,"
        " min(q.opened_at) AS oldest_opened_at, min(q.due_at) AS next_due_at"
        " FROM queue_rows q WHERE q.state = 'open'",
        scope.now,
        account_id,
    )


async def row(scope: Scope, case_id: UUID) -> Any:
    """In a platform scope. Raises NotFound."""
    return await scope.one(f"{_ROW} FROM queue_rows q WHERE q.case_id = $2", scope.now, case_id)
