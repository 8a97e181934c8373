"""What delivery shows: stopping's answer, recipients, exclusions."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from backend.campaigns.schemas.evaluation import ExclusionReason
from backend.campaigns.states import SessionState
from backend.delivery.states import MessageState, ReplyKind
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
    country: str | None
    """None where the number is none, or belongs to no country."""
    reason: ExclusionReason
    evidence: str
    """As it was written when the recipient was left out."""
    at: datetime
    because: list[EvidenceView]


class ReplyView(View, frozen=True, kw_only=True):
    """What a recipient wrote back."""

    id: UUID
    phone: str
    """Masked for viewers."""
    sender: str
    kind: ReplyKind
    text: str
    received_at: datetime


class ReplyCounts(View, frozen=True, kw_only=True):
    """Of one session: replies = stops + starts + helps + others."""

    replies: int
    stops: int
    starts: int
    helps: int
    others: int


Language = Annotated[str, Meta(pattern="^[a-z]{2,3}$", examples=["fr"])]


class ReplyWordUpdate(Input, frozen=True, kw_only=True):
    """A whole message that means something, in any spelling; `language` chooses the answer."""

    word: Annotated[str, Meta(min_length=1, max_length=80, examples=["Arrêt"])]
    language: Language
    kind: Literal["stop", "start", "help"]


class ReplyWordView(View, frozen=True, kw_only=True):
    word: str
    """As every reply is read: without case and punctuation."""
    language: str
    kind: ReplyKind
    changed_by: str
    changed_at: datetime


class ReplyTextUpdate(Input, frozen=True, kw_only=True):
    """`{sender}` is the sender they wrote to, `{company}` the company behind it."""

    text: Annotated[
        str, Meta(min_length=1, max_length=300, examples=["{company}: reply STOP to end."])
    ]


class ReplyTextView(View, frozen=True, kw_only=True):
    language: str
    kind: ReplyKind
    text: str
    changed_by: str
    changed_at: datetime


class ReplyRules(View, frozen=True, kw_only=True):
    """The words that mean something and what is answered to them, for every company alike."""

    words: list[ReplyWordView]
    texts: list[ReplyTextView]


Why = Annotated[str, Meta(min_length=1, max_length=REASON_CHARACTERS_MAX)]


class StaffReason(Input, frozen=True, kw_only=True):
    """Why staff look into a tenant and change its sending; written into the audit first."""

    reason: Why


class SwitchChange(Input, frozen=True, kw_only=True):
    """`is_sending` false stops every claim at once; true lets sending go on."""

    is_sending: bool
    reason: Why


class SwitchView(View, frozen=True, kw_only=True):
    """A kill switch: on, nothing more leaves. `tenant_id` null is the platform's."""

    tenant_id: UUID | None
    tenant_name: str | None
    is_on: bool
    reason: str | None
    changed_by: str | None
    changed_at: datetime | None


class RunningSessionView(View, frozen=True, kw_only=True):
    """A session under way, as the platform desk lists it."""

    tenant_id: UUID
    tenant_name: str
    tenant_status: str
    id: UUID
    campaign_name: str | None
    origin: str
    state: SessionState
    state_changed_at: datetime
    pause_owner: str | None
    deadline_at: datetime | None
    planned: int
    final: int
    delivered: int


class SendingDesk(View, frozen=True, kw_only=True):
    platform: SwitchView
    tenants: list[SwitchView]
    """Those that are on."""
    sessions: list[RunningSessionView]


class KilledSessions(View, frozen=True, kw_only=True):
    sessions: int
    """Found open."""
    killed: int
    cancelled: int
    """Messages that were never called."""


class WaitingHour(View, frozen=True, kw_only=True):
    opens_at: datetime
    messages: int


class WaitingView(View, frozen=True, kw_only=True):
    """Messages held by somebody's hours, by when they may go; soonest first."""

    messages: int
    next_at: datetime | None
    last_at: datetime | None
    hours: list[WaitingHour]


class GatewayQueue(View, frozen=True, kw_only=True):
    """Messages prepared for a gateway and not handed to it yet."""

    gateway_id: UUID
    batches: int
    messages: int
    messages_later: int
    """Due later: quiet hours, a retry."""
    oldest_due_at: datetime | None


class GatewayTest(Input, frozen=True, kw_only=True):
    sends_message: bool = False
    """Also one message of our own to the operator's number for tests."""


class GatewayTestView(View, frozen=True, kw_only=True):
    is_connected: bool
    took_ms: int
    error: str
    is_message_queued: bool
