"""Every mail in every language says everything it is given, and nothing it is told to inject."""

import re

import pytest

from backend.gateways.mail import Mail, message_of
from backend.notifications.service.rendering import LANGUAGES, render_mail
from backend.notifications.states import MailKind, NoticeKind, RequestedMail

FACTS = {
    "campaign": "Spring sale",
    "tenant": "Nordlys Retail",
    "name": "Ingrid",
    "inviter": "Ola Nordmann",
    "role": "sender",
    "address": "ingrid@nordlys.example",
    "factor": "My telephone",
    "reason": "It names no sender.",
    "failure": "no_gateway",
    "required": 12_345,
    "available": 345,
    "missing": 12_000,
    "ceiling": 11_000,
    "level": 500,
    "planned": 10,
    "delivered": 9,
    "bought": 5_000,
    "amount": "361.45 EUR",
    "title": "credit_note",
    "number": "CN-000012",
    "company": "Nordlys Retail AS",
    "issued_on": "2026-03-01",
    "due_on": "2026-03-15",
    "at": "2026-03-01T14:05:00+01:00",
    "preferences": "https://desk.example/settings?tab=notices",
}
LINK = "https://desk.example/campaigns/1"


def every_kind() -> list[MailKind]:
    return [*NoticeKind, *RequestedMail]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", every_kind())
def test_every_mail_is_complete(kind: MailKind, language: str):
    subject, text, html = render_mail(kind, language, FACTS, LINK)
    assert subject
    assert LINK in text
    assert f'href="{LINK}"' in html
    for body in (subject, text, html):
        assert "{{" not in body
        assert "None" not in body


def test_the_languages_differ_and_write_numbers_their_way():
    english = render_mail(NoticeKind.AWAITING_CREDITS, "en", FACTS, LINK)
    french = render_mail(NoticeKind.AWAITING_CREDITS, "fr", FACTS, LINK)
    assert english.subject == "“Spring sale” waits for 12,000 credits"
    assert french.subject == "« Spring sale » attend 12\u202f000 crédits"
    one = render_mail(NoticeKind.AWAITING_CREDITS, "en", {**FACTS, "missing": 1}, LINK)
    assert one.subject == "“Spring sale” waits for 1 credit"


def test_names_of_strangers_stay_words():
    name = "<img src=x onerror=alert(1)>\r\nBcc: everybody@example.com " + "x" * 200
    subject, text, html = render_mail(
        RequestedMail.INVITATION, "en", {**FACTS, "tenant": name}, LINK
    )
    assert "<img" not in html
    assert "&lt;img" in html
    assert "\n" not in subject
    assert "x" * 100 not in text
    mail = Mail(
        id="1",
        sender="Clearsend <no-reply@desk.example>",
        recipient="a@b.example",
        subject=subject,
        text=text,
        html=html,
    )
    raw = message_of(mail).as_bytes()
    assert not re.search(rb"^Bcc:", raw, re.MULTILINE)
    assert b"Message-ID: <1@desk.example>" in raw


def test_a_reason_that_is_absent_leaves_no_gap():
    facts = {name: value for name, value in FACTS.items() if name != "reason"}
    assert "reason" not in render_mail(NoticeKind.REFUSED, "en", facts, LINK).text
