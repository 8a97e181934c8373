"""Parked receipts: applied when their answer is recorded, or matched to an unconfirmed attempt.

Rule X3: on plain SMPP nothing tells an unanswered submission from a lost one but its receipt. After
60 s without an owner a receipt is matched by gateway, handset, sender, time and reference.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from backend.db.scope import Scope, batch_scope, platform_scope
from backend.delivery.queries import outcomes as rows, receipts as queries
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.claiming import VALIDITY_SECONDS, Part, reference_of
from backend.delivery.service.receipts import apply_receipts, parts_of
from backend.gateways.port import Cause, Permanence, Receipt, ReceiptStatus, reference_number
from backend.kernel.principal import system

PARKED_ROWS_MAX = 5_000
MATCH_AFTER_SECONDS = 60
UNMATCHED_AFTER_HOURS = 49
"""The receipt deadline and an hour: then nobody will ever own it."""
MATCH_WINDOW = timedelta(seconds=VALIDITY_SECONDS) + timedelta(hours=24)


class _Parked:
    """What one sweep decided about the parked receipts of one gateway."""

    def __init__(self, gateway_id: UUID) -> None:
        self.gateway_id = gateway_id
        self.matched: list[tuple[Part, Receipt]] = []
        self.new_ids: list[tuple[Part, str]] = []
        self.applied: list[asyncpg.Record] = []
        self.unmatched: list[asyncpg.Record] = []


async def apply_parked() -> int:
    """Use case of the clock: young ones, whose answer was recorded after they were parked. Returns
    how many found their message.
    """
    async with platform_scope(system("receipts"), "parked receipts") as scope:
        since = scope.now - timedelta(seconds=MATCH_AFTER_SECONDS)
        until = scope.now + timedelta(seconds=1)
        parked = await queries.waiting(scope, since, until, (since, ""), PARKED_ROWS_MAX)
        decided = await _decide_all(scope, parked)
    for one in decided:
        await _carry_out(one)
    return sum(len(one.applied) for one in decided)


async def match_parked() -> int:
    """Use case of the clock: all that nobody owned for MATCH_AFTER_SECONDS, page by page."""
    matched = 0
    after: tuple[datetime, str] | None = None
    while True:
        async with platform_scope(system("receipts"), "unowned receipts") as scope:
            since = scope.now - timedelta(days=queries.CARRIER_ID_DAYS_MAX)
            until = scope.now - timedelta(seconds=MATCH_AFTER_SECONDS)
            parked = await queries.waiting(
                scope, since, until, after or (since, ""), PARKED_ROWS_MAX
            )
            decided = await _decide_all(scope, parked)
        for one in decided:
            await _carry_out(one)
            matched += len(one.applied)
        if len(parked) < PARKED_ROWS_MAX:
            return matched
        after = (parked[-1]["received_at"], parked[-1]["carrier_id"])


async def _decide_all(scope: Scope, parked: Sequence[asyncpg.Record]) -> list[_Parked]:
    by_gateway: dict[UUID, list[asyncpg.Record]] = {}
    for row in parked:
        by_gateway.setdefault(row["gateway_id"], []).append(row)
    return [await _decide(scope, *item) for item in by_gateway.items()]


async def _decide(scope: Scope, gateway_id: UUID, parked: Sequence[asyncpg.Record]) -> _Parked:
    found = await parts_of(scope, gateway_id, [row["carrier_id"] for row in parked])
    decided = _Parked(gateway_id)
    taken: dict[tuple[UUID, int, int], int] = {}
    for row in parked:
        part = found.get(row["carrier_id"])
        age = scope.now - row["received_at"]
        if part is None and age >= timedelta(seconds=MATCH_AFTER_SECONDS):
            part = await _match(scope, gateway_id, row, taken)
            if part is not None:
                found[row["carrier_id"]] = part
                decided.new_ids.append((part, row["carrier_id"]))
        if part is not None:
            decided.matched.append((part, receipt_of(row)))
            decided.applied.append(row)
        elif age >= timedelta(hours=UNMATCHED_AFTER_HOURS):
            decided.unmatched.append(row)
    return decided


async def _match(
    scope: Scope,
    gateway_id: UUID,
    row: asyncpg.Record,
    taken: dict[tuple[UUID, int, int], int],
) -> Part | None:
    """The one attempt it can be; where several could and no reference decides, none."""
    candidates = await queries.unconfirmed_to(
        scope,
        gateway_id,
        "+" + row["source"].lstrip("+"),
        row["received_at"] - MATCH_WINDOW,
        row["received_at"],
    )
    sender = row["destination"].lstrip("+").lower()
    mine = [c for c in candidates if c["sender"].lstrip("+").lower() == sender]
    reference = row["reference_number"]
    if reference is not None:
        mine = [c for c in mine if _reference(c) == reference]
    if len(mine) != 1:
        return None
    (attempt,) = mine
    # Parts of one text cannot be told apart by their receipts: each takes the next free one.
    key = (attempt["session_id"], attempt["n"], attempt["attempt"])
    bits = taken.get(key, attempt["parts_accepted"])
    part = (~bits & (bits + 1)).bit_length() - 1
    taken[key] = bits | (1 << part)
    return Part(
        attempt["tenant_id"],
        attempt["session_day"],
        attempt["session_id"],
        attempt["n"],
        attempt["attempt"],
        part,
    )


def _reference(attempt: asyncpg.Record) -> int:
    return reference_number(reference_of(attempt["session_id"], attempt["n"], attempt["attempt"]))


def receipt_of(row: asyncpg.Record) -> Receipt:
    return Receipt(
        row["carrier_id"],
        ReceiptStatus(row["status"]),
        row["error_code"],
        Cause(row["cause"]),
        Permanence.TEMPORARY if row["is_temporary"] else Permanence.PERMANENT,
        row["done_at"],
        row["source"],
        row["destination"],
        row["reference_number"],
        row["raw"],
    )


async def _carry_out(decided: _Parked) -> None:
    if not decided.applied and not decided.unmatched:
        return
    async with batch_scope("gateway", system("receipts")) as scope:
        for part, carrier_id in sorted(decided.new_ids):
            await scope.enter(part.tenant_id)
            await rows.insert_carrier_ids(
                scope,
                SessionKey(part.session_day, part.session_id),
                scope.now.date(),
                decided.gateway_id,
                [(carrier_id, part.n, part.attempt, part.part)],
            )
            await scope.leave()
        await apply_receipts(scope, decided.matched)
        for marked, state in ((decided.applied, "applied"), (decided.unmatched, "unmatched")):
            if marked:
                await queries.mark(scope, decided.gateway_id, _keys(marked), state)


def _keys(marked: Iterable[asyncpg.Record]) -> list[tuple[date, str, str, str]]:
    return [(r["day"], r["carrier_id"], r["status"], r["error_code"]) for r in marked]
