"""What the provider's library answers and raises: pages one by one, errors as ours."""

from collections.abc import AsyncIterator, Awaitable
from datetime import datetime
from typing import TypedDict, TypeVar

import stripe

from backend.billing.payment_facts import CardRefused, CustomerGone
from backend.kernel.errors import Conflict, NotFound, Unavailable

Answer = TypeVar("Answer")
Listed = TypeVar("Listed", bound=stripe.StripeObject)


async def answered(call: Awaitable[Answer]) -> Answer:
    """Raises CardRefused, CustomerGone, NotFound `not_at_provider`, Conflict `payments_refused`
    and, where nobody can say what became of the call, Unavailable `payments_unavailable`: ask
    again, by the same key.
    """
    try:
        return await call
    except stripe.CardError as error:
        raise _refusal(error) from error
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing" and error.param == "customer":
            raise CustomerGone from error
        if error.code == "resource_missing":
            raise NotFound("not_at_provider", "the provider does not know it") from error
        raise Conflict(
            "payments_refused",
            error.user_message or "the provider refused the request",
            provider_code=error.code,
            parameter=error.param,
        ) from error
    except stripe.IdempotencyError as error:
        raise Conflict("payments_refused", str(error), provider_code="idempotency_error") from error
    except stripe.StripeError as error:
        # Its text may name our key's last digits; the class says enough.
        raise Unavailable(
            "payments_unavailable",
            "the payment provider cannot be asked now",
            cause=type(error).__name__,
        ) from error


def _refusal(error: stripe.CardError) -> CardRefused:
    body = error.json_body if isinstance(error.json_body, dict) else {}
    said = body.get("error", {})
    payment = said.get("payment_intent") or {}
    return CardRefused(
        error.code or "card_declined", said.get("decline_code") or error.code, payment.get("id")
    )


class Span(TypedDict, total=False):
    """The provider's filter of times; only the first bound is part of it here."""

    gt: int
    gte: int
    lt: int
    lte: int


def created_between(start: datetime, end: datetime) -> Span:
    return {"gte": int(start.timestamp()), "lt": int(end.timestamp())}


async def each_of(listed: Awaitable[stripe.ListObject[Listed]]) -> AsyncIterator[Listed]:
    """Page by page; an error in the middle is ours like any other."""
    page = await answered(listed)
    while True:
        for one in page.data:
            yield one
        if not page.has_more:
            return
        page = await answered(page.next_page_async())
