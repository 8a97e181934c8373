"""The desk's own rules: lanes, order, times and thresholds, as data that leads edit."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.kernel.views import Input, RowVersion, View
from backend.moderation.states import CaseKind, Lane

LANE_RULES_MAX = 50
NAME_CHARACTERS_MAX = 80
REASON_CHARACTERS_MAX = 500
TEXT_CHARACTERS_MAX = 2_000

Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Score = Annotated[int, Meta(ge=0, le=100)]
Names = Annotated[list[Annotated[str, Meta(min_length=1, max_length=60)]], Meta(max_length=50)]
Reason = Annotated[
    str, Meta(min_length=3, max_length=REASON_CHARACTERS_MAX, examples=["two kinds of offer"])
]
Text = Annotated[
    str, Meta(min_length=1, max_length=TEXT_CHARACTERS_MAX, examples=["Is this their own site?"])
]


class LaneRule(Input, kw_only=True, frozen=True):
    """The first rule whose every given condition holds names the lane; none: `standard`."""

    lane: Lane
    name: Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS_MAX, examples=["large"])]
    kinds: Annotated[list[CaseKind], Meta(max_length=10)] = []
    """Empty: any kind. The same for `rules_hit`."""
    recipients_min: Count | None = None
    segments_min: Count | None = None
    score_min: Score | None = None
    rules_hit: Names = []
    """Any one of them."""
    is_first: bool | None = None
    """Nothing of this tenant was approved before."""


class FourEyes(Input, kw_only=True, frozen=True):
    """An approval above any of these needs a second person."""

    recipients_min: Count | None = 25_000
    score_min: Score | None = 60
    new_country: bool = True
    """A country that is neither the tenant's own nor in what a person approved for it, once there
    is something a person approved.
    """
    rules_hit: Names = msgspec.field(default_factory=lambda: ["host_lookalike", "sender_lookalike"])


class LaneTimes(Input, kw_only=True, frozen=True):
    """Seconds a look usually takes: until a lane has decisions enough to count it from."""

    standard: Annotated[int, Meta(ge=1, le=7_200)] = 60
    large: Annotated[int, Meta(ge=1, le=7_200)] = 180
    flagged: Annotated[int, Meta(ge=1, le=7_200)] = 240
    lead_only: Annotated[int, Meta(ge=1, le=7_200)] = 300


class Targets(Input, kw_only=True, frozen=True):
    """Minutes after which a case without a due time is due for a decision."""

    campaign_session: Annotated[int, Meta(ge=1, le=10_080)] = 30
    template_version: Annotated[int, Meta(ge=1, le=10_080)] = 240
    sender_id: Annotated[int, Meta(ge=1, le=10_080)] = 240
    appeal: Annotated[int, Meta(ge=1, le=10_080)] = 720
    after_review: Annotated[int, Meta(ge=1, le=10_080)] = 1_440


_LANES = [
    LaneRule(lane=Lane.LEAD_ONLY, name="strikes", rules_hit=["tenant_strikes"]),
    LaneRule(lane=Lane.FLAGGED, name="appeal", kinds=[CaseKind.APPEAL]),
    LaneRule(lane=Lane.FLAGGED, name="score from 40", score_min=40),
    LaneRule(lane=Lane.LARGE, name="from 25,000 recipients", recipients_min=25_000),
    LaneRule(lane=Lane.LARGE, name="from 50,000 segments", segments_min=50_000),
]


class DeskRules(Input, kw_only=True, frozen=True):
    """Applied to cases that are opened from then on; times and thresholds at once."""

    undo_seconds: Annotated[int, Meta(ge=0, le=60)] = 10
    case_wait_hours_max: Annotated[int, Meta(ge=1, le=168)] = 12
    """Half of it after a case was opened nothing younger is put before it any more."""
    hidden_minutes: Annotated[int, Meta(ge=0, le=1_440)] = 30
    """How long a case one released or skipped is not offered to them again."""
    skips_max: Annotated[int, Meta(ge=1, le=20)] = 3
    """That many skips, by anyone, and it is the leads'."""
    appeal_days_max: Annotated[int, Meta(ge=1, le=365)] = 14
    targets_minutes: Targets = Targets()
    usual_review_seconds: LaneTimes = LaneTimes()
    lanes: Annotated[list[LaneRule], Meta(max_length=LANE_RULES_MAX)] = msgspec.field(
        default_factory=lambda: list(_LANES)
    )
    four_eyes: FourEyes = msgspec.field(default_factory=FourEyes)


class DeskRulesEdit(Input, kw_only=True, frozen=True):
    rules: DeskRules
    based_on: RowVersion
    """The version that was read: another one in force by now is a 409."""
    note: Reason


class DeskRulesView(View, kw_only=True, frozen=True):
    version: int
    rules: DeskRules
    note: str
    made_by: str
    made_at: datetime | None


class LaneFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Null where a lane has too few decisions to say."""

    lane: Lane
    review_seconds: int | None = None
    wait_p50_seconds: int | None = None
    wait_p90_seconds: int | None = None
    decisions: int = 0


class WaitView(View, kw_only=True, frozen=True):
    """How long a session will wait, as far as the last decisions of its lane tell.

    `position` 1 is the next one. The estimates are null while there is no data, and of the whole
    wait, from the submission on.
    """

    session_id: UUID
    is_waiting: bool
    position: int | None
    waiting_since: datetime | None
    p50_seconds: int | None
    p90_seconds: int | None
    measured_decisions: int
    is_being_looked_at: bool
    is_decided: bool
    """A decision is made and takes effect within seconds."""


class HandBack(Input, kw_only=True, frozen=True):
    """A case is skipped or escalated with a reason, by whoever holds it."""

    lease_fence: RowVersion
    reason: Reason


class QuestionInput(Input, kw_only=True, frozen=True):
    """A second opinion: of one moderator, or of anybody."""

    lease_fence: RowVersion
    question: Text
    asked: UUID | None = None


class NoteInput(Input, kw_only=True, frozen=True):
    text: Text


class OpinionInput(Input, kw_only=True, frozen=True):
    text: Text
    leaning: Annotated[str, Meta(pattern="^(approve|request_changes|refuse)$")] | None = None


class NoteView(View, kw_only=True, frozen=True):
    id: UUID
    case_id: UUID
    kind: str
    author: UUID
    author_name: str
    text: str
    asked: UUID | None
    answers: UUID | None
    leaning: str | None
    written_at: datetime


class QuestionView(View, kw_only=True, frozen=True):
    """A question somebody asked me or everybody, not answered yet, of a case that is open."""

    tenant_id: UUID
    tenant_name: str
    case_id: UUID
    title: str
    note: NoteView


class ViewersView(View, kw_only=True, frozen=True):
    """Who has the case on their screen now, without the caller."""

    names: list[str]


class MovedView(View, kw_only=True, frozen=True):
    """Where a case is after it was skipped or escalated."""

    case_id: UUID
    lane: Lane
    lane_why: str
    skips: int
