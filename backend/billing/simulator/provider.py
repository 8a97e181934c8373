"""The provider behind its API: where it keeps things, where it posts news, what it announces."""

import random
import time
from typing import Any, Final

import msgspec

from backend.billing.simulator.book import Book
from backend.billing.simulator.refusals import Refusal, missing, needed, wrong

API_VERSION: Final = "2026-10-28.endive"
AMOUNT_MINOR_MAX: Final = 99_999_999  # eight digits, Stripe's own bound
BANK_DEBIT_SECONDS: Final = 15.0
REFUND_FAILS_SECONDS: Final = 20.0
DISPUTE_SECONDS: Final = 5.0
CURRENCY_LETTERS: Final = 3

Fields = dict[str, Any]


class Deliveries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How events go out from now on. `copies`: how often each; `delay_seconds`: not before;
    `is_shuffled`: spread at random over `spread_seconds`; `is_held`: none until released.
    """

    copies: int = 1
    delay_seconds: float = 0.0
    is_shuffled: bool = False
    spread_seconds: float = 2.0
    is_held: bool = False


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """What the next calls meet: an answer 500 before anything was done, or a connection that
    closes after everything was.
    """

    fail_next: int = 0
    hang_up_next: int = 0


class Provider:
    """`url`: how a browser and our own pages reach it."""

    def __init__(self, book: Book, *, url: str = "", api_key: str, webhook_secret: str) -> None:
        self.book = book
        self.url = url
        self.api_key = api_key
        self.webhook_secret = webhook_secret
        self.deliveries = Deliveries()
        self.faults = Faults()
        self.debit_seconds = BANK_DEBIT_SECONDS
        self._random = random.Random(0)

    def announce(self, kind: str, subject: Fields) -> Fields:
        """The event with the object as it is now, and its deliveries."""
        event = self.book.add(
            "event",
            "evt",
            {
                "type": kind,
                "api_version": API_VERSION,
                "data": {"object": dict(subject)},
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
            },
        )
        how = self.deliveries
        for _ in range(how.copies):
            wait = self._random.uniform(0, how.spread_seconds) if how.is_shuffled else 0.0
            self.book.deliver(event["id"], time.time() + how.delay_seconds + wait)
        return event

    def get(self, kind: str, object_id: Any) -> Fields:
        """Raises Refusal `resource_missing`, for another kind's id too."""
        found = self.book.find(str(object_id))
        if found is None or found["object"] != kind:
            raise missing(kind.replace(".", " "), str(object_id))
        return found

    def customer(self, customer_id: Any) -> Fields:
        """Named in a request. Raises Refusal `resource_missing` for a deleted one, too."""
        found = self.book.find(str(customer_id))
        if found is None or found["object"] != "customer" or found.get("deleted"):
            raise missing("customer", str(customer_id), "customer")
        return found


def text(fields: Fields, name: str, *, is_needed: bool = False, length_max: int = 5000) -> Any:
    """A string or None. Raises Refusal."""
    value = fields.get(name)
    if value is None or value == "":
        if is_needed:
            raise needed(name)
        return None
    if not isinstance(value, str):
        raise wrong(name, f"Invalid string: {name}", "parameter_invalid_string")
    if len(value) > length_max:
        raise wrong(name, f"Invalid string: {name} is too long", "parameter_invalid_string_length")
    return value


def whole(fields: Fields, name: str, *, default: int | None = None) -> int:
    """Raises Refusal."""
    value = fields.get(name)
    if value is None and default is not None:
        return default
    if value is None:
        raise needed(name)
    try:
        return int(value)
    except (TypeError, ValueError):
        raise wrong(name, f"Invalid integer: {value}") from None


def amount(fields: Fields, name: str = "amount", *, default: int | None = None) -> int:
    value = whole(fields, name, default=default)
    if value < 1:
        raise wrong(name, "This value must be greater than or equal to 1.")
    if value > AMOUNT_MINOR_MAX:
        raise wrong(name, "Amount must be no more than €999,999.99", "amount_too_large")
    return value


def currency(fields: Fields) -> str:
    said = str(text(fields, "currency", is_needed=True)).lower()
    if len(said) != CURRENCY_LETTERS or not said.isalpha() or said == "xxx":
        raise wrong("currency", f"Invalid currency: {said}", "parameter_invalid")
    return said


def flag(fields: Fields, name: str) -> bool:
    return str(fields.get(name, "")).lower() in {"true", "one_off", "recurring"}


def metadata(fields: Fields) -> dict[str, str]:
    given = fields.get("metadata") or {}
    if not isinstance(given, dict):
        raise wrong("metadata", "Invalid hash", "parameter_invalid")
    return {str(name): str(value) for name, value in given.items()}


def refused_state(what: str, state: str) -> Refusal:
    return Refusal(
        f"This {what} cannot be used because it has a status of {state}.",
        code=f"{what.replace(' ', '_').lower()}_unexpected_state",
    )
