"""Attributes, subscribers, groups and opt-outs as they come in and go out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from backend.audience.schemas.sending import SendingRules
from backend.audience.states import AttributeKind, OptOutSource
from backend.kernel.views import Input, Moment, RowVersion, View

Text40 = Annotated[str, Meta(min_length=1, max_length=40)]
Text80 = Annotated[str, Meta(min_length=1, max_length=80)]
Text100 = Annotated[str, Meta(min_length=1, max_length=100)]
Text120 = Annotated[str, Meta(min_length=1, max_length=120)]
Text200 = Annotated[str, Meta(min_length=1, max_length=200)]
Text500 = Annotated[str, Meta(max_length=500)]
Text2000 = Annotated[str, Meta(max_length=2000)]
Email = Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Language = Annotated[str, Meta(pattern="^[a-z]{2,3}(-[A-Z]{2})?$")]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
AttributeValue = str | int | float | bool | None
BULK_SUBSCRIBERS_MAX = 10_000
Ids = Annotated[list[UUID], Meta(max_length=BULK_SUBSCRIBERS_MAX)]


class AttributeCreate(Input, frozen=True, kw_only=True):
    label: Text40
    kind: AttributeKind = AttributeKind.TEXT


class AttributeView(View, frozen=True, kw_only=True):
    """`name` is how a text finds it: `[name]`, upper and lower case alike."""

    name: str
    label: str
    kind: AttributeKind


class Consent(Input, frozen=True, kw_only=True):
    """How the person agreed; `at` defaults to now."""

    source: Text80
    text: Text2000 = ""
    at: Moment | None = None


class SubscriberCreate(Input, frozen=True, kw_only=True):
    phone: Text100
    default_country: Country | None = None
    name: Text200 | None = None
    email: Email | None = None
    external_id: Text100 | None = None
    language: Language | None = None
    time_zone: Text80 | None = None
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    consent: Consent | None = None
    group_ids: Ids = field(default_factory=list)


class SubscriberUpdate(Input, frozen=True, kw_only=True):
    """A field left out stays; null clears it. `attributes` are merged, null removes one."""

    version: RowVersion
    name: Text200 | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    external_id: Text100 | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    time_zone: Text80 | UnsetType | None = UNSET
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    consent: Consent | UnsetType | None = UNSET


class SubscriberView(View, frozen=True, kw_only=True):
    """`phone` is masked for viewers and keys without `pii:read`. `full_name` is the name, else the
    attributes `first name` and `last name`.
    """

    id: UUID
    phone: str
    country: str | None
    name: str | None
    full_name: str | None
    email: str | None
    external_id: str | None
    language: str | None
    time_zone: str | None
    attributes: dict[str, Any]
    consent_source: str | None
    consent_at: datetime | None
    number_state: str
    is_opted_out: bool
    group_ids: list[UUID]
    version: int
    created_at: datetime


class GroupCreate(Input, frozen=True, kw_only=True):
    name: Text80
    description: Text500 = ""
    header: Text120 | None = None
    footer: Text120 | None = None
    require_consent: bool = False
    sending: SendingRules = field(default_factory=SendingRules)


class GroupUpdate(Input, frozen=True, kw_only=True):
    """A field left out stays; null clears it."""

    version: RowVersion
    name: Text80 | UnsetType = UNSET
    description: Text500 | UnsetType = UNSET
    header: Text120 | UnsetType | None = UNSET
    footer: Text120 | UnsetType | None = UNSET
    require_consent: bool | UnsetType = UNSET
    sending: SendingRules | UnsetType = UNSET


class GroupView(View, frozen=True, kw_only=True):
    id: UUID
    name: str
    description: str
    header: str | None
    footer: str | None
    require_consent: bool
    sending: SendingRules
    subscribers: int
    version: int
    created_at: datetime


class MembershipChange(Input, frozen=True, kw_only=True):
    subscriber_ids: Ids


class MembershipView(View, frozen=True, kw_only=True):
    """How many the call changed, and how many the group has now."""

    changed: int
    subscribers: int


class OptOutCreate(Input, frozen=True, kw_only=True):
    """`sender` left out means every sender of the tenant."""

    phone: Text100
    default_country: Country | None = None
    sender: Annotated[str, Meta(max_length=80)] = ""
    evidence: Annotated[str, Meta(min_length=1, max_length=500)]


class OptOutView(View, frozen=True, kw_only=True):
    id: UUID
    phone: str
    sender: str
    source: OptOutSource
    evidence: str
    at: datetime
