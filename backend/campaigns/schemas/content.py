"""The content of a session: edited as a draft, frozen with a hash at submission."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.audience.schemas.rules import AudienceInput
from backend.campaigns.schemas.schedules import Schedule

SEGMENTS_PER_MESSAGE_MAX = 10


class FrozenContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator sees is this, and what leaves is this (promise 4)."""

    body: str
    header: str = ""
    footer: str = ""
    sender: str
    sender_id: UUID | None = None
    template_version_id: UUID | None = None
    attachment: str | None = None
    audience: dict[str, Any]
    """The frozen copy of the audience rule, as `audience.freeze` gave it."""
    schedule_kind: str = "immediate"
    channel: str = "sms"


def content_hash(content: FrozenContent) -> str:
    """SHA-256 (hex) over the canonical JSON: sorted keys, nothing left out."""
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The content being edited; it may be incomplete. Stored in the session's `draft`."""

    body: str = ""
    header: str = ""
    footer: str = ""
    sender_id: UUID | None = None
    template_version_id: UUID | None = None
    audience: AudienceInput = msgspec.field(default_factory=AudienceInput)
    schedule_kind: str = "immediate"
    schedule: Schedule | None = None


class ContentVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One frozen version; `properties` are a program's, outside the hash."""

    session_id: UUID
    version: int
    hash: str
    content: FrozenContent
    properties: dict[str, dict[str, Any]] | None
    frozen_at: datetime
    frozen_by: str


def read_draft(stored: dict[str, Any]) -> Draft:
    return msgspec.convert(stored, Draft)
