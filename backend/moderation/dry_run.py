"""Sums over the pages of a dry run, in constant memory whatever the number of recipients."""

import re
from collections import Counter
from typing import Final
from uuid import UUID

import msgspec

from backend.campaigns.schemas.content import FrozenContent
from backend.campaigns.schemas.evaluation import EvaluatedMessage, EvaluatedPage, ExclusionReason
from backend.moderation.lookalikes import shown_host
from backend.moderation.rules import K, Match, RuleSet, submission_rules
from backend.moderation.schemas.screening import (
    DryRun,
    Hit,
    HostSeen,
    Rendering,
    SubmissionContext,
)
from backend.moderation.texts import SeenText, in_order
from backend.sms.links import Link, LinkFlag

HOSTS_MAX: Final = 100
MISSING_NAMES_MAX: Final = 50
CONSENT_SOURCES_MAX: Final = 50
ALPHABETS_MAX: Final = 8
RENDERING_CHARACTERS_MAX: Final = 2_000
OTHER_SOURCES: Final = "…"
"""All consent sources beyond the limit together."""

_VALUE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def fixed_text(content: FrozenContent) -> str:
    """What the tenant wrote itself, with a blank where a value will stand."""
    parts = (content.header, content.body, content.footer)
    return "\n".join(without_values(part) for part in parts if part)


def without_values(source: str) -> str:
    return _VALUE.sub(" ", source)


def holds_values(content: FrozenContent) -> bool:
    return any(_VALUE.search(part) for part in (content.header, content.body, content.footer))


class _Counted:
    """A hit, and how many texts had it."""

    __slots__ = ("hit", "messages")

    def __init__(self, hit: Hit) -> None:
        self.hit = hit
        self.messages = 1

    def shown(self) -> Hit:
        return msgspec.structs.replace(self.hit, messages=self.messages)


