"""Credits that are taxed when they are used: every month, in the seller's zone, what was used of
what was paid in advance becomes an invoice with its tax, over the money that was paid for it.

Each advance is counted from its first credit to its last: what was used of it is worth its part of
what was paid and not given back, less what was invoiced before. So nothing is taxed twice, parts
sum to the whole, and what comes back late, or was never paid in the end, lowers a later month.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from backend.billing.document_states import DocumentKind, DocumentState
from backend.billing.months import next_month, start_of
from backend.billing.pricing import in_micro
from backend.billing.purchase_states import share_minor
from backend.billing.queries import documents, redemption
from backend.billing.schemas.documents import Draft, Line
from backend.billing.schemas.profiles import BillingProfileView
from backend.billing.service.issuing import credit_document, document, issue
from backend.billing.service.profiles import required_profile
from backend.billing.service.taxes import seller_of, tax_within
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.faults import point
from backend.kernel.principal import system
from backend.ledger.service.consumption import used_of_top_ups

TENANTS_PER_TURN: Final = 200
MONTHS_PER_TURN: Final = 36
NUMBERS_SHOWN_MAX: Final = 20
FURTHEST_ZONE: Final = timedelta(hours=14)
BEFORE_ALL: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Used(msgspec.Struct, frozen=True):
    """Of one advance, in this month."""

    advance_id: UUID
    number: str
    currency: str
    credits: int
    gross_minor: int
    is_known: bool


async def redeem_months() -> int:
    """The clock's sweep: every month that ended and is not invoiced; returns the months done."""
    after: UUID | None = None
    done = 0
    while True:
        async with platform_scope(system("redemption"), "credits used") as scope:
            newest = (scope.now + FURTHEST_ZONE).date().replace(day=1) - timedelta(days=1)
            tenants = await redemption.tenants(
                scope, newest.replace(day=1), after, TENANTS_PER_TURN
            )
        for tenant_id in tenants:
            done += await redeem_tenant(tenant_id)
        if len(tenants) < TENANTS_PER_TURN:
            return done
        after = tenants[-1]


async def redeem_tenant(tenant_id: UUID) -> int:
    """One transaction a month, the oldest first; returns how many were done."""
    for done in range(MONTHS_PER_TURN):
        async with tenant_scope(system("redemption", tenant_id)) as scope:
            if not await _redeem_next(scope):
                return done
    return MONTHS_PER_TURN


async def _redeem_next(scope: Scope) -> bool:
    progress = await redemption.progress(scope)
    if progress["first_at"] is None:
        return False
    profile = await required_profile(scope)
    zone = (await seller_of(scope, profile.legal_entity)).entity.time_zone
    first = progress["first_at"].astimezone(ZoneInfo(zone)).date().replace(day=1)
    month = next_month(progress["last_month"]) if progress["last_month"] else first
    end = start_of(next_month(month), zone)
    if scope.now < end or not await redemption.begin(scope, month):
        return False
    found = await _used(scope, start_of(month, zone), end)
    for currency in sorted({one.currency for one in found}):
        parts = [one for one in found if one.currency == currency]
        document_id = await _settle(scope, profile, month, end, parts)
        rows = [(one.advance_id, one.credits, one.gross_minor) for one in parts]
        await redemption.insert(scope, month, document_id, rows)
    point("billing.month_redeemed")
    return True


async def _used(scope: Scope, start: datetime, end: datetime) -> list[Used]:
    """What is new: an advance nobody looked at before counts from its beginning, for its document
    may have been written long after its credits came.
    """
    rows = await redemption.advances(scope)
    since = {row["reference"]: start if row["is_known"] else BEFORE_ALL for row in rows}
    used = await used_of_top_ups(scope, since, end)
    found = [_of_advance(row, used) for row in rows]
    return [one for one in found if one.credits or one.gross_minor or not one.is_known]


