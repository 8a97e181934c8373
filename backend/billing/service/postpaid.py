"""Postpaid tenants: every month, in the seller's zone, what was used on credit becomes an invoice.

Billed is what was used since the tenant became postpaid, less what was billed before: what comes
back late lowers a later month, and no month is billed twice or forgotten.
"""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.billing.document_states import DocumentKind, DocumentState
from backend.billing.months import next_month, start_of
from backend.billing.queries import postpaid, profiles
from backend.billing.schemas.documents import Draft
from backend.billing.schemas.profiles import BillingProfileView
from backend.billing.service.issuing import issue
from backend.billing.service.profiles import required_profile
from backend.billing.service.sales import due_on, sale_lines
from backend.billing.service.tariffs import priced, terms_of
from backend.billing.service.taxes import seller_of
from backend.billing.states import TaxPoint
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.faults import point
from backend.kernel.principal import system
from backend.ledger.service.consumption import used_on_credit

TENANTS_PER_TURN = 200
MONTHS_PER_TURN = 36


async def bill_months() -> int:
    """The clock's sweep: every month that ended and is not billed yet; returns the months done."""
    after: UUID | None = None
    done = 0
    while True:
        async with platform_scope(system("postpaid"), "postpaid months") as scope:
            tenants = await profiles.postpaid_tenants(scope, after, TENANTS_PER_TURN)
        for tenant_id in tenants:
            done += await bill_tenant(tenant_id)
        if len(tenants) < TENANTS_PER_TURN:
            return done
        after = tenants[-1]


async def bill_tenant(tenant_id: UUID) -> int:
    """One transaction a month, the oldest first; returns how many were done."""
    for done in range(MONTHS_PER_TURN):
        async with tenant_scope(system("postpaid", tenant_id)) as scope:
            if not await _bill_next(scope):
                return done
    return MONTHS_PER_TURN


async def _bill_next(scope: Scope) -> bool:
    since = await profiles.postpaid_since(scope)
    if since is None:
        return False
    profile = await required_profile(scope)
    zone = (await seller_of(scope, profile.legal_entity)).entity.time_zone
    billed = await postpaid.billed(scope)
    first = since.astimezone(ZoneInfo(zone)).date().replace(day=1)
    month = next_month(billed["last_month"]) if billed["last_month"] else first
    end = start_of(next_month(month), zone)
    if scope.now < end:
        return False
    due = await used_on_credit(scope, since, end) - billed["credits"]
    document_id = await _invoice(scope, profile, month, end, due) if due > 0 else None
    await postpaid.insert(scope, month, max(due, 0), document_id)
    point("billing.month_billed")
    return True


async def _invoice(
    scope: Scope, profile: BillingProfileView, month: date, end: datetime, used: int
) -> UUID:
    """By the tariff and the rate of the month's last moment, whenever it is written."""
    terms = await terms_of(scope, profile, end - timedelta(microseconds=1))
    entity, price = terms.seller.entity, priced(used, terms)
    last = next_month(month) - timedelta(days=1)
    text = f"Messages sent in {month:%Y-%m}, in credits (tariff {price.tariff_version})"
    # Used credits are taxed now, wherever the tax point of sold ones lies.
    draft = Draft(
        kind=DocumentKind.MONTHLY_INVOICE,
        state=DocumentState.OPEN,
        source=f"month:{month:%Y-%m}",
        currency=price.currency,
        credits=used,
        lines=sale_lines(price, TaxPoint.AT_SALE, text),
        supplied_on=last,
        due_on=due_on(entity, scope.now),
        period=(month, last),
    )
    return await issue(scope, draft)
