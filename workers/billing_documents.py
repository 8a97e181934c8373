"""What was paid gets its document, what was taken back its credit note, months their invoice."""

from backend.billing.service import credit_notes, postpaid, redemption, sales
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from workers.consumers import consumes, id_of, tenant_of
from workers.jobs import every


@consumes(Topic.PURCHASE_PAID)
async def document_purchase(announcement: Announcement) -> None:
    purchase_id = id_of(announcement, "purchase_id")
    await credit_notes.document_purchase(tenant_of(announcement), purchase_id)


@consumes(Topic.PURCHASE_REFUNDED, Topic.TOP_UP_REFUNDED)
async def credit_refund(announcement: Announcement) -> None:
    await credit_notes.credit_refund(tenant_of(announcement), id_of(announcement, "refund_id"))


@consumes(Topic.PURCHASE_DISPUTE_LOST)
async def credit_dispute(announcement: Announcement) -> None:
    purchase_id = id_of(announcement, "purchase_id")
    dispute_id = announcement.payload["dispute_id"]
    await credit_notes.credit_dispute(tenant_of(announcement), purchase_id, dispute_id)


@consumes(Topic.TOP_UP_CREDITED)
async def settle_top_up(announcement: Announcement) -> None:
    await sales.settle_top_up(tenant_of(announcement), id_of(announcement, "top_up_id"))


@every(600)
async def bill_ended_months() -> bool:
    """What was used on credit, and what was used of credits that are taxed when used."""
    await postpaid.bill_months()
    await redemption.redeem_months()
    return False


@every(900)
async def mark_overdue_invoices() -> bool:
    return await credit_notes.mark_overdue() == credit_notes.OVERDUE_PER_TURN
