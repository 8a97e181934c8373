"""A mail server of a test's own, and the mails it took."""

import asyncio
import contextlib
import email
import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

from aiosmtpd.smtp import SMTP

from backend.db.scope import platform_scope
from backend.gateways.mail import SmtpServer, smtp_server
from backend.kernel.principal import system
from backend.notifications.service import asking, mailing, noticing
from backend.notifications.service.mailing import PostOffice
from backend.notifications.states import NoticeKind
from backend.outbox import service as outbox
from backend.outbox.topics import Topic

DESK = "https://desk.example"
SESSION_KINDS = {
    Topic.SESSION_REFUSED: NoticeKind.REFUSED,
    Topic.SESSION_CHANGES_REQUESTED: NoticeKind.CHANGES_REQUESTED,
    Topic.SESSION_AWAITING_CREDITS: NoticeKind.AWAITING_CREDITS,
    Topic.SESSION_AWAITING_CONFIRMATION: NoticeKind.NEEDS_CONFIRMATION,
    Topic.SESSION_MISSED: NoticeKind.MISSED,
    Topic.SESSION_COMPLETED: NoticeKind.COMPLETED,
    Topic.SESSION_FAILED: NoticeKind.FAILED,
}


class Post:
    """Takes mails; `answer` in place of 250 refuses them."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answer_to_recipient = "250 OK"
        self.answer_to_data = "250 OK"
        self.port = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=never"

    @property
    def office(self) -> PostOffice:
        server: SmtpServer = smtp_server(self.url)
        return PostOffice(url=DESK, sender="Clearsend <no-reply@desk.example>", server=server)

    async def handle_RCPT(  # noqa: N802 # aiosmtpd finds it by its name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer_to_data.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.mails.append(message)
            self.recipients += envelope.rcpt_tos
        return self.answer_to_data

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Post]:
    post = Post()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(post, loop=loop), "127.0.0.1", 0)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()
        await server.wait_closed()


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def secret_of(mail: EmailMessage) -> str:
    """What stands behind the # of its link."""
    found = re.search(rf"{DESK}/[a-z-]+#(\S+)", text_of(mail))
    assert found, text_of(mail)
    return found.group(1)


async def tell(announcement: outbox.Announcement) -> None:
    """What workers/notifications.py does with it; a test of real processes holds that to be so."""
    topic, payload, event = announcement.topic, announcement.payload, announcement.id
    tenant_id = announcement.tenant_id
    if topic in SESSION_KINDS:
        assert tenant_id is not None
        session_id = UUID(payload["session_id"])
        kind = SESSION_KINDS[topic]
        await noticing.tell_of_session(tenant_id, session_id, kind, event, payload)
    elif topic is Topic.CREDITS_FELL:
        assert tenant_id is not None
        await noticing.tell_of_balance(tenant_id, event, payload["before"], payload["after"])
    elif topic is Topic.FORECAST_SHORT:
        assert tenant_id is not None
        await noticing.tell_of_forecast(tenant_id, payload)
    elif topic is Topic.SESSION_PAUSE_ENDING:
        assert tenant_id is not None
        await noticing.tell_of_pause(tenant_id, UUID(payload["session_id"]), payload["ends_at"])
    elif topic is Topic.CONFIRMATION_REQUESTED:
        await asking.mail_confirmation(event, UUID(payload["account_id"]))
    elif topic is Topic.PASSWORD_RESET_REQUESTED:
        await asking.mail_reset(event, payload["email"])
    elif topic is Topic.PASSWORD_CHANGED:
        await asking.mail_changed_password(event, UUID(payload["account_id"]))
    elif topic is Topic.INVITATION_MADE:
        assert tenant_id is not None
        await asking.mail_invitation(event, tenant_id, UUID(payload["invitation_id"]))
    elif topic is Topic.DOCUMENT_ISSUED:
        assert tenant_id is not None
        await asking.mail_document(event, tenant_id, UUID(payload["document_id"]))


async def tell_all(times: int = 1) -> list[Topic]:
    """Every announcement that stands, each `times` times, as a relay that crashes would."""
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT id, tenant_id, topic, payload, fence, tries FROM outbox"
            " WHERE done_at IS NULL ORDER BY id"
        )
        await scope.execute("UPDATE outbox SET done_at = $1 WHERE done_at IS NULL", scope.now)
    told = [outbox.Announcement(**{**dict(row), "topic": Topic(row["topic"])}) for row in rows]
    for announcement in told:
        for _ in range(times):
            await tell(announcement)
    return [announcement.topic for announcement in told]


async def send_all(post: Post) -> None:
    while await mailing.send_next_mail(post.office):
        pass


async def deliver(post: Post) -> None:
    await tell_all()
    await send_all(post)


async def mail_rows() -> list[dict[str, Any]]:
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT id, kind, address, state, tries, last_error FROM mails ORDER BY created_at"
        )
    return [dict(row) for row in rows]
