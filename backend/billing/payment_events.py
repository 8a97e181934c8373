"""Which posted event is the provider's own, about our account, now."""

from typing import Final

import stripe

from backend.billing.payment_facts import StripeEvent
from backend.billing.payment_objects import event_of
from backend.billing.payment_setup import PaymentSetup
from backend.kernel.errors import MalformedInput, Unavailable

SIGNATURE_AGE_SECONDS_MAX: Final = 300
_UNREADABLE: Final = (
    stripe.SignatureVerificationError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


def believed(
    client: stripe.StripeClient, body: bytes, signature: str, setup: PaymentSetup
) -> StripeEvent:
    """Raises MalformedInput `signature_invalid`, Unavailable without a secret to check against."""
    if not setup.webhook_secret:  # an empty secret would sign for everybody
        raise Unavailable("payments_unavailable", "the webhook's secret is not set")
    try:
        said = client.construct_event(
            body, signature, setup.webhook_secret, SIGNATURE_AGE_SECONDS_MAX
        )
        event = event_of(said)
    except _UNREADABLE as error:
        raise MalformedInput("signature_invalid", "no signature of ours over this body") from error
    if event.is_live is not setup.is_live:
        raise MalformedInput("signature_invalid", "an event of the other mode")
    if event.account is not None:  # connected accounts announce through us; we have none
        raise MalformedInput("signature_invalid", "an event of another account")
    return event
