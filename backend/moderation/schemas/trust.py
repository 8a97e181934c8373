"""Trust: what came of a tenant's sessions, strikes with their weight and end, and what follows."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.campaigns.states import SessionState
from backend.kernel.views import Input, RowVersion, View

Reason = Annotated[str, Meta(min_length=3, max_length=500, examples=["Three carriers complained."])]
Weight = Annotated[int, Meta(ge=1, le=100)]
PerMille = Annotated[int, Meta(ge=1, le=1_000)]


class StrikeCause(StrEnum):
    REFUSED = "refused"
    AFTER_REVIEW = "after_review"
    """What left without a look should not have."""
    COMPLAINTS = "complaints"
    OPT_OUTS = "opt_outs"
    DISPUTE = "dispute"
    STAFF = "staff"


class TrustLevel(StrEnum):
    """From what the tenant's standing strikes weigh, and the privilege it has."""

    TRUSTED = "trusted"
    """Auto-validated inside its bounds."""
    USUAL = "usual"
    WATCHED = "watched"
    """Its cases are for leads."""
    CONDEMNED = "condemned"
    """A suspension is proposed."""


class StrikeWeights(Input, kw_only=True, frozen=True):
    refused: Weight = 10
    after_review: Weight = 25
    complaints: Weight = 30
    opt_outs: Weight = 10
    dispute: Weight = 20


class StrikeDays(Input, kw_only=True, frozen=True):
    """After so many days a strike weighs nothing any more."""

    refused: Annotated[int, Meta(ge=1, le=1_095)] = 90
    after_review: Annotated[int, Meta(ge=1, le=1_095)] = 180
    complaints: Annotated[int, Meta(ge=1, le=1_095)] = 180
    opt_outs: Annotated[int, Meta(ge=1, le=1_095)] = 60
    dispute: Annotated[int, Meta(ge=1, le=1_095)] = 180


class TrustPolicy(Input, kw_only=True, frozen=True):
    """Thresholds are of the weight of all strikes that stand. Rates are per mille of the accepted
    messages of one session, judged from `rate_messages_min` on.
    """

    weights: StrikeWeights = StrikeWeights()
    days: StrikeDays = StrikeDays()
    auto_validation_lost_from: Weight = 10
    lead_only_from: Weight = 30
    suspension_proposed_from: Weight = 60
    rate_messages_min: Annotated[int, Meta(ge=1, le=1_000_000)] = 200
    opt_outs_per_mille_max: PerMille = 50
    complaints_per_mille_max: PerMille = 3
    after_review_percent: Annotated[int, Meta(ge=0, le=100)] = 5
    """Of the auto-validated sessions, by chance."""


class TrustPolicyEdit(Input, kw_only=True, frozen=True):
    policy: TrustPolicy
    based_on: RowVersion
    """The version that was read: another one in force by now is a 409."""
    note: Reason


class TrustPolicyView(View, kw_only=True, frozen=True):
    version: int
    policy: TrustPolicy
    note: str
    made_by: str
    made_at: datetime | None


class StrikeCreate(Input, kw_only=True, frozen=True):
    weight: Weight
    days: Annotated[int, Meta(ge=1, le=1_095)] = 90
    reason: Reason


class StrikeLift(Input, kw_only=True, frozen=True):
    reason: Reason


class StrikeView(View, kw_only=True, frozen=True):
    id: UUID
    cause: StrikeCause
    weight: int
    reason: str
    session_id: UUID | None
    case_id: UUID | None
    given_by: str
    given_at: datetime
    expires_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_reason: str | None
    is_standing: bool


class ComplaintSource(StrEnum):
    RECIPIENT = "recipient"
    CARRIER = "carrier"
    AUTHORITY = "authority"
    OTHER = "other"


class ComplaintCreate(Input, kw_only=True, frozen=True):
    """`reference` is the complainer's: told twice it counts once."""

    session_id: UUID | None = None
    source: ComplaintSource
    reference: Annotated[str, Meta(min_length=1, max_length=120, examples=["spam report 8812"])]
    count: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    note: Annotated[str, Meta(max_length=1_000)] = ""


class ComplaintView(View, kw_only=True, frozen=True):
    id: UUID
    session_id: UUID | None
    source: ComplaintSource
    reference: str
    count: int
    note: str
    recorded_by: str
    recorded_at: datetime


class ProposalView(View, kw_only=True, frozen=True):
    tenant_id: UUID
    tenant_name: str
    id: UUID
    weight: int
    reason: str
    state: str
    made_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None


class ProposalDecision(Input, kw_only=True, frozen=True):
    suspend: bool
    """True suspends the tenant at once: it submits nothing, and what sends is paused."""
    reason: Reason


class OutcomeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt about a session since the last time: added to what is known. `accepted` and
    `delivered` are totals and replace.
    """

    accepted: int | None = None
    delivered: int | None = None
    opt_outs: int = 0
    complaints: int = 0


class SessionOutcomeView(View, kw_only=True, frozen=True):
    session_id: UUID
    accepted: int
    delivered: int
    opt_outs: int
    complaints: int
    first_at: datetime


class RatesView(View, kw_only=True, frozen=True):
    """Of the sessions of the last `days`; rates are per mille of accepted messages, null where
    nothing was accepted.
    """

    days: int
    sessions: int
    accepted: int
    delivered: int
    opt_outs: int
    complaints: int
    opt_outs_per_mille: float | None
    complaints_per_mille: float | None


class TrustView(View, kw_only=True, frozen=True):
    """A tenant's trust, and what its strikes do at this weight."""

    level: TrustLevel
    weight: int
    is_lead_only: bool
    has_proposal: bool
    policy_version: int
    strikes: list[StrikeView]
    """Newest first; those that stand and the newest others."""
    rates: RatesView
    sessions: list[SessionOutcomeView]
    """The newest with an outcome, for the line of a tenant's file."""


class CaseSessionView(View, kw_only=True, frozen=True):
    """What the session of a case does now, for the switch that ends it."""

    state: SessionState
    can_be_killed: bool
    """By `kill_session`, whatever the case's state."""
    planned: int
    sent: int
    """Submitted to a carrier at least once: nothing calls them back."""
    queued: int
    """A kill cancels these."""
    approval_kind: str | None
