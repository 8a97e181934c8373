"""`clearsend prove` tells a purchase that was credited wrongly, and nothing else."""

from typing import Any

import pytest

from backend.billing.proof import prove_purchases
from backend.billing.purchase_states import (
    DISPUTE_MOVES,
    PURCHASE_MOVES,
    REFUND_MOVES,
    event_pause,
    share_credits,
    share_minor,
)
from backend.billing.queries import auto_reload
from backend.billing.schemas.refunds import RefundCreate
from backend.billing.service import refunds
from backend.billing.service.credit_notes import document_purchase
from backend.db.scope import tenant_scope
from backend.kernel.principal import StaffRole, system
from backend.ledger.service import lots
from tests.billing.buying import account, bought, later_by, told
from tests.factories import staff

__all__ = ["account"]
pytestmark = pytest.mark.anyio


async def found() -> list[str]:
    return [line async for line in prove_purchases(system("test"))]


async def paid(account):
    view = await bought()
    payment = account.pay(view)
    await told(account)
    account.events.clear()
    return view, payment


async def test_what_holds_is_silent(account):
    view, payment = await paid(account)
    asked = RefundCreate(purchase_id=view.id, credits=400, reason="x")
    await refunds.create_refund(staff(StaffRole.FINANCE), view.tenant_id, asked)
    assert await found() == []
    (refund,) = await account.refunds_of(payment.id)
    account.fail_refund(refund)
    await told(account)
    assert await found() == []


async def test_credits_without_a_payment_are_told(account):
    view = await bought()
    async with tenant_scope(system("test", view.tenant_id)) as scope:
        await lots.top_up(scope, 7, f"purchase:{view.id}")
    (line,) = await found()
    assert "nothing is credited for a purchase that is not paid" in line
    assert str(view.id) in line


async def test_a_purchase_paid_without_its_credits_is_told(account, database):
    view = await bought()
    connection = await database.connect()
    try:
        await connection.execute(
            "UPDATE purchases SET state = 'paid', paid_at = now(), payment_id = 'pi_1'"
        )
    finally:
        await connection.close()
    (line,) = await found()
    assert f"purchase:{view.id}: expected 1000, found 0" in line


async def test_a_paid_purchase_without_its_document_is_told(account):
    view, _ = await paid(account)
    with later_by(hours=2):
        (line,) = await found()
        assert f"a paid purchase has its document: tenant {view.tenant_id}" in line
        await document_purchase(view.tenant_id, view.id)
        assert await found() == []


async def test_one_crossing_paid_twice_and_a_reload_without_its_purchase_are_told(account):
    first, _ = await paid(account)
    second = await bought(first.tenant_id)
    account.pay(second)
    await told(account)
    async with tenant_scope(system("test", first.tenant_id)) as scope:
        for attempt, view in enumerate((first, second), 1):
            await auto_reload.insert(scope, view.id, (1, attempt), None, "pm_1")
    lines = await found()
    assert sum("of one crossing auto-reload was paid once" in line for line in lines) == 1
    # Both were bought by hand, so neither is a purchase of auto-reload.
    assert sum("stand together" in line for line in lines) == len(lines) - 1 == 2


async def test_the_table_and_the_states_say_the_same_moves(database):
    connection = await database.connect()
    try:
        check = await connection.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = 'payment_events_moves'"
        )
    finally:
        await connection.close()
    machines: dict[str, Any] = {
        "purchase": PURCHASE_MOVES,
        "refund": REFUND_MOVES,
        "dispute": DISPUTE_MOVES,
    }
    moves = [
        (machine, str(before), str(event), str(after))
        for machine, table in machines.items()
        for (before, event), after in table.items()
    ]
    names = ("machine", "from_state", "event", "to_state")
    for move in moves:
        said = [f"({name} = '{word}'::text)" for name, word in zip(names, move, strict=True)]
        assert " AND ".join(said) in check, move
    assert check.count("(machine = ") == len(moves)


def test_shares_of_a_purchase_sum_to_the_whole():
    for gone in range(1001):
        minor = share_minor(7995, 1000, gone)
        assert 0 <= minor <= 7995
        assert share_credits(1000, 7995, minor) <= gone
    assert share_minor(7995, 1000, 1000) == 7995
    assert share_credits(1000, 7995, 7995) == 1000
    assert share_credits(1000, 7995, 9999) == 1000


def test_an_event_waits_longer_each_time_up_to_an_hour():
    waits = [event_pause(tries).total_seconds() for tries in range(1, 60)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (5, 3600)
