"""Messages of our own, to a real carrier: once, without a receipt, and not while all is stopped."""

from datetime import timedelta

import httpx
import pytest

from backend.campaigns.service.switches import set_switch
from backend.db.scope import doorway_scope, platform_scope
from backend.delivery.queries import system_messages
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.system_messages import (
    TRY_AGAIN_SECONDS,
    are_due,
    expire_system_messages,
    judged,
    send_system_messages,
)
from backend.gateways.port import Outcome, OutcomeKind as K, Permanence
from backend.kernel import clock
from backend.kernel.principal import system
from tests.delivery.factories import make_gateway, sending

pytestmark = pytest.mark.anyio
PHONE = "+4791000000"


async def queued(gateway_id, body="You get no more messages.", suffix="0001"):
    draft = system_messages.SystemMessageDraft(
        "help", f"test:{suffix}", gateway_id, f"{PHONE[:-4]}{suffix}", "Nordlys", body
    )
    async with doorway_scope("receipt", system("test")) as scope:
        expires_at = scope.now + timedelta(hours=1)
        since = scope.now - timedelta(days=1)
        assert await system_messages.queue(
            scope, draft, expires_at=expires_at, since=since, per_number_max=5
        )


async def states():
    async with platform_scope(system("test"), "test") as scope:
        return [
            (row["state"], row["tries"])
            for row in await scope.rows("SELECT state, tries FROM system_messages ORDER BY id")
        ]


async def test_it_reaches_the_handset_once_and_asks_for_no_receipt(database, tmp_path):
    async with sending(tmp_path) as out:
        await queued(out.gateway_id, "Hei på deg 👋 " * 12)
        assert await are_due()
        assert await send_system_messages(out.carriers) == 1
        assert await send_system_messages(out.carriers) == 0
        assert await states() == [("accepted", 1)]
        assert not await are_due()
        kinds = [record.kind for record in out.simulator.truth()]
        assert set(kinds) == {"accepted"}
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{out.simulator.http_port}/handsets.json"
            (shown,) = (await client.get(url)).json()
        assert shown["text"] == "Hei på deg 👋 " * 12
        assert shown["stat"] == "DELIVRD", "asked for or not, the handset has it"


async def test_refused_for_now_goes_again_and_for_good_does_not(database, tmp_path):
    async with sending(tmp_path, "perfect,throttled_rate=1") as out:
        await queued(out.gateway_id)
        await send_system_messages(out.carriers)
        assert await states() == [("queued", 1)]
        assert await send_system_messages(out.carriers) == 0, "not at once"
    async with sending(tmp_path, "perfect,refused_rate=1") as out:
        await queued(out.gateway_id, suffix="0002")
        await send_system_messages(out.carriers)
        assert (await states())[1] == ("rejected", 1)
        clock.set_offset(timedelta(seconds=TRY_AGAIN_SECONDS + 1))
        assert await send_system_messages(out.carriers) == 0, "its own gateway is not here"


async def test_what_is_not_known_is_never_sent_again(database, tmp_path):
    async with sending(tmp_path, "perfect,drop_rate=1") as out:
        await queued(out.gateway_id)
        await send_system_messages(out.carriers)
        assert await states() == [("unconfirmed", 1)]
        clock.set_offset(timedelta(minutes=10))
        assert await send_system_messages(out.carriers) == 0


async def test_nothing_leaves_while_the_platform_is_stopped(database, tmp_path):
    async with sending(tmp_path) as out:
        await queued(out.gateway_id)
        async with platform_scope(system("test"), "test") as scope:
            await set_switch(scope, None, is_on=True, reason="test")
        assert await send_system_messages(out.carriers) == 0
        async with platform_scope(system("test"), "test") as scope:
            await set_switch(scope, None, is_on=False, reason="test")
        assert await send_system_messages(out.carriers) == 1


async def test_a_dead_lease_is_unconfirmed_and_an_old_answer_is_no_answer(database, tmp_path):
    gateway_id, _ = await make_gateway(1)
    await queued(gateway_id)
    await queued(gateway_id, suffix="0002")
    async with platform_scope(system("test"), "test") as scope:
        until = scope.now + timedelta(seconds=45)
        (claimed,) = await system_messages.claim(scope, [gateway_id], until, 1)
    assert await send_system_messages(Carriers(tmp_path / "journals")) == 0
    assert await expire_system_messages() == 0
    clock.set_offset(timedelta(hours=2))
    assert await expire_system_messages() == 2
    assert await states() == [("unconfirmed", 1), ("expired", 0)]
    async with platform_scope(system("test"), "test") as scope:
        late = await system_messages.record(
            scope, claimed, system_messages.SystemOutcome("accepted"), scope.now
        )
    assert not late, "a late answer changes nothing"


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([], "queued"),
        ([(K.NOT_WRITTEN, None)], "queued"),
        ([(K.REFUSED, Permanence.TEMPORARY)], "queued"),
        ([(K.REFUSED, Permanence.PERMANENT)], "rejected"),
        ([(K.ACCEPTED, None), (K.REFUSED, Permanence.TEMPORARY)], "accepted"),
        ([(K.ACCEPTED, None), (K.IN_DOUBT, None)], "unconfirmed"),
        ([(K.NOT_WRITTEN, None), (K.REFUSED, Permanence.PERMANENT)], "rejected"),
    ],
)
def test_only_what_the_carrier_cannot_have_goes_again(outcomes, state):
    told = [
        Outcome("key", part, kind, permanence=permanence)
        for part, (kind, permanence) in enumerate(outcomes)
    ]
    assert judged(told).state == state
