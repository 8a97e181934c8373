"""A series: the rule its occurrences are computed from, and what each of them sends."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.campaigns.local_times import read_local
from backend.campaigns.recurrence import OCCURRENCES_MAX, Occurrence, Repeat, occurrences
from backend.campaigns.states import SeriesState, SessionState
from backend.kernel.views import Input, View


class SeriesRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of session_series; `version` is the compare of every change."""

    tenant_id: UUID
    id: UUID
    campaign_id: UUID
    state: SeriesState
    version: int
    reason: str | None
    first_local: str
    zone: str
    first_at: datetime
    repeat: Repeat
    max_lateness_minutes: int
    source_session_id: UUID
    source_version: int
    draft: dict[str, Any]
    quote_id: UUID
    price_version: int | None
    ceiling_credits: int | None
    credits: int
    confirmed_by: str
    confirmed_at: datetime
    next_number: int
    excused_number: int
    skipped: list[int]
    created_at: datetime

    def occurrences(self, after: int = 0) -> list[Occurrence]:
        """Those with a number above `after`, skipped ones too."""
        first = read_local(self.first_local)
        every = occurrences(first, self.first_at, self.zone, self.repeat)
        return [one for one in every if one.number > after]


class SeriesDate(View, kw_only=True, frozen=True):
    """One that is still to come; `session_id` once it is a session."""

    number: int
    local: str
    at: datetime
    is_skipped: bool
    session_id: UUID | None
    session_state: SessionState | None


class SeriesView(View, kw_only=True, frozen=True):
    """`reason` says why it is paused or ended: `tenant`, `refused`, `returned`, `killed`,
    `finished`, or the code of what its next occurrence met.
    """

    id: UUID
    campaign_id: UUID
    campaign_name: str
    state: SeriesState
    reason: str | None
    first_local: str
    zone: str
    first_at: datetime
    repeat: Repeat
    ceiling_credits: int | None
    credits: int
    """What one occurrence is quoted at."""
    total: int
    upcoming: list[SeriesDate]
    confirmed_by: str
    confirmed_at: datetime
    created_at: datetime


class OccurrenceSkip(Input, kw_only=True, frozen=True):
    number: Annotated[int, Meta(ge=1, le=OCCURRENCES_MAX, examples=[2])]
