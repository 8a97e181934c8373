"""The same desk at the real door: cases of several tenants, people who vanish in the middle."""

import os
import random
from datetime import timedelta

import pytest

from backend.db.scope import platform_scope
from backend.kernel import clock
from backend.kernel.errors import ClearsendError
from backend.kernel.principal import system
from backend.moderation.schemas.decisions import DecisionInput
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.leases import claim_next_case
from backend.moderation.service.submissions import submit_sender
from backend.moderation.service.undoing import settle_votes
from backend.moderation.states import LEASE_MINUTES, Verdict
from backend.templates.schemas import SenderCreate
from backend.templates.service.senders import STANDING_SENDERS_MAX, request_sender
from tests.campaigns.factories import make_shop
from tests.moderation.factories import make_moderator, rows_that_differ
from tests.moderation.test_voting import desk_says

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1_800)]
CASES = int(os.environ.get("CLEARSEND_DESK_CASES", "60"))
"""`make soak` asks with 5,000, and another seed in each round."""
SEED = int(os.environ.get("CLEARSEND_DESK_SEED", "4"))
CASES_PER_SHOP_MAX = STANDING_SENDERS_MAX - 1
"""One stands from the beginning."""
MODERATORS = 6
VANISH_CHANCE = 0.2


async def test_none_is_lost_and_none_is_decided_twice(database):
    dice = random.Random(SEED)
    before = clock.offset()
    await desk_says()
    shops = [await make_shop() for _ in range(max(3, -(-CASES // CASES_PER_SHOP_MAX)))]
    for number in range(CASES):
        owner = shops[number % len(shops)].owner
        made = await request_sender(owner, SenderCreate(sender=f"SHOP{number}"))
        await submit_sender(owner, made.id)
    moderators = [await make_moderator(f"M{number}") for number in range(MODERATORS)]
    votes = vanished = 0
    try:
        for _ in range(20 * CASES):
            if votes >= CASES:
                break
            moderator = dice.choice(moderators)
            clock.set_offset(clock.offset() + timedelta(seconds=dice.randint(1, 90)))
            await settle_votes()
            try:
                lease = await claim_next_case(moderator)
            except ClearsendError as empty:
                assert empty.code == "queue_empty"  # noqa: PT017 - what is left is held
                clock.set_offset(clock.offset() + timedelta(minutes=LEASE_MINUTES))
                continue
            if dice.random() < VANISH_CHANCE:
                vanished += 1
                continue
            given = DecisionInput(
                verdict=Verdict.APPROVE,
                content_hash=lease.content_hash,
                lease_fence=lease.lease_fence,
            )
            await decide_case(moderator, lease.tenant_id, lease.case_id, given)
            votes += 1
        clock.set_offset(clock.offset() + timedelta(minutes=1))
        await settle_votes()
    finally:
        clock.set_offset(before)
    assert vanished > 0
    async with platform_scope(system("test"), "test") as scope:
        states = await scope.rows("SELECT state, count(*) AS n FROM cases GROUP BY state")
        decisions = await scope.value("SELECT count(*) FROM decisions")
    assert [(row["state"], row["n"]) for row in states] == [("decided", CASES)]
    assert decisions == CASES
    assert not await rows_that_differ()
