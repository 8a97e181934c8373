"""Seconds in which a decision can be undone; then the clock makes it effective."""

from datetime import timedelta
from uuid import UUID

from backend.audit.service import record
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.kernel.errors import Conflict, Forbidden, StateConflict
from backend.kernel.faults import point
from backend.kernel.principal import Principal, PrincipalKind, system
from backend.moderation.queries import cases, leases, votes
from backend.moderation.schemas.cases import LeaseView
from backend.moderation.schemas.votes import UndoInput, VoteRow
from backend.moderation.service.leases import account_of, lease_view
from backend.moderation.service.rulings import conclude
from backend.moderation.states import LEASE_MINUTES, VoteState

DUE_VOTES_MAX = 200


async def undo_decision(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: UndoInput
) -> LeaseView:
    """The lease is given back under its old number. Raises Conflict `undo_too_late` with what
    became of the vote; Forbidden `not_your_vote`; NotFound.
    """
    async with tenant_scope(principal, tenant_id, reason=f"undo on case {case_id}") as scope:
        await cases.read(scope, case_id)
        vote = await votes.read(scope, given.vote_id)
        if vote.voter != account_of(principal) or vote.case_id != case_id:
            raise Forbidden("not_your_vote", "whoever decided can undo it")
        until = scope.now + timedelta(minutes=LEASE_MINUTES)
        case = await leases.take_vote_back(scope, vote, until)
        if case is None or not await votes.settle(scope, vote.id, VoteState.UNDONE):
            raise _too_late(await votes.read(scope, vote.id))
        await record(scope, "case.vote_undone", f"case:{case_id}", vote=str(vote.id))
        view = lease_view(case)
        point("moderation.undone")
        await scope.answer(view, 200)
    return view


def _too_late(vote: VoteRow) -> Conflict:
    return Conflict(
        "undo_too_late",
        "the time to undo is over",
        vote_state=vote.state.value,
        takes_effect_at=vote.takes_effect_at.isoformat(),
        void_why=vote.void_why,
    )


async def settle_votes() -> int:
    """Use case of the clock: decisions whose time to undo is over. Any number of clocks is safe:
    the case's row says once which vote it waits with.
    """
    async with platform_scope(system("desk"), "decisions that are due") as scope:
        rows = await votes.due(scope, DUE_VOTES_MAX)
    return sum([await settle_vote(row["tenant_id"], row["vote_id"]) for row in rows])


async def settle_vote(tenant_id: UUID, vote_id: UUID) -> bool:
    """Whether this call made it effective."""
    try:
        async with tenant_scope(system("desk", tenant_id)) as scope:
            vote = await votes.read(scope, vote_id)
        async with tenant_scope(_in_name_of(vote), tenant_id, reason="a decision") as scope:
            case = await cases.read(scope, vote.case_id)
            if case.vote_id != vote.id or vote.takes_effect_at > scope.now:
                return False
            # A member since the vote was cast has a stake by now.
            await refuse_own_tenant(scope)
            await conclude(scope, case, vote)
            point("moderation.took_effect")
    except StateConflict:
        return False
    except (Conflict, Forbidden) as conflict:
        await _void(vote, conflict.code)
        return False
    return True


def _in_name_of(vote: VoteRow) -> Principal:
    """What happens now was this person's decision; the clock only waited."""
    return Principal(kind=PrincipalKind.STAFF, account_id=vote.voter, request_id=f"vote:{vote.id}")


async def _void(vote: VoteRow, why: str) -> None:
    """It cannot take effect: where the case still waits with it, it is everybody's again."""
    async with tenant_scope(system("desk", vote.tenant_id)) as scope:
        case = await cases.read(scope, vote.case_id)
        if case.vote_id != vote.id:
            return
        await void_vote(scope, vote, why)


async def void_vote(scope: Scope, vote: VoteRow, why: str) -> None:
    await leases.free_of_vote(scope, vote, is_counted=False)
    await votes.settle(scope, vote.id, VoteState.VOID, why)
    await record(scope, "case.vote_void", f"case:{vote.case_id}", vote=str(vote.id), why=why)
