"""What credits cost a tenant, and the tariffs two people of finance put in force."""

from datetime import datetime, timedelta

import asyncpg
import msgspec

from backend.billing.pricing import (
    CURRENCY_DIGITS,
    PurchasePrice,
    Tier,
    net_minor,
    tier_of,
)
from backend.billing.queries import tariffs
from backend.billing.schemas.profiles import BillingProfileView, Seller
from backend.billing.schemas.tariffs import (
    CreditPriceView,
    Package,
    PackagesView,
    TariffCreate,
    TariffView,
    TierView,
)
from backend.billing.service import taxes
from backend.billing.service.profiles import profile_of, required_profile
from backend.billing.states import (
    PURCHASE_CREDITS_MAX,
    PURCHASE_CREDITS_MIN,
    PURCHASE_GROSS_MINOR_MAX,
    TariffState,
)
from backend.db.pages import check_limit, decode_cursor, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.errors import Conflict, Forbidden, StateConflict, invalid_field
from backend.kernel.principal import Principal
from backend.kernel.views import EXPIRY_DAYS_MAX, Page

PACKAGE_CREDITS = (1_000, 5_000, 20_000, 50_000, 200_000, 500_000)
VERSION_MAX = 2**31 - 1


class PriceTerms(msgspec.Struct, frozen=True):
    """Everything a price is made of, read once."""

    version: int
    tiers: list[Tier]
    currency: str
    seller: Seller
    buyer: BillingProfileView | None


def check_purchase(credits_bought: int, pointer: str) -> int:
    if not PURCHASE_CREDITS_MIN <= credits_bought <= PURCHASE_CREDITS_MAX:
        raise invalid_field(
            pointer,
            "invalid_amount",
            f"whole credits from {PURCHASE_CREDITS_MIN} to {PURCHASE_CREDITS_MAX}",
            allowed_min=PURCHASE_CREDITS_MIN,
            allowed_max=PURCHASE_CREDITS_MAX,
        )
    return credits_bought


async def price_purchase(scope: Scope, credits: int) -> PurchasePrice:  # noqa: A002 - the unit
    """What this many credits cost the scope's tenant now, to be frozen with its purchase.

    Raises InvalidInput `invalid_amount`, Conflict `billing_profile_required`,
    `currency_not_priced`, `vat_rate_missing`, `price_not_payable`.
    """
    check_purchase(credits, "/credits")
    price = priced(credits, await terms_of(scope, await required_profile(scope)))
    if not 1 <= price.gross_minor <= PURCHASE_GROSS_MINOR_MAX:
        raise Conflict("price_not_payable", "no card pays this", gross_minor=price.gross_minor)
    return price


def packages(terms: PriceTerms) -> list[Package]:
    """The usual amounts, priced; before there is a profile with the dearest tax."""
    return [Package(credits=each, price=priced(each, terms)) for each in PACKAGE_CREDITS]


async def terms_of(
    scope: Scope, buyer: BillingProfileView | None, at: datetime | None = None
) -> PriceTerms:
    """A step: what counts now, or counted at a moment. Raises Conflict `currency_not_priced`,
    `vat_rate_missing`.
    """
    code = buyer.legal_entity if buyer else taxes.DEFAULT_ENTITY
    seller = await taxes.seller_of(scope, code, at)
    currency = buyer.currency if buyer else seller.entity.currency
    version = await tariffs.in_force(scope, currency, at)
    if version is None:
        raise Conflict("currency_not_priced", "no tariff is in this currency", currency=currency)
    rows = await tariffs.tiers_of(scope, version)
    tiers = [msgspec.convert(dict(row), Tier) for row in rows]
    return PriceTerms(version, tiers, currency, seller, buyer)


def priced(credits_bought: int, terms: PriceTerms) -> PurchasePrice:
    """Pure: the same facts give the same bytes."""
    tier_no = tier_of(terms.tiers, credits_bought)
    unit_price_micro = terms.tiers[tier_no - 1].unit_price_micro
    net = net_minor(credits_bought, unit_price_micro, terms.currency)
    tax = taxes.tax_for(net, terms.seller, terms.buyer)
    return PurchasePrice(
        credits_bought,
        terms.version,
        tier_no,
        unit_price_micro,
        terms.currency,
        net,
        tax,
        net + tax.tax_minor,
    )


