"""Attributes, subscribers, groups and opt-outs as they come in and go out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.audience.states import AttributeKind, OptOutSource
from backend.kernel.views import Input, View

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


class AttributeCreate(Input):
    label: Text40
    kind: AttributeKind = AttributeKind.TEXT


class AttributeView(View):
    """`name` is how a text finds it: `[name]`, upper and lower case alike."""

    name: str
    label: str
    kind: AttributeKind


class Consent(Input):
    """How the person agreed; `at` defaults to now."""

    source: Text80
    text: Text2000 = ""
    at: datetime | None = None


class SubscriberCreate(Input):
    phone: Text100
    default_country: Country | None = None
    name: Text200 | None = None
    email: Email | None = None
    external_id: Text100 | None = None
    language: Language | None = None
    time_zone: Text80 | None = None
    attributes: dict[str, AttributeValue] = {}
    consent: Consent | None = None
    group_ids: Ids = []


class SubscriberUpdate(Input):
    """A field left out stays; null clears it. `attributes` are merged, null removes one."""

    version: int
    name: Text200 | None | UnsetType = UNSET
    email: Email | None | UnsetType = UNSET
    external_id: Text100 | None | UnsetType = UNSET
    language: Language | None | UnsetType = UNSET
    time_zone: Text80 | None | UnsetType = UNSET
    attributes: dict[str, AttributeValue] = {}
    consent: Consent | None | UnsetType = UNSET


class SubscriberView(View):
    """`phone` is masked for viewers and keys without `pii:read`."""

    id: UUID
    phone: str
    country: str | None
    name: str | None
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


class GroupCreate(Input):
    name: Text80
    description: Text500 = ""
    header: Text120 | None = None
    footer: Text120 | None = None
    require_consent: bool = False


class GroupUpdate(Input):
    """A field left out stays; null clears it."""

    version: int
    name: Text80 | UnsetType = UNSET
    description: Text500 | UnsetType = UNSET
    header: Text120 | None | UnsetType = UNSET
    footer: Text120 | None | UnsetType = UNSET
    require_consent: bool | UnsetType = UNSET


class GroupView(View):
    id: UUID
    name: str
    description: str
    header: str | None
    footer: str | None
    require_consent: bool
    subscribers: int
    version: int
    created_at: datetime


class MembershipChange(Input):
    subscriber_ids: Ids


class MembershipView(View):
    """How many the call changed, and how many the group has now."""

    changed: int
    subscribers: int


class OptOutCreate(Input):
    """`sender` left out means every sender of the tenant."""

    phone: Text100
    default_country: Country | None = None
    sender: Annotated[str, Meta(max_length=80)] = ""
    evidence: Annotated[str, Meta(min_length=1, max_length=500)]


class OptOutView(View):
    id: UUID
    phone: str
    sender: str
    source: OptOutSource
    evidence: str
    at: datetime


class Contact(msgspec.Struct, frozen=True):
    """One fact of a window: `kind` is a ContactKind."""

    phone: str
    kind: str
    at: datetime
