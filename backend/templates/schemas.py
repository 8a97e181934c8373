"""Templates, versions and senders as they come in and go out."""

import hashlib
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.kernel.views import Input, View
from backend.templates.states import ApprovalState, Subject

PART_CHARACTERS_MAX = 1_000
BODY_CHARACTERS_MAX = 10_000

Name = Annotated[str, Meta(min_length=1, max_length=80, examples=["Appointment reminder"])]
Description = Annotated[str, Meta(max_length=500)]
Body = Annotated[
    str,
    Meta(min_length=1, max_length=BODY_CHARACTERS_MAX, examples=["Hi [first name], see you soon."]),
]
Part = Annotated[str, Meta(max_length=PART_CHARACTERS_MAX, examples=[""])]
Reason = Annotated[str, Meta(min_length=1, max_length=1000)]


class TemplateContent(Input, kw_only=True, frozen=True):
    """The text of one version: header, newline, body, space, footer."""

    body: Body
    header: Part = ""
    footer: Part = ""


class TemplateCreate(Input, kw_only=True, frozen=True):
    name: Name
    description: Description = ""
    content: TemplateContent


class TemplateUpdate(Input, kw_only=True, frozen=True):
    """A field left out stays. The text changes by a new version."""

    name: Name | UnsetType = UNSET
    description: Description | UnsetType = UNSET


class TemplateVersionView(View, kw_only=True, frozen=True):
    id: UUID
    template_id: UUID
    version: int
    body: str
    header: str
    footer: str
    hash: str
    state: ApprovalState
    reason: str | None
    decision_id: UUID | None
    state_changed_at: datetime
    created_by: str
    created_at: datetime


class TemplateView(View, kw_only=True, frozen=True):
    """`newest` is what is edited, `approved` the newest version that may be sent as it is."""

    id: UUID
    name: str
    description: str
    is_archived: bool
    newest: TemplateVersionView
    approved: TemplateVersionView | None
    properties: list[str]
    attributes: list[str]
    """What the newest version's text names, as `{{ … }}` and as `[ … ]`."""
    created_at: datetime


class TemplateDetailView(TemplateView, kw_only=True, frozen=True):
    versions: list[TemplateVersionView]


class SenderCreate(Input, kw_only=True, frozen=True):
    """A name of 1 to 11 characters, a number in E.164, or a short code."""

    sender: Annotated[str, Meta(min_length=1, max_length=40, examples=["NORDLYS"])]
    purpose: Annotated[str, Meta(max_length=500)] = ""


class Withdrawal(Input, kw_only=True, frozen=True):
    reason: Annotated[str, Meta(max_length=1000)] = ""


class SenderView(View, kw_only=True, frozen=True):
    """`resembles` names the known sender it looks like, for those who review it."""

    id: UUID
    sender: str
    kind: str
    purpose: str
    resembles: str | None
    state: ApprovalState
    reason: str | None
    decision_id: UUID | None
    state_changed_at: datetime
    created_by: str
    created_at: datetime


class ApprovalRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a move compares."""

    subject: Subject
    id: UUID
    state: ApprovalState
    state_version: int


def version_hash(content: TemplateContent) -> str:
    """SHA-256 (hex) over the canonical JSON of the three parts."""
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
