"""Sums over the pages of a dry run, in constant memory whatever the number of recipients."""

import functools
import re
import unicodedata
from collections import Counter
from typing import Final

from backend.campaigns.schemas.content import FrozenContent
from backend.campaigns.schemas.evaluation import EvaluatedMessage, EvaluatedPage, ExclusionReason
from backend.moderation.checks import links_of
from backend.moderation.rules import (
    RULES,
    Match,
    RuleSet,
    is_unusual_size,
    link_rules,
    shown_host,
    text_rules,
)
from backend.moderation.schemas.screening import DryRun, Hit, HostSeen, Rendering
from backend.sms.links import Link, LinkFlag

HOSTS_MAX: Final = 100
MISSING_NAMES_MAX: Final = 50
ALPHABETS_MAX: Final = 8
HIT_TEXT_CHARACTERS_MAX: Final = 600
RENDERING_CHARACTERS_MAX: Final = 2_000

_VALUE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def fixed_text(content: FrozenContent) -> str:
    """What the tenant wrote itself, with a blank where a value will stand."""
    parts = (content.header, content.body, content.footer)
    return "\n".join(without_values(part) for part in parts if part)


def without_values(source: str) -> str:
    return _VALUE.sub(" ", source)


def holds_values(content: FrozenContent) -> bool:
    return any(_VALUE.search(part) for part in (content.header, content.body, content.footer))


class _Seen:
    """What the last text gave: most campaigns send many the same."""

    __slots__ = ("alphabets", "links", "matches", "text")

    def __init__(self, text: str, rules: RuleSet, *, has_values: bool) -> None:
        self.text = text
        self.alphabets = alphabets_of(text)
        self.links = links_of(text)
        self.matches = list(text_rules(text, has_values=has_values))
        for link in self.links:
            self.matches += [Match(rule, link.span, link.host) for rule in link_rules(link, rules)]
            if LinkFlag.EMAIL not in link.flags:
                if link.host and link.host not in rules.fixed_hosts:
                    self.matches.append(Match("link_in_data", link.span, link.host))
                if link.host and link.host not in rules.known_hosts:
                    self.matches.append(Match("host_new", link.span, link.host))


class DryRunSums:
    """Add every page, then ask for the result. Equal pages give an equal result."""

    def __init__(self, content: FrozenContent, rules: RuleSet, *, blank: str | None = None) -> None:
        self._rules = rules
        self._has_values = holds_values(content)
        # What somebody without any data would get: a text equal to it is a text with holes.
        self._blank = blank if self._has_values else None
        self._recipients = self._segments = self._credits = self._segments_max = self._empty = 0
        self._excluded: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._countries: Counter[str] = Counter()
        self._encodings: Counter[str] = Counter()
        self._alphabets: Counter[str] = Counter()
        self._hosts: dict[str, tuple[int, frozenset[LinkFlag]]] = {}
        self._hosts_left_out: set[int] = set()
        self._hits: dict[str, Hit] = {}
        self._renderings: dict[str, Rendering] = {}
        self._last: _Seen | None = None

    def add(self, page: EvaluatedPage) -> None:
        for exclusion in page.exclusions:
            self._excluded[exclusion.reason.value] += 1
            if exclusion.reason is ExclusionReason.MISSING_PROPERTY:
                for name in exclusion.evidence.split(","):
                    if name in self._missing or len(self._missing) < MISSING_NAMES_MAX:
                        self._missing[name] += 1
        for message in page.messages:
            self._add_message(message)

    def _add_message(self, message: EvaluatedMessage) -> None:
        self._recipients += 1
        self._segments += message.segments
        self._credits += message.credits
        self._segments_max = max(self._segments_max, message.segments)
        self._countries[message.country] += 1
        self._encodings[str(message.encoding)] += 1
        seen = self._last
        if seen is None or seen.text != message.body:
            seen = self._last = _Seen(message.body, self._rules, has_values=self._has_values)
        self._alphabets.update(seen.alphabets)
        for link in seen.links:
            self._add_host(link)
        for rule in {match.rule: match for match in reversed(seen.matches)}.values():
            self._add_hit(rule, message.body)
        self._keep_renderings(message, seen)

    def _add_host(self, link: Link) -> None:
        if not link.host or LinkFlag.EMAIL in link.flags:
            return
        count, flags = self._hosts.get(link.host, (0, frozenset()))
        if not count and len(self._hosts) >= HOSTS_MAX:
            # A set of hashes: as many as may be, at a few bytes each, up to a second limit.
            if len(self._hosts_left_out) < HOSTS_MAX * HOSTS_MAX:
                self._hosts_left_out.add(hash(link.host))
            return
        self._hosts[link.host] = (count + 1, flags | link.flags)

    def _add_hit(self, match: Match, text: str) -> None:
        key = f"{match.rule}:{match.host}" if match.host else match.rule
        known = self._hits.get(key)
        if known is None and match.host and len(self._hits) >= HOSTS_MAX:
            key = match.rule
            known = self._hits.get(key)
        messages = known.messages + 1 if known else 1
        self._hits[key] = _hit(match, text, messages) if known is None else _counted(known)

    def _keep_renderings(self, message: EvaluatedMessage, seen: _Seen) -> None:
        best = self._renderings
        if "first" not in best:
            best["first"] = _rendering("first", message)
        for why, figure in (
            ("longest", len(message.body)),
            ("shortest", -len(message.body)),
            ("most_expensive", message.credits),
        ):
            if why not in best or figure > _figure(best[why]):
                best[why] = _rendering(why, message)
        has_hole = any(match.rule == "empty_field" for match in seen.matches)
        if has_hole or message.body == self._blank:
            self._empty += 1
            best.setdefault("empty_field", _rendering("empty_field", message))
            if not has_hole:
                self._add_hit(Match("empty_field", (0, len(message.body)), ""), message.body)
        for alphabet in seen.alphabets:
            why = f"alphabet:{alphabet}"
            if why not in best and sum(w.startswith("alphabet:") for w in best) < ALPHABETS_MAX:
                best[why] = _rendering(why, message)

    def result(self) -> DryRun:
        rules = self._rules
        return DryRun(
            recipients=self._recipients,
            excluded=dict(sorted(self._excluded.items())),
            missing=dict(self._missing.most_common()),
            segments=self._segments,
            segments_max=self._segments_max,
            credits=self._credits,
            countries=dict(self._countries.most_common()),
            encodings=dict(self._encodings.most_common()),
            alphabets=dict(self._alphabets.most_common()),
            hosts=[
                _host_seen(host, messages, flags, rules)
                for host, (messages, flags) in sorted(self._hosts.items())
            ],
            hosts_left_out=len(self._hosts_left_out),
            empty_fields=self._empty,
            renderings=list(self._renderings.values()),
        )

    def hits(self, *, largest_approved: int | None) -> list[Hit]:
        """Worst first, then by rule id; `largest_approved` None: nothing was ever approved."""
        found = list(self._hits.values())
        if self._hosts_left_out:
            found.append(submission_hit("too_many_hosts", len(self._hosts_left_out)))
        if is_unusual_size(self._recipients, largest_approved):
            found.append(submission_hit("unusual_size", self._recipients))
        if largest_approved is None:
            found.append(submission_hit("first_submission", self._recipients))
        return in_order(found)


