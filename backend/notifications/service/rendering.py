"""A mail's words: one text per kind and language, laid out as plain text and as simple HTML."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import liquid
from liquid import DictLoader, Environment, StrictUndefined

from backend.notifications.states import NoticeKind, RequestedMail

LANGUAGES: Final = ("en", "fr")
NAME_CHARACTERS_MAX: Final = 80
"""Names are written by strangers: longer ones carry messages of their own."""
_DIRECTORY: Final = Path(__file__).parents[1] / "texts"

_TEXT: Final = """{{ greeting }}

{% for line in lines %}{{ line }}

{% endfor %}{{ button }}:
{{ link }}

--
{{ footer }}
"""
_HTML: Final = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8">
<meta name="color-scheme" content="light dark"><title>{{ subject }}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:34em;margin:0 auto">
<p style="font-weight:600">Clearsend</p>
<p>{{ greeting }}</p>
{% for line in lines %}<p>{{ line }}</p>
{% endfor %}<p style="margin:28px 0"><a href="{{ link }}" style="background:#2f5bd8;color:#ffffff;\
padding:11px 18px;border-radius:8px;text-decoration:none;display:inline-block">{{ button }}</a></p>
<p style="font-size:13px;opacity:.75;overflow-wrap:anywhere">{{ link }}</p>
<hr style="border:0;border-top:1px solid #8884;margin:28px 0 12px">
<p style="font-size:13px;opacity:.75">{{ footer }}</p>
</div></body></html>
"""

_THIN_SPACE: Final = "\u202f"


class Rendered(NamedTuple):
    subject: str
    text: str
    html: str


def _credits(language: str) -> Any:
    """1,234 credits · 1 234 crédits, with the singular for one (and, in French, for none)."""

    def write(value: int) -> str:
        if language == "fr":
            digits = f"{value:,}".replace(",", _THIN_SPACE)
            return f"{digits} crédit" + ("s" if abs(value) > 1 else "")
        return f"{value:,} credit" + ("" if value == 1 else "s")

    return write


def _moment(language: str) -> Any:
    """2026-03-01 14:05 UTC · 01/03/2026 14:05 UTC: a mail does not know its reader's zone."""

    def write(value: str) -> str:
        at = datetime.fromisoformat(value).astimezone(UTC)
        return at.strftime("%d/%m/%Y %H:%M UTC" if language == "fr" else "%Y-%m-%d %H:%M UTC")

    return write


def _environment(language: str, *, is_html: bool) -> Environment:
    environment = Environment(loader=DictLoader({}), autoescape=is_html, undefined=StrictUndefined)
    environment.filters["credits"] = _credits(language)
    environment.filters["moment"] = _moment(language)
    return environment


def _load(language: str) -> dict[str, Any]:
    with (_DIRECTORY / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)


_WORDS: Final = {language: _load(language) for language in LANGUAGES}
_PLAIN: Final = {language: _environment(language, is_html=False) for language in LANGUAGES}
_LAYOUT_TEXT: Final = {name: _PLAIN[name].from_string(_TEXT) for name in LANGUAGES}
_LAYOUT_HTML: Final = {
    name: _environment(name, is_html=True).from_string(_HTML) for name in LANGUAGES
}


def _templates(language: str) -> dict[tuple[str, str, int], liquid.BoundTemplate]:
    """Parsed once: (kind or layout, part, line)."""
    environment, found = _PLAIN[language], {}
    for section in ("layout", *NoticeKind, *RequestedMail):
        for part, value in _WORDS[language][section].items():
            for at, source in enumerate(value if isinstance(value, list) else [value]):
                found[str(section), part, at] = environment.from_string(source)
    return found


_TEMPLATES: Final = {language: _templates(language) for language in LANGUAGES}


def render_mail(
    kind: NoticeKind | RequestedMail, language: str, facts: dict[str, Any], link: str
) -> Rendered:
    """`facts` as the kind's text uses them; a missing one raises liquid's UndefinedError.

    The layout needs `name` (or none), and `tenant` with `preferences` for a notice.
    """
    words, templates = _WORDS[language], _TEMPLATES[language]
    given = {name: _shown(value) for name, value in facts.items()}
    given["failure_words"] = words["failure"].get(facts.get("failure"), "")
    given["role_words"] = words["role"].get(facts.get("role"), "")
    given["title_words"] = words["title"].get(facts.get("title"), "")
    given.setdefault("due_on", None)
    given.setdefault("reason", None)
    given.setdefault("campaign", None)
    given.setdefault("failure", None)
    given["price"] = facts.get("required")  # `required` is a word of Liquid's own

    def said(section: str, part: str, at: int = 0) -> str:
        return templates[section, part, at].render(**given)

    count = len(words[kind]["lines"])
    lines = [said(kind, "lines", at) for at in range(count)]
    subject = said(kind, "subject")
    layout = {
        "language": language,
        "subject": subject,
        "greeting": said("layout", "greeting" if given.get("name") else "greeting_unknown"),
        "lines": [line for line in lines if line],
        "button": said(kind, "button"),
        "link": link,
        "footer": said("layout", "footer" if isinstance(kind, NoticeKind) else "footer_account"),
    }
    return Rendered(
        subject=subject,
        text=_LAYOUT_TEXT[language].render(**layout),
        html=_LAYOUT_HTML[language].render(**layout),
    )


def _shown(value: Any) -> Any:
    """One line, and not a page of it."""
    if not isinstance(value, str):
        return value
    line = " ".join(value.split())
    is_ours = "://" in line or len(line) <= NAME_CHARACTERS_MAX
    return line if is_ours else line[: NAME_CHARACTERS_MAX - 1] + "…"
