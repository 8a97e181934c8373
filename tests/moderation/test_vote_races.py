"""Who wins when several act on one case at once: one, whoever it is, and the others are told."""

import contextlib
import os
import random
from functools import partial
from typing import Any

import anyio
import pytest

from backend.campaigns.schemas.inputs import DraftUpdate
from backend.campaigns.schemas.views import SessionView
from backend.campaigns.service.drafts import update_draft
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope
from backend.delivery.service.stopping import cancel_session
from backend.kernel.errors import Conflict, StateConflict
from backend.kernel.principal import system
from backend.moderation.schemas.votes import UndoInput
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.desk import read_case
from backend.moderation.service.leases import claim_case
from backend.moderation.service.screening import screen_session
from backend.moderation.service.undoing import settle_vote, undo_decision
from tests.moderation.factories import (
    case_ids,
    later,
    make_moderator,
    rows_that_differ,
    ruling,
    screened,
    session_of,
)
from tests.moderation.test_voting import all_votes, desk_says, voted

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1_800)]
ROUNDS = int(os.environ.get("CLEARSEND_VOTING_ROUNDS", "50"))
"""`make soak` races a thousand times."""
LATER_MS_MAX = 25
_dice = random.Random(11)


async def race(*acts: Any, ahead: int | None = None) -> list[str]:
    """Their outcomes: `won`, or the code of the refusal. Whoever asks the database least is first
    every time, unless the others start a little later than the one that is `ahead`.
    """
    outcomes: list[str] = []

    async def one(act: Any) -> None:
        if ahead is not None and act is not acts[ahead % len(acts)]:
            await anyio.sleep(_dice.uniform(0, LATER_MS_MAX) / 1_000)
        try:
            await act()
        except Conflict as refused:
            outcomes.append(refused.code)
        else:
            outcomes.append("won")

    async with anyio.create_task_group() as group:
        for act in acts:
            group.start_soon(one, act)
    return outcomes


async def edit(shop, session: SessionView) -> None:
    """An edit that a moderator's eyes would miss: it waits for the draft, or it is refused."""
    with contextlib.suppress(StateConflict):
        given = DraftUpdate(draft_version=session.draft_version, body="Pay here. STOP ends it.")
        await update_draft(shop.owner, session.id, given)
    raise Conflict("edited_or_refused")


async def test_approve_refuse_cancel_and_clocks_at_once(shop):
    """One winner, the others told; what stands afterwards is what the winner did."""
    await desk_says(undo_seconds=0)
    mira, jon = await make_moderator(), await make_moderator("Jon")
    tally: dict[str, int] = {}
    for number in range(ROUNDS):
        # A text of its own: what was approved once is not asked again.
        session: SessionView = await shop.submitted(body=f"Offer {number}, [name]. STOP ends it.")
        await screen_session(shop.tenant_id, session.id)
        (case_id,) = await case_ids(shop.tenant_id)
        lease = await claim_case(mira, shop.tenant_id, case_id)
        at = (shop.tenant_id, case_id)
        outcomes = await race(
            partial(decide_case, mira, *at, ruling(lease)),
            partial(decide_case, mira, *at, ruling(lease, "refuse")),
            partial(cancel_session, shop.owner, session.id),
            partial(decide_case, jon, *at, ruling(lease)),
            partial(edit, shop, session),
            ahead=number,
        )
        state = (await session_of(shop, session.id)).state
        # A cancel of what was just approved is a second, later act that cancels it.
        assert 1 <= outcomes.count("won") <= 2, outcomes
        case = await read_case(mira, *at)
        made = case.decision.verdict.value if case.decision else None
        assert (state, made) in {
            (SessionState.APPROVED, "approve"),
            (SessionState.CANCELLED, "approve"),
            (SessionState.REFUSED, "refuse"),
            (SessionState.DRAFT, None),
        }
        assert outcomes.count("won") == (2 if state is SessionState.CANCELLED else 1)
        tally[state.value] = tally.get(state.value, 0) + 1
        if state in {SessionState.APPROVED, SessionState.DRAFT}:
            await cancel_session(shop.owner, session.id)
    assert not await rows_that_differ()
    # A race that one side always wins proves nothing about the others.
    assert {"approved", "refused", "draft"} <= tally.keys(), tally
    print("won:", tally)


async def test_undo_cancel_and_two_clocks_at_once(shop):
    await desk_says()
    mira = await make_moderator()
    tally: dict[str, int] = {}
    for number in range(ROUNDS):
        session = await screened(shop, body=f"Offer {number}, [name]. STOP ends it.")
        made = await voted(shop, mira)
        at = (shop.tenant_id, made.vote.case_id)
        # Who undoes now may be in time, and may not.
        later(seconds=10 - _dice.uniform(0, LATER_MS_MAX) / 1_000)
        outcomes = await race(
            partial(settle_vote, shop.tenant_id, made.vote.id),
            partial(undo_decision, mira, *at, UndoInput(vote_id=made.vote.id)),
            partial(cancel_session, shop.owner, session.id),
            partial(settle_vote, shop.tenant_id, made.vote.id),
            ahead=number,
        )
        ((state, _),) = await all_votes(shop, made.vote.case_id)
        tally[state] = tally.get(state, 0) + 1
        found = (await session_of(shop, session.id)).state
        assert (state, found) in {
            ("decided", SessionState.APPROVED),
            ("decided", SessionState.CANCELLED),
            ("void", SessionState.DRAFT),
            ("undone", SessionState.DRAFT),
        }, outcomes
        if found in {SessionState.APPROVED, SessionState.DRAFT}:
            await cancel_session(shop.owner, session.id)
    async with platform_scope(system("test"), "test") as scope:
        assert await scope.value("SELECT count(*) FROM votes WHERE state = 'pending'") == 0
    assert not await rows_that_differ()
    assert {"decided", "void", "undone"} == tally.keys(), tally
    print("became of the votes:", tally)
