"""Rows of cases: opened, leased and closed by compare-and-set, each change copied to the queue."""

from typing import Any
from uuid import UUID

import msgspec

from backend.db.scope import Scope
from backend.kernel.ids import uuid7
from backend.moderation.queries.queue import copy_to_queue
from backend.moderation.queries.screenings import Screening
from backend.moderation.schemas.cases import CaseRow, NewCase, Placement
from backend.moderation.schemas.screening import Change
from backend.moderation.schemas.votes import VoteRow
from backend.moderation.states import CaseKind, CaseState

FREE = "lease_holder = NULL, lease_holder_name = NULL, lease_until = NULL"
COLUMNS = ", ".join(CaseRow.__struct_fields__)


async def insert(scope: Scope, new: NewCase, place: Placement) -> CaseRow | None:
    """None when the same subject has an open case already."""
    row = await scope.row(
        "INSERT INTO cases (tenant_id, id, kind, session_id, content_version,"
        " template_version_id, sender_id, cause, content_hash, title, opened_at, due_at,"
        " dry_run, hits, bounds, score, rescreening, rules_version, appeal_of, appeal_text,"
        " barred, lane, lane_why, priority_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
        " $17, $18, $19, $20, $21, $22, $23, $24)"
        f" ON CONFLICT DO NOTHING RETURNING {COLUMNS}",
        scope.tenant_id,
        uuid7(),
        new.kind.value,
        new.session_id,
        new.content_version,
        new.template_version_id,
        new.sender_id,
        new.cause,
        new.content_hash,
        new.title,
        scope.now,
        new.due_at,
        msgspec.to_builtins(new.dry_run),
        msgspec.to_builtins(new.hits),
        msgspec.to_builtins(new.bounds) if new.bounds else None,
        new.score,
        new.rescreening.value,
        new.rules_version,
        new.appeal_of,
        new.appeal_text,
        new.barred,
        place.lane.value,
        place.why,
        place.priority_at,
    )
    if row is None:
        return None
    await copy_to_queue(scope, row["id"])
    return msgspec.convert(dict(row), CaseRow)


async def read(scope: Scope, case_id: UUID) -> CaseRow:
    """Raises NotFound."""
    row = await scope.one(
        f"SELECT {COLUMNS} FROM cases WHERE tenant_id = $1 AND id = $2", scope.tenant_id, case_id
    )
    return msgspec.convert(dict(row), CaseRow)


async def appeal_of(scope: Scope, decision_id: UUID) -> CaseRow | None:
    row = await scope.row(
        f"SELECT {COLUMNS} FROM cases WHERE tenant_id = $1 AND appeal_of = $2",
        scope.tenant_id,
        decision_id,
    )
    return msgspec.convert(dict(row), CaseRow) if row else None


async def open_case_of(
    scope: Scope,
    *,
    session_id: UUID | None = None,
    template_version_id: UUID | None = None,
    sender_id: UUID | None = None,
    kind: CaseKind = CaseKind.CAMPAIGN_SESSION,
) -> CaseRow | None:
    """The open case of one subject; give exactly one. `kind` is which one of a session's."""
    row = await scope.row(
        f"SELECT {COLUMNS} FROM cases WHERE tenant_id = $1 AND state = 'open'"
        " AND ((session_id = $2 AND kind = $5) OR template_version_id = $3 OR sender_id = $4)"
        " ORDER BY id DESC LIMIT 1",
        scope.tenant_id,
        session_id,
        template_version_id,
        sender_id,
        kind.value,
    )
    return msgspec.convert(dict(row), CaseRow) if row else None


async def close(
    scope: Scope, case: CaseRow, to: CaseState, *, vote: VoteRow | None = None
) -> CaseRow | None:
    """Compare-and-set on the open state and, for a decision, on the vote the case waits with: or,
    where it takes effect at once, on the lease it was cast under and the content it is about.
    """
    row = await scope.row(
        f"UPDATE cases SET state = $3, closed_at = $4, {FREE}, vote_id = NULL,"
        " takes_effect_at = NULL WHERE tenant_id = $1 AND id = $2 AND state = 'open'"
        " AND ($5::uuid IS NULL OR (content_hash = $7 AND ((vote_id = $5 AND takes_effect_at <= $4)"
        " OR (vote_id IS NULL AND lease_fence = $6 AND lease_until > $4))))"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        case.id,
        to.value,
        scope.now,
        vote.id if vote else None,
        vote.lease_fence if vote else None,
        vote.content_hash if vote else None,
    )
    return await changed(scope, row)


async def show_again(
    scope: Scope, case_id: UUID, found: Screening, changes: list[Change], place: Placement
) -> CaseRow | None:
    """The fresh dry run takes the place of the old one; None when nothing waits for it."""
    row = await scope.row(
        "UPDATE cases SET rescreening = 'done', changes = $3, content_hash = $4, dry_run = $5,"
        " hits = $6, bounds = $7, score = $8, rules_version = $9, lane = $10, lane_why = $11,"
        " priority_at = $12"
        " WHERE tenant_id = $1 AND id = $2 AND state = 'open' AND rescreening = 'pending'"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        case_id,
        msgspec.to_builtins(changes),
        found.hash,
        msgspec.to_builtins(found.dry_run),
        msgspec.to_builtins(found.hits),
        msgspec.to_builtins(found.bounds),
        found.score,
        found.rules_version,
        place.lane.value,
        place.why,
        place.priority_at,
    )
    return await changed(scope, row)


async def fail_again(scope: Scope, case_id: UUID) -> CaseRow | None:
    row = await scope.row(
        "UPDATE cases SET rescreening = 'failed'"
        " WHERE tenant_id = $1 AND id = $2 AND state = 'open' AND rescreening = 'pending'"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        case_id,
    )
    return await changed(scope, row)


async def pending(scope: Scope, limit: int) -> list[Any]:
    """(tenant_id, session_id) over all tenants, in a platform scope, oldest first."""
    return await scope.rows(
        "SELECT tenant_id, session_id FROM cases"
        " WHERE rescreening = 'pending' AND state = 'open' ORDER BY opened_at LIMIT $1",
        limit,
    )


async def sessions_with_case(scope: Scope) -> list[UUID]:
    """Sessions over all tenants that wait as an open case, in a platform scope."""
    rows = await scope.rows(
        "SELECT session_id FROM cases WHERE state = 'open' AND kind = 'campaign_session'"
    )
    return [row["session_id"] for row in rows]


async def changed(scope: Scope, row: object) -> CaseRow | None:
    if row is None:
        return None
    case = msgspec.convert(dict(row), CaseRow)  # type: ignore[call-overload] # an asyncpg.Record
    await copy_to_queue(scope, case.id)
    return case
