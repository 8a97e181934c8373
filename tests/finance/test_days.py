"""A day is closed once, after its former, with what the ledger's proofs say of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.billing.payment_facts import PaymentFacts, RefundFacts
from backend.billing.schemas.documents import InvoiceCreate
from backend.billing.service.credit_notes import mark_overdue
from backend.billing.service.sales import create_invoice
from backend.billing.service.top_ups import create_top_up
from backend.db.scope import tenant_scope
from backend.finance.queries import days as rows
from backend.finance.schemas.days import ItemResolution
from backend.finance.service.comparing import (
    compare_gateways,
    compare_payments,
    compare_refunds,
    compare_top_ups,
)
from backend.finance.service.days import close_day, close_due_days, list_closed_days
from backend.finance.service.desk import list_standings, read_standing, read_to_do, search
from backend.finance.service.reconciliation import (
    list_reconciliations,
    reconcile_day,
    reconcile_due_day,
    resolve_item,
)
from backend.finance.states import HitKind, Reconciled
from backend.kernel.errors import Conflict, InvalidInput, NotFound, StateConflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole, system
from backend.ledger.service.holds import capture, place_hold
from backend.ledger.service.lots import top_up
from tests.billing.desk import clerk, top_up_of
from tests.billing.factories import make_profile
from tests.browserless import World
from tests.factories import make_account, make_tenant
from tests.finance.days import today

pytestmark = pytest.mark.anyio


async def spend(tenant, amount: int) -> None:
    async with tenant_scope(system("test", tenant)) as scope:
        hold = await place_hold(scope, f"hold:{uuid7()}", None, amount)
        await capture(scope, hold.id, amount, f"window:{uuid7()}:captured")


async def test_days_close_in_their_order_and_once(database, at_day):
    tenant = await make_tenant()
    await create_top_up(clerk(), tenant, top_up_of(500))
    await spend(tenant, 40)
    first = today()
    with pytest.raises(Conflict, match="day_not_over"):
        await close_day(clerk(), first)
    with pytest.raises(InvalidInput, match="day_too_early"):
        await close_day(clerk(), first - timedelta(days=1))
    at_day(2)
    with pytest.raises(Conflict, match="former_day_open") as refused:
        await close_day(clerk(), first + timedelta(days=1))
    assert refused.value.facts["missing"] == first
    outcomes = await asyncio.gather(
        *(close_day(clerk(), first) for _ in range(3)), return_exceptions=True
    )
    [view] = [one for one in outcomes if not isinstance(one, BaseException)]
    assert view.ledger_agrees
    assert view.reconciliation is Reconciled.MISSING
    assert not view.agrees
    moved = {(one.kind, one.from_account, one.to_account): one.credits for one in view.movements}
    assert moved["topped_up", "issued", "available"] == 500
    assert moved["captured", "held", "spent"] == 40
    assert sum(one.credits for one in view.liabilities) == 460
    with pytest.raises(Conflict, match="day_closed"):
        await close_day(clerk(), first)


async def test_the_clock_catches_up_day_by_day(database, at_day):
    tenant = await make_tenant()
    await create_top_up(clerk(), tenant, top_up_of(500))
    at_day(3)
    while await reconcile_due_day():
        pass
    closed = 0
    while await close_due_days():
        closed += 1
    assert closed == 3
    page = await list_closed_days(clerk(), limit=2)
    rest = await list_closed_days(clerk(), cursor=page.next_cursor)
    found = [*page.items, *rest.items]
    assert [one.day for one in found] == [today() - timedelta(days=n) for n in (1, 2, 3)]
    assert all(one.agrees for one in found)
    assert not await reconcile_due_day()


async def test_what_comes_into_a_closed_day_is_found_by_the_next(database, at_day):
    tenant = await make_tenant()
    await create_top_up(clerk(), tenant, top_up_of(500))
    first = today()
    at_day(1)
    await close_day(clerk(), first)
    at_day(0)
    async with tenant_scope(system("late", tenant)) as scope:
        await top_up(scope, 7, "late")
    at_day(2)
    view = await close_day(clerk(), first + timedelta(days=1))
    assert not view.ledger_agrees
    [late] = view.violations
    assert (late.check, late.expected, late.found) == ("frozen_day", 500, 507)


async def test_differences_are_listed_and_resolved_with_a_note(database, at_day):
    tenant = await make_tenant()
    async with tenant_scope(system("test", tenant)) as scope:
        await top_up(scope, 7, f"top_up:{uuid7()}")  # the ledger has what nobody entered
    day = today()
    at_day(1)
    view = await reconcile_day(clerk(), day)
    [item] = view.items
    assert (item.kind, item.expected, item.found, item.tenant_id) == ("top_up", 0, 7, tenant)
    given = ItemResolution(kind=item.kind, subject=item.subject, note="a test of ours")
    resolved = await resolve_item(clerk(), day, given)
    assert resolved.unresolved == 0
    with pytest.raises(StateConflict, match="item_resolved"):
        await resolve_item(clerk(), day, given)
    with pytest.raises(NotFound):
        await resolve_item(clerk(), day, ItemResolution(kind="x", subject="y", note="z"))
    again = await reconcile_day(clerk(), day)  # by hand: one run more, the note stays
    assert (again.run, again.unresolved, again.items[0].note) == (2, 0, "a test of ours")
    closed = await close_day(clerk(), day)
    assert (closed.reconciliation, closed.agrees) == (Reconciled.AGREES, True)
    assert [one.day for one in (await list_reconciliations(clerk())).items] == [day]


def a_payment(**changed: object):
    facts: dict[str, Any] = {
        "id": "pi_1",
        "status": "succeeded",
        "amount_minor": 1000,
        "received_minor": 1000,
        "currency": "EUR",
        "purchase_id": None,
        "tenant_id": None,
        "customer": None,
        "card": None,
        "charge": None,
        "decline_code": None,
        "next_action_url": None,
    }
    return PaymentFacts(**(facts | changed))


PURCHASE = {
    "payment_id": "pi_1",
    "tenant_id": uuid7(),
    "id": uuid7(),
    "gross_minor": 1000,
    "currency": "EUR",
    "is_credited": True,
}
BOUGHT = {
    "tenant_id": PURCHASE["tenant_id"],
    "reference": "purchase:1",
    "amount": 10,
    "credits": 10,
    "purchase_id": PURCHASE["id"],
    "payment_id": "pi_1",
}


@pytest.mark.parametrize(
    ("paid", "purchases", "bought", "kinds"),
    [
        ([a_payment()], [PURCHASE], [BOUGHT], []),
        ([a_payment(status="canceled")], [], [], []),
        ([a_payment()], [], [], ["payment_without_credits"]),
        ([a_payment()], [PURCHASE | {"is_credited": False}], [], ["payment_without_credits"]),
        ([a_payment(received_minor=999)], [PURCHASE], [BOUGHT], ["payment_amount"]),
        ([a_payment(currency="USD")], [PURCHASE], [BOUGHT], ["payment_amount"]),
        ([], [], [BOUGHT], ["credits_without_payment"]),
        ([a_payment(status="processing")], [PURCHASE], [BOUGHT], ["credits_without_payment"]),
        ([a_payment()], [PURCHASE], [BOUGHT | {"credits": 11}], ["purchase_credits"]),
    ],
)
def test_every_way_payments_and_ledger_differ(paid, purchases, bought, kinds):
    assert [one.kind for one in compare_payments(paid, purchases, bought)] == kinds


def test_refunds_top_ups_and_gateways_differ_too():
    given = RefundFacts("re_1", "succeeded", 500, "EUR", "pi_1", None, None)
    ours = {"stripe_id": "re_1", "tenant_id": None, "state": "succeeded", "amount_minor": 500}
    settled = {**ours, "id": uuid7(), "credits": 5, "amount": 5}
    assert compare_refunds([given], [ours], [settled]) == []
    assert [one.kind for one in compare_refunds([given], [], [])] == ["refund_unknown"]
    failed = ours | {"state": "failed"}
    assert [one.kind for one in compare_refunds([given], [failed], [])] == ["refund_unknown"]
    less = ours | {"amount_minor": 400}
    assert [one.kind for one in compare_refunds([given], [less], [])] == ["refund_amount"]
    assert [one.kind for one in compare_refunds([], [], [settled])] == ["refund_not_at_provider"]
    short = settled | {"amount": None}
    assert [one.kind for one in compare_refunds([given], [ours], [short])] == ["refund_credits"]
    assert compare_top_ups([{"expected": 5, "found": 5}]) == []
    gateway = {"gateway_id": uuid7(), "segments": 100_000}
    assert compare_gateways([gateway | {"metered_segments": 99_501}]) == []
    assert compare_gateways([gateway | {"metered_segments": 120_000}]) == []
    [missing] = compare_gateways([gateway | {"metered_segments": 99_499}])
    assert (missing.expected, missing.found) == (99_499, 100_000)


async def test_anybody_and_anything_is_found(database):
    tenant, other = await make_tenant("Nordlys Retail"), await make_tenant("Sørlys")
    account = await make_account("Ada", "ada@nordlys.example")
    async with tenant_scope(system("test", tenant)) as scope:
        await scope.execute(
            "INSERT INTO members (tenant_id, account_id, role) VALUES ($1, $2, 'owner')",
            tenant,
            account,
        )
    made = await create_top_up(clerk(), tenant, top_up_of(reference="NORDLYS 1182"))
    hits = (await search(clerk(), "nordlys")).items
    assert [one.kind for one in hits] == ["tenant", "member", "top_up"]
    assert {one.tenant_id for one in hits} == {tenant}
    paged, cursor = [], None
    while True:
        page = await search(clerk(), "NORDLYS", cursor=cursor, limit=1)
        paged += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert paged == hits
    assert [one.kind for one in (await search(clerk(), str(made.id))).items] == ["top_up"]
    found = (await search(clerk(), f"top_up:{made.id}")).items
    assert [one.kind for one in found] == ["transfer"]
    assert (await search(clerk(), str(other))).items[0].tenant_name == "Sørlys"
    for wrong in ("x", " x ", "x" * 101):
        with pytest.raises(InvalidInput, match="search_too"):
            await search(clerk(), wrong)


async def test_tenants_stand_with_their_balances(database, at_day):
    tenant, other = await make_tenant("Big"), await make_tenant("Small")
    await create_top_up(clerk(), tenant, top_up_of(20_000))
    await spend(tenant, 18_000)
    at_day(1)
    await close_day(clerk(), today() - timedelta(days=1))
    page = (await list_standings(clerk())).items
    assert [one.id for one in page] == [other, tenant]
    assert (page[1].available, page[1].spent_30_days) == (2_000, 18_000)
    assert (page[1].is_low, page[1].is_big_sender, page[1].last_top_up_credits) == (
        True,
        True,
        20_000,
    )
    assert page[0].last_top_up_at is None
    low = (await list_standings(clerk(), only_low=True, words="BIG")).items
    assert [one.id for one in low] == [tenant]
    assert (await read_standing(clerk(), tenant)) == page[1]
    with pytest.raises(NotFound):
        await read_standing(clerk(), uuid7())
    to_do = await read_to_do(clerk())
    assert (to_do.low_big_senders, to_do.top_ups_pending) == (1, 0)


async def test_late_invoices_wait_and_are_found_by_number(database, at_day):
    tenant = await make_tenant()
    await make_profile(tenant)
    asked = InvoiceCreate(credits=5_000, reason="by bank transfer")
    invoice = await create_invoice(clerk(), tenant, asked)
    assert (await read_to_do(clerk())).documents_overdue == 0
    at_day(60)
    assert await mark_overdue() == 1
    assert (await read_to_do(clerk())).documents_overdue == 1
    [hit] = (await search(clerk(), invoice.number.lower())).items
    assert (hit.kind, hit.id, hit.label) == (HitKind.DOCUMENT, str(invoice.id), invoice.number)


def test_bounds_are_a_utc_day():
    start, end = rows.bounds(today())
    assert (start.utcoffset(), end - start) == (timedelta(0), timedelta(days=1))


async def test_over_http_for_finance_alone(world: World):
    owner = await world.tenant()
    finance = await world.staff(StaffRole.FINANCE)
    found = await finance.get("/v1/finance/search?search=nord")
    assert found.json()["items"][0]["tenant_name"] == "Nordlys"
    assert (await finance.get("/v1/finance/to-do")).status_code == 200
    for body in ({"day": "2026-02-30"}, {"day": "yesterday"}, {}):
        answer = await finance.post("/v1/finance/days", json=body)
        assert answer.status_code == 422, answer.text
    answer = await finance.post("/v1/finance/days", json={"day": "9999-12-31"})
    assert answer.status_code in (409, 422), answer.text
    answer = await finance.post("/v1/finance/reconciliations", json={"day": "0001-01-01"})
    assert answer.status_code in (409, 422), answer.text
    assert (await owner.get("/v1/finance/days")).status_code in (403, 404)
