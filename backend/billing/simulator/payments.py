"""Payment intents, their charges, and what becomes of them."""

from typing import Any

from backend.billing.simulator import methods, provider as counter
from backend.billing.simulator.fates import Fate, Method
from backend.billing.simulator.provider import DISPUTE_SECONDS, Fields, Provider, text
from backend.billing.simulator.refusals import Refusal, needed

CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
CANCELABLE = CONFIRMABLE | {"requires_capture"}
UNAUTHENTICATED = "authentication_required"
LATER = {Fate.PAYS_LATER, Fate.FAILS_LATER}


def create(provider: Provider, fields: Fields) -> Fields:
    """Raises Refusal; a declined one is kept, in the error and in the book."""
    customer = text(fields, "customer")
    if customer:
        provider.customer(customer)
    off_session, confirms = counter.flag(fields, "off_session"), counter.flag(fields, "confirm")
    if off_session and not confirms:
        raise Refusal("You cannot set off_session without confirm.", param="off_session")
    payment = make(
        provider,
        customer=customer,
        amount=counter.amount(fields),
        currency=counter.currency(fields),
        description=text(fields, "description"),
        metadata=counter.metadata(fields),
        setup_future_usage=text(fields, "setup_future_usage"),
    )
    method_id = text(fields, "payment_method")
    if method_id:
        stored = _usable(provider, payment, method_id)
        provider.book.change(payment, payment_method=stored["id"], status="requires_confirmation")
    if not confirms:
        return payment
    return confirm(
        provider, payment, off_session=off_session, return_url=text(fields, "return_url")
    )


def make(provider: Provider, **fields: Any) -> Fields:
    payment = provider.book.add(
        "payment_intent",
        "pi",
        {
            "amount_received": 0,
            "amount_capturable": 0,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "confirmation_method": "automatic",
            "last_payment_error": None,
            "latest_charge": None,
            "next_action": None,
            "payment_method": None,
            "payment_method_types": ["card"],
            "status": "requires_payment_method",
            **fields,
        },
    )
    provider.book.change(payment, client_secret=f"{payment['id']}_secret_simulated")
    provider.announce("payment_intent.created", payment)
    return payment


def _usable(provider: Provider, payment: Fields, method_id: str) -> Fields:
    stored = methods.find_method(provider, method_id)
    if stored["customer"] and stored["customer"] != payment["customer"]:
        raise Refusal(
            "The payment method does not belong to the customer of this payment.",
            code="payment_intent_authentication_failure",
            param="payment_method",
        )
    if provider.book.hidden(stored["id"]).get("is_detached"):
        raise Refusal(
            "This payment method was detached from its customer and may not be used again.",
            param="payment_method",
        )
    return stored


def confirm_by_request(provider: Provider, payment_id: str, fields: Fields) -> Fields:
    payment = provider.get("payment_intent", payment_id)
    method_id = text(fields, "payment_method") or payment["payment_method"]
    if method_id is None:
        raise needed("payment_method")
    stored = _usable(provider, payment, method_id)
    provider.book.change(payment, payment_method=stored["id"])
    return confirm(
        provider,
        payment,
        off_session=counter.flag(fields, "off_session"),
        return_url=text(fields, "return_url"),
    )


def confirm(
    provider: Provider, payment: Fields, *, off_session: bool, return_url: str | None
) -> Fields:
    """Raises Refusal (402, kept) for what the bank refuses."""
    if payment["status"] not in CONFIRMABLE:
        raise counter.refused_state("payment intent", payment["status"])
    if payment["payment_method"] is None:
        raise needed("payment_method")
    stored = provider.get("payment_method", payment["payment_method"])
    method = methods.method_of(provider, stored)
    saved = provider.book.hidden(stored["id"]).get("is_authenticated", False)
    asks = method.fate is Fate.AUTHENTICATES or (
        method.fate is Fate.AUTHENTICATES_ONCE and not saved
    )
    if asks and off_session:
        asked = method._replace(
            code=UNAUTHENTICATED,
            decline_code=UNAUTHENTICATED,
            says="Your card was declined. This transaction requires authentication.",
        )
        raise decline(provider, payment, stored, asked)
    if asks:
        return _ask(provider, payment, return_url)
    if method.fate in {Fate.DECLINED, Fate.DECLINED_LATER}:
        raise decline(provider, payment, stored, method)
    if method.fate in LATER:
        return _debit(provider, payment, method)
    return succeed(provider, payment, method)


def _ask(provider: Provider, payment: Fields, return_url: str | None) -> Fields:
    provider.book.hide(payment["id"], return_url=return_url)
    page = f"{provider.url}/authenticate/{payment['id']}"
    asked = provider.book.change(
        payment,
        status="requires_action",
        last_payment_error=None,
        next_action={
            "type": "redirect_to_url",
            "redirect_to_url": {"url": page, "return_url": return_url},
        },
    )
    provider.announce("payment_intent.requires_action", asked)
    return asked


