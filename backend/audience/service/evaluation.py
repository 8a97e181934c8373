"""Steps for campaigns and delivery: the pages of a rule, counts and samples."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from backend.audience.queries import candidates, groups
from backend.audience.queries.candidates import Candidate, Filters
from backend.audience.schemas.rules import (
    AUDIENCE_PAGE_ROWS_MAX,
    AudienceRow,
    AudienceRule,
)
from backend.audience.service.reach import (
    GroupSettings,
    Hours,
    Opening,
    Sending,
    group_settings,
    open_sending,
    page_caps,
    strictest,
)
from backend.audience.states import EVERY_SENDER, NumberState
from backend.audience.targeting.terms import GroupTerm, Term, read_frozen
from backend.db.scope import Scope
from backend.kernel.errors import InvalidInput
from backend.sms.phone import unreachable_kind

_NAMES = ("name", "email", "external_id", "language")
_NOTHING_SAID = GroupSettings()
_UNREACHABLE = NumberState.UNREACHABLE.value


def _deselecting(rule: AudienceRule) -> list[tuple[str, Term]]:
    """(evidence, term) of everything that leaves people out by what they are."""
    by_group: list[tuple[str, Term]] = [
        (f"group:{group.id}", GroupTerm(group.id)) for group in rule.deselected_groups
    ]
    return by_group + [
        (f"target_group:{one.id}", read_frozen(one.rule))
        for one in rule.deselected_target_group_rules
    ]


def _filters(rule: AudienceRule, at: datetime) -> Filters:
    reaching = [read_frozen(one.rule) for one in rule.target_group_rules]
    return Filters(at, reaching, [term for _, term in _deselecting(rule)])


async def audience_page(
    scope: Scope,
    rule: AudienceRule,
    after: UUID | None = None,
    limit: int = AUDIENCE_PAGE_ROWS_MAX,
    *,
    sender: str = EVERY_SENDER,
    sending: Sending | None = None,
    at: datetime | None = None,
) -> list[AudienceRow]:
    """The next candidates by subscriber id, each once; the end is an empty page.

    Candidates are everybody the rule reaches, also those who will be excluded: the flags say why.
    `sending` is read once for all pages of an evaluation; hours are judged `at` that instant,
    now without.
    """
    if not 1 <= limit <= AUDIENCE_PAGE_ROWS_MAX:
        raise InvalidInput("invalid_parameter", "page size", limit=AUDIENCE_PAGE_ROWS_MAX)
    sending = sending or await open_sending(scope, rule)
    found = await _candidates(scope, rule, after, limit, sender)
    return await _rows(scope, rule, found, sending, at or scope.now) if found else []


async def _rows(
    scope: Scope,
    rule: AudienceRule,
    found: list[Candidate],
    sending: Sending,
    at: datetime,
) -> list[AudienceRow]:
    known = await _settings_of(scope, {i for row in found for i in row.group_ids})
    first = bisect_left(rule.deselected_ids, found[0].person["id"])
    last = bisect_right(rule.deselected_ids, found[-1].person["id"])
    deselected = frozenset(rule.deselected_ids[first:last])
    left_out_by = (None, *(evidence for evidence, _ in _deselecting(rule)))
    by_groups: dict[tuple[UUID, ...], GroupSettings] = {(): _NOTHING_SAID}
    settings = []
    for row in found:
        joined = by_groups.get(row.group_ids)
        if joined is None:
            applying = [known[i] for i in row.group_ids if i in known]
            joined = by_groups[row.group_ids] = strictest(applying)
        settings.append(joined)
    phones = (row.person["phone"] for row in found)
    caps = await page_caps(scope, sending, zip(settings, phones, strict=True), at)
    hours = Hours(sending, at)
    blocked = sending.blocked_countries
    page = []
    for row, said in zip(found, settings, strict=True):
        person = row.person
        cap = caps.strictest(said, person["phone"]) if caps.of(said) else None
        page.append(
            _row(
                row,
                said,
                is_deselected=person["id"] in deselected,
                deselected_by=left_out_by[person["left_out_by"]],
                is_country_blocked=person["country"] in blocked,
                cap=cap,
                opening=hours.opening(said, person),
            )
        )
    return page


async def _candidates(
    scope: Scope, rule: AudienceRule, after: UUID | None, limit: int, sender: str
) -> list[Candidate]:
    filters = _filters(rule, scope.now)
    if rule.all:
        return await candidates.everybody(scope, sender, after, limit, filters)
    group_ids = [group.id for group in rule.groups]
    while True:
        start = bisect_right(rule.subscriber_ids, after) if after else 0
        single = rule.subscriber_ids[start : start + limit]
        rows = await candidates.chosen(
            scope, sender, after, limit, filters, group_ids=group_ids, subscriber_ids=single
        )
        if rows or not single:
            return rows
        after = single[-1]  # a page of nothing but people erased since


async def _settings_of(scope: Scope, group_ids: set[UUID]) -> dict[UUID, GroupSettings]:
    if not group_ids:
        return {}
    rows = await groups.known_groups(scope, sorted(group_ids))
    return {row["id"]: group_settings(row) for row in rows}


def _row(
    candidate: Candidate,
    settings: GroupSettings,
    *,
    is_deselected: bool,
    deselected_by: str | None,
    is_country_blocked: bool,
    cap: tuple[int, str] | None,
    opening: Opening,
) -> AudienceRow:
    row = candidate.person
    attributes = row["attributes"]
    for name in _NAMES:
        if row[name] is not None:
            attributes[name] = row[name]
    phone = attributes["phone"] = row["phone"]
    kind = unreachable_kind(phone)
    # By place, in the order of the struct: by name a row costs eight times as much to make.
    return AudienceRow(
        row["id"],
        phone,
        row["country"],
        row["language"],
        row["time_zone"],
        attributes,
        candidate.group_ids,
        candidate.opted_out,
        row["has_consent"],
        settings.consent_by is not None,
        is_deselected or deselected_by is not None,
        row["number_state"] == _UNREACHABLE,
        settings.header,
        settings.footer,
        None if is_deselected else deselected_by,
        settings.consent_by,
        None if kind is None else f"number:{kind}",
        is_country_blocked,
        cap[1] if cap is not None and cap[0] <= 0 else None,
        None if cap is None else cap[0],
        None if cap is None else cap[1],
        opening.opens_at,
        opening.closes_at,
        opening.closed_by,
        (row["consent_source"] or "") if row["has_consent"] else None,
    )


async def openings(
    scope: Scope, rule: AudienceRule, subscriber_ids: Iterable[UUID]
) -> dict[UUID, Opening]:
    """When people of a running session may be written to, as hours and groups are now.

    Of messages that were held back after their evaluation; erased people are not in it.
    """
    wanted = AudienceRule(subscriber_ids=tuple(sorted(set(subscriber_ids))), hours=rule.hours)
    sending = await open_sending(scope, wanted)
    reached = {group.id for group in rule.groups}
    found: dict[UUID, Opening] = {}
    after: UUID | None = None
    while page := await _candidates(scope, wanted, after, AUDIENCE_PAGE_ROWS_MAX, EVERY_SENDER):
        known = await _settings_of(scope, {i for row in page for i in row.group_ids})
        hours = Hours(sending, scope.now)
        for row in page:
            applying = [i for i in row.group_ids if i in reached] or row.group_ids
            said = strictest([known[i] for i in applying if i in known])
            found[row.person["id"]] = hours.opening(said, row.person)
        after = page[-1].person["id"]
    return found


async def audience_count(scope: Scope, rule: AudienceRule) -> int:
    """Candidates, before any exclusion."""
    if rule.all:
        return await candidates.count_everybody(scope)
    return await candidates.count_chosen(
        scope,
        [group.id for group in rule.groups],
        rule.subscriber_ids,
        _filters(rule, scope.now),
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
