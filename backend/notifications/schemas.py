"""What notifications take in and give out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from backend.kernel.views import Input, View
from backend.notifications.states import BALANCE_LEVELS_MAX, NoticeKind

Level = Annotated[int, Meta(ge=1, le=1_000_000_000, examples=[500])]


class NoticeFacts(View, kw_only=True, frozen=True):
    """What is worth saying of the event; only what its kind has. Credits are integers."""

    session_id: UUID | None = None
    campaign: str | None = None
    reason: str | None = None
    """The Code of Conduct's words, of a refusal or of changes asked for."""
    failure: str | None = None
    """Why a session was missed or failed, as a code."""
    required: int | None = None
    available: int | None = None
    missing: int | None = None
    ceiling: int | None = None
    level: int | None = None
    planned: int | None = None
    delivered: int | None = None
    at: datetime | None = None
    """When it is due, or ends; when it was paid."""
    bought: int | None = None
    """Credits of the purchase, or of what was refunded."""
    amount: str | None = None
    """Money with its currency, written out."""
    purchase_id: UUID | None = None


class NoticeView(View, kw_only=True, frozen=True):
    id: UUID
    kind: NoticeKind
    facts: NoticeFacts
    created_at: datetime
    read_at: datetime | None


class UnreadView(View, kw_only=True, frozen=True):
    unread: int


class PreferenceView(View, kw_only=True, frozen=True):
    kind: NoticeKind
    in_app: bool
    by_mail: bool


class Preference(Input, kw_only=True, frozen=True):
    kind: NoticeKind
    in_app: bool
    by_mail: bool


class PreferencesUpdate(Input, kw_only=True, frozen=True):
    """Kinds left out stay as they are."""

    preferences: Annotated[list[Preference], Meta(min_length=1, max_length=len(NoticeKind))]


class BalanceWarnings(Input, kw_only=True, frozen=True):
    """Below which balances to warn; none: never."""

    levels: Annotated[list[Level], Meta(max_length=BALANCE_LEVELS_MAX)]


class BalanceWarningsView(View, kw_only=True, frozen=True):
    levels: list[int]


class MailboxView(View, kw_only=True, frozen=True):
    id: UUID
    received_at: datetime
    sender: str
    recipient: str
    subject: str
    text_body: str
    html_body: str


class MailRow(Struct, kw_only=True, frozen=True):
    """A claimed mail: `fence` must still be the row's when its fate is recorded."""

    id: UUID
    tenant_id: UUID | None
    kind: str
    address: str
    language: str
    facts: dict[str, Any]
    is_demo: bool
    tries: int
    fence: int


class NewMail(Struct, kw_only=True, frozen=True):
    id: UUID
    tenant_id: UUID | None
    kind: str
    address: str
    language: str
    facts: dict[str, Any]
    is_demo: bool
