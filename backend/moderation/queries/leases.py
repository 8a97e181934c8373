"""The lease of a case and the vote it waits with: each a compare-and-set, copied to the queue."""

from datetime import datetime
from uuid import UUID

from backend.db.scope import Scope
from backend.moderation.queries.cases import COLUMNS, FREE, changed
from backend.moderation.schemas.cases import CaseRow, Placement
from backend.moderation.schemas.votes import VoteRow


async def take_lease(
    scope: Scope, case_id: UUID, holder: UUID, holder_name: str, until: datetime
) -> CaseRow | None:
    """None when closed, decided and not in effect yet, held by somebody else, not for this one, or
    being rendered again. Renewing one's own keeps the number.
    """
    is_renewal = "lease_holder = $3 AND lease_until > $6"
    row = await scope.row(
        "UPDATE cases SET lease_holder = $3, lease_holder_name = $4, lease_until = $5,"
        f" lease_fence = lease_fence + CASE WHEN {is_renewal} THEN 0 ELSE 1 END,"
        f" lease_taken_at = CASE WHEN {is_renewal} THEN lease_taken_at ELSE $6 END"
        " WHERE tenant_id = $1 AND id = $2 AND state = 'open' AND rescreening <> 'pending'"
        " AND vote_id IS NULL AND NOT ($3 = ANY(barred))"
        " AND (lease_until IS NULL OR lease_until <= $6 OR lease_holder = $3)"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        case_id,
        holder,
        holder_name,
        until,
        scope.now,
    )
    return await changed(scope, row)


async def renew_lease(
    scope: Scope, case_id: UUID, holder: UUID, fence: int, until: datetime
) -> CaseRow | None:
    """None when the lease is over or another's."""
    row = await scope.row(
        "UPDATE cases SET lease_until = $5 WHERE tenant_id = $1 AND id = $2 AND state = 'open'"
        " AND lease_holder = $3 AND lease_fence = $4 AND lease_until > $6 AND vote_id IS NULL"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        case_id,
        holder,
        fence,
        until,
        scope.now,
    )
    return await changed(scope, row)


# Only whoever holds it now, under the number they were given.
_HELD = (
    "tenant_id = $1 AND id = $2 AND state = 'open' AND vote_id IS NULL"
    " AND lease_holder = $3 AND lease_fence = $4"
)


async def drop_lease(scope: Scope, case_id: UUID, holder: UUID, fence: int) -> CaseRow | None:
    row = await scope.row(
        f"UPDATE cases SET {FREE} WHERE {_HELD} RETURNING {COLUMNS}",
        scope.tenant_id,
        case_id,
        holder,
        fence,
    )
    return await changed(scope, row)


async def hand_back(  # noqa: PLR0917 - whose, and where to
    scope: Scope, case: CaseRow, fence: int, holder: UUID, place: Placement, skips: int
) -> CaseRow | None:
    """Into a lane, out of the holder's hands; None when the lease is over or another's."""
    row = await scope.row(
        f"UPDATE cases SET {FREE}, lane = $5, lane_why = $6, priority_at = $7, skips = skips + $8"
        f" WHERE {_HELD} AND lease_until > $9 RETURNING {COLUMNS}",
        scope.tenant_id,
        case.id,
        holder,
        fence,
        place.lane.value,
        place.why,
        place.priority_at,
        skips,
        scope.now,
    )
    return await changed(scope, row)


async def count_questions(scope: Scope, case_id: UUID, change: int) -> CaseRow | None:
    row = await scope.row(
        "UPDATE cases SET questions = questions + $3"
        f" WHERE tenant_id = $1 AND id = $2 AND state = 'open' RETURNING {COLUMNS}",
        scope.tenant_id,
        case_id,
        change,
    )
    return await changed(scope, row)


async def put_vote(scope: Scope, vote: VoteRow) -> CaseRow | None:
    """The case waits with its vote until that takes effect; None when the lease is lost."""
    row = await scope.row(
        "UPDATE cases SET vote_id = $5, takes_effect_at = $6, lease_until = $6"
        f" WHERE {_HELD} AND lease_until > $7 AND content_hash = $8 RETURNING {COLUMNS}",
        scope.tenant_id,
        vote.case_id,
        vote.voter,
        vote.lease_fence,
        vote.id,
        vote.takes_effect_at,
        scope.now,
        vote.content_hash,
    )
    return await changed(scope, row)


async def take_vote_back(scope: Scope, vote: VoteRow, until: datetime) -> CaseRow | None:
    """The lease stands again, under its old number; None once the time is over."""
    row = await scope.row(
        "UPDATE cases SET vote_id = NULL, takes_effect_at = NULL, lease_until = $4"
        " WHERE tenant_id = $1 AND id = $2 AND state = 'open' AND vote_id = $3"
        f" AND takes_effect_at > $5 RETURNING {COLUMNS}",
        scope.tenant_id,
        vote.case_id,
        vote.id,
        until,
        scope.now,
    )
    return await changed(scope, row)


async def free_of_vote(scope: Scope, vote: VoteRow, *, is_counted: bool) -> CaseRow | None:
    """For others: after the first of two votes, or one that could not take effect. None when it
    was not this vote that the case waited with.
    """
    row = await scope.row(
        f"UPDATE cases SET vote_id = NULL, takes_effect_at = NULL, {FREE},"
        " first_vote_id = CASE WHEN $5 THEN $3 ELSE first_vote_id END,"
        " barred = CASE WHEN $5 THEN array_append(barred, $6) ELSE barred END"
        " WHERE tenant_id = $1 AND id = $2 AND state = 'open'"
        " AND (vote_id = $3 OR (vote_id IS NULL AND lease_fence = $4 AND lease_until > $7))"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        vote.case_id,
        vote.id,
        vote.lease_fence,
        is_counted,
        vote.voter,
        scope.now,
    )
    return await changed(scope, row)
