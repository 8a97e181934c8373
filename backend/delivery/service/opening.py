"""A sending process opens the gateways that stand in the table, and keeps saying which work."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from backend.db.scope import platform_scope
from backend.delivery.service.carriers import DRAIN_SECONDS_MAX, Carriers
from backend.delivery.service.claiming import SubmissionKey
from backend.delivery.service.inbound import store_inbound
from backend.delivery.service.late_answers import record_late_answers
from backend.delivery.service.measuring import tell_health
from backend.delivery.service.receipts import store_receipts
from backend.gateways.config import GatewayConfig, HttpJsonConfig
from backend.gateways.desk.links import note_links
from backend.gateways.desk.service import CALLBACK_PATH
from backend.gateways.port import InboundMessage, Listeners, Outcome, Receipt, clock_seconds
from backend.gateways.registry import connect
from backend.gateways.service import (
    create_gateway,
    has_gateways,
    note_working,
    set_gateway_state,
    standing_gateways,
)
from backend.gateways.states import GatewayState
from backend.kernel.errors import ClearsendError, Conflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.settings import Settings

REFRESH_SECONDS: Final = 5.0
SIMULATOR_ACCOUNT: Final = "clearsend"
SIMULATOR_HTTP_SECRET: Final = "carrier-http-secret"  # noqa: S105 - as above, over HTTP
SIMULATOR_PASSWORD: Final = "carrier1"  # noqa: S105 - what the simulator asks for by default
_log = structlog.get_logger("clearsend.delivery")


def listeners_of(carriers: Carriers, gateway_id: UUID) -> Listeners:
    async def on_receipts(receipts: Sequence[Receipt]) -> None:
        carriers.meter.received(gateway_id, receipts, clock_seconds())
        await store_receipts(carriers, gateway_id, receipts)

    async def on_messages(messages: Sequence[InboundMessage]) -> None:
        await store_inbound(gateway_id, messages)

    async def on_late_outcomes(outcomes: Sequence[Outcome]) -> None:
        # One of ours that nobody paid for stays unconfirmed: nothing hangs on knowing better.
        paid = [outcome for outcome in outcomes if isinstance(outcome.key, SubmissionKey)]
        await record_late_answers(gateway_id, paid)

    return Listeners(on_receipts, on_messages, on_late_outcomes)


async def refresh(carriers: Carriers, secret_key: str, *, may_reach_private: bool = False) -> None:
    """Opens what was added or changed, closes what was disabled, says which are bound and how they
    fare.
    """
    async with platform_scope(system("gateways"), "open gateways") as scope:
        standing = {gateway.id: gateway for gateway in await standing_gateways(scope, secret_key)}
    carriers.standing = standing
    for gateway_id in list(carriers.gateways):
        now = standing.get(gateway_id)
        if now is None or carriers.configs.get(gateway_id, now.config) != now.config:
            # A changed one is closed first: some carriers take no second login beside it.
            await carriers.gateways.pop(gateway_id).close(drain_seconds=DRAIN_SECONDS_MAX)
    for gateway_id, gateway in standing.items():
        if gateway_id not in carriers.gateways:
            opened = connect(
                gateway.config,
                listeners_of(carriers, gateway_id),
                may_reach_private=may_reach_private,
            )
            carriers.gateways[gateway_id] = opened
            carriers.configs[gateway_id] = gateway.config
            await opened.start()
    working = [gateway_id for gateway_id in carriers.gateways if carriers.ready(gateway_id)]
    if working:
        await note_working(working)
    versions = {gateway_id: gateway.version for gateway_id, gateway in standing.items()}
    await note_links(carriers.gateways, versions)
    await tell_health(carriers)


async def keep_open(
    carriers: Carriers, secret_key: str, *, may_reach_private: bool = False
) -> None:
    """Until cancelled. The first seconds look often, so that a start is not a wait."""
    pause = 0.2
    while not carriers.is_closing:
        try:
            await refresh(carriers, secret_key, may_reach_private=may_reach_private)
        except (ClearsendError, OSError, asyncpg.PostgresError) as error:
            _log.warning("gateways not refreshed", error=str(error))
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, REFRESH_SECONDS)


async def ensure_simulator_gateway(settings: Settings) -> None:
    """A machine without any gateway sends through the simulator that was started with it."""
    if not settings.simulator_smpp_port or not settings.secret_key:
        return
    async with platform_scope(system("gateways"), "any gateway") as scope:
        if await has_gateways(scope):
            return
    config = GatewayConfig(
        name="Simulator",
        host="127.0.0.1",
        port=settings.simulator_smpp_port,
        system_id=SIMULATOR_ACCOUNT,
        password=SIMULATOR_PASSWORD,
    )
    who = system("gateways")
    with suppress(Conflict):  # another process was first
        await create_gateway(who, settings.secret_key, config)
        if settings.demo and settings.simulator_http_port:
            # To look at, and to resume: until then everything takes the first way.
            gateway_id = uuid7()
            over_http = _over_http(settings, gateway_id)
            await create_gateway(who, settings.secret_key, over_http, gateway_id)
            await set_gateway_state(who, gateway_id, GatewayState.DRAINING)


def _over_http(settings: Settings, gateway_id: UUID) -> HttpJsonConfig:
    return HttpJsonConfig(
        name="Simulator over HTTP",
        url=f"http://127.0.0.1:{settings.simulator_http_port}/v1",
        secret=SIMULATOR_HTTP_SECRET,
        callback_url=f"http://127.0.0.1:{settings.port}{CALLBACK_PATH.format(gateway_id)}",
    )
