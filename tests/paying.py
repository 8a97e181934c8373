"""The payment simulator on a loopback port, and a buyer who clicks its pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.billing.payment_client import Payments
from backend.billing.payment_setup import PaymentSetup
from backend.billing.payments import close_payments, use_payments
from backend.billing.simulator.provider import Provider
from backend.billing.simulator.server import serve

API_KEY = "sk_test_of_tests"
WEBHOOK_SECRET = "whsec_of_tests"


class Paying:
    """`provider` and its `book` are in this process; everything said to it goes over HTTP."""

    def __init__(self, provider: Provider, payments: Payments) -> None:
        self.provider = provider
        self.payments = payments
        self.client = httpx.AsyncClient(trust_env=False, timeout=20)

    async def pay(
        self,
        url: str,
        number: str = "4242424242424242",
        *,
        method: str = "card",
        approves: bool = True,
    ) -> str:
        """Fills in the page, answers the bank's question. Where the browser is sent in the end,
        or empty where it stays on the page with an error."""
        form = {"method": method, "number": "", "expiry": "12 / 34", "cvc": "123"}
        if method == "card":
            form["number"] = number
        answer = await self.client.post(url, data=form)
        while answer.status_code == 303:
            target = answer.headers["location"]
            if not target.startswith(self.provider.url):
                return str(target)
            answer = await self.client.get(target)
            if "/authenticate/" in target:
                outcome = "approve" if approves else "fail"
                answer = await self.client.post(target, data={"outcome": outcome})
        assert answer.status_code == 402, answer.text
        return ""

    async def control(self, path: str, **said: Any) -> Any:
        answer = await self.client.post(
            f"{self.provider.url}/control/{path}",
            json=said,
            headers={"authorization": f"Bearer {API_KEY}"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def events(self) -> list[dict[str, Any]]:
        """The oldest first."""
        return list(reversed(list(self.provider.book.each("event"))))


@asynccontextmanager
async def paying_at(path: Path | str, *, webhook_url: str = "") -> AsyncIterator[Paying]:
    """This process pays at a simulator of its own while inside."""
    async with serve(
        path, api_key=API_KEY, webhook_secret=WEBHOOK_SECRET, webhook_url=webhook_url
    ) as provider:
        payments = Payments(PaymentSetup(API_KEY, WEBHOOK_SECRET, provider.url))
        use_payments(payments)
        made = Paying(provider, payments)
        try:
            yield made
        finally:
            await made.client.aclose()
            await close_payments()


@pytest.fixture
async def paying() -> AsyncIterator[Paying]:
    async with paying_at(":memory:") as made:
        yield made
