"""Message prices: two people, a day they begin, and quotes that keep their list."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from backend.billing.desk_states import ProposalState
from backend.billing.schemas.prices import PriceProposalCreate, ProposalDecline
from backend.billing.service.price_proposals import (
    approve_prices,
    decline_prices,
    list_price_lists,
    list_price_proposals,
    propose_prices,
    read_price_list,
)
from backend.billing.service.prices import price, price_version_current
from backend.billing.states import Channel
from backend.db.scope import platform_scope
from backend.kernel import clock
from backend.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, StateConflict
from backend.kernel.principal import system
from tests.billing.desk import clerk

pytestmark = pytest.mark.anyio
NORWAY = {"country": "NO", "channel": "sms", "credits": 2}
TOMORROW = timedelta(days=1)


def proposal(*changes: Mapping[str, object], **more: object) -> PriceProposalCreate:
    body = {"base_version": 1, "changes": changes or (NORWAY,), "reason": "dearer"}
    return msgspec.convert(body | more, PriceProposalCreate)


async def in_force() -> int:
    async with platform_scope(system("test"), "test") as scope:
        return await price_version_current(scope)


async def test_two_people_put_prices_in_force(database):
    first = clerk()
    gone = {"country": "SE", "channel": "mms", "credits": None}
    same = {"country": "DK", "channel": "sms", "credits": 1}
    view = await propose_prices(first, proposal(NORWAY, gone, same, margin_percent=7))
    shown = [(one.country, one.before, one.after) for one in view.differences]
    assert shown == [("NO", 1, 2), ("SE", 3, None)]
    with pytest.raises(Forbidden, match="second_person_must_differ"):
        await approve_prices(first, view.id)
    assert await in_force() == 1
    outcomes = await asyncio.gather(
        *(approve_prices(clerk(), view.id) for _ in range(2)), return_exceptions=True
    )
    assert sum(isinstance(one, StateConflict) for one in outcomes) == 1, outcomes
    assert await in_force() == 2
    listed = await read_price_list(first, 2)
    prices = {(one.country, one.channel): one.credits for one in listed.prices}
    assert prices["NO", Channel.SMS] == 2
    assert ("SE", Channel.MMS) not in prices
    assert (listed.margin_percent, listed.is_in_force) == (7, True)
    assert (await read_price_list(first, 1)).is_in_force is False
    with pytest.raises(NotFound):
        await read_price_list(first, 3)


async def test_prices_begin_on_their_day(database, monkeypatch):
    begins = datetime.now(UTC) + TOMORROW
    view = await propose_prices(clerk(), proposal(effective_from=begins.isoformat()))
    await approve_prices(clerk(), view.id)
    assert await in_force() == 1
    summaries = (await list_price_lists(clerk())).items
    assert [(one.version, one.is_in_force) for one in summaries] == [(2, False), (1, True)]
    monkeypatch.setattr(clock, "offset", lambda: TOMORROW + timedelta(seconds=5))
    assert await in_force() == 2
    async with platform_scope(system("test"), "test") as scope:
        assert await price(scope, 1, "NO", Channel.SMS) == 1  # a quote's version stays


async def test_what_waited_past_its_day_is_proposed_anew(database, monkeypatch):
    begins = datetime.now(UTC) + TOMORROW
    view = await propose_prices(clerk(), proposal(effective_from=begins.isoformat()))
    monkeypatch.setattr(clock, "offset", lambda: 2 * TOMORROW)
    with pytest.raises(Conflict, match="effective_past"):
        await approve_prices(clerk(), view.id)
    declined = await decline_prices(clerk(), view.id, ProposalDecline(reason="too late"))
    assert declined.state is ProposalState.DECLINED
    with pytest.raises(StateConflict, match="proposal_not_pending"):
        await approve_prices(clerk(), view.id)


async def test_two_proposals_on_one_list_are_not_both_published(database):
    one, other = (
        await propose_prices(clerk(), proposal()),
        await propose_prices(clerk(), proposal({"country": "SE", "channel": "sms", "credits": 4})),
    )
    await approve_prices(clerk(), one.id)
    with pytest.raises(Conflict, match="base_outdated"):
        await approve_prices(clerk(), other.id)
    with pytest.raises(Conflict, match="base_outdated"):
        await propose_prices(clerk(), proposal())
    page = (await list_price_proposals(clerk(), state=ProposalState.PENDING)).items
    assert [view.id for view in page] == [other.id]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (proposal(NORWAY, NORWAY), "price_twice"),
        (proposal({"country": "NO", "channel": "sms", "credits": 1}), "no_change"),
        (proposal(effective_from="2020-01-01T00:00:00Z"), "effective_past"),
        (proposal(effective_from="9999-12-31T23:59:59Z"), "date_too_far"),
    ],
)
async def test_what_makes_no_list_is_refused(database, data, code):
    with pytest.raises(InvalidInput, match=code):
        await propose_prices(clerk(), data)
