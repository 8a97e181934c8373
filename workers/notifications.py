"""Who hears of what, and the mails on their way."""

import dramatiq

from backend.api.live import publish
from backend.identity.service.mail_tokens import forget_old_tokens
from backend.notifications.service import asking, mailing, money, noticing
from backend.notifications.states import NoticeKind
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from workers.broker import broker, settings
from workers.consumers import consumes, id_of, tenant_of
from workers.doorbell import redis
from workers.jobs import every
from workers.queues import Queue

KINDS = {
    Topic.SESSION_REFUSED: NoticeKind.REFUSED,
    Topic.SESSION_CHANGES_REQUESTED: NoticeKind.CHANGES_REQUESTED,
    Topic.SESSION_AWAITING_CREDITS: NoticeKind.AWAITING_CREDITS,
    Topic.SESSION_AWAITING_CONFIRMATION: NoticeKind.NEEDS_CONFIRMATION,
    Topic.SESSION_MISSED: NoticeKind.MISSED,
    Topic.SESSION_COMPLETED: NoticeKind.COMPLETED,
    Topic.SESSION_FAILED: NoticeKind.FAILED,
}
MONEY_KINDS = {
    Topic.PURCHASE_PAID: NoticeKind.CREDITS_BOUGHT,
    Topic.PURCHASE_FAILED: NoticeKind.PAYMENT_FAILED,
    Topic.PURCHASE_AWAITING_CUSTOMER: NoticeKind.PAYMENT_WAITING,
    Topic.PURCHASE_DISPUTED: NoticeKind.PAYMENT_DISPUTED,
    Topic.PURCHASE_DISPUTE_WON: NoticeKind.DISPUTE_WON,
    Topic.PURCHASE_DISPUTE_LOST: NoticeKind.DISPUTE_LOST,
}
OFFICE = mailing.post_office(settings)


@consumes(*KINDS)
async def tell_of_session(announcement: Announcement) -> None:
    tenant_id = tenant_of(announcement)
    count = await noticing.tell_of_session(
        tenant_id,
        id_of(announcement, "session_id"),
        KINDS[announcement.topic],
        announcement.id,
        announcement.payload,
    )
    await _ring(announcement, count)


@consumes(Topic.CREDITS_FELL)
async def tell_of_balance(announcement: Announcement) -> None:
    tenant_id, told = tenant_of(announcement), announcement.payload
    count = await noticing.tell_of_balance(
        tenant_id, announcement.id, told["before"], told["after"]
    )
    await _ring(announcement, count)


@consumes(Topic.FORECAST_SHORT)
async def tell_of_forecast(announcement: Announcement) -> None:
    tenant_id, told = tenant_of(announcement), announcement.payload
    await _ring(announcement, await noticing.tell_of_forecast(tenant_id, told))


@consumes(Topic.SESSION_PAUSE_ENDING)
async def tell_of_pause(announcement: Announcement) -> None:
    session_id, ends_at = id_of(announcement, "session_id"), announcement.payload["ends_at"]
    count = await noticing.tell_of_pause(tenant_of(announcement), session_id, ends_at)
    await _ring(announcement, count)


@consumes(*MONEY_KINDS)
async def tell_of_purchase(announcement: Announcement) -> None:
    kind, purchase_id = MONEY_KINDS[announcement.topic], id_of(announcement, "purchase_id")
    about = announcement.payload.get("dispute_id", "")
    tenant_id = tenant_of(announcement)
    count = await money.tell_of_purchase(tenant_id, purchase_id, kind, f"{kind}:{about}")
    await _ring(announcement, count)


@consumes(Topic.AUTO_RELOAD_TROUBLE)
async def tell_of_reload(announcement: Announcement) -> None:
    reason = announcement.payload["reason"]
    count = await money.tell_of_reload(tenant_of(announcement), announcement.id, reason)
    await _ring(announcement, count)


@consumes(Topic.PURCHASE_REFUNDED, Topic.TOP_UP_REFUNDED)
async def tell_of_refund(announcement: Announcement) -> None:
    refund_id = id_of(announcement, "refund_id")
    await _ring(announcement, await money.tell_of_refund(tenant_of(announcement), refund_id))


@consumes(Topic.DOCUMENT_ISSUED)
async def mail_document(announcement: Announcement) -> None:
    document_id = id_of(announcement, "document_id")
    await asking.mail_document(announcement.id, tenant_of(announcement), document_id)


async def _ring(announcement: Announcement, count: int) -> None:
    """Open pages ask again for what is theirs; the news itself says nothing."""
    if count:
        news = {"version": announcement.id.int >> 80}
        await publish(redis(), tenant_of(announcement), "notices", news)


@consumes(Topic.CONFIRMATION_REQUESTED)
async def mail_confirmation(announcement: Announcement) -> None:
    await asking.mail_confirmation(announcement.id, id_of(announcement, "account_id"))


@consumes(Topic.PASSWORD_RESET_REQUESTED)
async def mail_reset(announcement: Announcement) -> None:
    await asking.mail_reset(announcement.id, announcement.payload["email"])


@consumes(Topic.PASSWORD_CHANGED)
async def mail_changed_password(announcement: Announcement) -> None:
    await asking.mail_changed_password(announcement.id, id_of(announcement, "account_id"))


@consumes(Topic.SECOND_FACTOR_CHANGED)
async def mail_changed_factor(announcement: Announcement) -> None:
    told = announcement.payload
    await asking.mail_changed_factor(
        announcement.id, id_of(announcement, "account_id"), told["change"], told["factor"]
    )


@consumes(Topic.INVITATION_MADE)
async def mail_invitation(announcement: Announcement) -> None:
    await asking.mail_invitation(
        announcement.id, tenant_of(announcement), id_of(announcement, "invitation_id")
    )


# Beside the calls to tenants' endpoints: a server that hangs holds up nothing of ours.
@dramatiq.actor(broker=broker, queue_name=Queue.WEBHOOKS)
async def deliver_mails() -> None:
    while await mailing.send_next_mail(OFFICE):
        pass


@every(1)
async def ring_for_mails() -> bool:
    if await mailing.has_due_mail():
        deliver_mails.send()
    return False


@every(3600)
async def forget_mails_and_links() -> bool:
    await mailing.forget_old_mails()
    await forget_old_tokens()
    return False
