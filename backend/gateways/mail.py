"""The way out for mails: one message over SMTP, and what its refusal means.

`smtp://` begins in the clear and upgrades; `smtps://` is TLS from the first byte. `?tls=required`
refuses a server without STARTTLS and is the rule wherever a password is sent; `?tls=never` is for a
relay on this very machine.
"""

import asyncio
import contextlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import msgspec

SMTP_TIMEOUT_SECONDS = 20.0
SEND_SECONDS_MAX = 60.0
SUBJECT_CHARACTERS_MAX = 200
DEFAULT_PORTS = {"smtp": 587, "smtps": 465}

Tls = Literal["required", "opportunistic", "never"]


class MailRefused(Exception):
    """`is_final`: this mail will never be taken; otherwise a later try may succeed. It never is an
    answer to anybody: the mail's row says what came of it.
    """

    def __init__(self, detail: str, *, is_final: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_final = is_final


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """`id` becomes the Message-ID: a mail sent twice is recognised as one by whoever compares."""

    id: str
    sender: str
    recipient: str
    subject: str
    text: str
    html: str


class SmtpServer(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    user: str | None = None
    password: str | None = None
    is_tls: bool = False
    tls: Tls = "opportunistic"


def smtp_server(url: str) -> SmtpServer:
    """Raises ValueError for a port or a `tls` that is none."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query).get("tls", [""])[0]
    default: Tls = "required" if parts.username else "opportunistic"
    return SmtpServer(
        host=parts.hostname or "localhost",
        port=parts.port or DEFAULT_PORTS[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        is_tls=parts.scheme == "smtps",
        tls=msgspec.convert(asked, Tls) if asked else default,
    )


def message_of(mail: Mail) -> EmailMessage:
    """Plain text and simple HTML. A header holds one line, whatever a name contains."""
    _, sender_address = parseaddr(mail.sender)
    message = EmailMessage()
    message["From"] = mail.sender
    local, _, domain = mail.recipient.rpartition("@")
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = " ".join(mail.subject.split())[:SUBJECT_CHARACTERS_MAX]
    message["Message-ID"] = f"<{mail.id}@{sender_address.rpartition('@')[2]}>"
    # Out-of-office replies and loops stay away from what a program sends (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


async def send_by_smtp(server: SmtpServer, mail: Mail) -> None:
    """One connection, one mail. Raises MailRefused. Call it outside of any scope."""
    try:
        message = message_of(mail)
    except ValueError as error:
        raise MailRefused(f"it cannot be written: {error}", is_final=True) from error
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.is_tls,
        start_tls=None if server.is_tls else _START_TLS[server.tls],
        timeout=SMTP_TIMEOUT_SECONDS,
    )
    try:
        async with asyncio.timeout(SEND_SECONDS_MAX):
            await client.connect()
            await client.send_message(message)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        client.close()
        raise MailRefused(_words(error), is_final=_is_final(error)) from error
    # It is taken: a quarrel over the goodbye must not send it again.
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        await client.quit()
    client.close()


_START_TLS: dict[Tls, bool | None] = {"required": True, "opportunistic": None, "never": False}


def _codes(error: Any) -> list[int]:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return [one.code for one in error.recipients]
    if isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        return [error.code]
    # Login, greeting and our own sender are the operator's to mend: the mail waits for it.
    return []


def _is_final(error: Exception) -> bool:
    codes = _codes(error)
    return bool(codes) and all(500 <= code < 600 for code in codes)  # RFC 5321 §4.2.1


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
