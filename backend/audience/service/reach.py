"""What speaks against a candidate now, or for later: caps and hours, the strictest of all.

The campaign's own hours win; else those of every group that applies, and the tenant's where none
says anything. The legal table's, where the tenant keeps to it, are added to whatever holds.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from backend.audience.queries import sending
from backend.audience.schemas.rules import AudienceRule
from backend.audience.schemas.sending import FrequencyCap, SendingHours, SendingRules
from backend.audience.service.contacts import accepted_since
from backend.audience.service.sending import read_settings
from backend.audience.targeting.hours import (
    ALWAYS,
    VALIDITY_HOURS,
    next_closed,
    next_open,
    open_week,
    week_of,
)
from backend.audience.targeting.zones import possible_zones
from backend.db.scope import Scope

CLOSING_SECONDS = 60
"""A window's last minute is not begun any more: a batch takes as long (DESIGN §5.6)."""
SETTINGS = "settings"
CAMPAIGN = "campaign"


class Cap(NamedTuple):
    """`source` is what set it: `group:id` or `settings`."""

    messages: int
    days: int
    source: str

    @property
    def evidence(self) -> str:
        return f"cap:{self.messages}:{self.days}:{self.source}"


class GroupSettings(msgspec.Struct, frozen=True):
    """Of one group, or of all that apply joined to the strictest."""

    header: str | None = None
    footer: str | None = None
    consent_by: str | None = None
    """Who asks for consent; null: nobody."""
    week: int | None = None
    """The minutes that are open; null: no group says anything."""
    hours_by: tuple[str, ...] = ()
    caps: tuple[Cap, ...] = ()


class Sending(msgspec.Struct, frozen=True):
    """What is the same for every candidate of one evaluation."""

    own_week: int | None
    """The campaign's."""
    tenant_week: int | None
    tenant_caps: tuple[Cap, ...]
    legal_weeks: dict[str, int]
    """By country; empty where the tenant does not keep to the table."""
    blocked_countries: frozenset[str]


