"""Credits into money: exact against fractions, the same for the same facts."""

from fractions import Fraction
from math import floor

import msgspec
import pytest
from hypothesis import given, strategies as st

from backend.billing.pricing import (
    CURRENCY_DIGITS,
    EU,
    NOTE_ABROAD,
    NOTE_OUTSIDE_EU,
    NOTE_REVERSE_CHARGE,
    NOTE_UNCONFIRMED,
    Tier,
    half_up,
    money,
    net_minor,
    tax_of,
    tier_of,
)
from backend.billing.states import PURCHASE_CREDITS_MAX, UNIT_PRICE_MICRO_MAX, TaxCategory

credits_bought = st.integers(1, PURCHASE_CREDITS_MAX)
prices = st.integers(1, UNIT_PRICE_MICRO_MAX)
currencies = st.sampled_from(sorted(CURRENCY_DIGITS))
rates = st.integers(0, 500)
tiers = st.lists(st.integers(2, PURCHASE_CREDITS_MAX), unique=True, max_size=19).map(
    lambda starts: [Tier(start, 1) for start in [1, *sorted(starts)]]
)


@given(st.integers(0, 10**30), st.integers(1, 10**18))
def test_half_up_is_the_nearest_and_never_a_float(numerator, denominator):
    assert half_up(numerator, denominator) == floor(
        Fraction(numerator, denominator) + Fraction(1, 2)
    )


def test_half_up_has_no_sign():
    for numerator, denominator in ((-1, 2), (1, 0), (1, -2)):
        with pytest.raises(ValueError):
            half_up(numerator, denominator)


@given(credits_bought, prices, currencies)
def test_a_line_is_off_by_half_a_minor_unit_at_most(bought, price, currency):
    exact = Fraction(bought * price, 10**6) * 10 ** CURRENCY_DIGITS[currency]
    assert abs(net_minor(bought, price, currency) - exact) <= Fraction(1, 2)


@given(tiers, credits_bought, credits_bought)
def test_more_credits_reach_no_lower_tier(ladder, one, other):
    low, high = sorted((one, other))
    assert tier_of(ladder, low) <= tier_of(ladder, high)
    assert ladder[tier_of(ladder, low) - 1].credits_from <= low


def test_a_ladder_that_begins_too_high_has_no_price():
    with pytest.raises(ValueError):
        tier_of([Tier(10, 1)], 9)


@given(
    st.integers(0, 10**15),
    rates,
    st.sampled_from([*sorted(EU), "NO", "US"]),
    st.sampled_from([*sorted(EU), "NO", "US"]),
    st.booleans(),
)
def test_tax_is_charged_or_its_absence_explained(net, rate, seller, buyer, is_confirmed):
    facts = {
        "seller": seller,
        "rate_permille": rate,
        "buyer": buyer,
        "is_vat_id_confirmed": is_confirmed,
    }
    tax = tax_of(net, **facts)
    assert msgspec.json.encode(tax) == msgspec.json.encode(tax_of(net, **facts))
    assert tax.reverse_charge == (tax.category is TaxCategory.REVERSE_CHARGE)
    if tax.category is TaxCategory.STANDARD:
        assert (tax.rate_permille, tax.tax_minor) == (rate, half_up(net * rate, 1000))
        assert (tax.note == "") == (seller == buyer)
    else:
        assert tax.note
        assert seller != buyer
        assert (tax.rate_permille, tax.tax_minor) == (0, 0)


@pytest.mark.parametrize(
    ("seller", "buyer", "is_confirmed", "category", "note"),
    [
        ("IE", "IE", False, "S", ""),
        ("IE", "IE", True, "S", ""),
        ("IE", "DE", True, "AE", NOTE_REVERSE_CHARGE),
        ("IE", "DE", False, "S", NOTE_UNCONFIRMED),
        ("IE", "NO", False, "O", NOTE_OUTSIDE_EU),
        ("IE", "GB", True, "O", NOTE_OUTSIDE_EU),
        ("NO", "NO", False, "S", ""),
        ("NO", "IE", True, "O", NOTE_ABROAD),
    ],
)
def test_the_rule_by_countries(seller, buyer, is_confirmed, category, note):
    tax = tax_of(
        1000, seller=seller, rate_permille=230, buyer=buyer, is_vat_id_confirmed=is_confirmed
    )
    assert (tax.category.value, tax.note) == (category, note)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (0, "EUR", "0.00 EUR"),
        (5, "EUR", "0.05 EUR"),
        (-123_456_789, "EUR", "-1,234,567.89 EUR"),
        (1_500, "JPY", "1,500 JPY"),
    ],
)
def test_money_is_written_one_way(amount, currency, shown):
    assert money(amount, currency) == shown
