"""Customers and what they pay with."""

from typing import Any

from backend.billing.simulator import fates
from backend.billing.simulator.fates import Fate, Method
from backend.billing.simulator.provider import Fields, Provider, metadata, text, whole
from backend.billing.simulator.refusals import Refusal, needed

EXP_MONTH, EXP_YEAR = 12, 2034


def create_customer(provider: Provider, fields: Fields) -> Fields:
    customer = provider.book.add(
        "customer",
        "cus",
        {
            "name": text(fields, "name"),
            "email": text(fields, "email", length_max=512),
            "metadata": metadata(fields),
            "balance": 0,
            "invoice_settings": {"default_payment_method": None},
        },
    )
    provider.announce("customer.created", customer)
    return customer


def change_customer(provider: Provider, customer_id: str, fields: Fields) -> Fields:
    known = provider.customer(customer_id)
    changes: Fields = {name: text(fields, name) for name in ("name", "email") if name in fields}
    if "metadata" in fields:
        changes["metadata"] = {**known["metadata"], **metadata(fields)}
    changed = provider.book.change(known, **changes)
    provider.announce("customer.updated", changed)
    return changed


def delete_customer(provider: Provider, customer_id: str) -> Fields:
    """Its cards are nobody's then; its id stays, and names nobody."""
    known = provider.customer(customer_id)
    for stored in list(provider.book.each("payment_method")):
        if stored["customer"] == customer_id:
            detach(provider, stored["id"])
    provider.announce("customer.deleted", known)
    provider.book.change(known, deleted=True)
    return {"id": customer_id, "object": "customer", "deleted": True}


def make_method(provider: Provider, method: Method, month: int, year: int) -> Fields:
    made = provider.book.add(
        "payment_method",
        "pm",
        {
            "customer": None,
            "metadata": {},
            "billing_details": {"address": {}, "email": None, "name": None, "phone": None},
            **fates.details(method, month, year),
        },
    )
    provider.book.hide(made["id"], token=method.token, number=method.number)
    return made


def create_method(provider: Provider, fields: Fields) -> Fields:
    """From raw numbers, which Stripe takes in test mode alone."""
    kind = text(fields, "type", is_needed=True)
    given = fields.get(kind)
    if kind not in {"card", "sepa_debit"} or not isinstance(given, dict):
        raise needed(kind)
    if "token" in given:
        return make_method(provider, _of_token(str(given["token"])), EXP_MONTH, EXP_YEAR)
    number = text(given, "number" if kind == "card" else "iban", is_needed=True)
    method = fates.by_number(number)
    if method is None:
        raise Refusal(
            "Your card number is incorrect.",
            status=402,
            kind="card_error",
            code="incorrect_number",
            param="number",
        )
    month = whole(given, "exp_month", default=EXP_MONTH)
    return make_method(provider, method, month, whole(given, "exp_year", default=EXP_YEAR))


def _of_token(token: str) -> Method:
    known = fates.BY_TOKEN.get(token.replace("tok_", "pm_card_"))
    if known is None:
        raise Refusal(f"No such token: '{token}'", code="resource_missing", param="card[token]")
    return known


def find_method(provider: Provider, method_id: str) -> Fields:
    """A stored one, or a new one of a test token."""
    known = fates.BY_TOKEN.get(method_id)
    if known:
        return make_method(provider, known, EXP_MONTH, EXP_YEAR)
    return provider.get("payment_method", method_id)


def method_of(provider: Provider, stored: Fields) -> Method:
    hidden = provider.book.hidden(stored["id"])
    known = fates.BY_TOKEN.get(hidden["token"]) or fates.by_number(hidden["number"])
    if known is None:
        raise LookupError(stored["id"])
    return known


def attach(provider: Provider, stored: Fields, customer_id: str) -> Fields:
    """Raises Refusal for a card that is refused at once, or is another customer's."""
    if stored["customer"] == customer_id:
        return stored
    if stored["customer"] is not None or provider.book.hidden(stored["id"]).get("is_detached"):
        raise Refusal(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    attached = provider.book.change(stored, customer=customer_id)
    provider.announce("payment_method.attached", attached)
    return attached


def attach_by_request(provider: Provider, method_id: str, fields: Fields) -> Fields:
    customer = provider.customer(text(fields, "customer", is_needed=True))
    stored = find_method(provider, method_id)
    method = method_of(provider, stored)
    if method.fate is Fate.DECLINED:
        raise card_error(method, is_kept=True)
    return attach(provider, stored, customer["id"])


def detach(provider: Provider, method_id: str) -> Fields:
    stored = provider.get("payment_method", method_id)
    if stored["customer"] is None:
        raise Refusal(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            code="payment_method_unexpected_state",
        )
    before = stored["customer"]
    detached = provider.book.change(stored, customer=None)
    provider.book.hide(method_id, is_detached=True)
    event = provider.announce("payment_method.detached", detached)
    event["data"]["previous_attributes"] = {"customer": before}
    provider.book.change(event)
    return detached


def card_error(method: Method, *, is_kept: bool, **more: Any) -> Refusal:
    return Refusal(
        method.says,
        status=402,
        kind="card_error",
        code=method.code,
        decline_code=method.decline_code,
        is_kept=is_kept,
        **more,
    )
