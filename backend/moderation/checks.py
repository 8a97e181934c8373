"""Rendered texts against what was approved: pure, and nearly free where a text holds no link."""

import re
from collections.abc import Iterable
from typing import Final

from backend.campaigns.schemas.sessions import ApprovalBounds
from backend.moderation.rules import RuleSet, link_rules
from backend.moderation.schemas.screening import Severity, TextProblem
from backend.sms.folding import reads_as_it_stands
from backend.sms.links import Link, LinkFlag, find
from backend.sms.skeletons import plain_bytes

UNAPPROVED_HOST: Final = "unapproved_host"
BLOCKED_CONTENT: Final = "blocked_content"

# Characters beyond ASCII that a search for links must look at closely, and so all of their text:
# blanks other than space and line break, invisible ones, and what folds to something else.
_ODD_LATIN = bytes([*range(10), 11, 12, *range(14, 32), *range(0x7F, 0xA1)]) + (
    "¨ª\xad¯²³´µ¸¹º¼½¾".encode("latin-1")
)
# Beyond Latin-1 what reads as it stands is searched as it stands, but for blanks that a link may be
# broken at, and the letters that are an i to a search without case and no i in lower case.
_ODD: Final = frozenset(
    chr(code) for code in (*range(10), 11, 12, *range(14, 32), *range(0x7F, 0xA0), 0x1680)
).union("\u2028\u2029ıİ")
_HOST_DOT = re.compile(r"\.(?:[^\s.0-9]|[0-9]{1,3}\.[0-9]|(?<=\s\.)|\s{1,3}(?:com|net|org|[\])}]))")
_GOES_ON: Final = re.compile(r"\. [ cno\])}]")
_SCHEMES: Final = ("://", "javascript:", "vbscript:", "blob:", "intent:", "file:", "data:")


def may_hold_link(text: str) -> bool:
    """False only where `links.find` finds nothing: proved by a differential test.

    A search that begins with a fixed letter is many times faster than one that does not.
    """
    if not text.isascii() and _holds_odd(text):
        return True
    if "." in text and not _only_ends(text) and _HOST_DOT.search(text) is not None:
        return True
    lower = text.lower()
    if ":" in text and any(scheme in lower for scheme in _SCHEMES):
        return True
    return "dot" in lower or "punkt" in lower or "point" in lower


def _only_ends(text: str) -> bool:
    """Each dot ends a sentence: a blank follows or nothing, and nothing a host could end in."""
    flat = text.replace("\n", " ")
    return (
        flat.count(".") == flat.count(". ") + flat.endswith(".")
        and " ." not in flat
        and flat.isprintable()
        and _GOES_ON.search(flat) is None
    )


def _holds_odd(text: str) -> bool:
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return not reads_as_it_stands(text) or not _ODD.isdisjoint(text)
    return len(raw.translate(None, _ODD_LATIN)) != len(raw)


def links_of(text: str) -> list[Link]:
    return find(text) if may_hold_link(text) else []


def check_texts(
    texts: Iterable[str], bounds: ApprovalBounds, rules: RuleSet
) -> list[TextProblem | None]:
    """For each text why it may not leave, or None; in the order given.

    A host nobody approved, a rule that blocks, or a rule about links or words that was clean when
    the content was approved: the moderator did not see it. A rule that asks for a person and came
    after the approval stops nothing: what it would have asked, a person answered.
    """
    hosts = frozenset(bounds.hosts)
    clean = frozenset(bounds.clean_rules)
    needs_texts = rules.book.needs_texts
    found: list[TextProblem | None] = []
    last: str | None = None
    problem: TextProblem | None = None
    for text in texts:
        # Most campaigns send many the same text.
        if text != last:
            last = text
            problem = _check(text, hosts, clean, rules) if may_hold_link(text) else None
            if problem is None and needs_texts:
                problem = _check_words(text, clean, rules)
        found.append(problem)
    return found


def _stops(rule_id: str, clean: frozenset[str], rules: RuleSet) -> bool:
    severity = rules.book.rules[rule_id].severity
    return severity is Severity.BLOCK or (severity is Severity.FLAG and rule_id in clean)


def _check_words(text: str, clean: frozenset[str], rules: RuleSet) -> TextProblem | None:
    names = rules.book.matcher.names(plain_bytes(text))
    if names:
        for name in sorted(names & rules.book.text_rules):
            if _stops(name, clean, rules):
                return TextProblem(BLOCKED_CONTENT, f"rule:{name}")
    return None


def _check(
    text: str, hosts: frozenset[str], clean: frozenset[str], rules: RuleSet
) -> TextProblem | None:
    for link in find(text):
        for rule in link_rules(link, rules):
            if _stops(rule, clean, rules):
                return TextProblem(BLOCKED_CONTENT, f"rule:{rule}")
        if link.host not in hosts and LinkFlag.EMAIL not in link.flags:
            return TextProblem(UNAPPROVED_HOST, f"host:{link.host}")
    return None
