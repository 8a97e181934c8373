"""Does a gateway let us in, and does a message come through; and what waits at each."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NoReturn
from uuid import UUID

from backend.db.scope import platform_scope
from backend.delivery.queries import system_messages
from backend.delivery.queries.gateway_queues import waiting_by_gateway
from backend.delivery.queries.system_messages import SystemMessageDraft
from backend.delivery.schemas import GatewayQueue, GatewayTest, GatewayTestView
from backend.gateways.desk.credentials import Setup, config_of
from backend.gateways.desk.looking import read_gateway
from backend.gateways.port import Listeners
from backend.gateways.registry import connect
from backend.gateways.states import GatewayState
from backend.kernel.errors import Conflict, TooManyRequests, Unavailable
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal

CONNECT_SECONDS_MAX: Final = 10.0
TESTS_PER_DAY_MAX: Final = 20
TEST_EXPIRES_MINUTES: Final = 10
TEST_TEXT: Final = "Test of the gateway {name}. Nobody needs to answer."


async def list_queues(principal: Principal) -> list[GatewayQueue]:
    async with platform_scope(principal, "queues of gateways") as scope:
        rows = await waiting_by_gateway(scope)
    return [GatewayQueue(**dict(row)) for row in rows]


async def _refuse(_: Sequence[Any]) -> NoReturn:
    # What the carrier hands to a test stays the carrier's: it comes again to who can store it.
    raise Unavailable("gateway_test", "this connection is a test")


async def run_gateway_test(
    principal: Principal, setup: Setup, gateway_id: UUID, data: GatewayTest
) -> GatewayTestView:
    """Connects beside the working links and hangs up; then, where asked for, one message of our
    own to the operator's number, marked as a test and free.

    Raises NotFound, Conflict `test_phone_missing`, `gateway_disabled`, TooManyRequests.
    """
    found = await read_gateway(principal, gateway_id)
    if data.sends_message:
        if not setup.test_phone:
            detail = "no number for tests is set: CLEARSEND_TEST_PHONE"
            raise Conflict("test_phone_missing", detail)
        if found.state is GatewayState.DISABLED:
            raise Conflict("gateway_disabled", "a disabled gateway sends nothing")
    config = await config_of(principal, setup, gateway_id)
    gateway = connect(
        config,
        Listeners(_refuse, _refuse, _refuse),
        may_reach_private=setup.may_reach_private,
    )
    began = time.monotonic()
    await gateway.start()
    try:
        is_connected = await gateway.ready(timeout_seconds=CONNECT_SECONDS_MAX)
        took_ms = round((time.monotonic() - began) * 1_000)
        links = gateway.health().links
    finally:
        await gateway.close(drain_seconds=0)
    error = "" if is_connected else next((one.last_error for one in links if one.last_error), "")
    reason = f"gateway {gateway_id} tested"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        is_queued = False
        if data.sends_message:
            draft = SystemMessageDraft(
                kind="gateway_test",
                reference=f"gateway_test:{uuid7()}",
                gateway_id=gateway_id,
                phone=setup.test_phone,
                sender=setup.platform_sender,
                body=TEST_TEXT.format(name=found.name),
            )
            is_queued = await system_messages.queue(
                scope,
                draft,
                expires_at=scope.now + timedelta(minutes=TEST_EXPIRES_MINUTES),
                since=scope.now - timedelta(days=1),
                per_number_max=TESTS_PER_DAY_MAX,
            )
            if not is_queued:
                raise TooManyRequests(
                    "test_limited",
                    "the number for tests heard enough today",
                    retry_after_seconds=3600,
                )
        view = GatewayTestView(
            is_connected=is_connected, took_ms=took_ms, error=error, is_message_queued=is_queued
        )
        await scope.answer(view, 200)
    return view
