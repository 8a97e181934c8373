"""The three sides of a day beside each other: pure, so that every way to differ can be tested."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from backend.billing.payment_facts import PaymentFacts, RefundFacts
from backend.finance.states import GATEWAY_TOLERANCE_PERMILLE, GATEWAY_TOLERANCE_SEGMENTS

Row = Mapping[str, Any]


class Difference(NamedTuple):
    kind: str
    subject: str
    tenant_id: UUID | None
    expected: int
    found: int
    unit: str


def compare_payments(
    paid: Iterable[PaymentFacts], purchases: Sequence[Row], bought: Sequence[Row]
) -> list[Difference]:
    """`paid`: what the provider has of that day and of the credits of that day; `purchases` of
    those payments; `bought`: credits the ledger took in that day.
    """
    found: list[Difference] = []
    of_payment = {row["payment_id"]: row for row in purchases}
    succeeded = {one.id: one for one in paid if one.status == "succeeded"}
    for payment in succeeded.values():
        purchase = of_payment.get(payment.id)
        subject, amount = f"payment:{payment.id}", payment.received_minor
        if purchase is None or not purchase["is_credited"]:
            tenant = purchase["tenant_id"] if purchase else None
            found.append(
                Difference("payment_without_credits", subject, tenant, amount, 0, payment.currency)
            )
        elif (purchase["gross_minor"], purchase["currency"]) != (amount, payment.currency):
            found.append(
                Difference(
                    "payment_amount",
                    subject,
                    purchase["tenant_id"],
                    purchase["gross_minor"],
                    amount,
                    payment.currency,
                )
            )
    for row in bought:
        if row["purchase_id"] is None or row["payment_id"] not in succeeded:
            found.append(
                Difference(
                    "credits_without_payment",
                    row["reference"],
                    row["tenant_id"],
                    row["amount"],
                    0,
                    "credits",
                )
            )
        elif row["credits"] != row["amount"]:
            found.append(
                Difference(
                    "purchase_credits",
                    row["reference"],
                    row["tenant_id"],
                    row["credits"],
                    row["amount"],
                    "credits",
                )
            )
    return found


def compare_refunds(
    given: Iterable[RefundFacts], known: Sequence[Row], settled: Sequence[Row]
) -> list[Difference]:
    """`known`: our rows of the provider's refunds; `settled`: ours that ended that day."""
    found: list[Difference] = []
    ours = {row["stripe_id"]: row for row in known}
    theirs = {one.id: one for one in given if one.status in ("pending", "succeeded")}
    for refund in theirs.values():
        row = ours.get(refund.id)
        expected = row["amount_minor"] if row and row["state"] != "failed" else 0
        if expected != refund.amount_minor:
            found.append(
                Difference(
                    "refund_amount" if expected else "refund_unknown",
                    f"refund:{refund.id}",
                    row["tenant_id"] if row else None,
                    expected,
                    refund.amount_minor,
                    refund.currency,
                )
            )
    for row in settled:
        subject, tenant = f"refund:{row['id']}", row["tenant_id"]
        if row["stripe_id"] not in theirs:
            found.append(
                Difference(
                    "refund_not_at_provider", subject, tenant, row["amount_minor"], 0, "minor"
                )
            )
        if (row["amount"] or 0) != row["credits"]:
            found.append(
                Difference(
                    "refund_credits", subject, tenant, row["credits"], row["amount"] or 0, "credits"
                )
            )
    return found


def compare_top_ups(rows: Sequence[Row]) -> list[Difference]:
    return [
        Difference(
            "top_up", row["reference"], row["tenant_id"], row["expected"], row["found"], "credits"
        )
        for row in rows
        if row["expected"] != row["found"]
    ]


def compare_sessions(rows: Sequence[Row]) -> list[Difference]:
    return [
        Difference(
            "session_charges",
            f"session:{row['session_id']}",
            row["tenant_id"],
            row["expected"],
            row["found"],
            "credits",
        )
        for row in rows
        if row["expected"] != row["found"]
    ]


def compare_gateways(rows: Sequence[Row]) -> list[Difference]:
    """Messages against the meter. More on the meter is usual: a part counts there at every try."""
    found = []
    for row in rows:
        said, metered = row["segments"], row["metered_segments"]
        allowed = max(GATEWAY_TOLERANCE_SEGMENTS, said * GATEWAY_TOLERANCE_PERMILLE // 1000)
        if metered + allowed < said:
            subject = f"gateway:{row['gateway_id']}"
            found.append(Difference("gateway_segments", subject, None, metered, said, "segments"))
    return found