def _of_advance(row: asyncpg.Record, used: Mapping[str, int]) -> Used:
    """Pure."""
    credits_used = used.get(row["reference"], 0)
    worth = worth_minor(
        paid_minor=row["gross_minor"],
        paid_credits=row["credits"],
        back_minor=row["credited_minor"],
        back_credits=row["credited_credits"],
        used_credits=row["redeemed_credits"] + credits_used,
    )
    return Used(
        row["id"],
        row["number"],
        row["currency"],
        credits_used,
        worth - row["redeemed_minor"],
        row["is_known"],
    )


def worth_minor(
    *, paid_minor: int, paid_credits: int, back_minor: int, back_credits: int, used_credits: int
) -> int:
    """Pure: what was paid for the credits used so far, and stayed paid. The last credit of an
    advance takes what is left of its money to the cent.
    """
    left = max(paid_minor - back_minor, 0)
    used = min(max(used_credits, 0), paid_credits)
    if used + back_credits >= paid_credits:
        return left
    return min(share_minor(paid_minor, paid_credits, used), left)


async def _settle(
    scope: Scope, profile: BillingProfileView, month: date, end: datetime, parts: list[Used]
) -> UUID | None:
    """The month's invoice in one currency; where more came back than was used, credit notes to the
    invoices before it.
    """
    total = sum(one.gross_minor for one in parts)
    if total > 0:
        return await _invoice(scope, profile, month, end, parts)
    if total < 0:
        await _take_back(scope, month, parts[0].currency, -total)
    return None


async def _invoice(
    scope: Scope, profile: BillingProfileView, month: date, end: datetime, parts: list[Used]
) -> UUID:
    """By the rate of the month's last moment, whenever it is written. It was paid long ago."""
    seller = await seller_of(scope, profile.legal_entity, end - timedelta(microseconds=1))
    currency, gross = parts[0].currency, sum(one.gross_minor for one in parts)
    used = max(sum(one.credits for one in parts), 0)
    tax = tax_within(gross, seller, profile)
    net, quantity = gross - tax.tax_minor, max(used, 1)
    source = f"redeemed:{month:%Y-%m}:{currency}"
    last = next_month(month) - timedelta(days=1)
    line = Line(
        description=f"Message credits used in {month:%Y-%m}, paid in advance",
        quantity=quantity,
        unit_price_micro=in_micro(net, currency) // quantity,
        net_minor=net,
        tax_category=tax.category,
        rate_permille=tax.rate_permille,
        tax_minor=tax.tax_minor,
        tax_note=tax.note,
    )
    draft = Draft(
        kind=DocumentKind.MONTHLY_INVOICE,
        state=DocumentState.PAID,
        source=source,
        currency=currency,
        credits=used,
        lines=(line,),
        notes=(_paid_with([one.number for one in parts if one.gross_minor]),),
        supplied_on=last,
        period=(month, last),
        paid_at=scope.now,
        paid_by=source,
    )
    return await issue(scope, draft)


def _paid_with(numbers: list[str]) -> str:
    shown = ", ".join(numbers[:NUMBERS_SHOWN_MAX])
    more = (
        f" and {len(numbers) - NUMBERS_SHOWN_MAX} more" if len(numbers) > NUMBERS_SHOWN_MAX else ""
    )
    return f"Paid in advance: {shown}{more}. Nothing is left to be paid."


async def _take_back(scope: Scope, month: date, currency: str, amount: int) -> None:
    note = "Credits that came back, or whose payment was taken back, after they were invoiced."
    for invoice_id in await redemption.invoices(scope, currency):
        await documents.lock(scope, invoice_id)
        before = await documents.credited(scope, invoice_id)
        left = (await document(scope, scope.tenant_id, invoice_id)).gross_minor
        left -= before["net_minor"] + before["tax_minor"]
        part = min(left, amount)
        if part < 1:
            continue
        await credit_document(
            scope,
            invoice_id,
            f"redeemed:{month:%Y-%m}:back:{invoice_id}",
            note,
            amount_minor=part,
            credits_back=0,
        )
        amount -= part
        if amount == 0:
            return
