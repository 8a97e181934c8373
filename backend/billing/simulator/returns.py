"""Money that goes back: refunds, disputes, and the warnings before them."""

from typing import Any

from backend.billing.simulator import methods, provider as counter
from backend.billing.simulator.fates import Fate
from backend.billing.simulator.provider import REFUND_FAILS_SECONDS, Fields, Provider, text
from backend.billing.simulator.refusals import Refusal, needed

FAILURE = "expired_or_canceled_card"
OPEN_DISPUTES = {"needs_response", "under_review", "warning_needs_response"}


def _charge_of(provider: Provider, fields: Fields) -> Fields:
    if fields.get("payment_intent"):
        payment = provider.get("payment_intent", fields["payment_intent"])
        if payment["latest_charge"] is None:
            raise Refusal("This PaymentIntent does not have a successful charge to refund.")
        return provider.get("charge", payment["latest_charge"])
    if fields.get("charge"):
        return provider.get("charge", fields["charge"])
    raise needed("payment_intent")


def refund(provider: Provider, fields: Fields) -> Fields:
    """Raises Refusal for more than is left of the charge, and for a disputed one."""
    charge = _charge_of(provider, fields)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise Refusal("This charge has not succeeded and cannot be refunded.")
    if left == 0:
        raise Refusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    wanted = counter.amount(fields, default=left)
    if wanted > left:
        raise Refusal(
            f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    stored = provider.get("payment_method", charge["payment_method"])
    fate = methods.method_of(provider, stored).fate
    made = _make_refund(
        provider, charge, wanted, fields, "pending" if _pends(fate) else "succeeded"
    )
    if fate is Fate.REFUND_FAILS:
        provider.book.do_later("fail_refund", made["id"], REFUND_FAILS_SECONDS)
    if _pends(fate):
        provider.book.do_later("finish_refund", made["id"], provider.debit_seconds)
    return made


def _pends(fate: Fate) -> bool:
    return fate in {Fate.REFUND_PENDS, Fate.PAYS_LATER}


def _make_refund(
    provider: Provider, charge: Fields, wanted: int, fields: Fields, status: str
) -> Fields:
    made = provider.book.add(
        "refund",
        "re",
        {
            "amount": wanted,
            "balance_transaction": None,
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": counter.metadata(fields),
            "payment_intent": charge["payment_intent"],
            "reason": text(fields, "reason"),
            "receipt_number": None,
            "status": status,
        },
    )
    refunded = charge["amount_refunded"] + wanted
    changed = provider.book.change(
        charge, amount_refunded=refunded, refunded=refunded == charge["amount_captured"]
    )
    provider.announce("refund.created", made)
    provider.announce("charge.refunded", changed)
    return made


def fail_refund(provider: Provider, refund_id: str, reason: str = FAILURE) -> Fields:
    """The money came back to the merchant; the charge is less refunded than it was."""
    made = provider.get("refund", refund_id)
    if made["status"] == "failed":
        return made
    charge = provider.get("charge", made["charge"])
    left = charge["amount_refunded"] - made["amount"]
    provider.book.change(charge, amount_refunded=left, refunded=False)
    failed = provider.book.change(made, status="failed", failure_reason=reason)
    provider.announce("refund.updated", failed)
    provider.announce("charge.refund.updated", failed)
    provider.announce("refund.failed", failed)
    return failed


def finish_refund(provider: Provider, refund_id: str) -> Fields:
    made = provider.get("refund", refund_id)
    if made["status"] != "pending":
        return made
    done = provider.book.change(made, status="succeeded")
    provider.announce("refund.updated", done)
    provider.announce("charge.refund.updated", done)
    return done


def open_dispute(provider: Provider, fields: Fields) -> Fields:
    """The whole charge, or the given part of it; one dispute a charge."""
    charge = _charge_of(provider, fields)
    if charge["disputed"]:
        raise Refusal("This charge is disputed already.", code="charge_disputed")
    wanted = counter.amount(fields, default=charge["amount"])
    reason = text(fields, "reason") or "fraudulent"
    changed = provider.book.change(charge, disputed=True)
    is_inquiry = counter.flag(fields, "is_inquiry")
    made = provider.book.add(
        "dispute",
        "du",
        {
            "amount": wanted,
            "balance_transactions": [],
            "charge": changed["id"],
            "currency": changed["currency"],
            "evidence": {},
            "evidence_details": {"due_by": None, "has_evidence": False, "submission_count": 0},
            "enhanced_eligibility_types": [],
            "is_charge_refundable": is_inquiry,
            "metadata": {},
            "payment_intent": changed["payment_intent"],
            "reason": reason,
            "status": "warning_needs_response" if is_inquiry else "needs_response",
        },
    )
    provider.announce("charge.dispute.created", made)
    if not is_inquiry:
        provider.announce("charge.dispute.funds_withdrawn", made)
    return made


def close_dispute(provider: Provider, dispute_id: str, *, is_won: bool) -> Fields:
    """An inquiry closes without a winner."""
    known = provider.get("dispute", dispute_id)
    if known["status"] not in OPEN_DISPUTES:
        raise counter.refused_state("dispute", known["status"])
    if known["status"] == "warning_needs_response":
        closed = provider.book.change(known, status="warning_closed")
        charge = provider.get("charge", known["charge"])
        provider.book.change(charge, disputed=False)
        provider.announce("charge.dispute.closed", closed)
        return closed
    closed = provider.book.change(known, status="won" if is_won else "lost")
    provider.announce("charge.dispute.updated", closed)
    if is_won:
        provider.announce("charge.dispute.funds_reinstated", closed)
    provider.announce("charge.dispute.closed", closed)
    return closed


def warn(provider: Provider, fields: Fields) -> Fields:
    charge = _charge_of(provider, fields)
    more: dict[str, Any] = {"payment_intent": charge["payment_intent"]}
    made = provider.book.add(
        "radar.early_fraud_warning",
        "issfr",
        {
            "actionable": not charge["disputed"] and not charge["refunded"],
            "charge": charge["id"],
            "fraud_type": "made_with_stolen_card",
            **more,
        },
    )
    provider.announce("radar.early_fraud_warning.created", made)
    return made