async def list_credit_packages(principal: Principal) -> PackagesView:
    async with tenant_scope(principal) as scope:
        buyer = await profile_of(scope)
        terms = await terms_of(scope, buyer)
        return PackagesView(
            packages=packages(terms),
            tiers=[
                TierView(credits_from=one.credits_from, unit_price_micro=one.unit_price_micro)
                for one in terms.tiers
            ],
            is_estimate=buyer is None,
            purchase_credits_min=PURCHASE_CREDITS_MIN,
            purchase_credits_max=PURCHASE_CREDITS_MAX,
        )


async def read_credit_price(principal: Principal, credits_bought: int) -> CreditPriceView:
    check_purchase(credits_bought, "/query/credits")
    async with tenant_scope(principal) as scope:
        buyer = await profile_of(scope)
        price = priced(credits_bought, await terms_of(scope, buyer))
    return CreditPriceView(price=price, is_estimate=buyer is None)


async def list_tariffs(principal: Principal, cursor: str | None, limit: int) -> Page[TariffView]:
    """The newest version first."""
    check_limit(limit)
    before = decode_cursor(cursor, _version)[0] if cursor else None
    async with platform_scope(principal, "tariffs") as scope:
        rows = await tariffs.page(scope, before, limit)
        items = [await _view(scope, row) for row in rows]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "version"))


def _version(text: str) -> int:
    found = int(text)
    if not 0 < found <= VERSION_MAX:
        raise ValueError("no version")
    return found


def _known(version: int) -> int:
    """A number no column holds is nobody's version."""
    return version if 0 < version <= VERSION_MAX else 0


async def propose_tariff(principal: Principal, data: TariffCreate) -> TariffView:
    """The next version, for a second person to approve. Raises InvalidInput `tiers_disordered`,
    `currency_unknown`, `effective_from_past`, Conflict `tariff_proposed` where another was faster.
    """
    starts = [tier.credits_from for tier in data.tiers]
    if starts[0] != 1 or starts != sorted(set(starts)):
        message = "tiers begin at 1 credit and rise"
        raise invalid_field("/tiers", "tiers_disordered", message)
    if data.currency not in CURRENCY_DIGITS:
        raise invalid_field("/currency", "currency_unknown", "not a currency we sell in")
    try:
        async with platform_scope(principal, data.reason, takes_key=True) as scope:
            if data.effective_from < scope.now:
                message = "a price that was in force never changes"
                raise invalid_field("/effective_from", "effective_from_past", message)
            if data.effective_from > scope.now + timedelta(days=EXPIRY_DAYS_MAX):
                raise invalid_field("/effective_from", "date_too_far", "at most ten years from now")
            version = await tariffs.newest_version(scope) + 1
            await tariffs.insert(scope, version, data)
            view = await _view(scope, await tariffs.one(scope, version))
            await scope.answer(view)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("tariff_proposed", "another tariff was proposed meanwhile") from error
    return view


async def approve_tariff(principal: Principal, version: int) -> TariffView:
    """Raises Forbidden `second_person_must_differ`, StateConflict `tariff_not_proposed`, Conflict
    `effective_from_past` where its day came before its second person.
    """
    async with platform_scope(principal, f"approve tariff {version}", takes_key=True) as scope:
        before = await tariffs.one(scope, _known(version))
        if before["created_by"] == principal.actor:
            raise Forbidden("second_person_must_differ", "whoever proposed a tariff cannot approve")
        if before["effective_from"] < scope.now:
            raise Conflict("effective_from_past", "propose it again with a day to come")
        if not await tariffs.approve(scope, version):
            raise StateConflict("tariff_not_proposed", "nothing waits here")
        view = await _view(scope, await tariffs.one(scope, version))
        await scope.answer(view, 200)
    return view


async def withdraw_tariff(principal: Principal, version: int) -> TariffView:
    """A proposal only. Raises StateConflict `tariff_not_proposed`."""
    async with platform_scope(principal, f"withdraw tariff {version}", takes_key=True) as scope:
        await tariffs.one(scope, _known(version))
        if not await tariffs.withdraw(scope, version):
            raise StateConflict("tariff_not_proposed", "nothing waits here")
        view = await _view(scope, await tariffs.one(scope, version))
        await scope.answer(view, 200)
    return view


async def _view(scope: Scope, row: asyncpg.Record) -> TariffView:
    tiers = await tariffs.tiers_of(scope, row["version"])
    if row["approved_by"]:
        state = TariffState.APPROVED
    else:
        state = TariffState.WITHDRAWN if row["withdrawn_by"] else TariffState.PROPOSED
    current = await tariffs.in_force(scope, row["currency"])
    return TariffView(
        **dict(row),
        tiers=[TierView(**dict(tier)) for tier in tiers],
        state=state,
        is_in_force=row["version"] == current,
    )
