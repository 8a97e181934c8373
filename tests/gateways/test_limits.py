"""Throughput of a gateway and of a sender is granted once, over all processes."""

import asyncio
import sys
from itertools import pairwise

import pytest

from backend.db.scope import platform_scope
from backend.gateways.service import (
    grant_sender_throughput,
    grant_throughput,
    limit_sender,
    standing_gateways,
)
from backend.kernel.principal import system
from tests.delivery.factories import ROOT, make_gateway

pytestmark = pytest.mark.anyio

ROUNDS = 25
SEGMENTS = 20
RATE = 4.0
SPAN = SEGMENTS / RATE


async def _grants(url, gateway_id, sender) -> list[float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.gateways.granter", url, str(gateway_id), sender),
        *(str(value) for value in (ROUNDS, SEGMENTS, RATE)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    return [float(line) for line in told.split()]


@pytest.mark.parametrize("sender", ["", "Nordlys"])
async def test_two_processes_share_one_rate(database, sender):
    gateway_id, _ = await make_gateway(1)
    both = await asyncio.gather(
        *(_grants(database.login_url, gateway_id, sender) for _ in range(2))
    )
    begins = sorted(both[0] + both[1])
    assert len(begins) == 2 * ROUNDS
    # Each begins where the one before ends; a slack for the time a grant takes to be told.
    assert min(later - earlier for earlier, later in pairwise(begins)) > SPAN - 2
    assert begins[-1] - begins[0] >= (2 * ROUNDS - 1) * SPAN - 2


async def test_what_nobody_will_use_is_not_granted(database):
    """Asking in vain must not push the others' turns into the future."""
    gateway_id, _ = await make_gateway(1)
    assert await grant_throughput(gateway_id, 20, 1.0, 15.0) == 0
    for _ in range(20):
        assert await grant_throughput(gateway_id, 20, 1.0, 15.0) is None
    wait = await grant_throughput(gateway_id, 1, 1.0, 21.0)
    assert wait == pytest.approx(20, abs=2)


async def test_senders_do_not_wait_for_each_other(database):
    gateway_id, _ = await make_gateway(1)
    assert await grant_sender_throughput(gateway_id, "Nordlys", 10, 1.0, 15.0) == 0
    assert await grant_sender_throughput(gateway_id, "Fjord", 10, 1.0, 15.0) == 0
    wait = await grant_sender_throughput(gateway_id, "Nordlys", 10, 1.0, 15.0)
    assert wait == pytest.approx(10, abs=2)
    assert await grant_sender_throughput(gateway_id, "Nordlys", 10, 1.0, 15.0) is None


async def test_a_sender_has_the_gateways_limit_or_its_own(database):
    gateway_id, _ = await make_gateway(1, throughput_segments_per_second_max=50.0)
    async with platform_scope(system("test"), "test") as scope:
        await scope.execute(
            "UPDATE gateways SET sender_segments_per_second_max = 5 WHERE id = $1", gateway_id
        )
    await limit_sender(system("test"), gateway_id, "Nordlys", 2.0)
    for sender, rate, both in (("Nordlys", 2.0, 2.0), ("Fjord", 5.0, 5.0), (None, 5.0, 5.0)):
        async with platform_scope(system("test"), "test") as scope:
            (found,) = await standing_gateways(scope, sender=sender)
        assert found.sender_segments_per_second_max == rate
        assert found.segments_per_second_max == both
    await limit_sender(system("test"), gateway_id, "Nordlys", None)
    async with platform_scope(system("test"), "test") as scope:
        (found,) = await standing_gateways(scope, sender="Nordlys")
    assert found.sender_segments_per_second_max == 5
