"""What the rules say to one text, and how it is shown: hits with their places, links inert."""

import functools
import unicodedata
from typing import Final

from backend.moderation.checks import links_of
from backend.moderation.lookalikes import shown_host
from backend.moderation.rules import K, Match, RuleSet, link_rules, text_rules
from backend.moderation.schemas.screening import Hit, Severity, TextHit, TextLink
from backend.sms.links import LinkFlag

HIT_TEXT_CHARACTERS_MAX: Final = 600
SAMPLE_CHARACTERS_MAX: Final = 240
SHOWN_LINKS_MAX: Final = 50
_ORDER: Final = {Severity.BLOCK: 0, Severity.FLAG: 1, Severity.INFO: 2}


class SeenText:
    """One text, read once: most campaigns send many the same."""

    __slots__ = ("alphabets", "links", "matches", "rules", "text")

    def __init__(self, text: str, rules: RuleSet, *, has_values: bool) -> None:
        self.text = text
        self.rules = rules
        self.alphabets = alphabets_of(text)
        self.links = links_of(text)
        self.matches = list(text_rules(text, self.links, rules, has_values=has_values))
        kinds = rules.book.by_kind
        for link in self.links:
            self.matches += [Match(rule, link.span, link.host) for rule in link_rules(link, rules)]
            if link.host and LinkFlag.EMAIL not in link.flags:
                for kind, hosts in (
                    (K.LINK_IN_DATA, rules.fixed_hosts),
                    (K.NEW_HOST, rules.known_hosts),
                ):
                    if link.host not in hosts:
                        self.matches += [Match(r.id, link.span, link.host) for r in kinds[kind]]

    def placed(self, match: Match) -> tuple[int, int]:
        return match.span or self.rules.book.matcher.place(match.rule, self.text)

    def hit(self, match: Match) -> Hit:
        rule = self.rules.book.rules[match.rule]
        start, end = self.placed(match)
        # The place in question stays inside what is kept.
        cut = max(0, end - HIT_TEXT_CHARACTERS_MAX)
        return Hit(
            rule=match.rule,
            severity=rule.severity,
            message=rule.message,
            text=self.text[cut : cut + HIT_TEXT_CHARACTERS_MAX],
            span=(max(0, start - cut), end - cut),
            matched=self.text[max(start, cut) : end],
            host=match.host,
            messages=1,
            points=rule.points,
            content_class=rule.content_class or "",
        )

    def sample(self, span: tuple[int, int]) -> str:
        """The text around a place."""
        start = max(0, min(span[0] - SAMPLE_CHARACTERS_MAX // 3, len(self.text)))
        return self.text[start : start + SAMPLE_CHARACTERS_MAX]

    def shown_links(self, characters_max: int) -> list[TextLink]:
        return [
            TextLink(span=link.span, host=link.host, shown=shown_host(link.host))
            for link in self.links[:SHOWN_LINKS_MAX]
            if link.span[1] <= characters_max
        ]

    def shown_hits(self, characters_max: int) -> list[TextHit]:
        """Worst first, each rule at each place once."""
        rules = self.rules.book.rules
        found = [
            TextHit(rule=match.rule, severity=rules[match.rule].severity, span=self.placed(match))
            for match in self.matches
        ]
        inside = [hit for hit in found if hit.span[1] <= characters_max]
        return sorted(inside, key=lambda hit: (_ORDER[hit.severity], hit.span, hit.rule))


def in_order(hits: list[Hit]) -> list[Hit]:
    """Worst first, then by rule id."""
    return sorted(hits, key=lambda hit: (_ORDER[hit.severity], hit.rule, hit.host))


def hits_of(text: str, rules: RuleSet, *, has_values: bool = False) -> list[Hit]:
    """The rules over one text that stands for itself: a template, a sender."""
    seen = SeenText(text, rules, has_values=has_values)
    first = {(match.rule, match.host): match for match in reversed(seen.matches)}
    return in_order([seen.hit(match) for match in first.values()])


def alphabets_of(text: str) -> frozenset[str]:
    if text.isascii():
        return frozenset({"latin"})
    return frozenset(filter(None, map(_alphabet, set(text)))) or frozenset({"latin"})


@functools.lru_cache(maxsize=4_096)
def _alphabet(character: str) -> str:
    """`latin`, `cyrillic`, …; empty for what belongs to none (digits, signs, emoji)."""
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "").partition(" ")[0].lower()
