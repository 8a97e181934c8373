"""What a bank statement is read into: lines of money that came in. Pure.

Whatever is not a statement is InvalidInput or MalformedInput with a stable code and, where there is
one, the line. External entities, document types and entity bombs are refused before they expand.
"""

import hashlib
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from backend.billing.desk_states import (
    BANK_AMOUNT_MINOR_MAX,
    BANK_LINES_MAX,
)
from backend.kernel.errors import InvalidInput, TooLarge

_DIGITS: Final = {"JPY": 0, "KRW": 0, "ISK": 0, "HUF": 2, "KWD": 3, "BHD": 3, "TND": 3}
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"[+-]?(?=\.?[0-9])[0-9]{0,24}(\.[0-9]{0,6})?")
YEAR_MIN: Final = 2000
YEAR_MAX: Final = 2200
CELL_CHARACTERS_MAX: Final = 10_000


class BankLine(NamedTuple):
    account: str
    entry_key: str
    booked_on: date
    amount_minor: int
    currency: str
    counterparty: str
    remittance: str


class Statement(NamedTuple):
    """`debits`: what we paid, counted and left out."""

    lines: list[BankLine]
    debits: int


def wrong(code: str, message: str, line: int | None = None) -> InvalidInput:
    facts = {"line": line} if line else {}
    return InvalidInput(code, message, errors=None, **facts)


def shown(text: str | None, characters_max: int) -> str:
    return _UNSHOWABLE.sub(" ", text or "").strip()[:characters_max]


def minor_of(text: str, currency: str, line: int) -> int:
    """Exact: what has more decimals than the currency is refused, not rounded."""
    # Plain digits: `Decimal` alone also reads 1_000, 1e9 and digits of every script.
    if not _AMOUNT.fullmatch(text):
        raise wrong("amount_invalid", "an amount is a decimal number", line)
    scaled = Decimal(text).scaleb(_DIGITS.get(currency, 2))
    if scaled != scaled.to_integral_value():
        raise wrong("amount_invalid", "more decimals than its currency has", line)
    if abs(scaled) > BANK_AMOUNT_MINOR_MAX:
        raise wrong("amount_too_large", "no bank books so much", line)
    return int(scaled)


def currency_of(text: str, line: int) -> str:
    if not _CURRENCY.fullmatch(text) or text == "XXX":
        raise wrong("currency_unknown", "a currency is three letters of ISO 4217", line)
    return text


def checked_day(day: date, line: int) -> date:
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise wrong("date_invalid", "a booking day of this century", line)
    return day


class Keys:
    """Of entries without a reference of the bank: a hash, and which of its like it is."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, reference: str, *facts: object) -> str:
        if reference:
            self._seen[reference] += 1
            again = self._seen[reference]
            return reference if again == 1 else f"{reference}/{again}"
        text = "\x1f".join(map(str, facts))
        digest = hashlib.sha256(text.encode()).hexdigest()[:40]
        self._seen[digest] += 1
        return f"#{digest}/{self._seen[digest]}"


def check_count(lines: int) -> None:
    if lines > BANK_LINES_MAX:
        raise TooLarge("too_many_lines", "split the file", limit_lines=BANK_LINES_MAX)
