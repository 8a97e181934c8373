"""Setup intents: a card saved for later, with nothing paid."""

from typing import Any

from backend.billing.simulator import methods, provider as counter
from backend.billing.simulator.fates import Fate, Method
from backend.billing.simulator.provider import Fields, Provider, text
from backend.billing.simulator.refusals import Refusal, needed

ASKS = {Fate.AUTHENTICATES, Fate.AUTHENTICATES_ONCE}
OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create(provider: Provider, fields: Fields) -> Fields:
    customer = text(fields, "customer")
    if customer:
        provider.customer(customer)
    made = make(provider, customer=customer, metadata=counter.metadata(fields))
    method_id = text(fields, "payment_method")
    if method_id:
        stored = methods.find_method(provider, method_id)
        provider.book.change(made, payment_method=stored["id"], status="requires_confirmation")
    if not counter.flag(fields, "confirm"):
        return made
    return confirm(provider, made, text(fields, "return_url"))


def make(provider: Provider, **fields: Any) -> Fields:
    made = provider.book.add(
        "setup_intent",
        "seti",
        {
            "cancellation_reason": None,
            "description": None,
            "last_setup_error": None,
            "next_action": None,
            "payment_method": None,
            "payment_method_types": ["card"],
            "status": "requires_payment_method",
            "usage": "off_session",
            **fields,
        },
    )
    provider.book.change(made, client_secret=f"{made['id']}_secret_simulated")
    provider.announce("setup_intent.created", made)
    return made


def confirm_by_request(provider: Provider, setup_id: str, fields: Fields) -> Fields:
    made = provider.get("setup_intent", setup_id)
    method_id = text(fields, "payment_method") or made["payment_method"]
    if method_id is None:
        raise needed("payment_method")
    stored = methods.find_method(provider, method_id)
    provider.book.change(made, payment_method=stored["id"])
    return confirm(provider, made, text(fields, "return_url"))


def confirm(provider: Provider, made: Fields, return_url: str | None) -> Fields:
    """Raises Refusal (402, kept) for a card that is refused at once."""
    if made["status"] not in OPEN:
        raise counter.refused_state("setup intent", made["status"])
    stored = provider.get("payment_method", made["payment_method"])
    method = methods.method_of(provider, stored)
    if method.fate is Fate.DECLINED:
        raise _fail(provider, made, stored, method)
    if method.fate in ASKS:
        provider.book.hide(made["id"], return_url=return_url)
        page = f"{provider.url}/authenticate/{made['id']}"
        asked = provider.book.change(
            made,
            status="requires_action",
            next_action={
                "type": "redirect_to_url",
                "redirect_to_url": {"url": page, "return_url": return_url},
            },
        )
        provider.announce("setup_intent.requires_action", asked)
        return asked
    return _succeed(provider, made, stored)


def _succeed(provider: Provider, made: Fields, stored: Fields) -> Fields:
    if made["customer"]:
        methods.attach(provider, stored, made["customer"])
    provider.book.hide(stored["id"], is_authenticated=True)
    done = provider.book.change(made, status="succeeded", next_action=None, last_setup_error=None)
    provider.announce("setup_intent.succeeded", done)
    return done


def _fail(provider: Provider, made: Fields, stored: Fields, method: Method) -> Refusal:
    error = {
        "type": "card_error",
        "code": method.code,
        "decline_code": method.decline_code,
        "message": method.says,
        "payment_method": stored,
    }
    failed = provider.book.change(
        made,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error=error,
    )
    provider.announce("setup_intent.setup_failed", failed)
    return methods.card_error(method, is_kept=True, setup_intent=failed, payment_method=stored)


def authenticate(provider: Provider, made: Fields, *, is_approved: bool) -> Fields:
    if made["status"] != "requires_action":
        return made
    stored = provider.get("payment_method", made["payment_method"])
    if is_approved:
        return _succeed(provider, made, stored)
    refused = methods.method_of(provider, stored)._replace(
        code="setup_intent_authentication_failure",
        says="We are unable to authenticate your payment method.",
    )
    _fail(provider, made, stored, refused)
    return provider.get("setup_intent", made["id"])
