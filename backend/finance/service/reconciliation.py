"""Every day Stripe, the ledger and the gateways are compared; made again it is one run more."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import asyncpg
import msgspec

from backend.billing.payment_facts import PaymentFacts, RefundFacts
from backend.billing.payments import payments
from backend.db.pages import check_limit, decode_cursor, next_cursor
from backend.db.scope import Scope, platform_scope
from backend.finance.queries import days, reconciliation
from backend.finance.schemas.days import (
    GatewayDay,
    Item,
    ItemResolution,
    ReconciliationView,
)
from backend.finance.service.comparing import (
    compare_gateways,
    compare_payments,
    compare_refunds,
    compare_sessions,
    compare_top_ups,
)
from backend.kernel.errors import (
    Conflict,
    NotFound,
    StateConflict,
    Unavailable,
    invalid_field,
)
from backend.kernel.principal import Principal, system
from backend.kernel.views import Page

ITEMS_SHOWN_MAX: Final = 2_000
RECONCILED_ROWS_DEFAULT: Final = 31
ASKED_AGAIN_MAX: Final = 500
"""Payments of other days that are asked for one by one."""


class _AtProvider(NamedTuple):
    payments: list[PaymentFacts]
    refunds: list[RefundFacts]
    is_asked: bool


async def reconcile_day(principal: Principal, day: date) -> ReconciliationView:
    """Raises Conflict `day_not_over`, InvalidInput `day_too_early`, Unavailable
    `payments_unavailable` where the provider does not answer: half a comparison says nothing.
    """
    async with platform_scope(principal, f"reconcile {day}", takes_key=True) as scope:
        await _check_over(scope, day)
        bought = await reconciliation.bought(scope, day)
        settled = await reconciliation.refunds_settled(scope, day)
    provider = await _at_provider(day, bought, settled)
    async with platform_scope(principal, f"reconcile {day}", takes_key=True) as scope:
        await _compare(scope, day, bought, settled, provider)
        view = await _one(scope, day)
        await scope.answer(view)
    return view


async def _check_over(scope: Scope, day: date) -> None:
    if not days.is_over(scope, day):
        raise Conflict("day_not_over", "a day is compared a quarter of an hour after its end")
    first = await days.first_day(scope)
    if first is None or day < first:
        raise invalid_field("/day", "day_too_early", "the ledger begins later", first=first)


async def _at_provider(
    day: date, bought: list[asyncpg.Record], settled: list[asyncpg.Record]
) -> _AtProvider:
    try:
        provider = payments()
    except Unavailable:  # this installation sells nothing by itself
        return _AtProvider([], [], is_asked=False)
    start, end = days.bounds(day)
    paid = [one async for one in provider.payments_between(start, end)]
    given = [one async for one in provider.refunds_between(start, end)]
    # Paid that day and opened on another: asked for by name.
    wanted = {row["payment_id"] for row in bought if row["payment_id"]} - {one.id for one in paid}
    for payment_id in sorted(wanted)[:ASKED_AGAIN_MAX]:
        found = await _unless_absent(provider.payment(payment_id))
        paid += [found] if found else []
    refunds = {row["stripe_id"] for row in settled if row["stripe_id"]}
    for refund_id in sorted(refunds - {one.id for one in given})[:ASKED_AGAIN_MAX]:
        back = await _unless_absent(provider.refund_facts(refund_id))
        given += [back] if back else []
    return _AtProvider(paid, given, is_asked=True)


async def _unless_absent(asked: Any) -> Any:
    try:
        return await asked
    except NotFound:
        return None


async def _compare(
    scope: Scope,
    day: date,
    bought: list[asyncpg.Record],
    settled: list[asyncpg.Record],
    provider: _AtProvider,
) -> None:
    found = []
    if provider.is_asked:
        ids = [one.id for one in provider.payments]
        purchases = await reconciliation.purchases_paid(scope, ids)
        found += compare_payments(provider.payments, purchases, bought)
        known = await reconciliation.refunds_known(scope, [one.id for one in provider.refunds])
        found += compare_refunds(provider.refunds, known, settled)
    top_ups = await reconciliation.top_ups_of(scope, day)
    sessions = await reconciliation.sessions_charged(scope, day)
    gateways = await reconciliation.gateways_of(scope, day)
    found += compare_top_ups(top_ups)
    found += compare_sessions(sessions)
    found += compare_gateways(gateways)
    charged = sum(row["charged_credits"] for row in gateways)
    captured = await reconciliation.captured(scope, day)
    counts = (len(provider.payments), len(provider.refunds), len(top_ups), charged, captured)
    run = await reconciliation.save_day(
        scope, day, is_stripe_asked=provider.is_asked, counts=counts
    )
    await reconciliation.save_items(scope, day, run, found)
    await reconciliation.save_gateways(scope, day, gateways)


async def reconcile_due_day() -> bool:
    """The clock's part: the oldest day that nobody compared. Whether another waits."""
    async with platform_scope(system("reconcile"), "reconcile") as scope:
        day = await _due(scope)
    if day is None:
        return False
    await reconcile_day(system("reconcile"), day)
    return True


async def _due(scope: Scope) -> date | None:
    newest = await reconciliation.page(scope, None, 1)
    first = await days.first_day(scope)
    day = newest[0]["day"] + timedelta(days=1) if newest else first
    if day is None or not days.is_over(scope, day):
        return None
    found: date = day
    return found


async def list_reconciliations(
    principal: Principal, *, cursor: str | None = None, limit: int = RECONCILED_ROWS_DEFAULT
) -> Page[ReconciliationView]:
    """Newest day first."""
    check_limit(limit)
    before = decode_cursor(cursor, date.fromisoformat)[0] if cursor else None
    async with platform_scope(principal, "reconciliations") as scope:
        rows = await reconciliation.page(scope, before, limit)
        views = await _views(scope, rows)
    return Page(items=views, next_cursor=next_cursor(rows, limit, "day"))


async def resolve_item(
    principal: Principal, day: date, given: ItemResolution
) -> ReconciliationView:
    """Raises NotFound, StateConflict `item_resolved`."""
    async with platform_scope(principal, f"resolve {given.subject}", takes_key=True) as scope:
        items = await reconciliation.items_saved(scope, [day], ITEMS_SHOWN_MAX)
        if not any((i["kind"], i["subject"]) == (given.kind, given.subject) for i in items):
            raise NotFound
        if not await reconciliation.resolve(scope, day, given.kind, given.subject, given.note):
            raise StateConflict("item_resolved", "somebody has resolved it already")
        view = await _one(scope, day)
        await scope.answer(view, 200)
    return view


async def _one(scope: Scope, day: date) -> ReconciliationView:
    row = await reconciliation.day_row(scope, day)
    if row is None:
        raise NotFound
    [view] = await _views(scope, [row])
    return view


async def _views(scope: Scope, rows: list[asyncpg.Record]) -> list[ReconciliationView]:
    shown = [row["day"] for row in rows]
    gateways: dict[date, list[GatewayDay]] = defaultdict(list)
    for one in await reconciliation.gateways_saved(scope, shown):
        gateways[one["day"]].append(msgspec.convert(_plain(one), GatewayDay))
    items: dict[date, list[Item]] = defaultdict(list)
    for one in await reconciliation.items_saved(scope, shown, ITEMS_SHOWN_MAX):
        items[one["day"]].append(msgspec.convert(_plain(one), Item))
    return [
        msgspec.convert(
            dict(row) | {"gateways": gateways[row["day"]], "items": items[row["day"]]},
            ReconciliationView,
        )
        for row in rows
    ]


def _plain(row: asyncpg.Record) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name != "day"}
