"""Reports add up to what moved, files run nothing, and a transfer is explained to its messages."""

import csv
import io
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest

from backend.billing.service.documents import list_documents, read_document
from backend.billing.service.postpaid import bill_tenant
from backend.billing.service.sales import settle_top_up
from backend.billing.service.top_ups import create_top_up
from backend.db.scope import platform_scope, tenant_scope
from backend.exports.finance_reports import open_report_csv, open_report_xlsx
from backend.finance.service import reports
from backend.finance.service.explorer import list_charged_messages, read_transfer
from backend.finance.service.reports import read_report
from backend.finance.states import ReportName
from backend.kernel.errors import InvalidInput, NotFound, TooLarge
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole, system
from backend.ledger.service.holds import capture, place_hold, return_spent
from backend.ledger.service.lots import top_up
from tests.billing.desk import clerk, top_up_of
from tests.billing.factories import make_profile, postpaid_user
from tests.browserless import World
from tests.factories import make_tenant, member_of
from tests.finance.days import today

pytestmark = pytest.mark.anyio


async def spend(tenant: UUID, amount: int, back: int = 0) -> None:
    async with tenant_scope(system("test", tenant)) as scope:
        hold = await place_hold(scope, f"hold:{uuid7()}", None, amount)
        await capture(scope, hold.id, amount, f"window:{uuid7()}:captured")
        if back:
            await return_spent(scope, hold.id, back, f"back:{uuid7()}")


async def buy(tenant: UUID, *, credits_bought: int, net: int, tax: int) -> UUID:
    """A purchase paid now, and its credits."""
    purchase_id = uuid7()
    async with tenant_scope(system("test", tenant)) as scope:
        await scope.execute(
            "INSERT INTO purchases (tenant_id, id, source, state, credits, tariff_version, tier_no,"
            " unit_price_micro, currency, net_minor, tax_rate_permille, tax_minor,"
            " is_reverse_charge, tax_category, tax_note, gross_minor, payment_id, created_by,"
            " created_at, expires_at, paid_at) VALUES ($1, $2, 'checkout', 'paid', $3, 1, 1, 1,"
            " 'EUR', $4, 250, $5, false, 'S', '', $6, $7, 'test', $8, $8, $8)",
            tenant,
            purchase_id,
            credits_bought,
            net,
            tax,
            net + tax,
            f"pi_{purchase_id}",
            scope.now,
        )
        await top_up(scope, credits_bought, f"purchase:{purchase_id}")
    return purchase_id


async def table(name: ReportName, days: int = 0) -> list[dict[str, object]]:
    report = await read_report(clerk(), name, today(), today() + timedelta(days=days))
    return [dict(zip(report.columns, row, strict=True)) for row in report.rows]


async def test_sales_consumption_and_tenants_add_up(database):
    tenant = await make_tenant("=1+1")
    await create_top_up(clerk(), tenant, top_up_of(500))
    await buy(tenant, credits_bought=300, net=1000, tax=250)
    await spend(tenant, 100, back=10)
    sales = {row["source"]: row for row in await table(ReportName.SALES)}
    assert sales["bank_transfer"]["credits"] == 500
    assert (sales["checkout"]["credits"], sales["checkout"]["gross_minor"]) == (300, 1250)
    [used] = await table(ReportName.CONSUMPTION)
    assert (used["captured"], used["returned"], used["consumed"]) == (100, 10, 90)
    [row] = await table(ReportName.TENANTS)
    assert (row["topped_up"], row["consumed"], row["tenant_name"]) == (800, 90, "=1+1")


async def test_what_expires_is_seen_ahead(database):
    tenant = await make_tenant()
    async with tenant_scope(system("test", tenant)) as scope:
        await top_up(scope, 70, "soon", expires_at=scope.now + timedelta(days=3))
        await top_up(scope, 30, "never")
    [row] = await table(ReportName.EXPIRY, days=10)
    assert (row["credits"], row["kind"]) == (70, "paid")


async def test_the_journal_balances_and_recognises_a_price_whole(database):
    tenant = await make_tenant()
    purchase = await buy(tenant, credits_bought=300, net=1000, tax=250)
    await spend(tenant, 100)
    lines = await table(ReportName.JOURNAL)
    debit = sum(int(str(one["debit_minor"])) for one in lines)
    assert debit == sum(int(str(one["credit_minor"])) for one in lines) == 1250 + 333
    assert {one["reference"] for one in lines} == {f"purchase:{purchase}"}
    await spend(tenant, 200)
    revenue = [one["credit_minor"] for one in await table(ReportName.JOURNAL)]
    assert revenue[revenue.index(1000)] == 1000  # all of it is used: all of the net price


