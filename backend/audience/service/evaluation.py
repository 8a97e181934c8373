"""Steps for campaigns and delivery: freezing a rule, its pages, counts and samples."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from backend.audience.queries import candidates, groups, subscribers
from backend.audience.schemas.rules import (
    AUDIENCE_PAGE_ROWS_MAX,
    AudienceInput,
    AudienceRow,
    AudienceRule,
    FrozenGroup,
)
from backend.audience.states import EVERY_SENDER, NumberState
from backend.db.scope import Scope
from backend.kernel.errors import FieldError, InvalidInput, NotFound, invalid_field


class _Settings(msgspec.Struct, frozen=True):
    header: str | None = None
    footer: str | None = None
    require_consent: bool = False


async def freeze(scope: Scope, given: AudienceInput) -> AudienceRule:
    """The copy a content version carries. Raises NotFound with a pointer to each unknown id."""
    if given.all and (given.group_ids or given.subscriber_ids):
        raise invalid_field("/all", "audience_ambiguous", "everybody, or a choice, not both")
    if not (given.all or given.group_ids or given.subscriber_ids):
        raise invalid_field("", "audience_empty", "nobody is addressed")
    found = await groups.known_groups(scope, given.group_ids)
    names = {row["id"]: row["name"] for row in found}
    errors = _unknown("group_ids", given.group_ids, names)
    for field in ("subscriber_ids", "deselected_ids"):
        ids: list[UUID] = getattr(given, field)
        known = await subscribers.known_subscribers(scope, ids) if ids else set()
        errors += _unknown(field, ids, known)
    if errors:
        raise NotFound("not_found", "the audience names what is not there", errors=errors)
    return AudienceRule(
        all=given.all,
        groups=tuple(FrozenGroup(i, names[i]) for i in sorted(names)),
        subscriber_ids=tuple(sorted(set(given.subscriber_ids))),
        deselected_ids=tuple(sorted(set(given.deselected_ids))),
    )


def _unknown(field: str, ids: Iterable[UUID], known: Any) -> list[FieldError]:
    return [
        FieldError(f"/{field}/{at}", "not_found", "There is none with this id.")
        for at, given in enumerate(ids)
        if given not in known
    ]


async def missing_groups(scope: Scope, rule: AudienceRule) -> list[FrozenGroup]:
    """Groups deleted since the rule was frozen: they reach nobody, which somebody should know."""
    found = await groups.known_groups(scope, [group.id for group in rule.groups])
    known = {row["id"] for row in found}
    return [group for group in rule.groups if group.id not in known]


async def audience_page(
    scope: Scope,
    rule: AudienceRule,
    after: UUID | None = None,
    limit: int = AUDIENCE_PAGE_ROWS_MAX,
    *,
    sender: str = EVERY_SENDER,
) -> list[AudienceRow]:
    """The next candidates by subscriber id, each once; the end is an empty page.

    Candidates are everybody the rule reaches, also those who will be excluded: the flags say why.
    """
    if not 1 <= limit <= AUDIENCE_PAGE_ROWS_MAX:
        raise InvalidInput("invalid_parameter", "page size", limit=AUDIENCE_PAGE_ROWS_MAX)
    rows = await _candidates(scope, rule, after, limit, sender)
    if not rows:
        return []
    settings = await _settings_of(scope, {i for row in rows for i in row.group_ids})
    first = bisect_left(rule.deselected_ids, rows[0].person["id"])
    last = bisect_right(rule.deselected_ids, rows[-1].person["id"])
    deselected = frozenset(rule.deselected_ids[first:last])
    by_groups: dict[tuple[UUID, ...], _Settings] = {}
    page = []
    for row in rows:
        reached = row.group_ids
        strictest = by_groups.get(reached)
        if strictest is None:
            known = [settings[i] for i in reached if i in settings]
            strictest = by_groups[reached] = _strictest(known)
        page.append(_row(row, strictest, row.person["id"] in deselected))
    return page


async def _candidates(
    scope: Scope, rule: AudienceRule, after: UUID | None, limit: int, sender: str
) -> list[candidates.Candidate]:
    if rule.all:
        return await candidates.everybody(scope, sender, after, limit)
    group_ids = [group.id for group in rule.groups]
    while True:
        start = bisect_right(rule.subscriber_ids, after) if after else 0
        single = rule.subscriber_ids[start : start + limit]
        rows = await candidates.chosen(
            scope, sender, after, limit, group_ids=group_ids, subscriber_ids=single
        )
        if rows or not single:
            return rows
        after = single[-1]  # a page of nothing but people erased since


async def _settings_of(scope: Scope, group_ids: set[UUID]) -> dict[UUID, _Settings]:
    if not group_ids:
        return {}
    rows = await groups.known_groups(scope, sorted(group_ids))
    return {
        row["id"]: _Settings(row["header"], row["footer"], row["require_consent"]) for row in rows
    }


def _strictest(settings: Sequence[_Settings]) -> _Settings:
    """Consent if any group asks for it; of several headers or footers the longest, which carries
    the most of what a law may ask for, then the first in the alphabet: the same for every run.
    """
    return _Settings(
        _fullest(s.header for s in settings),
        _fullest(s.footer for s in settings),
        any(s.require_consent for s in settings),
    )


def _fullest(texts: Iterable[str | None]) -> str | None:
    return min((text for text in texts if text), key=lambda text: (-len(text), text), default=None)


def _row(candidate: candidates.Candidate, settings: _Settings, is_deselected: bool) -> AudienceRow:
    row = candidate.person
    attributes = row["attributes"]
    for name in ("name", "email", "external_id", "language"):
        if row[name] is not None:
            attributes[name] = row[name]
    attributes["phone"] = row["phone"]
    return AudienceRow(
        subscriber_id=row["id"],
        phone=row["phone"],
        country=row["country"],
        language=row["language"],
        time_zone=row["time_zone"],
        attributes=attributes,
        group_ids=candidate.group_ids,
        opted_out=candidate.opted_out,
        has_consent=row["has_consent"],
        require_consent=settings.require_consent,
        is_deselected=is_deselected,
        is_unreachable=row["number_state"] == NumberState.UNREACHABLE,
        header=settings.header,
        footer=settings.footer,
    )


async def audience_count(scope: Scope, rule: AudienceRule) -> int:
    """Candidates, before any exclusion."""
    if rule.all:
        return await candidates.count_everybody(scope)
    return await candidates.count_chosen(
        scope, [group.id for group in rule.groups], rule.subscriber_ids
    )


async def sample_rows(
    scope: Scope, rule: AudienceRule, number: int, *, sender: str = EVERY_SENDER
) -> list[AudienceRow]:
    """The first candidates who would get the message, for previews on real people."""
    found: list[AudienceRow] = []
    after: UUID | None = None
    limit = min(max(number * 2, 10), AUDIENCE_PAGE_ROWS_MAX)
    while len(found) < number:
        page = await audience_page(scope, rule, after, limit, sender=sender)
        if not page:
            break
        after = page[-1].subscriber_id
        found += [row for row in page if _is_sendable(row)]
        limit = AUDIENCE_PAGE_ROWS_MAX
    return found[:number]


def _is_sendable(row: AudienceRow) -> bool:
    return not (row.opted_out or row.lacks_consent or row.is_deselected or row.is_unreachable)
