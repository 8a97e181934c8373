"""Pure: where a case waits, when a look at it must begin, and whether one person is enough."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from backend.moderation.schemas.desk import DeskRules, FourEyes, LaneRule
from backend.moderation.states import CaseKind, Lane


class CaseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What lanes and thresholds look at. `known_countries` None: nothing was approved before."""

    kind: CaseKind
    opened_at: datetime
    due_at: datetime | None
    recipients: int
    segments: int
    score: int
    rules_hit: frozenset[str]
    countries: frozenset[str] = frozenset()
    known_countries: frozenset[str] | None = None


def lane_of(rules: Sequence[LaneRule], case: CaseFacts) -> tuple[Lane, str]:
    """The first rule that holds, and its name."""
    for rule in rules:
        if _holds(rule, case):
            return rule.lane, rule.name
    return Lane.STANDARD, ""


def _holds(rule: LaneRule, case: CaseFacts) -> bool:
    at_least = (
        (rule.recipients_min, case.recipients),
        (rule.segments_min, case.segments),
        (rule.score_min, case.score),
    )
    return (
        (not rule.kinds or case.kind in rule.kinds)
        and all(least is None or figure >= least for least, figure in at_least)
        and (not rule.rules_hit or not case.rules_hit.isdisjoint(rule.rules_hit))
        and (rule.is_first is None or rule.is_first == (case.known_countries is None))
    )


def priority_at(rules: DeskRules, case: CaseFacts, review_seconds: int) -> datetime:
    """When a look must begin for the decision to be in time: the queue's order, least first.

    A case without a due time is given the target of its kind. And nobody starves: from half of
    `case_wait_hours_max` on a case goes before everything that is opened later, whenever that is
    due, so the other half is left for what came before it.
    """
    target = timedelta(minutes=getattr(rules.targets_minutes, case.kind.value))
    due = case.due_at or case.opened_at + target
    aged = case.opened_at + timedelta(hours=rules.case_wait_hours_max) / 2
    return max(min(due, aged), case.opened_at) - timedelta(seconds=review_seconds)


def four_eyes_of(thresholds: FourEyes, case: CaseFacts) -> list[str]:
    """Why an approval needs two people; empty: one is enough."""
    found = []
    if thresholds.recipients_min is not None and case.recipients >= thresholds.recipients_min:
        found.append("recipients")
    if thresholds.score_min is not None and case.score >= thresholds.score_min:
        found.append("score")
    if thresholds.new_country and case.known_countries is not None:
        found += [f"country:{one}" for one in sorted(case.countries - case.known_countries)]
    found += [f"rule:{one}" for one in sorted(case.rules_hit & set(thresholds.rules_hit))]
    return found


def order(cases: Iterable[tuple[datetime, datetime, str]]) -> list[str]:
    """(priority_at, opened_at, id) of open cases, as the queue hands them out."""
    return [one[2] for one in sorted(cases)]
