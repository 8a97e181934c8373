"""What a test, a demo or a curious person makes happen: `/control/…`, behind the same key.

customers/ID/delete, disputes, disputes/ID/close, warnings, refunds/ID/fail, payments/ID/settle,
events/ID/send, deliveries (GET, POST), deliveries/release, faults, durations.
"""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import msgspec

from backend.billing.simulator import checkouts, methods, payments, returns, tables
from backend.billing.simulator.provider import Deliveries, Faults, Fields, Provider
from backend.billing.simulator.refusals import Refusal, missing
from backend.billing.simulator.web import Answer, Request, as_json

OUTCOMES = {"won": True, "lost": False, "succeeded": True, "failed": False}


def answer(provider: Provider, request: Request) -> Answer:
    path = request.path.removeprefix("/control/").strip("/")
    try:
        given = msgspec.json.decode(request.body or b"{}", type=dict[str, Any])
        with provider.book.transaction():
            if request.method == "GET" and path == "deliveries":
                return as_json(200, _deliveries(provider))
            return as_json(200, act(provider, path, given))
    except Refusal as refusal:
        return as_json(refusal.status, refusal.body)
    except msgspec.ValidationError as error:
        return as_json(400, {"error": {"message": str(error)}})
    except msgspec.DecodeError as error:
        return as_json(400, {"error": {"message": str(error)}})


def _deliveries(provider: Provider) -> dict[str, Any]:
    rows = provider.book.deliveries()
    found = [
        {"no": no, "event": event, "type": _type(provider, event), "tries": tries, "status": status}
        for no, event, tries, status in rows
    ]
    return {"how": provider.deliveries, "data": found}


def _type(provider: Provider, event_id: str) -> str:
    return str(provider.get("event", event_id)["type"])


def act(provider: Provider, path: str, given: Fields) -> Any:
    for pattern, deed in DEEDS.items():
        ids = tables.matched(pattern, path)
        if ids is not None:
            return deed(provider, ids, given)
    raise missing("control", path)


def _outcome(given: Fields) -> bool:
    said = given.get("outcome")
    if said not in OUTCOMES:
        raise Refusal(f"outcome is one of {', '.join(OUTCOMES)}", param="outcome")
    return OUTCOMES[said]


def settle(provider: Provider, payment_id: str, *, is_paid: bool) -> Fields:
    before = provider.get("payment_intent", payment_id)["status"]
    payment = payments.settle_debit(provider, payment_id, is_paid=is_paid)
    if before == "processing":
        checkouts.settled(provider, payment)
    return payment


def _set_deliveries(provider: Provider, given: Fields) -> Any:
    provider.deliveries = msgspec.convert(given, Deliveries)
    return provider.deliveries


def _release(provider: Provider, given: Fields) -> Any:
    """Held ones go out now: as they were made, `reversed`, or in a given `order` of numbers."""
    waiting = [no for no, _, _, status in provider.book.deliveries() if status is None]
    order = given.get("order", "made")
    if isinstance(order, list):
        waiting = [no for no in order if no in waiting]
    elif order == "reversed":
        waiting.reverse()
    provider.deliveries = msgspec.structs.replace(provider.deliveries, is_held=False)
    provider.book.order_deliveries(waiting)
    return {"released": waiting}


def _set_faults(provider: Provider, given: Fields) -> Any:
    provider.faults = msgspec.convert(given, Faults)
    return provider.faults


def _set_durations(provider: Provider, given: Fields) -> Any:
    provider.debit_seconds = float(given.get("debit_seconds", provider.debit_seconds))
    return {"debit_seconds": provider.debit_seconds}


def _send_again(provider: Provider, event_id: str) -> Any:
    provider.book.deliver(provider.get("event", event_id)["id"], time.time())
    return {"sent": event_id}


def _become(provider: Provider, ids: list[str], given: Fields) -> Any:
    """A saved card becomes another kind of card: `token` names which."""
    stored = provider.get("payment_method", ids[0])
    provider.book.hide(stored["id"], token=str(given["token"]))
    return stored


DEEDS: dict[str, tables.Deed] = {
    "disputes": lambda to, _ids, given: returns.open_dispute(to, given),
    "disputes/*/close": lambda to, ids, given: returns.close_dispute(
        to, ids[0], is_won=_outcome(given)
    ),
    "warnings": lambda to, _ids, given: returns.warn(to, given),
    "refunds/*/fail": lambda to, ids, _given: returns.fail_refund(to, ids[0]),
    "payments/*/settle": lambda to, ids, given: settle(to, ids[0], is_paid=_outcome(given)),
    "checkouts/*/expire": lambda to, ids, _given: checkouts.expire(to, ids[0]),
    "cards/*/become": _become,
    "customers/*/delete": lambda to, ids, _given: methods.delete_customer(to, ids[0]),
    "events/*/send": lambda to, ids, _given: _send_again(to, ids[0]),
    "deliveries": lambda to, _ids, given: _set_deliveries(to, given),
    "deliveries/release": lambda to, _ids, given: _release(to, given),
    "faults": lambda to, _ids, given: _set_faults(to, given),
    "durations": lambda to, _ids, given: _set_durations(to, given),
}


def do_due(provider: Provider) -> None:
    """What was to come later, once its time has come."""
    with provider.book.transaction():
        for deed, object_id in provider.book.take_due():
            with contextlib.suppress(Refusal):  # refunded, disputed or expired meanwhile
                LATER[deed](provider, object_id)
        checkouts.expire_due(provider)


def _dispute(provider: Provider, payment_id: str) -> Fields:
    return returns.open_dispute(provider, {"payment_intent": payment_id})


LATER: dict[str, Callable[[Provider, str], Fields]] = {
    "pay": lambda to, object_id: settle(to, object_id, is_paid=True),
    "fail": lambda to, object_id: settle(to, object_id, is_paid=False),
    "dispute": _dispute,
    "warn": lambda to, object_id: returns.warn(to, {"payment_intent": object_id}),
    "fail_refund": returns.fail_refund,
    "finish_refund": returns.finish_refund,
}
