"""What a newcomer finds on the pages of money: made by the demo's people, as use would have."""

import contextlib
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from backend.commands.api_client import ApiRefused, Person, TookTooLong, until

OUR_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
"""Where the payment simulator's pages are; on a page of Stripe's nobody types for the newcomer."""
DOCUMENT_PATIENCE_SECONDS = 15.0
REFUNDED_CREDITS = 60_000
"""More than one clerk may give back alone."""
CREDIT_LINE = 5_000
TOP_UPS = (("NORDLYS", 90_000), ("KARGO24", 12_000), ("KARGO24", 60_000))
"""Two are above what one clerk may book alone: the first is approved, the last one waits."""
NORDLYS = {
    "company_name": "Nordlys Retail AS",
    "address_lines": ["Storgata 1"],
    "postal_code": "0155",
    "city": "Oslo",
    "country": "NO",
    "email": "accounts@nordlys.example",
    "purchase_reference": "PO-4711",
}
KARGO = {
    "company_name": "Kargo24 GmbH",
    "address_lines": ["Speicherstraße 8"],
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
    "email": "buchhaltung@kargo24.example",
}


async def fill_billing(nordlys: Person, kargo: Person, clerk: Person, second: Person) -> None:
    """Each part once: what a run that was killed has made is left as it is."""
    for buyer, profile in ((nordlys, NORDLYS), (kargo, KARGO)):
        with contextlib.suppress(ApiRefused):
            await buyer.call("PUT", "/v1/billing-profile", {"version": 0, **profile})
    await _top_ups({"NORDLYS": nordlys, "KARGO24": kargo}, clerk)
    await _buy(nordlys)
    await _lend_and_invoice(kargo, clerk)
    await _approve(nordlys, clerk, second)


def _path(tenant: Person) -> str:
    return f"/v1/tenants/{tenant.session['tenant']['id']}"


def _reference(name: str, amount: int) -> str:
    return f"2026-{amount}-{name}"


async def _top_ups(tenants: dict[str, Person], clerk: Person) -> None:
    """With a billing profile each that is credited has its invoice."""
    for name, amount in TOP_UPS:
        given = {
            "amount_credits": amount,
            "method": "bank_transfer",
            "reference": _reference(name, amount),
            "reason": "Bank transfer, demo",
        }
        with contextlib.suppress(ApiRefused):  # made, or it waits for a second person
            await clerk.post(f"{_path(tenants[name])}/top-ups", given)


async def _buy(tenant: Person) -> None:
    """By card, which is kept. Where payments are not set up the page says so."""
    if (await tenant.get("/v1/purchases", limit=1))["items"]:
        return
    with contextlib.suppress(ApiRefused, httpx.HTTPError):
        asked = {"credits": 5_000, "saves_card": True}
        page = httpx.URL((await tenant.post("/v1/purchases", asked))["checkout_url"])
        if page.host in OUR_HOSTS:
            card = {"method": "card", "number": "4242424242424242", "expiry": "12 / 34"}
            async with httpx.AsyncClient(timeout=20.0) as browser:
                await browser.post(page, data={**card, "cvc": "123"})


async def _lend_and_invoice(tenant: Person, clerk: Person) -> None:
    """A credit line, an invoice to be paid, and the bank's file in which the payment stands."""
    path = _path(tenant)
    with contextlib.suppress(ApiRefused):
        line = {"credits": CREDIT_LINE, "seen_credits": 0, "reason": "Contract 12, demo"}
        await clerk.call("PUT", f"{path}/credit-line", line)
    if (await tenant.get("/v1/documents", document_state="open"))["items"]:
        return
    with contextlib.suppress(ApiRefused):
        asked = {"credits": 10_000, "reason": "Asked for by phone, demo"}
        invoice = await clerk.post(f"{path}/invoices", asked)
        today = datetime.now(UTC).date()
        euros = f"{invoice['gross_minor'] // 100}.{invoice['gross_minor'] % 100:02}"
        rows = (
            "Booked;Amount;From;Text",
            f"{today};{euros};KARGO24 GMBH;{invoice['number']}",
            f"{today};450.00;CAFE MILAN SRL;ricarica novembre",
        )
        options = {
            "format": "csv",
            "account": "IE29AIBK93115212345678",
            "columns": {
                "booked_on": "Booked",
                "amount": "Amount",
                "counterparty": "From",
                "remittance": "Text",
            },
        }
        content = "\n".join(rows).encode()
        await clerk.upload("/v1/bank-files", f"statement-{today}.csv", content, options)


async def _first_top_up(tenant: Person, clerk: Person) -> Any:
    reference = _reference(*TOP_UPS[0])
    top_ups = await clerk.every(f"{_path(tenant)}/top-ups")
    return next(one for one in top_ups if one["reference"] == reference)


async def _approve(tenant: Person, clerk: Person, second: Person) -> None:
    top_up = await _first_top_up(tenant, clerk)
    if top_up["state"] == "pending":
        await second.post(f"/v1/top-ups/{top_up['id']}/approve")


async def ask_for_refund(tenant: Person, clerk: Person) -> None:
    """Most of what the other clerk approved: that waits for the other again, and nothing moves.
    Later than the rest, so that the workers have written the invoice it is taken back from.
    """
    top_up = await _first_top_up(tenant, clerk)
    source = f"top_up:{top_up['id']}"

    async def its_invoice() -> dict[str, Any] | None:
        page = await tenant.get("/v1/documents")
        return next((one for one in page["items"] if one["source"] == source), None)

    deadline = time.monotonic() + DOCUMENT_PATIENCE_SECONDS
    with contextlib.suppress(ApiRefused, TookTooLong):
        invoice = await until("the top-up's invoice", its_invoice, deadline=deadline)
        given = {
            "top_up_id": top_up["id"],
            "credits": REFUNDED_CREDITS,
            "amount_minor": invoice["gross_minor"] * REFUNDED_CREDITS // invoice["credits"],
            "currency": invoice["currency"],
            "reason": "Ordered more than they need, demo",
        }
        await clerk.post(f"{_path(tenant)}/refunds", given)