def _charge(provider: Provider, payment: Fields, status: str, **fields: Any) -> Fields:
    stored = provider.get("payment_method", payment["payment_method"])
    kind = stored["type"]
    return provider.book.add(
        "charge",
        "ch" if kind == "card" else "py",
        {
            "amount": payment["amount"],
            "amount_captured": payment["amount"] if status == "succeeded" else 0,
            "amount_refunded": 0,
            "captured": status == "succeeded",
            "currency": payment["currency"],
            "customer": payment["customer"],
            "description": payment["description"],
            "disputed": False,
            "failure_code": None,
            "failure_message": None,
            "metadata": payment["metadata"],
            "paid": status == "succeeded",
            "payment_intent": payment["id"],
            "payment_method": stored["id"],
            "payment_method_details": {"type": kind, kind: stored[kind]},
            "receipt_url": None,
            "refunded": False,
            "status": status,
            **fields,
        },
    )


def decline(provider: Provider, payment: Fields, stored: Fields, method: Method) -> Refusal:
    """The payment goes back to the start; the refusal carries it."""
    charge = _charge(
        provider, payment, "failed", failure_code=method.code, failure_message=method.says
    )
    error: Fields = {
        "type": "card_error",
        "code": method.code,
        "decline_code": method.decline_code,
        "message": method.says,
        "charge": charge["id"],
        "payment_method": stored,
    }
    failed = provider.book.change(
        payment,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        latest_charge=charge["id"],
        last_payment_error=error,
    )
    provider.announce("charge.failed", charge)
    provider.announce("payment_intent.payment_failed", failed)
    return methods.card_error(
        method, is_kept=True, charge=charge["id"], payment_intent=failed, payment_method=stored
    )


def _debit(provider: Provider, payment: Fields, method: Method) -> Fields:
    charge = _charge(provider, payment, "pending")
    processing = provider.book.change(
        payment, status="processing", latest_charge=charge["id"], next_action=None
    )
    provider.announce("charge.pending", charge)
    provider.announce("payment_intent.processing", processing)
    deed = "pay" if method.fate is Fate.PAYS_LATER else "fail"
    provider.book.do_later(deed, payment["id"], provider.debit_seconds)
    return processing


def succeed(provider: Provider, payment: Fields, method: Method) -> Fields:
    charge = _charge(provider, payment, "succeeded")
    paid = provider.book.change(
        payment,
        status="succeeded",
        amount_received=payment["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
    )
    provider.announce("charge.succeeded", charge)
    provider.announce("payment_intent.succeeded", paid)
    _keep_card(provider, paid)
    if method.fate is Fate.DISPUTED:
        provider.book.do_later("dispute", paid["id"], DISPUTE_SECONDS)
    if method.fate is Fate.WARNED:
        provider.book.do_later("warn", paid["id"], 0)
    return paid


def _keep_card(provider: Provider, payment: Fields) -> None:
    if payment["customer"] and payment["setup_future_usage"]:
        stored = provider.get("payment_method", payment["payment_method"])
        provider.book.hide(stored["id"], is_authenticated=True)
        methods.attach(provider, stored, payment["customer"])


def authenticate(provider: Provider, payment: Fields, *, is_approved: bool) -> Fields:
    """The owner at the bank's page. A refusal is told by the payment, not raised."""
    if payment["status"] != "requires_action":
        return payment
    stored = provider.get("payment_method", payment["payment_method"])
    method = methods.method_of(provider, stored)
    if is_approved:
        return succeed(provider, payment, method)
    refused = method._replace(
        code="payment_intent_authentication_failure",
        says="We are unable to authenticate your payment method.",
    )
    decline(provider, payment, stored, refused)
    return provider.get("payment_intent", payment["id"])


def settle_debit(provider: Provider, payment_id: str, *, is_paid: bool) -> Fields:
    """A bank's word days later. Told twice, the first one stands."""
    payment = provider.get("payment_intent", payment_id)
    if payment["status"] != "processing":
        return payment
    charge = provider.get("charge", payment["latest_charge"])
    if is_paid:
        paid = {"status": "succeeded", "paid": True, "captured": True}
        provider.book.change(charge, **paid, amount_captured=charge["amount"])
        done = provider.book.change(payment, status="succeeded", amount_received=payment["amount"])
        provider.announce("charge.succeeded", charge)
        provider.announce("payment_intent.succeeded", done)
        return done
    says = "The bank refused the debit."
    code = "payment_method_provider_decline"
    provider.book.change(charge, status="failed", failure_code=code, failure_message=says)
    error = {"type": "card_error", "code": code, "message": says, "charge": charge["id"]}
    failed = provider.book.change(
        payment, status="requires_payment_method", payment_method=None, last_payment_error=error
    )
    provider.announce("charge.failed", charge)
    provider.announce("payment_intent.payment_failed", failed)
    return failed


def cancel(provider: Provider, payment_id: str, fields: Fields) -> Fields:
    payment = provider.get("payment_intent", payment_id)
    if payment["status"] not in CANCELABLE:
        raise counter.refused_state("payment intent", payment["status"])
    cancelled = provider.book.change(
        payment,
        status="canceled",
        canceled_at=payment["created"],
        cancellation_reason=text(fields, "cancellation_reason"),
        next_action=None,
    )
    provider.announce("payment_intent.canceled", cancelled)
    return cancelled
