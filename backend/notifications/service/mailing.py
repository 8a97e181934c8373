"""Sending what is queued: claim, leave, write, send, come back, record.

Between a server's yes and our record nothing is known: a process that is killed just there has sent
a mail that the next one sends again, once per such death. Both carry the same Message-ID.
"""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import structlog

from backend.db.scope import platform_scope
from backend.gateways.mail import Mail, MailRefused, SmtpServer, send_by_smtp, smtp_server
from backend.identity.service.joining import invitation_to_mail
from backend.identity.service.mail_tokens import Purpose, issue_token
from backend.identity.service.proofs import account_to_write_to
from backend.kernel.faults import point
from backend.kernel.principal import system
from backend.notifications import queries
from backend.notifications.schemas import MailboxView, MailRow
from backend.notifications.service.rendering import render_mail
from backend.notifications.states import (
    ABOUT_FACTORS,
    ABOUT_MONEY,
    MAIL_TRIES_MAX,
    MailKind,
    MailState,
    NoticeKind,
    RequestedMail,
    pause_seconds,
)
from backend.settings import Settings, SettingsError

MAIL_LEASE_SECONDS = 150
"""Longer than a send may take (SEND_SECONDS_MAX), or two processes would send one mail."""
MAILS_KEPT_DAYS = 30
ERROR_CHARACTERS_MAX = 500

_log = structlog.get_logger("clearsend.mail")

_PAGES: Final[dict[MailKind, str]] = {
    NoticeKind.LOW_BALANCE: "/credits",
    NoticeKind.AWAITING_CREDITS: "/credits",
    NoticeKind.FORECAST_SHORT: "/credits",
    NoticeKind.CHANGES_REQUESTED: "/campaigns/{session_id}/edit",
    **dict.fromkeys(ABOUT_MONEY, "/credits"),
    RequestedMail.PASSWORD_CHANGED: "/forgot-password",
    **dict.fromkeys(ABOUT_FACTORS, "/account"),
    # Whoever guesses codes has the password already.
    RequestedMail.CODES_GUESSED: "/forgot-password",
    RequestedMail.DOCUMENT_ISSUED: "/credits/documents",
}
_SESSION_PAGE = "/campaigns/{session_id}"
_PREFERENCES_PAGE = "/notices?tab=preferences"
_LINKS = {
    RequestedMail.CONFIRM_EMAIL: (Purpose.CONFIRM_EMAIL, "/confirm-email", "account_id"),
    RequestedMail.RESET_PASSWORD: (Purpose.RESET_PASSWORD, "/reset-password", "account_id"),
    RequestedMail.INVITATION: (Purpose.INVITATION, "/invitation", "invitation_id"),
}


class PostOffice(msgspec.Struct, frozen=True, kw_only=True):
    """How mails leave this installation; without a server they stay in its mailbox."""

    url: str
    sender: str
    server: SmtpServer | None


def post_office(settings: Settings) -> PostOffice:
    """Raises SettingsError for an SMTP URL that cannot be used."""
    host = urlsplit(settings.url).hostname or ""
    # RFC 6761: a name that leads nowhere else, where the public name is not said.
    domain = host if "." in host and not host.replace(".", "").isdigit() else "clearsend.localhost"
    try:
        server = smtp_server(settings.smtp_url) if settings.smtp_url else None
    except ValueError:
        # The URL holds a password: it is named and not repeated.
        raise SettingsError("CLEARSEND_SMTP_URL", "has a port or a `tls` that is none") from None
    return PostOffice(
        url=settings.url.rstrip("/"),
        sender=settings.mail_from or f"Clearsend <no-reply@{domain}>",
        server=server,
    )


async def has_due_mail() -> bool:
    async with platform_scope(system("mail"), "due mails") as scope:
        return await queries.has_due_mail(scope)


