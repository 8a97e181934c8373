"""Which request does what: the API's table of methods and addresses."""

from collections.abc import Callable
from typing import Any

from backend.billing.simulator import checkouts, methods, payments, returns, setups
from backend.billing.simulator.provider import Fields, Provider, whole
from backend.billing.simulator.refusals import missing, wrong

PAGE_DEFAULT, PAGE_MAX = 10, 100
Deed = Callable[[Provider, list[str], Fields], Fields]

LISTED = {
    "customers": "customer",
    "payment_methods": "payment_method",
    "payment_intents": "payment_intent",
    "setup_intents": "setup_intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "events": "event",
    "checkout/sessions": "checkout.session",
    "radar/early_fraud_warnings": "radar.early_fraud_warning",
}
# Filters that compare one field of the object; others are refused, as Stripe refuses them.
FILTERS = {
    "customer": {"payment_intent", "charge", "payment_method", "setup_intent", "checkout.session"},
    "payment_intent": {
        "charge",
        "refund",
        "dispute",
        "checkout.session",
        "radar.early_fraud_warning",
    },
    "charge": {"refund", "dispute", "radar.early_fraud_warning"},
    "type": {"payment_method", "event"},
    "status": {"checkout.session"},
    "email": {"customer"},
}
COMPARE = {
    "gt": lambda made, bound: made > bound,
    "gte": lambda made, bound: made >= bound,
    "lt": lambda made, bound: made < bound,
    "lte": lambda made, bound: made <= bound,
}
POSTS: dict[str, Deed] = {
    "customers": lambda to, _ids, fields: methods.create_customer(to, fields),
    "customers/*": lambda to, ids, fields: methods.change_customer(to, ids[0], fields),
    "payment_methods": lambda to, _ids, fields: methods.create_method(to, fields),
    "payment_methods/*/attach": lambda to, ids, fields: methods.attach_by_request(
        to, ids[0], fields
    ),
    "payment_methods/*/detach": lambda to, ids, _fields: methods.detach(to, ids[0]),
    "payment_intents": lambda to, _ids, fields: payments.create(to, fields),
    "payment_intents/*/confirm": lambda to, ids, fields: payments.confirm_by_request(
        to, ids[0], fields
    ),
    "payment_intents/*/cancel": lambda to, ids, fields: payments.cancel(to, ids[0], fields),
    "setup_intents": lambda to, _ids, fields: setups.create(to, fields),
    "setup_intents/*/confirm": lambda to, ids, fields: setups.confirm_by_request(
        to, ids[0], fields
    ),
    "refunds": lambda to, _ids, fields: returns.refund(to, fields),
    "checkout/sessions": lambda to, _ids, fields: checkouts.create(to, fields),
    "checkout/sessions/*/expire": lambda to, ids, _fields: checkouts.expire(to, ids[0]),
    # Stripe closes a dispute at our word by losing it.
    "disputes/*/close": lambda to, ids, _fields: returns.close_dispute(to, ids[0], is_won=False),
}


DELETES: dict[str, Deed] = {
    "customers/*": lambda to, ids, _fields: methods.delete_customer(to, ids[0]),
}


def matched(pattern: str, path: str) -> list[str] | None:
    """The ids at the stars; None where the address is another."""
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    pairs = list(zip(wanted, given, strict=True))
    if any(want not in ("*", got) for want, got in pairs):
        return None
    return [got for want, got in pairs if want == "*"]


def post(provider: Provider, path: str, fields: Fields) -> Fields:
    return _done(provider, "POST", POSTS, path, fields)


def delete(provider: Provider, path: str) -> Fields:
    return _done(provider, "DELETE", DELETES, path, {})


def _done(
    provider: Provider, method: str, deeds: dict[str, Deed], path: str, fields: Fields
) -> Fields:
    for pattern, deed in deeds.items():
        ids = matched(pattern, path)
        if ids is not None:
            return deed(provider, ids, fields)
    raise missing("request", f"{method} /v1/{path}")


def get(provider: Provider, path: str, fields: Fields) -> Fields:
    if path in LISTED:
        return listed(provider, LISTED[path], path, fields)
    ids = matched("customers/*/payment_methods", path)
    if ids:
        customer = provider.customer(ids[0])
        return listed(provider, "payment_method", path, {**fields, "customer": customer["id"]})
    collection, _, object_id = path.rpartition("/")
    if collection in LISTED:
        return expanded(provider, provider.get(LISTED[collection], object_id), fields)
    raise missing("request", f"GET /v1/{path}")


def expanded(provider: Provider, known: Fields, fields: Fields) -> Fields:
    """`expand[]` of one level: what we use."""
    wanted = fields.get("expand") or []
    for name in wanted if isinstance(wanted, list) else []:
        object_id = known.get(name)
        found = provider.book.find(object_id) if isinstance(object_id, str) else None
        if found:
            known = {**known, name: found}
    return known


def listed(provider: Provider, kind: str, path: str, fields: Fields) -> Fields:
    limit = whole(fields, "limit", default=PAGE_DEFAULT)
    if not 1 <= limit <= PAGE_MAX:
        raise wrong("limit", f"Invalid integer: limit must be 1 to {PAGE_MAX}")
    there = (one for one in provider.book.each(kind) if not one.get("deleted"))
    found = [one for one in there if _fits(kind, one, fields)]
    after, before = fields.get("starting_after"), fields.get("ending_before")
    if after:
        found = found[_place(found, after) + 1 :]
        page = found[:limit]
    elif before:
        found = found[: _place(found, before)]
        page = found[-limit:]
    else:
        page = found[:limit]
    return {
        "object": "list",
        "url": f"/v1/{path}",
        "data": page,
        "has_more": len(found) > len(page),
    }


def _place(found: list[Fields], object_id: Any) -> int:
    for place, one in enumerate(found):
        if one["id"] == object_id:
            return place
    raise missing("object", str(object_id))


def _fits(kind: str, one: Fields, fields: Fields) -> bool:
    created = fields.get("created")
    bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
    if created and not all(
        COMPARE[name](one["created"], whole(bounds, name)) for name in bounds if name in COMPARE
    ):
        return False
    types = fields.get("types")
    if types and one.get("type") not in types:
        return False
    return all(
        one.get(name) == fields[name]
        for name, kinds in FILTERS.items()
        if kind in kinds and fields.get(name)
    )
