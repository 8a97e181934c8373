"""The desk's numbers as its people read them. Times are whole seconds from opened to decided."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel.views import View


class DeskHourRow(msgspec.Struct, frozen=True, kw_only=True):
    hour: datetime
    lane: str
    moderator_id: UUID
    moderator_name: str
    approved: int
    changes_requested: int
    refused: int
    late: int
    overturned: int
    wait_buckets: list[int]
    wait_cases: list[int]

    @property
    def decided(self) -> int:
        return self.approved + self.changes_requested + self.refused


class LaneHourRow(msgspec.Struct, frozen=True, kw_only=True):
    hour: datetime
    lane: str
    opened: int
    lapsed: int
    waiting: int | None
    oldest_seconds: int | None


class RulingFigures(View, kw_only=True, frozen=True):
    """`late` were decided after their deadline; `overturned` were taken back meanwhile."""

    decided: int
    approved: int
    changes_requested: int
    refused: int
    late: int
    overturned: int
    median_seconds: int | None
    p95_seconds: int | None


class LaneNow(View, kw_only=True, frozen=True):
    lane: str
    waiting: int
    held: int
    overdue: int
    oldest_opened_at: datetime | None


class LaneFigures(View, kw_only=True, frozen=True):
    lane: str
    opened: int
    lapsed: int
    figures: RulingFigures


class ModeratorFigures(View, kw_only=True, frozen=True):
    """`hours` in which this person decided something; `per_hour` of those hours."""

    moderator_id: UUID
    name: str
    hours: int
    per_hour: float
    figures: RulingFigures


class HourFigures(View, kw_only=True, frozen=True):
    """`waiting` and `oldest_seconds` as last seen in that hour; null where nobody looked."""

    hour: datetime
    opened: int
    lapsed: int
    waiting: int | None
    oldest_seconds: int | None
    moderators: int
    figures: RulingFigures


class CoverageHour(View, kw_only=True, frozen=True):
    """`is_covered`: somebody decided, or no case waited longer than the shortest target."""

    hour: datetime
    decided: int
    moderators: int
    is_covered: bool


class DeskNumbersView(View, kw_only=True, frozen=True):
    """`folded_at`: the hours are as of then, `lanes_now` as of this answer. `moderators` names
    everybody for leads; who decides reads their own row.
    """

    since: datetime
    folded_at: datetime | None
    lanes_now: list[LaneNow]
    total: RulingFigures
    opened: int
    lapsed: int
    hours_of_work: int
    decided_per_hour: float
    hours: list[HourFigures]
    lanes: list[LaneFigures]
    moderators: list[ModeratorFigures]
    coverage: list[CoverageHour]
