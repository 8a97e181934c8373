"""kill -9 between every two steps by which people of finance bring credits in: one top-up of one
reference, one document, one number, and what is taken back is taken back whole.
"""

import signal
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from backend.billing.desk_states import LineState
from backend.billing.service.bank import list_bank_lines, upload_bank_file
from backend.billing.service.sales import settle_top_up
from backend.billing.service.top_ups import create_top_up
from backend.billing.states import SINGLE_CLERK_TOP_UP_CREDITS_MAX
from backend.kernel.errors import Conflict
from backend.kernel.ids import uuid7
from tests.billing.buying import make_buyer, of_platform
from tests.billing.desk import clerk, top_up_of
from tests.billing.factories import topped_up
from tests.billing.statements import bank_form, camt, entry
from tests.database import CleanDatabase
from tests.faults.deeds import Item, run_deed
from tests.faults.oracle import broken_promises
from tests.faults.rounds import ITEMS, SECONDS_A_TEST_MAX, in_rounds, passes
from tests.faults.test_deed_kills import LEASES_OVER_SECONDS
from tests.ledger.factories import balance_of

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(SECONDS_A_TEST_MAX)]
LARGE = SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1


async def ready_to_enter(tenant: UUID) -> list[Item]:
    return [
        {"tenant_id": str(tenant), "key": f"bank {n}", "clerk_id": str(uuid7()), "credits": "500"}
        for n in range(ITEMS)
    ]


async def all_entered(tenant: UUID) -> None:
    rows = await of_platform("SELECT state, reference FROM top_ups ORDER BY reference")
    assert [row["state"] for row in rows] == ["credited"] * ITEMS
    assert len({row["reference"] for row in rows}) == ITEMS
    await once_each(tenant, 500)


async def once_each(tenant: UUID, amount: int) -> None:
    assert (await balance_of(tenant)).available == amount * ITEMS
    told = await of_platform("SELECT id FROM outbox WHERE topic = 'top_up.credited'")
    assert len(told) == ITEMS


async def ready_to_approve(tenant: UUID) -> list[Item]:
    items = []
    for _ in range(ITEMS):
        with pytest.raises(Conflict, match="second_person_required") as asked:
            await create_top_up(clerk(), tenant, top_up_of(LARGE))
        top_up_id = str(asked.value.facts["top_up_id"])
        items.append({"top_up_id": top_up_id, "clerk_id": str(uuid7())})
    return items


async def all_approved(tenant: UUID) -> None:
    rows = await of_platform("SELECT state, approved_by FROM top_ups")
    assert [row["state"] for row in rows] == ["credited"] * ITEMS
    await once_each(tenant, LARGE)


async def ready_to_match(tenant: UUID) -> list[Item]:
    lines = camt(*(entry(reference=f"R{n}") for n in range(ITEMS)))
    await upload_bank_file(clerk(), bank_form(lines))
    found = (await list_bank_lines(clerk())).items
    return [
        {
            "tenant_id": str(tenant),
            "line_id": str(line.id),
            "key": f"match {line.id}",
            "clerk_id": str(uuid7()),
            "credits": "500",
        }
        for line in found
    ]


async def all_matched(tenant: UUID) -> None:
    lines = (await list_bank_lines(clerk())).items
    assert [line.state for line in lines] == [LineState.MATCHED] * ITEMS
    await all_entered(tenant)


async def ready_to_document(tenant: UUID) -> list[Item]:
    made = [await topped_up(tenant, f"bank {n}") for n in range(ITEMS)]
    return [{"tenant_id": str(tenant), "top_up_id": str(one)} for one in made]


async def all_documented(_tenant: UUID) -> None:
    await numbered("invoice")


async def numbered(series: str) -> None:
    """As many numbers as documents, without a gap."""
    rows = await of_platform(
        "SELECT n.seq FROM document_numbers n JOIN documents d ON d.tenant_id = n.tenant_id"
        " AND d.id = n.document_id WHERE n.series = $1 ORDER BY n.seq",
        series,
    )
    assert [row["seq"] for row in rows] == list(range(1, ITEMS + 1))


async def ready_to_take_back(tenant: UUID) -> list[Item]:
    items = await ready_to_document(tenant)
    for item in items:
        assert await settle_top_up(tenant, UUID(item["top_up_id"])) is not None
    return [{**item, "clerk_id": str(uuid7())} for item in items]


async def all_taken_back(tenant: UUID) -> None:
    rows = await of_platform("SELECT state FROM top_ups")
    assert [row["state"] for row in rows] == ["reversed"] * ITEMS
    assert (await balance_of(tenant)).available == 0
    await numbered("credit_note")


class Deed(NamedTuple):
    name: str
    ready: Callable[[UUID], Awaitable[list[Item]]]
    check: Callable[[UUID], Awaitable[None]]


ENTERING = Deed("enter_top_up", ready_to_enter, all_entered)
DEEDS = {
    "billing.top_up_noted": ENTERING,
    "billing.top_up_written": ENTERING,
    "ledger.issued": ENTERING,
    "billing.top_up_credited": ENTERING,
    "billing.top_up_entered": ENTERING,
    "billing.top_up_approved": Deed("approve_top_up", ready_to_approve, all_approved),
    "billing.bank_line_claimed": Deed("match_line", ready_to_match, all_matched),
    "billing.document_issued": Deed("invoice", ready_to_document, all_documented),
    "billing.top_up_reversed": Deed("take_back", ready_to_take_back, all_taken_back),
}
POINTS = tuple(DEEDS)


@in_rounds
@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_it_has_one_effect(
    database: CleanDatabase, point: str, seeds: range
) -> None:
    deed, tenant = DEEDS[point], await make_buyer()
    plan: dict[str, Any] = {
        "deed": deed.name,
        "items": await deed.ready(tenant),
        "database_url": database.login_url,
    }
    offset = 0
    for nth in passes(seeds):
        plan["items"] = plan["items"][1:] + plan["items"][:1]
        plan["offset_seconds"] = offset
        assert await run_deed(plan, f"kill:{point}:{nth}") == -signal.SIGKILL, "never hit"
        offset += LEASES_OVER_SECONDS
    assert await run_deed({**plan, "offset_seconds": offset}) == 0
    await deed.check(tenant)
    assert await broken_promises() == []
