"""A case handed on without a decision: skipped, escalated; and who has it on their screen."""

from datetime import timedelta
from uuid import UUID

from backend.audit.service import record
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.errors import Conflict
from backend.kernel.principal import Principal, system
from backend.moderation.queries import cases, desk, leases, notes
from backend.moderation.schemas.cases import CaseRow, Placement
from backend.moderation.schemas.desk import HandBack, MovedView, ViewersView
from backend.moderation.service.desk_rules import rules_in_force
from backend.moderation.service.leases import account_of, hide_from, lease_lost, own_name
from backend.moderation.service.notes import new_note
from backend.moderation.service.placement import place_in
from backend.moderation.states import Lane, NoteKind

VIEWER_SECONDS = 30
"""Without a word for so long, nobody is looking any more."""
KEPT_HOURS = 1


async def skip_case(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: HandBack
) -> MovedView:
    """Free for others, hidden from this one for a while; too many skips, by anyone, and it is the
    leads'. Raises Conflict `lease_lost`, `case_closed`, `decision_pending`.
    """
    async with tenant_scope(principal, tenant_id, reason=f"skip case {case_id}") as scope:
        case = await cases.read(scope, case_id)
        lane, why = case.lane, case.lane_why
        skips = case.skips + 1
        if skips >= (await rules_in_force(scope)).rules.skips_max and lane is not Lane.LEAD_ONLY:
            lane, why = Lane.LEAD_ONLY, f"skipped {skips} times"
        place = await place_in(scope, case, lane, why)
        moved = await _hand_back(scope, case, given, place, NoteKind.SKIP)
        await hide_from(scope, case_id, account_of(principal))
        view = _moved(moved)
        await scope.answer(view, 200)
    return view


async def escalate_case(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: HandBack
) -> MovedView:
    """To the leads. Raises Conflict `lease_lost`, `already_escalated`, `case_closed`."""
    async with tenant_scope(principal, tenant_id, reason=f"escalate case {case_id}") as scope:
        case = await cases.read(scope, case_id)
        if case.lane is Lane.LEAD_ONLY:
            raise Conflict("already_escalated", "a lead decides this one", lane_why=case.lane_why)
        why = f"escalated by {case.lease_holder_name or 'a moderator'}"
        place = await place_in(scope, case, Lane.LEAD_ONLY, why)
        moved = await _hand_back(scope, case, given, place, NoteKind.ESCALATION)
        view = _moved(moved)
        await scope.answer(view, 200)
    return view


async def _hand_back(
    scope: Scope, case: CaseRow, given: HandBack, place: Placement, kind: NoteKind
) -> CaseRow:
    me = account_of(scope.principal)
    skips = 1 if kind is NoteKind.SKIP else 0
    moved = await leases.hand_back(scope, case, given.lease_fence, me, place, skips)
    if moved is None:
        raise lease_lost(scope, await cases.read(scope, case.id))
    name = case.lease_holder_name or ""
    await notes.insert(scope, new_note(scope, case.id, kind, name, given.reason))
    await record(
        scope,
        f"case.{kind.value}",
        f"case:{case.id}",
        reason=given.reason,
        lane=moved.lane.value,
        skips=moved.skips,
    )
    return moved


def _moved(case: CaseRow) -> MovedView:
    return MovedView(case_id=case.id, lane=case.lane, lane_why=case.lane_why, skips=case.skips)


async def show_presence(principal: Principal, tenant_id: UUID, case_id: UUID) -> ViewersView:
    """Told every few seconds while the page is visible; answers who else is there."""
    me = account_of(principal)
    name = await own_name(principal)
    async with tenant_scope(principal, tenant_id, reason=f"look at case {case_id}") as scope:
        await cases.read(scope, case_id)
        await desk.look_at(scope, case_id, me, name)
        view = ViewersView(names=await viewer_names(scope, case_id, without=me))
        await scope.answer(view, 200)
    return view


async def viewer_names(scope: Scope, case_id: UUID, *, without: UUID | None) -> list[str]:
    """A step."""
    since = scope.now - timedelta(seconds=VIEWER_SECONDS)
    found = (await desk.viewers(scope, since, [case_id])).get(case_id, [])
    return [row["name"] for row in found if row["account_id"] != without]


async def forget_looks() -> int:
    """Use case of the clock: rows of looks and hidings that are over."""
    async with platform_scope(system("desk"), "looks that are over") as scope:
        return await desk.forget_old(scope, scope.now - timedelta(hours=KEPT_HOURS))
