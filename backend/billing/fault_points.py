"""Every named point of the ways in which money becomes credits, at which a test kills the process
(`kernel.faults`): one effect, wherever it dies.
"""

from typing import Final

BUYING: Final[dict[str, str]] = {
    "billing.purchase_opened": "the row committed, the provider not asked",
    "billing.customer_made": "a customer at the provider, not kept",
    "billing.customer_replaced": "a customer in a deleted one's place, not kept",
    "billing.checkout_opened": "the page at the provider, not kept",
    "billing.event_kept": "an event in the inbox, its sender not answered",
    "billing.event_claimed": "an event claimed, nothing read",
    "billing.read_again": "what the provider says is read, nothing booked",
    "billing.paid": "the purchase paid, its credits not booked, not committed",
    "ledger.issued": "its credits booked, not committed",
    "billing.settled": "purchase and credits committed",
    "billing.event_settled": "booked, the event not marked as done",
    "billing.document_issued": "its document numbered, not committed",
}
AUTO_RELOAD: Final[dict[str, str]] = {
    "billing.reload_deciding": "a purchase opened for a crossing, not committed",
    "billing.reload_opened": "committed, the provider not asked",
    "billing.reload_cancelled": "the try before ended at the provider, nothing booked",
    "billing.reload_needs_owner": "the bank wants its customer, who was not asked",
    "billing.reload_charged": "charged, nothing booked",
    "billing.paid": "the purchase paid, its credits not booked, not committed",
    "ledger.issued": "its credits booked, not committed",
    "billing.settled": "purchase and credits committed",
    "billing.reload_settled": "booked, the reload not ended",
    "billing.reload_ended": "ended, the next crossing not looked for",
}
MANUAL_TOP_UP: Final[dict[str, str]] = {
    "billing.bank_line_claimed": "a bank line matched, its top-up not entered",
    "billing.top_up_noted": "the reference noted as seen, nothing entered",
    "billing.top_up_written": "the row written, nothing credited, not committed",
    "ledger.issued": "its credits booked, not committed",
    "billing.top_up_credited": "credits and announcement written, not committed",
    "billing.top_up_entered": "committed, not answered",
    "billing.top_up_approved": "approved and committed, not answered",
    "billing.document_issued": "its document numbered, not committed",
    "billing.top_up_reversed": "taken back in the ledger, its document not, not committed",
}
FLOWS: Final = {"buying": BUYING, "auto_reload": AUTO_RELOAD, "manual_top_up": MANUAL_TOP_UP}
BESIDE: Final[dict[str, str]] = {
    "billing.refund_entered": "a refund's row committed, its money not asked for",
    "billing.refund_approved": "a refund approved, its money not asked for",
    "billing.refund_credits_left": "its credits gone, not committed",
    "billing.refund_submitted": "its money on the way, not kept",
    "billing.refunds_settled": "the provider's refunds booked, not committed",
    "billing.dispute_settled": "a dispute booked, not committed",
    "billing.cards_read": "the provider's cards read, not kept",
    "billing.card_forgotten": "a card forgotten at the provider, not here",
    "billing.month_billed": "a month on credit billed, not committed",
    "billing.month_redeemed": "a month of used credits invoiced, not committed",
}
"""Of money that goes back, and of what follows credits."""
