"""The accounts of the money where credits were owed, on credit, or taken back by a bank."""

from collections import defaultdict

import pytest

from backend.billing.service.credit_notes import credit_dispute, document_purchase
from backend.billing.service.documents import list_documents
from backend.db.scope import platform_scope, tenant_scope
from backend.finance.queries import reconciliation
from backend.finance.service.comparing import compare_payments
from backend.finance.service.reports import read_report
from backend.finance.states import ReportName
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.ledger.service.holds import capture, place_hold
from backend.ledger.service.lines import set_credit_line
from tests.billing.buying import account, bought, make_buyer, told
from tests.billing.desk import clerk
from tests.factories import member_of
from tests.finance.days import today

__all__ = ["account"]
pytestmark = pytest.mark.anyio


async def spend(tenant, amount: int) -> None:
    async with tenant_scope(system("test", tenant)) as scope:
        hold = await place_hold(scope, f"hold:{uuid7()}", None, amount)
        await capture(scope, hold.id, amount, f"window:{uuid7()}:captured")


async def buys(account, tenant):
    view = await bought(tenant)
    payment = account.pay(view)
    await told(account)
    await document_purchase(tenant, view.id)
    return view, payment


async def loses(account, view, payment) -> None:
    dispute = account.dispute_it(payment)
    account.close_dispute(dispute, "lost")
    await told(account)
    await credit_dispute(view.tenant_id, view.id, dispute.id)


async def sums() -> dict[str, int]:
    """Debit less credit, by account; each entry is balanced."""
    report = await read_report(clerk(), ReportName.JOURNAL, today(), today())
    rows = [dict(zip(report.columns, row, strict=True)) for row in report.rows]
    found: dict[str, int] = defaultdict(int)
    entries: dict[tuple[object, object], int] = defaultdict(int)
    for row in rows:
        amount = int(str(row["debit_minor"])) - int(str(row["credit_minor"]))
        found[str(row["account"])] += amount
        entries[row["entry"], row["reference"]] += amount
    assert set(entries.values()) <= {0}
    return {name: amount for name, amount in found.items() if amount}


async def differences(payments) -> list[str]:
    """Of what the ledger took today, against the payments."""
    async with platform_scope(system("test"), "test") as scope:
        taken = await reconciliation.bought(scope, today())
        known = await reconciliation.purchases_paid(scope, [one.id for one in payments])
    return [one.kind for one in compare_payments(payments, known, taken)]


async def test_a_lost_dispute_takes_money_tax_and_revenue_back_and_who_pays_earns_it(account):
    tenant = await make_buyer()
    first, payment = await buys(account, tenant)
    await spend(tenant, 400)
    net, tax, gross = first.net_minor, first.tax_minor, first.gross_minor
    assert await sums() == {
        "payment_clearing": gross,
        "tax_payable": -tax,
        "deferred_revenue": -(net - net * 400 // 1000),
        "revenue": -(net * 400 // 1000),
    }
    await loses(account, first, payment)
    assert await sums() == {}
    second, newer = await buys(account, tenant)  # 400 of it pay what is owed
    assert await sums() == {
        "payment_clearing": gross,
        "tax_payable": -tax,
        "deferred_revenue": -(net - net * 400 // 1000),
        "revenue": -(net * 400 // 1000),
    }
    assert await differences([payment, newer]) == []
    await loses(account, second, newer)
    assert await sums() == {}


async def test_what_is_wholly_owed_is_a_payment_all_the_same(account):
    tenant = await make_buyer()
    first, payment = await buys(account, tenant)
    await spend(tenant, 1000)
    await loses(account, first, payment)
    _, newer = await buys(account, tenant)
    assert await differences([payment, newer]) == []
    assert (await sums())["revenue"] == -first.net_minor


async def test_the_line_that_a_purchase_repays_is_not_its_own(account):
    tenant = await make_buyer()
    async with tenant_scope(system("test", tenant)) as scope:
        await set_credit_line(scope, 100, "line", "test")
    await spend(tenant, 40)
    first, payment = await buys(account, tenant)  # 40 of it repay the line
    assert (await sums())["revenue"] == -(first.net_minor * 40 // 1000)
    await spend(tenant, 1050)  # all of it, and 90 of the line, which nobody has paid
    found = await sums()
    assert found["revenue"] == -first.net_minor
    assert "deferred_revenue" not in found
    assert await differences([payment]) == []
    assert len((await list_documents(member_of(tenant))).items) == 1
