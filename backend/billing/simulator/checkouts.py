"""Checkout sessions: what is sold or saved, and what the hosted page does with it."""

import secrets
import time
from typing import Any, Final

from backend.billing.simulator import methods, payments, provider as counter, setups
from backend.billing.simulator.provider import Fields, Provider, text
from backend.billing.simulator.refusals import Refusal, needed, wrong

LIFE_SECONDS_MIN: Final = 30 * 60
LIFE_SECONDS_MAX: Final = 24 * 3600
CLOCK_TOLERANCE_SECONDS: Final = 60
LINES_MAX: Final = 100
MODES: Final = {"payment", "setup"}


def create(provider: Provider, fields: Fields) -> Fields:
    mode = text(fields, "mode", is_needed=True)
    if mode not in MODES:
        raise wrong("mode", f"Invalid mode: {mode} is not simulated", "parameter_invalid")
    customer = text(fields, "customer")
    if customer:
        provider.customer(customer)
    lines = _lines(fields) if mode == "payment" else []
    said = {line["currency"] for line in lines} or {counter.currency(fields)}
    if len(said) > 1:
        raise wrong("line_items", "All prices must have one currency", "parameter_invalid")
    total = sum(line["amount_total"] for line in lines)
    made = provider.book.add(
        "checkout.session",
        "cs_test",
        {
            "amount_subtotal": total if lines else None,
            "amount_total": total if lines else None,
            "automatic_tax": {"enabled": False, "status": None},
            "cancel_url": text(fields, "cancel_url"),
            "client_reference_id": text(fields, "client_reference_id", length_max=200),
            "currency": said.pop(),
            "custom_fields": [],
            "customer": customer,
            "expires_at": _expiry(fields),
            "metadata": counter.metadata(fields),
            "mode": mode,
            "payment_intent": None,
            "payment_method_types": ["card", "sepa_debit"] if lines else ["card"],
            "payment_status": "unpaid" if lines else "no_payment_required",
            "setup_intent": None,
            "status": "open",
            "success_url": text(fields, "success_url", is_needed=True),
            "ui_mode": "hosted",
            "url": None,
        },
    )
    provider.book.hide(made["id"], lines=lines, intent=_intent_data(fields, mode))
    # Not guessed from the id, which travels in more places than the page's address.
    page = f"{provider.url}/c/pay/{made['id']}_{secrets.token_hex(4)}"
    return provider.book.change(made, url=page)


def _intent_data(fields: Fields, mode: str) -> Fields:
    given = fields.get("payment_intent_data" if mode == "payment" else "setup_intent_data") or {}
    return {
        "metadata": counter.metadata(given),
        "setup_future_usage": text(given, "setup_future_usage"),
        "description": text(given, "description"),
    }


def _expiry(fields: Fields) -> int:
    now = int(time.time())
    expires_at = counter.whole(fields, "expires_at", default=now + LIFE_SECONDS_MAX)
    life = expires_at - now
    tolerance = CLOCK_TOLERANCE_SECONDS
    if not LIFE_SECONDS_MIN - tolerance <= life <= LIFE_SECONDS_MAX + tolerance:
        raise wrong(
            "expires_at",
            "The `expires_at` timestamp must be between 30 minutes and 24 hours ahead.",
            "parameter_invalid",
        )
    return expires_at


def _lines(fields: Fields) -> list[Fields]:
    given = fields.get("line_items")
    if not isinstance(given, list) or not given:
        raise needed("line_items")
    if len(given) > LINES_MAX:
        raise wrong("line_items", "At most 100 line items", "parameter_invalid")
    return [_line(number, item) for number, item in enumerate(given)]


