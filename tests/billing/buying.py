"""Purchases to start from, and the events of their account brought to the inbox."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backend.billing.payments import use_payments
from backend.billing.schemas.purchases import PurchaseCreate, PurchaseView
from backend.billing.service import inbox, purchases
from backend.db.scope import platform_scope
from backend.kernel import clock
from backend.kernel.principal import system
from tests.billing.factories import make_profile
from tests.billing.stripe_account import StripeAccount, signed
from tests.factories import make_tenant, member_of

URL = "https://clearsend.test"


@pytest.fixture
async def account(database: Any) -> AsyncIterator[StripeAccount]:
    del database
    made = StripeAccount()
    use_payments(made)
    yield made
    use_payments(None)
    await made.close()


async def make_buyer(country: str = "IE") -> UUID:
    """A tenant that has said who it is: its credits are taxed."""
    tenant_id = await make_tenant()
    await make_profile(tenant_id, country=country)
    return tenant_id


async def bought(tenant_id: UUID | None = None, credits_asked: int = 1000) -> PurchaseView:
    tenant = tenant_id or await make_buyer()
    asked = PurchaseCreate(credits=credits_asked)
    return await purchases.create_purchase(member_of(tenant), URL, asked)


async def deliver(account: StripeAccount, *events: tuple[int, str, str, str]) -> None:
    """Posted, in this order; all that were said where none is named."""
    for _, event_id, kind, object_id in events or account.events:
        body = account.body_of(event_id, kind, object_id)
        await inbox.receive_event(body, signed(body))


async def work_off() -> None:
    while await inbox.work_off_next():
        pass


async def told(account: StripeAccount, *events: tuple[int, str, str, str]) -> None:
    await deliver(account, *events)
    await work_off()


async def of_platform(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with platform_scope(system("test"), "test") as scope:
        return [dict(row) for row in await scope.rows(sql, *args)]


async def problems() -> list[str]:
    return [row["kind"] for row in await of_platform("SELECT kind FROM payment_problems")]


async def topics(*names: str) -> list[str]:
    rows = await of_platform("SELECT topic FROM outbox WHERE topic = ANY($1) ORDER BY id", names)
    return [row["topic"] for row in rows]


async def waiting_events() -> int:
    rows = await of_platform("SELECT event_id FROM stripe_inbox WHERE state = 'waiting'")
    return len(rows)


@contextmanager
def later_by(**time: float) -> Iterator[None]:
    before = clock.offset()
    clock.set_offset(before + timedelta(**time))
    try:
        yield
    finally:
        clock.set_offset(before)