async def test_the_journal_has_the_documents_money(database):
    """A top-up has its invoice's money, and a refund of it its credit note's."""
    tenant = await make_tenant()
    await make_profile(tenant, country="IE")
    made = await create_top_up(clerk(), tenant, top_up_of(500))
    document_id = await settle_top_up(tenant, made.id)
    assert document_id is not None
    invoice = await read_document(clerk(), document_id)
    assert invoice.tax_minor > 0
    await spend(tenant, 500)
    lines = await table(ReportName.JOURNAL)
    assert {
        (one["entry"], one["account"]): (one["debit_minor"], one["credit_minor"]) for one in lines
    } == {
        ("sale", "bank_clearing"): (invoice.gross_minor, 0),
        ("sale", "deferred_revenue"): (0, invoice.net_minor),
        ("sale", "tax_payable"): (0, invoice.tax_minor),
        ("revenue", "deferred_revenue"): (invoice.net_minor, 0),
        ("revenue", "revenue"): (0, invoice.net_minor),
    }


async def test_a_month_billed_is_owed_until_it_is_paid(database):
    tenant = await make_tenant()
    await postpaid_user(tenant, months=1)
    assert await bill_tenant(tenant) == 1
    [month] = (await list_documents(member_of(tenant))).items
    said = top_up_of(month.credits, reference=month.number)
    paid = await create_top_up(clerk(), tenant, said)
    assert await settle_top_up(tenant, paid.id) == month.id
    day = today()
    report = await read_report(clerk(), ReportName.JOURNAL, day, day + timedelta(days=1))
    sums: dict[str, int] = {}
    for row in report.rows:
        one = dict(zip(report.columns, row, strict=True))
        assert one["reference"] == month.number
        account = str(one["account"])
        sums[account] = sums.get(account, 0) + int(str(one["debit_minor"]))
        sums[account] -= int(str(one["credit_minor"]))
    assert sums == {
        "accounts_receivable": 0,
        "bank_clearing": month.gross_minor,
        "revenue": -month.net_minor,
    } | ({"tax_payable": -month.tax_minor} if month.tax_minor else {})


async def test_files_run_nothing(database):
    tenant = await make_tenant('=cmd|"/c calc"!A1')
    await create_top_up(clerk(), tenant, top_up_of(500))
    asked = (clerk(), ReportName.TENANTS, today(), today())
    text = "".join([part async for part in await open_report_csv(*asked)])
    header, row = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert row[header.index("tenant_name")].startswith("'=cmd")
    assert row[header.index("topped_up")] == "500"
    book = b"".join([part async for part in await open_report_xlsx(*asked)])
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "'=cmd" in sheet
    assert "<v>500</v>" in sheet


async def test_a_period_has_a_limit_and_no_row_is_left_out(database, monkeypatch):
    for first, last, code in (
        (today(), today() - timedelta(days=1), "period_invalid"),
        (today() - timedelta(days=366), today(), "period_too_long"),
    ):
        with pytest.raises(InvalidInput, match=code):
            await read_report(clerk(), ReportName.SALES, first, last)
    monkeypatch.setattr(reports, "REPORT_ROWS_MAX", 1)
    for _ in range(2):
        await create_top_up(clerk(), await make_tenant(), top_up_of())
    with pytest.raises(TooLarge, match="report_too_large"):
        await read_report(clerk(), ReportName.SALES, today(), today())


async def test_a_transfer_is_explained(database):
    tenant = await make_tenant()
    made = await create_top_up(clerk(), tenant, top_up_of(500))
    await spend(tenant, 40)
    async with platform_scope(system("test"), "test") as scope:
        ids = {
            row["kind"]: row["id"]
            for row in await scope.rows(
                "SELECT kind, id FROM ledger_transfers WHERE tenant_id = $1", tenant
            )
        }
    view = await read_transfer(clerk(), tenant, ids["captured"])
    assert [(one.account, one.amount) for one in view.entries] == [("held", -40), ("spent", 40)]
    [lot] = view.lots
    assert (lot.credits, lot.lot_credits) == (40, 500)
    assert lot.origin_reference == f"top_up:{made.id}"
    assert view.hold is not None
    assert (view.hold.captured, view.session) == (40, None)
    assert (await list_charged_messages(clerk(), tenant, ids["captured"])).items == []
    with pytest.raises(NotFound):
        await read_transfer(clerk(), await make_tenant(), ids["captured"])


async def test_over_http(world: World):
    finance = await world.staff(StaffRole.FINANCE)
    path = f"/v1/finance/report?report=sales&first={today()}&last={today()}"
    answer = await finance.get(path)
    assert (answer.status_code, answer.json()["rows"]) == (200, [])
    book = await finance.get(path.replace("report?", "report.xlsx?"))
    assert book.status_code == 200, book.text
    assert book.headers["content-disposition"].startswith("attachment")
    for wrong in ("report=x", "report=sales&first=2026-02-30&last=2026-03-01", "report=sales"):
        answer = await finance.get(f"/v1/finance/report?{wrong}")
        assert answer.status_code == 422, answer.text