def _line(number: int, item: Any) -> Fields:
    price = item.get("price_data") if isinstance(item, dict) else None
    if not isinstance(price, dict):
        raise needed(f"line_items[{number}][price_data]")
    product = price.get("product_data")
    if not isinstance(product, dict):
        raise needed(f"line_items[{number}][price_data][product_data]")
    quantity = counter.whole(item, "quantity", default=1)
    each = counter.whole(price, "unit_amount")
    if quantity < 1 or each < 0:
        raise wrong(f"line_items[{number}]", "Amounts and quantities are positive")
    return {
        "name": text(product, "name", is_needed=True),
        "quantity": quantity,
        "amount_total": counter.amount({"amount": quantity * each}) if each else 0,
        "currency": counter.currency(price),
    }


def expire(provider: Provider, session_id: str) -> Fields:
    session = provider.get("checkout.session", session_id)
    if session["status"] != "open":
        raise counter.refused_state("checkout session", session["status"])
    expired = provider.book.change(session, status="expired", url=None)
    if expired["payment_intent"]:
        payment = provider.get("payment_intent", expired["payment_intent"])
        if payment["status"] in payments.CANCELABLE:
            payments.cancel(provider, payment["id"], {"cancellation_reason": "abandoned"})
    provider.announce("checkout.session.expired", expired)
    return expired


def expire_due(provider: Provider) -> None:
    now = time.time()
    for session in provider.book.each("checkout.session"):
        if session["status"] == "open" and session["expires_at"] <= now:
            expire(provider, session["id"])


def pay(provider: Provider, session: Fields, stored: Fields) -> Fields:
    """What the button of the page does. Answers the intent; raises Refusal for a decline."""
    if session["status"] != "open":
        raise counter.refused_state("checkout session", session["status"])
    intent = _intent_of(provider, session)
    provider.book.change(intent, payment_method=stored["id"])
    back = f"{provider.url}/c/back/{session['id']}"
    if session["mode"] == "setup":
        done = setups.confirm(provider, intent, back)
    else:
        done = payments.confirm(provider, intent, off_session=False, return_url=back)
    return finish(provider, provider.get("checkout.session", session["id"]), done)


def _intent_of(provider: Provider, session: Fields) -> Fields:
    """Made when it is first paid, then the same one at every try."""
    data = provider.book.hidden(session["id"])["intent"]
    name = "setup_intent" if session["mode"] == "setup" else "payment_intent"
    if session[name]:
        return provider.get(name, session[name])
    customer = session["customer"] or methods.create_customer(provider, {})["id"]
    if session["mode"] == "setup":
        made = setups.make(provider, customer=customer, metadata=data["metadata"])
    else:
        made = payments.make(
            provider,
            customer=customer,
            amount=session["amount_total"],
            currency=session["currency"],
            description=data["description"],
            metadata=data["metadata"],
            setup_future_usage=data["setup_future_usage"],
        )
    provider.book.change(session, **{name: made["id"]}, customer=customer)
    return made


def finish(provider: Provider, session: Fields, intent: Fields) -> Fields:
    """Completes the session where its intent has come so far; answers the intent."""
    if session["status"] != "open" or intent["status"] not in {"succeeded", "processing"}:
        return intent
    status = session["payment_status"]
    if session["mode"] == "payment":
        status = "paid" if intent["status"] == "succeeded" else "unpaid"
    done = provider.book.change(session, status="complete", payment_status=status, url=None)
    provider.announce("checkout.session.completed", done)
    return intent


def settled(provider: Provider, payment: Fields) -> None:
    """A delayed payment has come, or has not: its session says so too."""
    for session in provider.book.each("checkout.session"):
        if session["payment_intent"] != payment["id"] or session["payment_status"] == "paid":
            continue
        if payment["status"] == "succeeded":
            paid = provider.book.change(session, payment_status="paid")
            provider.announce("checkout.session.async_payment_succeeded", paid)
        else:
            provider.announce("checkout.session.async_payment_failed", session)
        return


def refused_if_closed(session: Fields) -> None:
    if session["status"] != "open":
        raise Refusal("This page has ended.", code="resource_missing", status=410)
