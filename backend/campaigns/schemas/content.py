"""The content of a session: edited as a draft, frozen with a hash at submission."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec

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
