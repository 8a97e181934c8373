"""Two sets of rules over what screenings of the past saw: pure, and in constant memory.

Both read the same stored facts, so what differs is the rules alone. Stored are the renderings that
mattered and every host, not every text: a word that stood in one text of thousands and in none of
these is not found again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from backend.moderation.rule_book import RuleBook
from backend.moderation.rules import RuleSet, submission_rules
from backend.moderation.schemas.rules import Fate, Flip, RuleFigures, RuleTestResult
from backend.moderation.schemas.screening import DryRun, Severity, SubmissionContext
from backend.moderation.texts import SeenText

FLIPS_MAX: Final = 100
FLIP_TEXT_CHARACTERS_MAX: Final = 300
_CONTEXT_KINDS: Final = ("confusable_sender", "unusual_country", "near_duplicate", "strikes")


class PastSession(msgspec.Struct, frozen=True):
    """One stored screening. `decided`: a person's verdict, else how screening ended."""

    tenant_id: UUID
    session_id: UUID
    content_version: int
    dry_run: DryRun
    decided: str
    screened_at: datetime


def rules_hit(dry_run: DryRun, book: RuleBook, blocked_hosts: frozenset[str]) -> set[str]:
    """Ids of what the stored facts hit."""
    context = dry_run.context or SubmissionContext()
    rules = RuleSet(
        blocked_hosts=blocked_hosts,
        fixed_hosts=frozenset(one.host for one in dry_run.hosts if one.in_fixed_text),
        known_hosts=frozenset(one.host for one in dry_run.hosts if one.known),
        book=book,
    )
    texts = {one.text for one in dry_run.renderings} | {h.sample for h in dry_run.hosts if h.sample}
    found: set[str] = set()
    for text in texts:
        seen = SeenText(text, rules, has_values=context.has_values)
        found.update(match.rule for match in seen.matches)
    found.update(rule.id for rule, _ in submission_rules(dry_run, context, book))
    return found


def fate_of(hit: Iterable[str], book: RuleBook) -> Fate:
    severities = {book.rules[rule].severity for rule in hit}
    if Severity.BLOCK in severities:
        return Fate.BLOCKED
    return Fate.FLAGGED if Severity.FLAG in severities else Fate.CLEAN


class Backtest:
    """Add every past session, then ask for the result."""

    def __init__(
        self, now: RuleBook, tested: RuleBook, blocked_hosts: frozenset[str], days: int
    ) -> None:
        self._now, self._tested, self._blocked, self._days = now, tested, blocked_hosts, days
        self._sessions = self._flipped = self._old = 0
        self._before: Counter[str] = Counter()
        self._after: Counter[str] = Counter()
        self._moved: Counter[str] = Counter()
        self._overruled: Counter[str] = Counter()
        self._figures: dict[str, Counter[str]] = defaultdict(Counter)
        self._flips: list[Flip] = []

    def add(self, past: PastSession) -> None:
        self._sessions += 1
        self._old += past.dry_run.context is None
        hit_before = rules_hit(past.dry_run, self._now, self._blocked)
        hit = rules_hit(past.dry_run, self._tested, self._blocked)
        before, after = fate_of(hit_before, self._now), fate_of(hit, self._tested)
        self._before[before] += 1
        self._after[after] += 1
        for rule in hit:
            self._figures[rule]["hit"] += 1
            self._figures[rule]["approved"] += past.decided == "approve"
            self._figures[rule]["refused"] += past.decided == "refuse"
        for rule in hit_before & self._tested.rules.keys():
            self._figures[rule]["hit_before"] += 1
        if past.decided == "approve" and after is Fate.BLOCKED:
            self._overruled["approve>blocked"] += 1
        if past.decided == "refuse" and after is Fate.CLEAN:
            self._overruled["refuse>clean"] += 1
        if before is not after:
            self._moved[f"{before}>{after}"] += 1
            self._keep(past, before, after, sorted(hit ^ hit_before))

    def _keep(self, past: PastSession, before: Fate, after: Fate, rules: list[str]) -> None:
        self._flipped += 1
        if len(self._flips) >= FLIPS_MAX:
            return
        # What the tenant wrote: a result outlives the people whose names stood in the texts.
        text = (past.dry_run.context or SubmissionContext()).fixed_text
        self._flips.append(
            Flip(
                tenant_id=past.tenant_id,
                session_id=past.session_id,
                content_version=past.content_version,
                before=before,
                after=after,
                decided=past.decided,
                rules=rules,
                text=text[:FLIP_TEXT_CHARACTERS_MAX],
                screened_at=past.screened_at,
            )
        )

    def result(self) -> RuleTestResult:
        people = (self._before[Fate.FLAGGED], self._after[Fate.FLAGGED])
        return RuleTestResult(
            compared_version=self._now.version,
            sessions=self._sessions,
            days=self._days,
            fates_before={fate.value: self._before[fate] for fate in Fate},
            fates_after={fate.value: self._after[fate] for fate in Fate},
            moved=dict(sorted(self._moved.items())),
            overruled=dict(sorted(self._overruled.items())),
            people_before=people[0],
            people_after=people[1],
            people_per_day_before=round(people[0] / self._days, 2),
            people_per_day_after=round(people[1] / self._days, 2),
            rules=[
                RuleFigures(rule=rule, **self._figures[rule]) for rule in sorted(self._tested.rules)
            ],
            flips=self._flips,
            flips_left_out=self._flipped - len(self._flips),
            not_tested=list(_CONTEXT_KINDS) if self._old else [],
        )
