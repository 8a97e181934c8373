"""The provider's objects read into our facts: from what it says, never from what we asked."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import stripe
from stripe.checkout import Session
from stripe.params.checkout import SessionCreateParamsLineItem

from backend.billing.payment_facts import (
    Card,
    Checkout,
    CheckoutFacts,
    DisputeFacts,
    Line,
    PaymentFacts,
    RefundFacts,
    SetupFacts,
    StripeEvent,
    WarningFacts,
)


class _Object(Protocol):
    id: str


def id_of(field: str | _Object | None) -> str | None:
    """An expandable field is an id or the whole object."""
    return field if field is None or isinstance(field, str) else field.id


def uuid_of(metadata: stripe.StripeObject | None, name: str) -> UUID | None:
    """Metadata is free text anybody with the dashboard may edit: what is no id counts as none."""
    try:
        return UUID(metadata[name]) if metadata else None
    except (KeyError, ValueError):
        return None


def line_items(lines: Iterable[Line], currency: str) -> list[SessionCreateParamsLineItem]:
    return [
        {
            "quantity": 1,
            "price_data": {
                "currency": currency.lower(),
                "unit_amount": line.amount_minor,
                "product_data": {"name": line.name},
            },
        }
        for line in lines
    ]


def page_of(made: Session) -> Checkout:
    return Checkout(made.id, made.url or "", datetime.fromtimestamp(made.expires_at, UTC))


def checkout_of(made: Session) -> CheckoutFacts:
    return CheckoutFacts(
        id=made.id,
        mode=made.mode,
        status=made.status or "",
        payment_status=made.payment_status,
        payment_intent=id_of(made.payment_intent),
        setup_intent=id_of(made.setup_intent),
        customer=id_of(made.customer),
        purchase_id=uuid_of(made.metadata, "purchase_id"),
        tenant_id=uuid_of(made.metadata, "tenant_id"),
    )


def payment_of(payment: stripe.PaymentIntent) -> PaymentFacts:
    # Of these the provider sends only what there is, and the library has no default for the rest.
    error = payment.last_payment_error
    code = getattr(error, "decline_code", None) or getattr(error, "code", None)
    redirect = getattr(payment.next_action, "redirect_to_url", None)
    return PaymentFacts(
        id=payment.id,
        status=payment.status,
        amount_minor=payment.amount,
        received_minor=payment.amount_received,
        currency=payment.currency.upper(),
        purchase_id=uuid_of(payment.metadata, "purchase_id"),
        tenant_id=uuid_of(payment.metadata, "tenant_id"),
        customer=id_of(payment.customer),
        card=id_of(payment.payment_method),
        charge=id_of(payment.latest_charge),
        decline_code=code,
        next_action_url=redirect.url if redirect else None,
    )


def setup_of(setup: stripe.SetupIntent) -> SetupFacts:
    return SetupFacts(
        id=setup.id,
        status=setup.status,
        customer=id_of(setup.customer),
        card=id_of(setup.payment_method),
        tenant_id=uuid_of(setup.metadata, "tenant_id"),
    )


def card_of(method: stripe.PaymentMethod) -> Card:
    card = method.card
    if card is None:
        raise ValueError(f"payment method {method.id} is no card")
    return Card(method.id, card.brand, card.last4, card.exp_month, card.exp_year)


def refund_of(refund: stripe.Refund) -> RefundFacts:
    return RefundFacts(
        id=refund.id,
        status=refund.status or "pending",
        amount_minor=refund.amount,
        currency=refund.currency.upper(),
        payment=id_of(refund.payment_intent),
        refund_id=uuid_of(refund.metadata, "refund_id"),
        failure_reason=getattr(refund, "failure_reason", None),
    )


def dispute_of(dispute: stripe.Dispute) -> DisputeFacts:
    return DisputeFacts(
        id=dispute.id,
        status=dispute.status,
        reason=dispute.reason,
        amount_minor=dispute.amount,
        currency=dispute.currency.upper(),
        payment=id_of(dispute.payment_intent),
        charge=id_of(dispute.charge),
    )


def warning_of(warning: "stripe.radar.EarlyFraudWarning") -> WarningFacts:
    return WarningFacts(
        id=warning.id,
        payment=id_of(getattr(warning, "payment_intent", None)),
        charge=id_of(warning.charge),
        actionable=warning.actionable,
    )


def event_of(event: stripe.Event) -> StripeEvent:
    named = event.data.object
    return StripeEvent(
        id=event.id,
        type=event.type,
        # A balance has no id. Refused, its events would be posted for days and the door shut.
        object_id=str(named["id"]) if "id" in named else "",
        is_live=event.livemode,
        account=getattr(event, "account", None),
        created_at=datetime.fromtimestamp(event.created, UTC),
    )