class Opening(NamedTuple):
    """`closed_by`: no window opens within the validity."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    closed_by: str | None = None


AT_ONCE = Opening()


async def open_sending(scope: Scope, rule: AudienceRule) -> Sending:
    """A step: once per evaluation, so that every page of it is judged alike."""
    said = await read_settings(scope)
    legal = await sending.legal_hours(scope) if said.keeps_legal_hours else []
    return Sending(
        own_week=_week(rule.hours),
        tenant_week=_week(said.sending),
        tenant_caps=_caps(said.sending.frequency_caps, SETTINGS),
        legal_weeks={row["country"]: _legal_week(row["quiet_hours"]) for row in legal},
        blocked_countries=frozenset(said.blocked_countries),
    )


def _week(hours: SendingHours | None) -> int | None:
    if hours is None or not (hours.quiet_hours or hours.send_windows):
        return None
    return _open_week(msgspec.json.encode(hours))


@lru_cache(maxsize=1024)
def _open_week(encoded: bytes) -> int:
    return open_week(msgspec.json.decode(encoded, type=SendingRules))


def _legal_week(quiet_hours: Any) -> int:
    said = msgspec.convert({"quiet_hours": quiet_hours}, SendingHours)
    return ALWAYS & ~week_of(said.quiet_hours)


def _caps(given: Sequence[FrequencyCap], source: str) -> tuple[Cap, ...]:
    return tuple(Cap(one.messages, one.days, source) for one in given)


def group_settings(row: Any) -> GroupSettings:
    name = f"group:{row['id']}"
    if not row["sending"]:
        return GroupSettings(row["header"], row["footer"], name if row["require_consent"] else None)
    rules = msgspec.convert(row["sending"], SendingRules)
    return GroupSettings(
        row["header"],
        row["footer"],
        name if row["require_consent"] else None,
        _week(rules),
        (name,) if rules.has_hours else (),
        _caps(rules.frequency_caps, name),
    )


def strictest(settings: Sequence[GroupSettings]) -> GroupSettings:
    """Consent if any group asks for it; of several headers or footers the longest, which carries
    the most of what a law may ask for, then the first in the alphabet: the same for every run.
    """
    if len(settings) == 1:
        return settings[0]
    week: int | None = None
    for one in settings:
        if one.week is not None:
            week = one.week if week is None else week & one.week
    return GroupSettings(
        _fullest(s.header for s in settings),
        _fullest(s.footer for s in settings),
        next((s.consent_by for s in settings if s.consent_by), None),
        week,
        tuple(name for s in settings for name in s.hours_by),
        tuple(cap for s in settings for cap in s.caps),
    )


def _fullest(texts: Iterable[str | None]) -> str | None:
    return min((text for text in texts if text), key=lambda text: (-len(text), text), default=None)


class Hours:
    """Openings of one page, at one instant; each kind of recipient is worked out once."""

    def __init__(self, sending: Sending, at: datetime) -> None:
        self._sending = sending
        self._at = at
        self._until = at + timedelta(hours=VALIDITY_HOURS)
        self._known: dict[tuple[int, tuple[str, ...]], Opening] = {}
        self._is_free = (
            sending.own_week is None and sending.tenant_week is None and not sending.legal_weeks
        )

    def opening(self, settings: GroupSettings, person: Any) -> Opening:
        if self._is_free and settings.week is None:
            return AT_ONCE
        country = person["country"]
        said = self._said(settings)
        legal = self._sending.legal_weeks.get(country, ALWAYS)
        week = legal if said is None else said & legal
        if week == ALWAYS:
            return AT_ONCE
        zones = possible_zones(person["time_zone"], person["phone"], country)
        key = (week, zones)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._opening(week, zones)
        if found.closed_by is None:
            return found
        return found._replace(closed_by=self._evidence(settings, country))

    def _said(self, settings: GroupSettings) -> int | None:
        if self._sending.own_week is not None:
            return self._sending.own_week
        return self._sending.tenant_week if settings.week is None else settings.week

    def _opening(self, week: int, zones: tuple[str, ...]) -> Opening:
        found = self._from(self._at, week, zones)
        is_closing = (
            found.opens_at is None
            and found.closes_at is not None
            and found.closes_at - self._at <= timedelta(seconds=CLOSING_SECONDS)
        )
        return self._from(found.closes_at, week, zones) if is_closing else found

    def _from(self, at: datetime | None, week: int, zones: tuple[str, ...]) -> Opening:
        opens_at = next_open(week, zones, at or self._at, self._until)
        if opens_at is None:
            return Opening(closed_by="hours")
        closes_at = next_closed(week, zones, opens_at, opens_at + timedelta(hours=VALIDITY_HOURS))
        return Opening(None if opens_at <= self._at else opens_at, closes_at)

    def _evidence(self, settings: GroupSettings, country: str) -> str:
        """Everything that had a say: `hours:group:…,legal:US`."""
        if self._sending.own_week is not None:
            named = [CAMPAIGN]
        elif settings.week is not None:
            named = list(settings.hours_by)
        else:
            named = [SETTINGS] if self._sending.tenant_week is not None else []
        if country in self._sending.legal_weeks:
            named.append(f"legal:{country}")
        return f"hours:{','.join(named)}"


class Caps:
    """How often the people of one page were written to, as far as some cap asks."""

    def __init__(self, sending: Sending) -> None:
        self._tenant = sending.tenant_caps
        self._accepted: dict[int, dict[str, int]] = {}

    def of(self, settings: GroupSettings) -> tuple[Cap, ...]:
        return settings.caps or self._tenant

    async def read(self, scope: Scope, wanted: dict[int, list[str]], at: datetime) -> None:
        """`wanted`: days → phones."""
        for days, phones in wanted.items():
            since = at - timedelta(days=days)
            self._accepted[days] = await accepted_since(scope, phones, since)

    def strictest(self, settings: GroupSettings, phone: str) -> tuple[int, str] | None:
        """(messages left, evidence) of the cap that leaves the fewest; None without a cap."""
        return min(
            (
                (cap.messages - self._accepted[cap.days].get(phone, 0), cap.evidence)
                for cap in self.of(settings)
            ),
            default=None,
        )


async def page_caps(
    scope: Scope, sending: Sending, people: Iterable[tuple[GroupSettings, str]], at: datetime
) -> Caps:
    """A step: one statement per number of days that any cap of the page names."""
    caps = Caps(sending)
    wanted: dict[int, list[str]] = {}
    for settings, phone in people:
        for days in {cap.days for cap in caps.of(settings)}:
            wanted.setdefault(days, []).append(phone)
    await caps.read(scope, wanted, at)
    return caps


async def room_left(
    scope: Scope, capped: Iterable[tuple[str, str]], at: datetime
) -> dict[str, int]:
    """A step: phone → messages that the cap of this evidence leaves now. Of several caps the
    strictest stays it: a message more takes one from each.
    """
    messages_max: dict[str, int] = {}
    by_days: dict[int, list[str]] = {}
    for phone, evidence in capped:
        _, messages, window, _ = evidence.split(":", 3)
        messages_max[phone] = int(messages)
        by_days.setdefault(int(window), []).append(phone)
    for days, phones in by_days.items():
        for phone, count in (
            await accepted_since(scope, phones, at - timedelta(days=days))
        ).items():
            messages_max[phone] -= count
    return messages_max