class DryRunSums:
    """Add every page, then ask for the result. Equal pages give an equal result."""

    def __init__(self, content: FrozenContent, rules: RuleSet, *, blank: str | None = None) -> None:
        self._rules = rules
        self._has_values = holds_values(content)
        # What somebody without any data would get: a text equal to it is a text with holes.
        self._blank = blank if self._has_values else None
        self._plain = None if self._has_values else blank
        self._recipients = self._segments = self._credits = self._segments_max = self._empty = 0
        self._excluded: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._countries: Counter[str] = Counter()
        self._encodings: Counter[str] = Counter()
        self._alphabets: Counter[str] = Counter()
        self._consents: Counter[str | None] = Counter()
        self._hosts: dict[str, tuple[int, frozenset[LinkFlag]]] = {}
        self._samples: dict[str, tuple[str, UUID | None]] = {}
        self._hosts_left_out: set[int] = set()
        self._hits: dict[str, _Counted] = {}
        self._renderings: dict[str, Rendering] = {}
        self._last: SeenText | None = None
        self._empty_rules = [rule.id for rule in rules.book.by_kind[K.EMPTY_FIELD]]

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
        self._consents[message.consent_source] += 1
        seen = self._last
        if seen is None or seen.text != message.body:
            seen = self._last = SeenText(message.body, self._rules, has_values=self._has_values)
        self._alphabets.update(seen.alphabets)
        # Without values everybody gets the same, but where a group has words of its own.
        whose = None if message.body == self._plain else message.subscriber_id
        for link in seen.links:
            self._add_host(link, seen, whose)
        if seen.matches:
            for match in {match.rule: match for match in reversed(seen.matches)}.values():
                self._add_hit(match, seen, whose)
        self._keep_renderings(message, seen, whose)

    def _add_host(self, link: Link, seen: SeenText, whose: UUID | None) -> None:
        if not link.host or LinkFlag.EMAIL in link.flags:
            return
        count, flags = self._hosts.get(link.host, (0, frozenset()))
        if not count and len(self._hosts) >= HOSTS_MAX:
            # A set of hashes: as many as may be, at a few bytes each, up to a second limit.
            if len(self._hosts_left_out) < HOSTS_MAX * HOSTS_MAX:
                self._hosts_left_out.add(hash(link.host))
            return
        self._hosts[link.host] = (count + 1, flags | link.flags)
        if not count and (link.flags or link.host not in self._rules.fixed_hosts):
            self._samples[link.host] = (seen.sample(link.span), whose)

    def _add_hit(self, match: Match, seen: SeenText, whose: UUID | None) -> None:
        key = f"{match.rule}:{match.host}" if match.host else match.rule
        known = self._hits.get(key)
        if known is None and match.host and len(self._hits) >= HOSTS_MAX:
            key = match.rule
            known = self._hits.get(key)
        if known is None:
            hit = msgspec.structs.replace(seen.hit(match), subscriber_id=whose)
            self._hits[key] = _Counted(hit)
        else:
            known.messages += 1

    def _keep_renderings(
        self, message: EvaluatedMessage, seen: SeenText, whose: UUID | None
    ) -> None:
        best = self._renderings
        if "first" not in best:
            best["first"] = _rendering("first", message, seen, whose)
        for why, figure in (
            ("longest", len(message.body)),
            ("shortest", -len(message.body)),
            ("most_expensive", message.credits),
        ):
            if why not in best or figure > _figure(best[why]):
                best[why] = _rendering(why, message, seen, whose)
        has_hole = any(match.rule in self._empty_rules for match in seen.matches)
        if has_hole or message.body == self._blank:
            self._empty += 1
            if "empty_field" not in best:
                best["empty_field"] = _rendering("empty_field", message, seen, whose)
            for rule in () if has_hole else self._empty_rules:
                self._add_hit(Match(rule, (0, len(message.body)), ""), seen, whose)
        for alphabet in seen.alphabets:
            why = f"alphabet:{alphabet}"
            if why not in best and sum(w.startswith("alphabet:") for w in best) < ALPHABETS_MAX:
                best[why] = _rendering(why, message, seen, whose)

    def result(self, context: SubmissionContext | None = None) -> DryRun:
        sources: Counter[str] = Counter()
        for source, recipients in self._consents.most_common():
            if source is not None:
                is_kept = len(sources) < CONSENT_SOURCES_MAX
                sources[source if is_kept else OTHER_SOURCES] += recipients
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
            hosts=[self._host_seen(host) for host in sorted(self._hosts)],
            hosts_left_out=len(self._hosts_left_out),
            empty_fields=self._empty,
            renderings=list(self._renderings.values()),
            consent_sources=dict(sources),
            without_consent=self._consents[None],
            context=context,
        )

    def _host_seen(self, host: str) -> HostSeen:
        messages, flags = self._hosts[host]
        seen = host_seen(host, messages, flags, self._rules)
        sample, whose = self._samples.get(host, ("", None))
        return msgspec.structs.replace(seen, sample=sample, subscriber_id=whose)

    def hits(self, dry_run: DryRun) -> list[Hit]:
        """Worst first, then by rule id; of the texts, and of the submission as a whole."""
        context = dry_run.context or SubmissionContext()
        found = [hit.shown() for hit in self._hits.values()]
        found += [hit for _, hit in submission_rules(dry_run, context, self._rules.book)]
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


def host_seen(host: str, messages: int, flags: frozenset[LinkFlag], rules: RuleSet) -> HostSeen:
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
    return [host_seen(host, 0, flags[host], rules) for host in sorted(flags)][:HOSTS_MAX]


def _rendering(
    why: str, message: EvaluatedMessage, seen: SeenText, whose: UUID | None
) -> Rendering:
    return Rendering(
        why=why,
        text=message.body[:RENDERING_CHARACTERS_MAX],
        segments=message.segments,
        credits=message.credits,
        encoding=str(message.encoding),
        country=message.country,
        links=seen.shown_links(RENDERING_CHARACTERS_MAX),
        hits=seen.shown_hits(RENDERING_CHARACTERS_MAX),
        subscriber_id=whose,
    )


def _figure(rendering: Rendering) -> int:
    if rendering.why == "longest":
        return len(rendering.text)
    return -len(rendering.text) if rendering.why == "shortest" else rendering.credits