EMPTY: Final = DryRun(
    recipients=0,
    excluded={},
    missing={},
    segments=0,
    segments_max=0,
    credits=0,
    countries={},
    encodings={},
    alphabets={},
    hosts=[],
    hosts_left_out=0,
    empty_fields=0,
    renderings=[],
)


def _host_seen(host: str, messages: int, flags: frozenset[LinkFlag], rules: RuleSet) -> HostSeen:
    return HostSeen(
        host=host,
        shown=shown_host(host),
        messages=messages,
        flags=sorted(flags),
        in_fixed_text=host in rules.fixed_hosts,
        known=host in rules.known_hosts,
    )


def hosts_seen(links: list[Link], rules: RuleSet) -> list[HostSeen]:
    """Of one text that stands for itself."""
    flags = {link.host: link.flags for link in links if LinkFlag.EMAIL not in link.flags}
    return [_host_seen(host, 0, flags[host], rules) for host in sorted(flags)][:HOSTS_MAX]


_ORDER = {"block": 0, "flag": 1, "info": 2}


def in_order(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (_ORDER[hit.severity], hit.rule, hit.host))


def submission_hit(rule: str, messages: int) -> Hit:
    known = RULES[rule]
    return Hit(rule=rule, severity=known.severity, message=known.message, messages=messages)


def hits_of(text: str, rules: RuleSet) -> list[Hit]:
    """The rules over one text that stands for itself: a template, a sender."""
    seen = _Seen(text, rules, has_values=False)
    first = {(match.rule, match.host): match for match in reversed(seen.matches)}
    return in_order([_hit(match, text, 1) for match in first.values()])


def _hit(match: Match, text: str, messages: int) -> Hit:
    rule = RULES[match.rule]
    start, end = match.span
    # The place in question stays inside what is kept.
    cut = max(0, end - HIT_TEXT_CHARACTERS_MAX)
    kept = text[cut : cut + HIT_TEXT_CHARACTERS_MAX]
    return Hit(
        rule=match.rule,
        severity=rule.severity,
        message=rule.message,
        text=kept,
        span=(max(0, start - cut), end - cut),
        matched=text[max(start, cut) : end],
        host=match.host,
        messages=messages,
    )


def _counted(hit: Hit) -> Hit:
    return Hit(
        rule=hit.rule,
        severity=hit.severity,
        message=hit.message,
        text=hit.text,
        span=hit.span,
        matched=hit.matched,
        host=hit.host,
        messages=hit.messages + 1,
    )


def _rendering(why: str, message: EvaluatedMessage) -> Rendering:
    return Rendering(
        why=why,
        text=message.body[:RENDERING_CHARACTERS_MAX],
        segments=message.segments,
        credits=message.credits,
        encoding=str(message.encoding),
        country=message.country,
    )


def _figure(rendering: Rendering) -> int:
    if rendering.why == "longest":
        return len(rendering.text)
    return -len(rendering.text) if rendering.why == "shortest" else rendering.credits


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