async def send_next_mail(office: PostOffice) -> bool:
    """One mail; False when none is due."""
    async with platform_scope(system("mail"), "claim a mail") as scope:
        row = await queries.claim_mail(scope, MAIL_LEASE_SECONDS)
    if row is None:
        return False
    point("notifications.mail_claimed")
    if row.tries > MAIL_TRIES_MAX:
        await _end(row, MailState.GIVEN_UP, "every try ended without an answer")
        return True
    mail = await _written(row, office)
    if mail is None:
        await _end(row, MailState.DROPPED, "nobody wants it any more")
        return True
    try:
        await _hand_over(row, mail, office)
    except MailRefused as refused:
        await _record_refusal(row, refused)
        return True
    point("notifications.mail_sent")
    await _end(row, MailState.SENT, None)
    return True


async def _hand_over(row: MailRow, mail: Mail, office: PostOffice) -> None:
    """Demo accounts' addresses belong to nobody: their mails never leave."""
    if office.server is not None and not row.is_demo:
        await send_by_smtp(office.server, mail)
        return
    async with platform_scope(system("mail"), "the mailbox") as scope:
        kept = MailboxView(
            id=row.id,
            received_at=scope.now,
            sender=mail.sender,
            recipient=mail.recipient,
            subject=mail.subject,
            text_body=mail.text,
            html_body=mail.html,
        )
        await queries.put_into_mailbox(scope, kept)


async def _record_refusal(row: MailRow, refused: MailRefused) -> None:
    error = refused.detail[:ERROR_CHARACTERS_MAX]
    _log.warning("mail_refused", mail_id=str(row.id), kind=row.kind, tries=row.tries, error=error)
    if refused.is_final or row.tries >= MAIL_TRIES_MAX:
        await _end(row, MailState.GIVEN_UP, error)
        return
    async with platform_scope(system("mail"), "put a mail back") as scope:
        await queries.put_mail_back(scope, row, pause_seconds(row.tries), error)


async def _end(row: MailRow, to: MailState, error: str | None) -> None:
    async with platform_scope(system("mail"), "record a mail") as scope:
        await queries.end_mail(scope, row, to.value, error)


async def _written(row: MailRow, office: PostOffice) -> Mail | None:
    """None where it has lost its reason since it was queued."""
    kind = _kind(row.kind)
    link = await _link(kind, row, office)
    if link is None:
        return None
    facts = {**row.facts, "preferences": office.url + _PREFERENCES_PAGE}
    words = render_mail(kind, row.language, facts, link)
    return Mail(
        id=str(row.id),
        sender=office.sender,
        recipient=row.address,
        subject=words.subject,
        text=words.text,
        html=words.html,
    )


def _kind(name: str) -> NoticeKind | RequestedMail:
    return NoticeKind(name) if name in set(NoticeKind) else RequestedMail(name)


async def _link(kind: NoticeKind | RequestedMail, row: MailRow, office: PostOffice) -> str | None:
    """From the fixed address of this installation, never from a request's Host. A secret stands
    behind the #, which browsers send to nobody.
    """
    if not isinstance(kind, RequestedMail) or kind not in _LINKS:
        page = _PAGES.get(kind, _SESSION_PAGE)
        return office.url + page.format(session_id=row.facts.get("session_id", ""))
    purpose, page, subject = _LINKS[kind]
    subject_id = UUID(row.facts[subject])
    if not await _is_wanted(purpose, subject_id):
        return None
    return f"{office.url}{page}#{await issue_token(purpose, subject_id)}"


async def _is_wanted(purpose: Purpose, subject_id: UUID) -> bool:
    if purpose is Purpose.INVITATION:
        return await invitation_to_mail(subject_id) is not None
    account = await account_to_write_to(subject_id)
    if account is None:
        return False
    return purpose is Purpose.RESET_PASSWORD or not account.is_email_confirmed


async def forget_old_mails() -> None:
    async with platform_scope(system("clock"), "old mails") as scope:
        await queries.forget_mails(scope, scope.now - timedelta(days=MAILS_KEPT_DAYS))
