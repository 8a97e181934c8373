"""Do the promises about sending hold? Read afresh from the rows, and from the carrier's truth log
where the carrier is the simulator.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from pathlib import Path
from uuid import UUID

from backend.db.scope import platform_scope
from backend.delivery.queries import proof
from backend.gateways.service import every_gateway
from backend.gateways.simulator import truth
from backend.gateways.simulator.truth import TruthRecord
from backend.gateways.smpp.receipts import normal_id, other_ids
from backend.kernel.ids import NIL_ID
from backend.kernel.principal import Principal

TENANTS_PER_PAGE = 200
RECORDS_PER_PAGE = 5_000


async def prove_delivery(principal: Principal) -> AsyncIterator[str]:
    """Promises 1 (per session), 5 and 10, tenant by tenant."""
    last = NIL_ID
    while True:
        async with platform_scope(principal, "prove delivery") as scope:
            tenants = await proof.tenants(scope, last, TENANTS_PER_PAGE)
        for tenant_id in tenants:
            for check, sql in proof.CHECKS.items():
                async with platform_scope(principal, "prove delivery") as scope:
                    rows = await scope.rows(sql, tenant_id)
                for row in rows:
                    yield (
                        f"{check}: tenant {tenant_id}, {row['subject']}:"
                        f" expected {row['expected']}, found {row['found']}"
                    )
        if len(tenants) < TENANTS_PER_PAGE:
            return
        last = tenants[-1]


def _pages(records: Iterator[TruthRecord]) -> Iterator[list[TruthRecord]]:
    while page := list(islice(records, RECORDS_PER_PAGE)):
        yield page


def _phone(record: TruthRecord) -> str:
    return f"+{record.destination.lstrip('+')}"


async def prove_no_double_send(principal: Principal, path: Path) -> AsyncIterator[str]:
    """Promise 2 against what the carrier says it accepted.

    A message's part accepted under two attempts needs proof that the earlier one had failed; a
    part we know nothing of must belong to an attempt that is in doubt.
    """
    attempts: dict[tuple[UUID, UUID, int], set[int]] = defaultdict(set)
    accepted = (record for record in truth.read(path) if record.kind == "accepted")
    for page in _pages(accepted):
        known = await _known(principal, page)
        strangers = []
        for record in page:
            row = next((known[i] for i in _ids(record) if i in known), None)
            if row is None:
                strangers.append(record)
            else:
                attempts[row[0], row[1], row[2]].add(row[3])
        async for violation in _in_doubt(principal, strangers):
            yield violation
    repeated = {key: numbers for key, numbers in attempts.items() if len(numbers) > 1}
    for (tenant_id, session_id, n), numbers in repeated.items():
        for attempt in sorted(numbers)[:-1]:
            async with platform_scope(principal, "prove delivery") as scope:
                licensed = await scope.value(proof.LICENSED, tenant_id, session_id, n, attempt)
            if not licensed:
                yield (
                    f"promise 2, no double send: message {session_id}/{n} was accepted again"
                    f" after attempt {attempt} without proof that it had failed"
                )


def _ids(record: TruthRecord) -> tuple[str, ...]:
    normal = normal_id(record.carrier_id)
    return (normal, *other_ids(normal))


async def _known(
    principal: Principal, page: Sequence[TruthRecord]
) -> dict[str, tuple[UUID, UUID, int, int]]:
    wanted = sorted({carrier_id for record in page for carrier_id in _ids(record)})
    async with platform_scope(principal, "prove delivery") as scope:
        rows = await scope.rows(proof.KNOWN_PARTS, await every_gateway(scope), wanted)
    return {
        row["carrier_id"]: (row["tenant_id"], row["session_id"], row["n"], row["attempt"])
        for row in rows
    }


async def _in_doubt(principal: Principal, strangers: list[TruthRecord]) -> AsyncIterator[str]:
    if not strangers:
        return
    async with platform_scope(principal, "prove delivery") as scope:
        phones = sorted({_phone(record) for record in strangers})
        rows = await scope.rows(proof.IN_DOUBT, phones)
        ids = sorted({carrier_id for record in strangers for carrier_id in _ids(record)})
        ours = {row["carrier_id"] for row in await scope.rows(proof.OURS, ids)}
    doubtful = {row["phone"] for row in rows}
    for record in strangers:
        if _phone(record) not in doubtful and ours.isdisjoint(_ids(record)):
            yield (
                "promise 2, no double send: the carrier accepted"
                f" {record.carrier_id}, which no attempt of ours explains"
            )
