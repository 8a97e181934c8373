"""Every state a session reaches by the steps of the product × everything a person may ask of it:
what the table allows goes where it says, anything else is a 409 and changes nothing.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from backend.campaigns.service.moves import read_session
from backend.campaigns.states import SessionEvent as E, SessionState as S, target
from backend.db.scope import tenant_scope
from backend.delivery.service.starting import start_approved, start_due
from backend.kernel.principal import system
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.leases import claim_case
from backend.moderation.service.screening import screen_session
from tests.campaigns.test_http import owner
from tests.moderation.factories import a_gateway_stands, case_ids, later, make_moderator, ruling
from tests.schedules.factories import ZONE, local_in
from tests.schedules.test_over_http import submitted

__all__ = ["owner"]  # the fixture
pytestmark = pytest.mark.anyio
Ask = Callable[[Any, str], Awaitable[Any]]


def post(verb: str, body: Callable[[], dict[str, Any]] = dict) -> Ask:
    return lambda owner, path: owner.post(f"{path}/{verb}", body())


def a_time() -> dict[str, str]:
    return {"local": local_in(hours=1), "zone": ZONE}


async def submit(owner: Any, path: str) -> Any:
    quote = await owner.post(f"{path}/quotes")
    if quote.status_code != 201:
        return quote
    agreed = {"quote_id": quote.json()["id"], "ceiling_credits": quote.json()["ceiling_credits"]}
    return await owner.post(f"{path}/submit", agreed)


# What a person asks → the events it may be, by the state it is asked in.
ASKED: dict[str, tuple[Ask, tuple[E, ...]]] = {
    "submit": (submit, (E.SUBMIT, E.EDIT)),
    "discard": (post("discard"), (E.DISCARD,)),
    "cancel": (post("cancel"), (E.CANCEL, E.DISCARD)),
    "pause": (post("pause"), (E.PAUSE, E.RAISE_PAUSE)),
    "resume": (post("resume"), (E.RESUME,)),
    "stop": (post("stop"), (E.STOP,)),
    "confirm": (post("confirm", lambda: {"ceiling_credits": 10_000}), (E.CONFIRM,)),
    "send_now": (post("send-now"), (E.SEND_NOW, E.SUBMIT_AGAIN)),
    "reschedule": (post("reschedule", a_time), (E.MOVE_TIME, E.SUBMIT_AGAIN)),
}
# A missed session whose approval is valid goes straight on; the others to screening.
MISSED = {"send_now": S.PREPARING, "reschedule": S.SCHEDULED}


async def decide(tenant_id: UUID, verdict: str) -> None:
    moderator = await make_moderator()
    (case_id,) = await case_ids(tenant_id)
    lease = await claim_case(moderator, tenant_id, case_id)
    await decide_case(moderator, tenant_id, case_id, ruling(lease, verdict))


async def bring(owner: Any, state: S) -> str:
    """A fresh session in this state, by real steps; its path."""
    await a_gateway_stands()
    session = await submitted(owner, local=local_in(hours=2), zone=ZONE)
    path = f"/v1/sessions/{session['id']}"
    ids = UUID(owner.tenant_id), UUID(session["id"])
    if state in {S.DRAFT, S.SCREENING}:
        if state is S.DRAFT:
            assert (await owner.post(f"{path}/cancel")).json()["state"] == "draft"
        return path
    await screen_session(*ids)
    if state is S.AWAITING_VALIDATION:
        return path
    await decide(ids[0], "refuse" if state is S.REFUSED else "approve")
    if state in {S.REFUSED, S.APPROVED}:
        return path
    await start_approved(*ids)
    if state in {S.PREPARING, S.MISSED}:
        later(hours=2 if state is S.PREPARING else 4, seconds=1)
        await start_due()
    if state is S.CANCELLED:
        await owner.post(f"{path}/cancel")
    return path


async def version_of(owner: Any, path: str) -> tuple[S, int]:
    async with tenant_scope(system("test", UUID(owner.tenant_id))) as scope:
        session = await read_session(scope, UUID(path.rsplit("/", 1)[1]))
    return session.state, session.state_version


REACHED = [
    *(S.DRAFT, S.SCREENING, S.AWAITING_VALIDATION, S.APPROVED, S.SCHEDULED, S.PREPARING),
    *(S.MISSED, S.REFUSED, S.CANCELLED),
]


@pytest.mark.parametrize("state", REACHED)
async def test_what_a_person_may_ask_and_what_not(owner, state):
    """First everything that is refused, on one session; then each that is not, on its own."""
    path = await bring(owner, state)
    before = await version_of(owner, path)
    assert before[0] is state
    allowed = []
    for name, (ask, events) in ASKED.items():
        if any(target(state, event) for event in events):
            allowed.append(name)
            continue
        answer = await ask(owner, path)
        assert answer.status_code == 409, (name, answer.text)
        assert answer.json()["code"] in {"not_in_state", "not_sending", "not_paused"}, answer.text
        assert await version_of(owner, path) == before, name
    assert allowed or state in {S.REFUSED, S.CANCELLED}


ALLOWED = [
    (state, name)
    for state in (S.DRAFT, S.SCREENING, S.AWAITING_VALIDATION, S.SCHEDULED, S.PREPARING, S.MISSED)
    for name, (_, events) in ASKED.items()
    if any(target(state, event) for event in events)
]


@pytest.mark.parametrize(("state", "name"), ALLOWED)
async def test_what_is_allowed_goes_where_the_table_says(owner, state, name):
    path = await bring(owner, state)
    ask, events = ASKED[name]
    expected = next(to for event in events if (to := target(state, event)))
    if state is S.MISSED:
        expected = MISSED.get(name, expected)
    answer = await ask(owner, path)
    assert answer.status_code == 200, answer.text
    assert (await version_of(owner, path))[0] is expected
