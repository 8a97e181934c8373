"""When a session is sent: what is asked for, what is stored, what is shown before confirming."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from backend.campaigns.local_times import LOCAL_CHARACTERS_MAX, ZONE_CHARACTERS_MAX, DstChoice
from backend.campaigns.recurrence import Repeat
from backend.campaigns.states import MAX_LATENESS_MINUTES_DEFAULT
from backend.kernel.views import Input, View

LATENESS_MINUTES_MAX = 10_080
"""A week: later than that nobody waits for it any more."""
AHEAD_DAYS_MAX = 366
OCCURRENCES_SHOWN = 5

Local = Annotated[str, Meta(max_length=LOCAL_CHARACTERS_MAX, examples=["2026-12-01T09:30"])]
Zone = Annotated[str, Meta(max_length=ZONE_CHARACTERS_MAX, examples=["Europe/Oslo"])]
LatenessMinutes = Annotated[int, Meta(ge=1, le=LATENESS_MINUTES_MAX, examples=[60])]


class ScheduleTime(Input, kw_only=True, frozen=True):
    """What the clocks of an IANA zone say, without an offset. `dst` decides where they jump.
    `max_lateness_minutes` counts our own delay only; after it the session is missed.
    """

    local: Local
    zone: Zone
    dst: DstChoice | None = None
    max_lateness_minutes: LatenessMinutes = MAX_LATENESS_MINUTES_DEFAULT


class ScheduleInput(ScheduleTime, kw_only=True, frozen=True):
    repeat: Repeat | None = None


class Schedule(msgspec.Struct, kw_only=True, frozen=True):
    """Converted once: `at` is the instant, whatever becomes of the zone's rules."""

    local: str
    zone: str
    at: datetime
    max_lateness_minutes: int
    dst: DstChoice | None = None
    """What was chosen, so that the same text can be asked for again."""
    repeat: Repeat | None = None


class OccurrenceView(View, kw_only=True, frozen=True):
    """`local` is what the clocks say then: in a gap it is not the time that was asked for."""

    number: int
    local: str
    at: datetime


class SchedulePreview(View, kw_only=True, frozen=True):
    """The first dates of it, the first send among them, and where it ends."""

    local: str
    zone: str
    at: datetime
    occurrences: list[OccurrenceView]
    total: int
    last: OccurrenceView
