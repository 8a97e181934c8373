"""What becomes of a card: Stripe's own test numbers and tokens, with their meaning.

Numbers and tokens are those of Stripe's documentation, so what is tried here can be tried there;
`DO_NOT_HONOR` has none of its own at Stripe and is ours.
"""

from enum import StrEnum
from typing import Any, NamedTuple


class Fate(StrEnum):
    PAYS = "pays"
    DECLINED = "declined"
    AUTHENTICATES = "authenticates"
    """3-D Secure at every payment: refused when nobody is there."""
    AUTHENTICATES_ONCE = "authenticates_once"
    """3-D Secure when it is saved; later charges go through without its owner."""
    DECLINED_LATER = "declined_later"
    """Can be saved, and every charge of it is declined."""
    DISPUTED = "disputed"
    WARNED = "warned"
    """Pays, and an early fraud warning follows."""
    REFUND_FAILS = "refund_fails"
    """Pays; a refund succeeds at first and fails later."""
    REFUND_PENDS = "refund_pends"
    PAYS_LATER = "pays_later"
    """A bank debit: processing first."""
    FAILS_LATER = "fails_later"


class Method(NamedTuple):
    """`code` and `decline_code` of the refusal; `brand` `sepa_debit` is no card."""

    token: str
    number: str
    fate: Fate
    code: str = "card_declined"
    decline_code: str | None = None
    brand: str = "visa"
    says: str = "Your card was declined."

    @property
    def last4(self) -> str:
        return self.number[-4:]


METHODS = [
    Method("pm_card_visa", "4242424242424242", Fate.PAYS),
    Method("pm_card_mastercard", "5555555555554444", Fate.PAYS, brand="mastercard"),
    Method("pm_card_amex", "378282246310005", Fate.PAYS, brand="amex"),
    Method("pm_card_authenticationRequired", "4000002760003184", Fate.AUTHENTICATES),
    Method("pm_card_authenticationRequiredOnSetup", "4000002500003155", Fate.AUTHENTICATES_ONCE),
    Method(
        "pm_card_chargeDeclined",
        "4000000000000002",
        Fate.DECLINED,
        decline_code="generic_decline",
    ),
    Method(
        "pm_card_chargeDeclinedInsufficientFunds",
        "4000000000009995",
        Fate.DECLINED,
        decline_code="insufficient_funds",
        says="Your card has insufficient funds.",
    ),
    Method(
        "pm_card_chargeDeclinedDoNotHonor",
        "4000000000000028",
        Fate.DECLINED,
        decline_code="do_not_honor",
    ),
    Method(
        "pm_card_chargeDeclinedExpiredCard",
        "4000000000000069",
        Fate.DECLINED,
        code="expired_card",
        says="Your card has expired.",
    ),
    Method(
        "pm_card_chargeDeclinedIncorrectCvc",
        "4000000000000127",
        Fate.DECLINED,
        code="incorrect_cvc",
        says="Your card's security code is incorrect.",
    ),
    Method(
        "pm_card_chargeDeclinedProcessingError",
        "4000000000000119",
        Fate.DECLINED,
        code="processing_error",
        says="An error occurred while processing your card. Try again in a little bit.",
    ),
    Method(
        "pm_card_chargeCustomerFail",
        "4000000000000341",
        Fate.DECLINED_LATER,
        decline_code="generic_decline",
    ),
    Method("pm_card_createDispute", "4000000000000259", Fate.DISPUTED),
    Method("pm_card_createIssuerFraudRecord", "4000000000005423", Fate.WARNED),
    Method("pm_card_refundFail", "4000000000005126", Fate.REFUND_FAILS),
    Method("pm_card_pendingRefund", "4000000000007726", Fate.REFUND_PENDS),
    Method("pm_debit_succeeds", "AT611904300234573201", Fate.PAYS_LATER, brand="sepa_debit"),
    Method(
        "pm_debit_fails",
        "AT861904300235473202",
        Fate.FAILS_LATER,
        code="payment_method_provider_decline",
        brand="sepa_debit",
        says="The bank refused the debit.",
    ),
]
BY_TOKEN = {method.token: method for method in METHODS}
BY_NUMBER = {method.number: method for method in METHODS}


def is_card_number(digits: str) -> bool:
    """The check digit of ISO/IEC 7812 (Luhn)."""
    if not digits.isascii() or not digits.isdigit() or not 12 <= len(digits) <= 19:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def by_number(typed: str) -> Method | None:
    """None for what is no number; a card nobody knows pays, like its kind."""
    plain = "".join(typed.split()).replace("-", "").upper()
    known = BY_NUMBER.get(plain)
    if known or not is_card_number(plain):
        return known
    brand = "mastercard" if plain[0] == "5" else "amex" if plain[0] == "3" else "visa"
    return Method(f"pm_card_{plain[-4:]}", plain, Fate.PAYS, brand=brand)


def details(method: Method, exp_month: int, exp_year: int) -> dict[str, Any]:
    """The part of a payment method that names its kind."""
    if method.brand == "sepa_debit":
        debit = {"country": method.number[:2], "last4": method.last4, "bank_code": "19043"}
        return {"type": "sepa_debit", "sepa_debit": {**debit, "fingerprint": method.token[-8:]}}
    card = {
        "brand": method.brand,
        "last4": method.last4,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "country": "US",
        "funding": "credit",
        "fingerprint": f"fp{method.last4}{method.brand}",
        "three_d_secure_usage": {"supported": True},
    }
    return {"type": "card", "card": card}
