"""Who sells to a tenant, at which rate, and the legal entities finance keeps."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import asyncpg
import msgspec

from backend.billing.pricing import CURRENCY_DIGITS, PERMILLE, Tax, half_up, tax_of
from backend.billing.queries import profiles
from backend.billing.schemas.profiles import (
    BillingProfileView,
    LegalEntityUpdate,
    LegalEntityView,
    Seller,
    VatRateCreate,
    VatRateView,
)
from backend.billing.states import VatState
from backend.billing.vat_numbers import normal_vat_id
from backend.db.scope import Scope, platform_scope
from backend.identity.service.tenants import normal_email
from backend.kernel.errors import Conflict, NotFound, invalid_field
from backend.kernel.principal import Principal

DEFAULT_ENTITY = "default"
_CODE = re.compile(r"[a-z][a-z0-9_]{0,30}")


async def seller_of(scope: Scope, code: str, at: datetime | None = None) -> Seller:
    """The legal entity and its VAT rate of a day, today, in its own zone.

    Raises Conflict `vat_rate_missing` where no rate is in force.
    """
    entity = msgspec.convert(dict(await profiles.entity(scope, code)), LegalEntityView)
    day = (at or scope.now).astimezone(ZoneInfo(entity.time_zone)).date()
    rate = await profiles.rate_on(scope, code, day)
    if rate is None:
        raise Conflict("vat_rate_missing", "no VAT rate of the seller is in force", entity=code)
    return Seller(entity, rate)


def tax_for(net_minor: int, seller: Seller, buyer: BillingProfileView | None) -> Tax:
    """Pure. Without a buyer: as in the seller's own country, the dearest case."""
    country = seller.entity.country if buyer is None else buyer.country
    return tax_of(
        net_minor,
        seller=seller.entity.country,
        rate_permille=seller.rate_permille,
        buyer=country,
        is_vat_id_confirmed=buyer is not None and buyer.vat_state is VatState.CONFIRMED,
    )


def tax_within(gross_minor: int, seller: Seller, buyer: BillingProfileView) -> Tax:
    """Pure. Of money that was paid already: what of it is tax, by the rule for this buyer."""
    rule = tax_for(0, seller, buyer)
    net = half_up(gross_minor * PERMILLE, PERMILLE + rule.rate_permille)
    return msgspec.structs.replace(rule, tax_minor=gross_minor - net)


async def list_legal_entities(principal: Principal) -> list[LegalEntityView]:
    async with platform_scope(principal, "legal entities") as scope:
        return [await _view(scope, row) for row in await profiles.entities(scope)]


async def update_legal_entity(
    principal: Principal, code: str, data: LegalEntityUpdate
) -> LegalEntityView:
    """Documents keep what stood when they were issued.

    Raises Conflict `legal_entity_changed`, `prefixes_equal`; InvalidInput `vat_id_invalid`,
    `time_zone_unknown`, `currency_unknown`.
    """
    _check_code(code)
    vat_id, _ = normal_vat_id(data.vat_id, data.country)
    if data.time_zone not in available_timezones():
        raise invalid_field("/time_zone", "time_zone_unknown", "a name of the IANA list")
    if data.currency not in CURRENCY_DIGITS:
        raise invalid_field("/currency", "currency_unknown", "not a currency we sell in")
    prefixes = {data.invoice_prefix, data.receipt_prefix, data.credit_note_prefix}
    if len(prefixes) != 3:
        message = "invoices, receipts and credit notes are told apart by their prefixes"
        raise invalid_field("/receipt_prefix", "prefixes_equal", message)
    checked = msgspec.structs.replace(data, email=normal_email(data.email))
    async with platform_scope(principal, f"legal entity {code}", takes_key=True) as scope:
        await profiles.entity(scope, code)  # NotFound
        row = await profiles.save_entity(scope, code, checked, vat_id)
        if row is None:
            raise Conflict("legal_entity_changed", "somebody else changed it meanwhile")
        view = await _view(scope, row)
        await scope.answer(view, 200)
    return view


async def add_vat_rate(principal: Principal, code: str, data: VatRateCreate) -> LegalEntityView:
    """From a day to come on: what was charged by the old rate stays. Raises Conflict
    `vat_rate_exists`, InvalidInput `effective_from_past`.
    """
    _check_code(code)
    async with platform_scope(principal, f"VAT rate of {code}", takes_key=True) as scope:
        row = await profiles.entity(scope, code)
        today = scope.now.astimezone(ZoneInfo(row["time_zone"])).date()
        if data.effective_from < today:
            raise invalid_field("/effective_from", "effective_from_past", "today or later")
        if not await profiles.insert_rate(scope, code, data):
            raise Conflict("vat_rate_exists", "a rate from this day on stands and never changes")
        view = await _view(scope, row)
        await scope.answer(view)
    return view


def _check_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise NotFound


async def _view(scope: Scope, row: asyncpg.Record) -> LegalEntityView:
    rates = await profiles.rates(scope, row["code"])
    view = msgspec.convert(dict(row), LegalEntityView)
    found = [msgspec.convert(dict(rate), VatRateView) for rate in rates]
    return msgspec.structs.replace(view, rates=found)
