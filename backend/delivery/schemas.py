"""What delivery shows: stopping's answer, recipients, exclusions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from backend.campaigns.schemas.evaluation import ExclusionReason
from backend.campaigns.states import SessionState
from backend.delivery.states import MessageState
from backend.kernel.views import Input, View

REASON_CHARACTERS_MAX = 500


class KillReason(Input, frozen=True, kw_only=True):
    """Why staff look into a tenant and end its session; written into the audit first."""

    reason: Annotated[str, Meta(min_length=1, max_length=REASON_CHARACTERS_MAX)]


class PriceConfirmation(Input, frozen=True, kw_only=True):
    """The most the person now agrees it may cost."""

    ceiling_credits: Annotated[int, Meta(ge=1, le=2**53, examples=[1200])]


class Standing(View, frozen=True, kw_only=True):
    """Where every planned message stood at that moment:
    planned = sent + in_flight + queued + cancelled + excluded.
    """

    id: UUID
    state: SessionState
    planned: int = 0
    sent: int = 0
    in_flight: int = 0
    """At the carrier's door: they may still go out, no further one will."""
    queued: int = 0
    cancelled: int = 0
    excluded: int = 0


class RecipientView(View, frozen=True, kw_only=True):
    n: int
    subscriber_id: UUID | None
    phone: str
    """Masked for viewers."""
    country: str
    state: MessageState
    cause: str | None
    error_code: str | None
    segments: int
    credits_charged: int
    attempts: int
    submitted_at: datetime | None
    accepted_at: datetime | None
    done_at: datetime | None
    retry_at: datetime | None


class EvidenceView(View, frozen=True, kw_only=True):
    """One thing that speaks against a recipient. `id` where it can be opened, `label` its name now;
    `value` a fact: a country, a kind of number, `messages:days` of a cap.
    """

    kind: str
    id: str | None = None
    label: str | None = None
    value: str | None = None


class ExclusionView(View, frozen=True, kw_only=True):
    k: int
    subscriber_id: UUID | None
    phone: str
    reason: ExclusionReason
    evidence: str
    """As it was written when the recipient was left out."""
    at: datetime
    because: list[EvidenceView]


class WaitingHour(View, frozen=True, kw_only=True):
    opens_at: datetime
    messages: int


class WaitingView(View, frozen=True, kw_only=True):
    """Messages held by somebody's hours, by when they may go; soonest first."""

    messages: int
    next_at: datetime | None
    last_at: datetime | None
    hours: list[WaitingHour]
