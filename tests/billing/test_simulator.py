"""The payment simulator by itself: its pages, its events, its memory."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from hypothesis import given, strategies as st

from backend.billing.payment_client import Payments
from backend.billing.payment_facts import CardRefused, Checkout, Line
from backend.billing.payment_setup import PaymentSetup
from backend.billing.simulator import fates, forms
from backend.kernel.errors import MalformedInput, Unavailable
from backend.kernel.ids import uuid7
from tests.paying import API_KEY, WEBHOOK_SECRET, Paying, paying_at

pytestmark = pytest.mark.anyio
TENANT = uuid7()
DECLINED, ASKS = "4000 0000 0000 0002", "4000 0027 6000 3184"


async def page(paying: Paying, *, save_card: bool = False, customer: str = "") -> Checkout:
    payments = paying.payments
    name = await payments.create_customer(TENANT, "N", "n@n.example", key=f"customer:{uuid7()}")
    purchase_id = uuid7()
    return await payments.open_checkout(
        customer=customer or name,
        purchase_id=purchase_id,
        tenant_id=TENANT,
        lines=[Line("1,000 <credits>", 2_000), Line("VAT", 420)],
        currency="EUR",
        success_url="https://desk.example/paid?id={CHECKOUT_SESSION_ID}",
        cancel_url="https://desk.example/back",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        save_card=save_card,
        key=f"purchase:{purchase_id}",
    )


def types(paying: Paying) -> list[str]:
    return [event["type"] for event in paying.events()]


async def test_a_paid_page_leads_back_and_cannot_be_paid_twice(paying: Paying) -> None:
    opened = await page(paying)
    shown = await paying.client.get(opened.url)
    assert "EUR 24.20" in shown.text
    assert "1,000 &lt;credits&gt;" in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert await paying.pay(opened.url) == f"https://desk.example/paid?id={opened.id}"
    facts = await paying.payments.checkout(opened.id)
    assert (facts.status, facts.payment_status) == ("complete", "paid")
    payment = await paying.payments.payment(facts.payment_intent or "")
    assert (payment.status, payment.received_minor) == ("succeeded", 2_420)
    assert (payment.purchase_id, payment.tenant_id) == (facts.purchase_id, TENANT)
    again = await paying.client.post(opened.url, data={"number": "4242424242424242"})
    assert again.status_code == 410
    assert types(paying)[-3:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


async def test_after_a_decline_the_same_page_takes_another_card(paying: Paying) -> None:
    opened = await page(paying, save_card=True)
    for wrong in (DECLINED, "1234", "4242 4242 4242 4241", ""):
        assert await paying.pay(opened.url, wrong) == ""
    assert (await paying.payments.checkout(opened.id)).status == "open"
    assert await paying.pay(opened.url, ASKS, approves=False) == ""
    assert await paying.pay(opened.url, ASKS)
    facts = await paying.payments.checkout(opened.id)
    intents = list(paying.provider.book.each("payment_intent"))
    assert [one["id"] for one in intents] == [facts.payment_intent]
    saved = await paying.payments.cards(facts.customer or "")
    assert [card.last4 for card in saved] == ["3184"]
    second = await page(paying, customer=facts.customer or "")
    assert await paying.pay(second.url, method=saved[0].id)


@pytest.mark.parametrize(("method", "comes"), [("pm_debit_succeeds", 1), ("pm_debit_fails", 0)])
async def test_a_bank_debit_takes_its_time(paying: Paying, method: str, comes: int) -> None:
    paying.provider.debit_seconds = 0.1
    opened = await page(paying)
    assert await paying.pay(opened.url, method=method)
    facts = await paying.payments.checkout(opened.id)
    assert (facts.status, facts.payment_status) == ("complete", "unpaid")
    outcome = f"checkout.session.async_payment_{'succeeded' if comes else 'failed'}"
    await until(lambda: outcome in types(paying))
    payment = await paying.payments.payment(facts.payment_intent or "")
    assert payment.received_minor == 2_420 * comes
    status = (await paying.payments.checkout(opened.id)).payment_status
    assert status == ("paid" if comes else "unpaid")


async def test_a_card_is_saved_without_paying(paying: Paying) -> None:
    customer = await paying.payments.create_customer(TENANT, "N", "n@n.example", key="customer:1")
    opened = await paying.payments.open_setup(
        customer=customer,
        tenant_id=TENANT,
        success_url="https://desk.example/saved",
        cancel_url="https://desk.example/back",
        key="setup:1",
    )
    assert await paying.pay(opened.url, DECLINED) == ""
    assert await paying.pay(opened.url, "4000 0025 0000 3155") == "https://desk.example/saved"
    facts = await paying.payments.checkout(opened.id)
    saved = await paying.payments.setup(facts.setup_intent or "")
    assert (saved.status, saved.tenant_id) == ("succeeded", TENANT)
    charged = await charge(paying, customer, saved.card or "")  # asked once, at saving
    assert charged.status == "succeeded"


async def charge(paying: Paying, customer: str, card: str):
    return await paying.payments.charge_card(
        customer=customer,
        card=card,
        amount_minor=2_420,
        currency="EUR",
        purchase_id=uuid7(),
        tenant_id=TENANT,
        description="credits",
        key=f"purchase:{uuid7()}",
    )


async def test_whoever_was_not_there_confirms_at_the_banks_page(paying: Paying) -> None:
    customer = await paying.payments.create_customer(TENANT, "N", "n@n.example", key="customer:1")
    client = paying.payments._client.v1.payment_methods
    token = "pm_card_authenticationRequired"
    card = await client.attach_async(token, {"customer": customer})
    with pytest.raises(CardRefused) as refused:
        await charge(paying, customer, card.id)
    asked = await paying.payments.authenticate(
        refused.value.payment_id or "", card=card.id, return_url="https://desk.example/x", key="a"
    )
    answer = await paying.client.post(asked.next_action_url or "", data={"outcome": "approve"})
    back = answer.headers["location"]
    assert back == f"https://desk.example/x?payment_intent={asked.id}&redirect_status=succeeded"
    assert (await paying.payments.payment(asked.id)).status == "succeeded"


@pytest.mark.parametrize(
    ("token", "code", "decline_code"),
    [
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedDoNotHonor", "card_declined", "do_not_honor"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
async def test_a_card_may_turn_bad(paying: Paying, token: str, code: str, decline_code: str):
    customer = await paying.payments.create_customer(TENANT, "N", "n@n.example", key="customer:1")
    client = paying.payments._client.v1.payment_methods
    card = await client.attach_async("pm_card_visa", {"customer": customer})
    await paying.control(f"cards/{card.id}/become", token=token)
    with pytest.raises(CardRefused) as refused:
        await charge(paying, customer, card.id)
    assert (refused.value.code, refused.value.decline_code) == (code, decline_code)


async def test_disputes_warnings_and_refunds_that_fail(paying: Paying) -> None:
    opened = await page(paying)
    await paying.pay(opened.url)
    payment = (await paying.payments.checkout(opened.id)).payment_intent or ""
    back = await paying.payments.refund(
        payment=payment, amount_minor=420, refund_id=uuid7(), tenant_id=TENANT, key="refund:1"
    )
    await paying.control(f"refunds/{back.id}/fail")
    failed = await paying.payments.refund_facts(back.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    warned = await paying.control("warnings", payment_intent=payment)
    warning = await paying.payments.warning(warned["id"])
    assert (warning.payment, warning.actionable) == (payment, True)
    made = await paying.control("disputes", payment_intent=payment, reason="fraudulent")
    dispute = await paying.payments.dispute(made["id"])
    assert (dispute.status, dispute.amount_minor) == ("needs_response", 2_420)
    await paying.control(f"disputes/{made['id']}/close", outcome="won")
    assert (await paying.payments.dispute(made["id"])).status == "won"
    assert types(paying)[-4:] == [
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


@asynccontextmanager
async def ear(statuses: list[int]) -> AsyncIterator[tuple[str, list[tuple[bytes, str]]]]:
    """Hears events; answers with the given statuses, then 200."""
    heard: list[tuple[bytes, str]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode().split("\r\n")
            said = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            body = await reader.readexactly(int(said["content-length"]))
            heard.append((body, said["stripe-signature"]))
            status = statuses.pop(0) if statuses else 200
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n".encode())
            await writer.drain()

    async def tolerant(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(tolerant, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1/stripe/events", heard
    finally:
        server.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not holds():  # noqa: ASYNC110 - what is waited for lies behind a socket
            await asyncio.sleep(0.02)


async def test_events_are_signed_repeated_doubled_and_turned_around() -> None:
    async with ear([500, 404]) as (url, heard), paying_at(":memory:", webhook_url=url) as paying:
        customer = paying.payments.create_customer
        await customer(TENANT, "N", "n@n.example", key="customer:1")
        await until(lambda: len(heard) >= 3)
        assert len({body for body, _ in heard}) == 1  # until somebody takes it
        event = paying.payments.event(*heard[-1])
        assert (event.type, event.is_live, event.account) == ("customer.created", False, None)
        heard.clear()
        await paying.control("deliveries", copies=2, is_held=True)
        for number in (2, 3):
            await customer(TENANT, "N", "n@n.example", key=f"customer:{number}")
        await asyncio.sleep(0.2)
        assert heard == []
        await paying.control("deliveries/release", order="reversed")
        await until(lambda: len(heard) >= 4)
        told = [paying.payments.event(*one).object_id for one in heard]
        made = [one["id"] for one in paying.provider.book.each("customer")]
        assert told == [made[0], made[0], made[1], made[1]]


async def test_only_our_own_events_are_believed(paying: Paying) -> None:
    await paying.payments.create_customer(TENANT, "N", "n@n.example", key="customer:1")
    event = paying.events()[0]

    def signed(secret: str = WEBHOOK_SECRET, age: int = 0, **changes: Any) -> tuple[bytes, str]:
        body = json.dumps({**event, **changes})
        at = int(datetime.now(UTC).timestamp()) - age
        header = stripe.WebhookSignature.generate_signature_header(body, secret, at)
        return body.encode(), header

    body, header = signed()
    assert paying.payments.event(body, header).id == event["id"]
    reserialised = json.dumps(json.loads(body), indent=1).encode()
    array = stripe.WebhookSignature.generate_signature_header("[1]", WEBHOOK_SECRET)
    refused = [
        (body, ""),
        (body, "garbage"),
        (body, "t=,v1="),
        (reserialised, header),
        (b"\xff\xfe", header),
        (b"[1]", array),
        signed("whsec_other"),
        signed(age=301),
        signed(livemode=True),
        signed(account="acct_other"),
        signed(data={}),
    ]
    for said in refused:
        with pytest.raises(MalformedInput) as error:
            paying.payments.event(*said)
        assert error.value.code == "signature_invalid"
    assert paying.payments.refused_events == len(refused)
    secretless = Payments(PaymentSetup(API_KEY, ""))
    with pytest.raises(Unavailable):
        secretless.event(*signed(""))
    await secretless.close()


async def test_what_was_done_before_the_line_broke_is_done_once(paying: Paying) -> None:
    customer = await paying.payments.create_customer(TENANT, "N", "n@n.example", key="customer:1")
    await paying.control("faults", fail_next=1, hang_up_next=1)
    assert await paying.payments.create_customer(TENANT, "M", "n@n.example", key="customer:2")
    assert len(list(paying.provider.book.each("customer"))) == 2
    await paying.control("faults", fail_next=9)
    with pytest.raises(Unavailable):
        await paying.payments.cards(customer)


async def test_a_page_expires_and_says_so(paying: Paying) -> None:
    opened = await page(paying)
    await paying.control(f"checkouts/{opened.id}/expire")
    assert (await paying.payments.checkout(opened.id)).status == "expired"
    assert (await paying.client.get(opened.url)).status_code == 410
    assert types(paying)[-1] == "checkout.session.expired"


async def test_a_killed_simulator_comes_back_with_everything(tmp_path: Path) -> None:
    book = tmp_path / "payments.sqlite"
    environ = {**os.environ, "STRIPE_API_KEY": API_KEY, "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET}

    async def start() -> tuple[asyncio.subprocess.Process, Payments]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "backend.billing.simulator", "--book", str(book)),
            env=environ,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        url = json.loads(await process.stdout.readline())["url"]
        return process, Payments(PaymentSetup(API_KEY, WEBHOOK_SECRET, url))

    first, payments = await start()
    customer = await payments.create_customer(TENANT, "N", "n@n.example", key="customer:1")
    await payments.close()
    first.send_signal(signal.SIGKILL)
    await first.wait()
    second, payments = await start()
    same = await payments.create_customer(TENANT, "N", "n@n.example", key="customer:1")
    assert same == customer
    assert await payments.cards(customer) == []
    await payments.close()
    second.terminate()
    assert await second.wait() == 0


async def test_strangers_are_turned_away(paying: Paying) -> None:
    async with httpx.AsyncClient(base_url=paying.provider.url) as client:
        assert (await client.get("/v1/events")).status_code == 401
        assert (await client.post("/control/disputes")).status_code == 401
        assert (await client.get("/health")).status_code == 200
        named = {"host": "evil.example"}
        assert (await client.get("/health", headers=named)).status_code == 421
        for path in ("/", "/c/pay/cs_test_1", "/c/pay/cs_test_1_x", "/authenticate/pi_1", "/c/x"):
            assert (await client.get(path)).status_code == 404, path


@given(st.text(max_size=60))
async def test_no_form_and_no_number_breaks_it(text: str) -> None:
    assert isinstance(forms.parse(text), dict)
    assert isinstance(forms.parse(f"a[{text}]=1&a[][b]={text}&a=2"), dict)
    fates.by_number(text)


async def test_forms_nest() -> None:
    parsed = forms.parse("a[b][0][c]=1&a[b][1][c]=2&d[]=x&d[]=y&e=")
    assert parsed == {"a": {"b": [{"c": "1"}, {"c": "2"}]}, "d": ["x", "y"], "e": ""}
    assert all(
        fates.is_card_number(method.number)
        for method in fates.METHODS
        if method.brand != "sepa_debit"
    )
