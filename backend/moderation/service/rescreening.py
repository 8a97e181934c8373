"""A session back in validation: everybody rendered again, and what changed since the approval.

The case was opened in the transaction that brought the session back, so no death loses it; the dry
run beside it is leased like a first screening, and the sweep does what nobody heard of.
"""

import contextlib
from uuid import UUID

import structlog

from backend.audit.service import record
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.approvals import waiting_sessions
from backend.campaigns.service.moves import change_session, read_session
from backend.campaigns.states import TRIES_MAX, SessionState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.errors import Conflict, NotFound, StateConflict, Unavailable
from backend.kernel.faults import point
from backend.kernel.principal import Principal, system
from backend.moderation.queries import cases, screenings
from backend.moderation.service.cases import reopen_case
from backend.moderation.service.dry_runs import (
    DryRunWork,
    lease_session,
    run_dry,
    screening_of,
)
from backend.moderation.service.forgetting import without_erased
from backend.moderation.service.judging import changes_of
from backend.moderation.service.placement import place_again
from backend.moderation.states import Rescreening

SWEPT_ROWS_MAX = 100
LOST_CASE = "found waiting without a case"
_log = structlog.get_logger("clearsend.moderation")


async def rescreen_session(tenant_id: UUID, session_id: UUID) -> None:
    """Consumer of `session.returned`. Raises Conflict `screening_leased` while another works on
    it, and whatever went wrong in a try that was not the last: the announcement comes again.
    """
    principal = system("screening", tenant_id)
    session = await _lease(principal, session_id)
    if session is None:
        return
    try:
        await _show(principal, await run_dry(principal, session))
    except (StateConflict, Unavailable) as error:
        async with tenant_scope(principal) as scope:
            if await _is_due(scope, await read_session(scope, session_id)):
                raise Conflict("screening_leased", "the lease was lost") from error
    except Exception:
        if not await _give_up(principal, session_id):
            raise


async def _is_due(scope: Scope, session: SessionRow) -> bool:
    if session.state is not SessionState.AWAITING_VALIDATION:
        return False
    case = await cases.open_case_of(scope, session_id=session.id)
    return case is not None and case.rescreening is Rescreening.PENDING


async def _lease(principal: Principal, session_id: UUID) -> SessionRow | None:
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        if not await _is_due(scope, session):
            return None
        if session.lease_until is not None and session.lease_until > scope.now:
            raise Conflict("screening_leased", until=session.lease_until.isoformat())
        if session.tries >= TRIES_MAX:
            await _fail(scope, session)
            return None
        return await lease_session(scope, session)


async def _show(principal: Principal, work: DryRunWork) -> None:
    """One transaction: the case shows it, the screening is replaced, the lease goes back."""
    async with tenant_scope(principal) as scope:
        # The session's row first, then the case: whoever takes it back locks them in this order.
        session = await change_session(scope, work.session, lease_until=None, tries=0)
        case = await cases.open_case_of(scope, session_id=session.id)
        if case is None:
            return
        fresh = await without_erased(scope, screening_of(scope, work))
        before = await screenings.find(scope, session.id, session.content_version)
        changes = changes_of(session, before, fresh)
        place = await place_again(scope, case, fresh)
        shown = await cases.show_again(scope, case.id, fresh, changes, place)
        if shown is not None and shown.lane is not case.lane:
            facts = {"lane": shown.lane.value, "lane_why": shown.lane_why}
            await record(scope, "case.lane_changed", f"case:{case.id}", **facts)
        await screenings.save(scope, fresh)
        point("moderation.rescreened")


async def _give_up(principal: Principal, session_id: UUID) -> bool:
    """After our own fault: the lease goes back; after the last try the case says so."""
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        if not await _is_due(scope, session):
            return True
        if session.tries >= TRIES_MAX:
            await _fail(scope, session)
            return True
        await change_session(scope, session, lease_until=None)
        return False


async def _fail(scope: Scope, session: SessionRow) -> None:
    """A person may still refuse it or ask for changes; nobody approves what nobody saw."""
    _log.error("rescreening failed for good", session_id=str(session.id))
    session = await change_session(scope, session, lease_until=None, tries=0)
    case = await cases.open_case_of(scope, session_id=session.id)
    if case is not None:
        await cases.fail_again(scope, case.id)


async def keep_cases() -> int:
    """Use case of the clock: every session in validation has its open case, and every case whose
    dry run nobody takes is taken here. The number of both.
    """
    async with platform_scope(system("clock"), "sessions in validation") as scope:
        with_case = await cases.sessions_with_case(scope)
        lost = await waiting_sessions(scope, with_case, SWEPT_ROWS_MAX)
    for tenant_id, session_id in lost:
        with contextlib.suppress(StateConflict):  # another clock was first, or the session moved on
            await _open_lost(tenant_id, session_id)
    async with platform_scope(system("clock"), "cases without a dry run") as scope:
        pending = await cases.pending(scope, SWEPT_ROWS_MAX)
    done = len(lost)
    for row in pending:
        try:
            await rescreen_session(row["tenant_id"], row["session_id"])
            done += 1
        except (Conflict, NotFound):
            continue  # somebody works on it
        except Exception:  # noqa: BLE001 - logged with its session
            # One that cannot be rendered holds up no other; after its last try its case says so.
            _log.exception("rescreening failed", session_id=str(row["session_id"]))
    return done


async def _open_lost(tenant_id: UUID, session_id: UUID) -> None:
    async with tenant_scope(system("clock", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is not SessionState.AWAITING_VALIDATION:
            return
        if await cases.open_case_of(scope, session_id=session_id) is not None:
            return
        _log.error("a session waited without a case", session_id=str(session_id))
        # The move that brings the session out of validation meanwhile meets this compare-and-set.
        session = await change_session(scope, session, lease_until=None, tries=0)
        await reopen_case(scope, session, LOST_CASE)
