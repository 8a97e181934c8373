"""Receipts: stored raw, applied, committed, and only then acknowledged to the carrier."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from backend.db.scope import BatchScope, Scope, batch_scope
from backend.delivery.queries import receipts as queries
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.changes import bring_receipts
from backend.delivery.service.claiming import Part
from backend.delivery.service.delivered import TenantReceipts
from backend.gateways.port import Receipt, ReceiptStatus
from backend.kernel import faults
from backend.kernel.ids import uuid7
from backend.kernel.principal import system

EARLY_LOOKS_MAX = 8
EARLY_LOOK_SECONDS = 0.04
"""So often and so far apart receipts look for their answer; then they are parked for the clock."""
_ENDS = (ReceiptStatus.DELIVERED,)

Matched = list[tuple[Part, Receipt]]


async def store_receipts(carriers: Carriers, gateway_id: UUID, receipts: Sequence[Receipt]) -> None:
    """Returns when they are committed; raises when they are not, so the carrier keeps them."""
    named = [_named(receipt) for receipt in receipts]
    parts = await _find_parts(carriers, gateway_id, named)
    async with batch_scope("gateway", system("receipts")) as scope:
        states = ["applied" if r.carrier_id in parts else "waiting" for r in named]
        fresh = await queries.insert_raw(scope, gateway_id, named, states)
        faults.point("receipts.stored")
        matched = [
            (parts[receipt.carrier_id], receipt)
            for receipt in named
            if receipt.carrier_id in parts
            and (receipt.carrier_id, receipt.status.value, receipt.error_code) in fresh
        ]
        await apply_receipts(scope, matched)
        faults.point("receipts.before_commit")
    carriers.forget(gateway_id, [r.carrier_id for r in named if r.status in _ENDS])


def _named(receipt: Receipt) -> Receipt:
    """One without an id gets a name of its own, or all of them would be one row."""
    if receipt.carrier_id:
        return receipt
    return msgspec.structs.replace(receipt, carrier_id=f"?{uuid7().hex}")


async def _find_parts(
    carriers: Carriers, gateway_id: UUID, receipts: Sequence[Receipt]
) -> dict[str, Part]:
    """From memory, then from the database; the answer may still be on its way into it, here or in
    another process whose link the carrier did not choose.
    """
    parts: dict[str, Part] = {}
    missing = {receipt.carrier_id for receipt in receipts}
    for waited in range(EARLY_LOOKS_MAX):
        found = {name: carriers.part(gateway_id, name) for name in missing}
        parts |= {name: part for name, part in found.items() if part is not None}
        missing -= parts.keys()
        if missing and (waited or not carriers.is_recording):
            async with batch_scope("gateway", system("receipts")) as scope:
                parts |= await parts_of(scope, gateway_id, sorted(missing))
            missing -= parts.keys()
        if not missing:
            break
        if not await carriers.wait_recorded(EARLY_LOOK_SECONDS):
            await asyncio.sleep(EARLY_LOOK_SECONDS)
    return parts


async def parts_of(scope: Scope, gateway_id: UUID, carrier_ids: Sequence[str]) -> dict[str, Part]:
    rows = await queries.find_carrier_ids(scope, gateway_id, carrier_ids)
    return {
        row["carrier_id"]: Part(
            row["tenant_id"],
            row["session_day"],
            row["session_id"],
            row["n"],
            row["attempt"],
            row["part"],
        )
        for row in rows
    }


def _by_tenant(matched: Iterable[tuple[Part, Receipt]]) -> Mapping[UUID, TenantReceipts]:
    told: dict[UUID, dict[SessionKey, dict[int, list[tuple[Part, Receipt]]]]] = {}
    session_id = None
    of_session: dict[int, list[tuple[Part, Receipt]]] = {}
    for pair in matched:
        part = pair[0]
        if part.session_id != session_id:  # seldom: a burst is of one session, or of few
            session_id = part.session_id
            of_tenant = told.setdefault(part.tenant_id, {})
            of_session = of_tenant.setdefault(SessionKey(part.session_day, session_id), {})
        of_session.setdefault(part.n, []).append(pair)
    return told


async def apply_receipts(scope: BatchScope, matched: Iterable[tuple[Part, Receipt]]) -> int:
    """Tenant by tenant, in the order of ids; leaves the scope in the doorway."""
    changed = 0
    for tenant_id, told in sorted(_by_tenant(matched).items()):
        await scope.enter(tenant_id)
        changed += await bring_receipts(scope, told)
        await scope.leave()
    return changed
