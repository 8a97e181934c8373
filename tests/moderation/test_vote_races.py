"""Who wins when several act on one case at once: one, whoever it is, and the others are told."""

import contextlib
import os
import random
from collections import Counter
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


async def race(
    *acts: Any, ahead: int | None = None, later_ms_max: float = LATER_MS_MAX
) -> list[str]:
    """Their outcomes: `won`, or the code of the refusal. Whoever asks the database least is first
    every time, unless the others start a little later than the one that is `ahead`.
    """
    outcomes: list[str] = []

    async def one(act: Any) -> None:
        if ahead is not None and act is not acts[ahead % len(acts)]:
            await anyio.sleep(_dice.uniform(0, later_ms_max) / 1_000)
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


class Ends:
    """How the rounds of a race ended, when each of its acts is ahead in turn. An act whose end was
    not seen yet gets twice the head start at its next turn: a race that one side always wins proves
    nothing about the others, and how long an act takes is the machine's to say.
    """

    def __init__(self, *ends: str | None) -> None:
        self.ends = ends
        self.seen: Counter[str | None] = Counter()
        self.later_ms_max = [float(LATER_MS_MAX)] * len(ends)

    def is_missing(self, number: int) -> bool:
        return self.ends[number % len(self.ends)] not in self.seen

    def head_start_ms(self, number: int) -> float:
        return self.later_ms_max[number % len(self.ends)]

    def note(self, number: int, end: str | None) -> None:
        self.seen[end] += 1
        if self.is_missing(number):
            self.later_ms_max[number % len(self.ends)] *= 2


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
    ends = Ends("approve", "refuse", None, "approve", None)
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
            later_ms_max=ends.head_start_ms(number),
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
        ends.note(number, made)
        if state in {SessionState.APPROVED, SessionState.DRAFT}:
            await cancel_session(shop.owner, session.id)
    assert not await rows_that_differ()
    assert ends.seen.keys() == set(ends.ends), ends.seen
    print("decided:", ends.seen)


async def test_undo_cancel_and_two_clocks_at_once(shop):
    await desk_says()
    mira = await make_moderator()
    ends = Ends("decided", "undone", "void", "decided")
    for number in range(ROUNDS):
        session = await screened(shop, body=f"Offer {number}, [name]. STOP ends it.")
        made = await voted(shop, mira)
        at = (shop.tenant_id, made.vote.case_id)
        # Who undoes now may be in time, and may not.
        left_ms = _dice.uniform(0, LATER_MS_MAX)
        if ends.is_missing(number):
            left_ms = 0 if ends.ends[number % 4] == "decided" else ends.head_start_ms(number)
        later(seconds=10 - left_ms / 1_000)
        outcomes = await race(
            partial(settle_vote, shop.tenant_id, made.vote.id),
            partial(undo_decision, mira, *at, UndoInput(vote_id=made.vote.id)),
            partial(cancel_session, shop.owner, session.id),
            partial(settle_vote, shop.tenant_id, made.vote.id),
            ahead=number,
            later_ms_max=ends.head_start_ms(number),
        )
        ((state, _),) = await all_votes(shop, made.vote.case_id)
        ends.note(number, state)
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
    assert ends.seen.keys() == set(ends.ends), ends.seen
    print("became of the votes:", ends.seen)
