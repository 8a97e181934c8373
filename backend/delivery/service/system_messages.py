"""Messages of our own on their way: claimed, committed, submitted, recorded, as every message is.

What was claimed and never answered is not known and is not sent again. They ask for no receipt:
one would be nobody's, and might be taken for that of a tenant's message to the same handset.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from backend.db.scope import platform_scope
from backend.delivery.queries import system_messages as queries
from backend.delivery.queries.system_messages import SystemOutcome
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.claiming import GSM7_DATA_CODING, UCS2_DATA_CODING
from backend.gateways.port import (
    Gateway,
    Outcome,
    OutcomeKind,
    Permanence,
    Submission,
    clock_seconds,
)
from backend.kernel import faults
from backend.kernel.principal import system
from backend.sms import segments
from backend.sms.encoding import Encoding, choose

CLAIM_ROWS_MAX = 100
LEASE_SECONDS = 45
SUBMIT_TIMEOUT_SECONDS = 10.0
TRY_AGAIN_SECONDS = 30
VALIDITY_SECONDS = 6 * 3600
VALIDITIES_SECONDS = {"verification": 600}
"""A code that comes later than it is good for only confuses."""


async def send_system_messages(carriers: Carriers) -> int:
    """Those whose gateway is bound in this process; returns how many were handed over."""
    ready = [gateway_id for gateway_id in carriers.gateways if carriers.ready(gateway_id)]
    if not ready or carriers.is_closing:
        return 0
    claimed_at = clock_seconds()
    async with platform_scope(system("system messages"), "claim system messages") as scope:
        if await queries.is_platform_stopped(scope):
            return 0
        until = scope.now + timedelta(seconds=LEASE_SECONDS)
        rows = await queries.claim(scope, ready, until, CLAIM_ROWS_MAX)
    faults.point("system_message.claimed")
    by_gateway: dict[UUID, list[asyncpg.Record]] = {}
    for row in rows:
        by_gateway.setdefault(row["gateway_id"], []).append(row)
    for gateway_id, mine in by_gateway.items():
        await _submit(carriers.ready(gateway_id), mine, claimed_at)
    return len(rows)


async def _submit(
    gateway: Gateway | None, rows: Sequence[asyncpg.Record], claimed_at: float
) -> None:
    outcomes: list[Outcome] = []
    if gateway is not None:
        outcomes = await gateway.submit_window(
            [_submission(row) for row in rows],
            timeout_seconds=SUBMIT_TIMEOUT_SECONDS,
            claimed_at=claimed_at,
        )
    faults.point("system_message.answered")
    told: dict[UUID, list[Outcome]] = {row["id"]: [] for row in rows}
    for outcome in outcomes:
        if isinstance(outcome.key, UUID):
            told[outcome.key].append(outcome)
    async with platform_scope(system("system messages"), "record system messages") as scope:
        again_at = scope.now + timedelta(seconds=TRY_AGAIN_SECONDS)
        for row in rows:
            await queries.record(scope, row, judged(told[row["id"]]), again_at)


def _submission(row: asyncpg.Record) -> Submission:
    is_gsm = choose(row["body"]) is Encoding.GSM7
    return Submission(
        key=row["id"],
        destination=row["phone"],
        sender=row["sender"],
        body_parts=tuple(segments.split(row["body"])),
        data_coding=GSM7_DATA_CODING if is_gsm else UCS2_DATA_CODING,
        validity_seconds=VALIDITIES_SECONDS.get(row["kind"], VALIDITY_SECONDS),
        wants_receipt=False,
    )


def judged(outcomes: Sequence[Outcome]) -> SystemOutcome:
    """Of one try. Only what no part of can have reached the carrier goes again."""
    kinds = {outcome.kind for outcome in outcomes}
    code = next((outcome.code for outcome in outcomes if outcome.code), "")
    taken = tuple(outcome.carrier_id for outcome in outcomes if outcome.carrier_id)
    if OutcomeKind.IN_DOUBT in kinds:
        return SystemOutcome("unconfirmed", code, taken)
    if OutcomeKind.ACCEPTED in kinds:
        return SystemOutcome("accepted", code, taken)
    refused = [outcome for outcome in outcomes if outcome.kind is OutcomeKind.REFUSED]
    if any(outcome.permanence is not Permanence.TEMPORARY for outcome in refused):
        return SystemOutcome("rejected", code)
    return SystemOutcome("queued", code)


async def are_due() -> bool:
    async with platform_scope(system("clock"), "due system messages") as scope:
        return await queries.due(scope) > 0


async def expire_system_messages() -> int:
    async with platform_scope(system("clock"), "expire system messages") as scope:
        return await queries.expire(scope)
