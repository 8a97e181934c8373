"""What Stripe posts: kept once when it is signed by our secret, and nothing of it otherwise."""

import json
import time

import pytest

from backend.billing.payments import use_payments
from backend.billing.purchase_states import EVENT_BODY_BYTES_MAX, EVENT_TRIES_MAX
from backend.billing.schemas.purchases import ProblemResolution
from backend.billing.service import inbox
from backend.kernel.errors import StateConflict
from backend.kernel.principal import StaffRole
from tests.billing.buying import (
    account,
    bought,
    deliver,
    later_by,
    of_platform,
    problems,
    told,
    work_off,
)
from tests.billing.stripe_account import StripeAccount, signed
from tests.factories import staff

__all__ = ["account"]
pytestmark = pytest.mark.anyio
PATH = "/v1/stripe/events"


async def kept() -> list[str]:
    return [row["state"] for row in await of_platform("SELECT state FROM stripe_inbox")]


@pytest.fixture
async def stripe(world):
    made = StripeAccount()
    use_payments(made)
    yield made
    use_payments(None)
    await made.close()


def an_event(made: StripeAccount, **changed: object) -> bytes:
    return made.body_of("evt_1", "payment_intent.succeeded", "pi_1", **changed)


async def post(world, body: bytes, signature: str | None):
    headers = {} if signature is None else {"stripe-signature": signature}
    return await world.client().post(PATH, content=body, headers=headers)


async def test_a_signed_event_is_kept_once_whoever_asks_without_cookie(world, stripe):
    body = an_event(stripe)
    for _ in range(3):
        answer = await post(world, body, signed(body))
        assert answer.status_code == 200, answer.text
    assert await kept() == ["waiting"]


async def test_what_is_not_signed_by_us_is_refused_and_not_kept(world, stripe):
    body = an_event(stripe)
    live, foreign = an_event(stripe, livemode=True), an_event(stripe, account="acct_other")
    rewritten = json.dumps(json.loads(body), indent=1).encode()
    refused = [
        (body, None),
        (body, "garbage"),
        (body, signed(body, "whsec_other")),
        (body, signed(body, at=time.time() - 400)),
        (rewritten, signed(body)),
        (live, signed(live)),
        (foreign, signed(foreign)),
        (b"", signed(b"")),
        (b"not json", signed(b"not json")),
    ]
    for content, signature in refused:
        answer = await post(world, content, signature)
        assert answer.status_code == 400, (content, answer.text)
        assert answer.json()["code"] == "signature_invalid"
    large = b" " * (EVENT_BODY_BYTES_MAX + 1)
    assert (await post(world, large, signed(large))).status_code == 413
    assert await kept() == []
    assert stripe.refused_events == len(refused)


async def test_a_type_that_concerns_nothing_is_answered_and_ignored(account):
    account.say("customer.created", "cus_1")
    await told(account)
    assert await kept() == ["ignored"]


async def test_an_event_about_what_has_no_id_is_answered_and_ignored(account):
    body = account.body_of("evt_1", "balance.available", "", data={"object": {"object": "balance"}})
    await inbox.receive_event(body, signed(body))
    await work_off()
    assert await kept() == ["ignored"]


async def test_events_wait_while_stripe_does_not_answer(account):
    view = await bought()
    account.pay(view)
    account.is_down = True
    await told(account)
    assert await kept() == ["waiting", "waiting"]
    account.is_down = False
    with later_by(minutes=1):
        await work_off()
    assert await kept() == ["done", "done"]


async def test_one_that_never_works_is_given_up_and_told_and_holds_up_nobody(account):
    account.say("payment_intent.succeeded", "pi_of_nobody")
    view = await bought()
    account.pay(view)
    await deliver(account)
    for number in range(EVENT_TRIES_MAX):
        with later_by(hours=2 * number):
            await work_off()
    assert sorted(await kept()) == ["done", "done", "given_up"]
    assert await problems() == ["event_given_up"]
    finance = staff(StaffRole.FINANCE)
    (problem,) = (await inbox.list_problems(finance)).items
    given = ProblemResolution(resolution="looked into it: a test of theirs")
    done = await inbox.resolve_problem(finance, problem.id, given)
    assert done.resolved_by == finance.actor
    with pytest.raises(StateConflict, match="problem_resolved"):
        await inbox.resolve_problem(finance, problem.id, given)
    assert (await inbox.list_problems(finance)).items == []


async def test_bodies_are_forgotten_before_rows(account):
    account.pay(await bought())
    await told(account)
    with later_by(days=31):
        await inbox.forget_old_events()
        rows = await of_platform("SELECT body FROM stripe_inbox")
        assert [row["body"] for row in rows] == [None, None]
    with later_by(days=401):
        await inbox.forget_old_events()
    assert await kept() == []
