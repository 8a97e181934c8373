"""Credits into money, and the tax on it: integers only, the same answer for the same facts.

Amounts are minor units of a currency (cents), unit prices its millionths, rates permille. A line is
rounded once, half up; totals are sums of lines and never rounded again.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from backend.billing.states import TaxCategory

CURRENCY_DIGITS: Final = {
    **dict.fromkeys(
        (
            *("AUD", "BGN", "BRL", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS"),
            *("INR", "MXN", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "USD", "ZAR"),
        ),
        2,
    ),
    **dict.fromkeys(("CLP", "JPY", "KRW", "VND"), 0),
}
"""ISO 4217: digits of the minor unit, of the currencies a tariff may be in."""

EU: Final = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
"""Members as ISO 3166 writes them. Parts outside the VAT territory (the Canaries, Åland, …) share a
member's code in a tenant's address and are treated as the member: finance corrects by credit note.
"""
MICRO: Final = 1_000_000
PERMILLE: Final = 1_000

NOTE_REVERSE_CHARGE: Final = (
    "Reverse charge: VAT is due from the recipient of the service (Articles 44 and 196 of Directive"
    " 2006/112/EC)."
)
NOTE_OUTSIDE_EU: Final = (
    "Outside the scope of EU VAT: the recipient is established outside the European Union"
    " (Article 44 of Directive 2006/112/EC)."
)
NOTE_ABROAD: Final = "Outside the scope of the seller's VAT: the recipient is established abroad."
NOTE_UNCONFIRMED: Final = (
    "VAT of the seller's country: no VAT id of the recipient was confirmed by the register when"
    " this was sold."
)


class Tier(msgspec.Struct, frozen=True):
    credits_from: int
    unit_price_micro: int


class Tax(msgspec.Struct, frozen=True):
    """`note` is what the law wants written where no tax is charged, or says why it is."""

    rate_permille: int
    tax_minor: int
    reverse_charge: bool
    note: str
    category: TaxCategory


class PurchasePrice(msgspec.Struct, frozen=True):
    """Frozen with a purchase: what it costs, and why."""

    credits: int
    tariff_version: int
    tier_no: int
    unit_price_micro: int
    currency: str
    net_minor: int
    tax: Tax
    gross_minor: int


def half_up(numerator: int, denominator: int) -> int:
    """The nearest integer to a fraction that is not negative, the larger of two equally near."""
    if numerator < 0 or denominator <= 0:
        raise ValueError("amounts are rounded before they get a sign")
    return (2 * numerator + denominator) // (2 * denominator)


def tier_of(tiers: Sequence[Tier], credits_bought: int) -> int:
    """The number, from 1, of the highest tier reached; tiers begin with the lowest, which is 1."""
    reached = [at for at, tier in enumerate(tiers, 1) if tier.credits_from <= credits_bought]
    if not reached:
        raise ValueError("no tier begins this low")
    return reached[-1]


def net_minor(credits_bought: int, unit_price_micro: int, currency: str) -> int:
    """Quantity × unit price, rounded once to the currency's minor unit."""
    scale = MICRO // 10 ** CURRENCY_DIGITS[currency]
    return half_up(credits_bought * unit_price_micro, scale)


def in_micro(amount_minor: int, currency: str) -> int:
    scale: int = MICRO // 10 ** CURRENCY_DIGITS[currency]
    return amount_minor * scale


def tax_of(
    net: int, *, seller: str, rate_permille: int, buyer: str, is_vat_id_confirmed: bool
) -> Tax:
    """The rule for services between businesses, by the countries of seller and buyer.

    In the seller's own country: its rate. In another member state of the EU: with a VAT id that the
    register confirmed nothing, the buyer owes the tax; without one the seller's rate, because then
    nobody has shown that the buyer is a business. Elsewhere: outside the scope.
    """
    if buyer == seller:
        return _taxed(net, rate_permille, "")
    if buyer in EU and seller in EU:
        if is_vat_id_confirmed:
            return Tax(0, 0, True, NOTE_REVERSE_CHARGE, TaxCategory.REVERSE_CHARGE)
        return _taxed(net, rate_permille, NOTE_UNCONFIRMED)
    note = NOTE_OUTSIDE_EU if seller in EU else NOTE_ABROAD
    return Tax(0, 0, False, note, TaxCategory.OUTSIDE_SCOPE)


def _taxed(net: int, rate_permille: int, note: str) -> Tax:
    tax_minor = half_up(net * rate_permille, PERMILLE)
    return Tax(rate_permille, tax_minor, False, note, TaxCategory.STANDARD)


def money(amount_minor: int, currency: str) -> str:
    """`1,234.50 EUR`: the same in every document, whatever its language."""
    digits = CURRENCY_DIGITS[currency]
    sign, amount = ("-", -amount_minor) if amount_minor < 0 else ("", amount_minor)
    whole, rest = divmod(amount, 10**digits)
    tail = f".{rest:0{digits}d}" if digits else ""
    return f"{sign}{whole:,}{tail} {currency}"
