"""Approve, refuse, cancel, edit, dispatch, stop at once: one hold, settled once."""

import os
from functools import partial

import pytest

from backend.campaigns.states import ENDS, SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.settling import settle_session
from backend.delivery.service.starting import start_approved
from backend.delivery.service.stopping import cancel_session, kill_session, stop_session
from backend.gateways.service import note_working, standing_gateways
from backend.kernel.errors import Conflict, StateConflict
from backend.kernel.principal import system
from backend.ledger.service.balance import balance
from backend.ledger.service.lots import top_up
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.leases import claim_case
from backend.moderation.service.screening import screen_session
from tests.moderation.factories import case_ids, make_moderator, ruling, session_of
from tests.moderation.test_vote_races import LATER_MS_MAX, edit, race
from tests.moderation.test_voting import desk_says

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1_800)]
ROUNDS = int(os.environ.get("CLEARSEND_VOTING_ROUNDS", "50"))
CREDITS = 100_000
BEFORE_DISPATCH = (SessionState.SCREENING, SessionState.AWAITING_VALIDATION)


async def dispatch(shop, session_id) -> None:
    """What the clock and the workers do with an approval, until there is nothing left to do."""
    for _ in range(40):
        state = (await session_of(shop, session_id)).state
        if state is SessionState.APPROVED:
            try:
                await start_approved(shop.tenant_id, session_id)
            except StateConflict:
                continue
        elif state is SessionState.PREPARING:
            await prepare_session(shop.tenant_id, session_id)
        elif state not in BEFORE_DISPATCH:
            break
    raise Conflict("nothing_left")


async def transfers_of(shop, session_id) -> list[tuple[str, int]]:
    async with tenant_scope(system("test", shop.tenant_id)) as scope:
        rows = await scope.rows(
            "SELECT t.kind, t.amount FROM ledger_transfers t JOIN ledger_holds h"
            " ON h.tenant_id = t.tenant_id AND h.id = t.hold_id"
            " WHERE h.tenant_id = $1 AND h.session_id = $2 ORDER BY t.kind",
            shop.tenant_id,
            session_id,
        )
    return [tuple(row.values()) for row in rows]


async def credits_of(shop) -> tuple[int, int]:
    """(available, held)"""
    async with tenant_scope(system("test", shop.tenant_id)) as scope:
        found = await balance(scope)
    return found.available, found.held


async def fund(shop) -> None:
    async with tenant_scope(system("test"), shop.tenant_id) as scope:
        await top_up(scope, CREDITS, "test")
    async with platform_scope(system("test"), "test") as scope:
        gateways = await standing_gateways(scope)
    await note_working([gateway.id for gateway in gateways])


async def submitted(shop, number: int):
    """A session of its own text, because what was approved once is not asked again."""
    session = await shop.submitted(body=f"Offer {number}, [name]. STOP ends it.")
    await screen_session(shop.tenant_id, session.id)
    (case_id,) = await case_ids(shop.tenant_id)
    return session, case_id


async def finished(shop, session_id) -> SessionState:
    """Whatever was still under way comes to its end; what nobody ended, its tenant stops."""
    await race(partial(dispatch, shop, session_id))
    acts = [
        partial(stop_session, shop.owner, session_id),
        partial(stop_session, shop.owner, session_id),
        partial(cancel_session, shop.owner, session_id),
    ]
    outcomes = await race(*acts)
    assert outcomes.count("won") <= 1, outcomes
    await settle_session(shop.tenant_id, session_id)
    return (await session_of(shop, session_id)).state


async def test_the_hold_of_whoever_wins_is_settled_once(shop):
    """One decision wins; whatever a cancel, two dispatchers and two stops do with it, the credits
    were held at most once and every one of them came back once.
    """
    await desk_says(undo_seconds=0)
    mira = await make_moderator()
    await fund(shop)
    held = 0
    later_ms_max: float = LATER_MS_MAX
    for number in range(ROUNDS):
        session, case_id = await submitted(shop, number)
        lease = await claim_case(mira, shop.tenant_id, case_id)
        at = (shop.tenant_id, case_id)
        outcomes = await race(
            partial(decide_case, mira, *at, ruling(lease)),
            # Refusals win too often for a hold to be seen: in every third round there is one.
            *([partial(decide_case, mira, *at, ruling(lease, "refuse"))] * (number % 3 == 0)),
            *([partial(cancel_session, shop.owner, session.id)] * (number % 2)),
            partial(edit, shop, session),
            partial(dispatch, shop, session.id),
            partial(dispatch, shop, session.id),
            *([partial(kill_session, mira, at[0], session.id, reason="race")] * (number % 5 == 0)),
            ahead=None if held else 0,
            later_ms_max=later_ms_max,
        )
        assert outcomes.count("won") >= 1, outcomes
        state = await finished(shop, session.id)
        assert state in ENDS or state is SessionState.DRAFT, (state, outcomes)
        transfers = await transfers_of(shop, session.id)
        assert [kind for kind, _ in transfers] in ([], ["held", "released"]), (number, transfers)
        assert len({amount for _, amount in transfers}) <= 1, (number, transfers)
        assert await credits_of(shop) == (CREDITS, 0), (number, transfers)
        held += len(transfers) // 2
        later_ms_max = min(2 * later_ms_max, 5_000)  # until one approval was in time
    assert held
    print("held and released:", held, "of", ROUNDS)
