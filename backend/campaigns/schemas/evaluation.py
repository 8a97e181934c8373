"""What one recipient's evaluation gives: a message, or an exclusion with its evidence."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

EVALUATION_ROWS_MAX = 1_000
"""Recipients evaluated per page, by key."""


class ExclusionReason(StrEnum):
    """Why a recipient gets nothing (DESIGN §3.1). Each carries a pointer to its evidence."""

    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    INVALID_NUMBER = "invalid_number"
    DUPLICATE = "duplicate"
    FREQUENCY_CAP = "frequency_cap"
    QUIET_HOURS_EXPIRED = "quiet_hours_expired"
    DESELECTED = "deselected"
    MISSING_PROPERTY = "missing_property"
    BLOCKED_COUNTRY = "blocked_country"
    OVER_SEGMENT_LIMIT = "over_segment_limit"
    UNAPPROVED_CONTENT = "unapproved_content"


class EvaluatedMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    subscriber_id: UUID
    phone: str
    country: str
    body: str
    encoding: str
    """`gsm7` or `ucs2`."""
    segments: int
    credits: int
    not_before: datetime | None = None
    """Held by hours until then."""
    not_after: datetime | None = None
    """Its window closes then."""
    cap_left: int | None = None
    """Messages that a frequency cap still allows; the preparation counts what is under way too."""
    cap_evidence: str | None = None
    consent_source: str | None = None
    """Empty where nobody noted it, null without consent."""


class Exclusion(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    subscriber_id: UUID | None
    phone: str
    reason: ExclusionReason
    evidence: str
    """`noun:id` or the fact itself (`property:code`, `country:XX`, `segments:12`)."""


class EvaluatedPage(msgspec.Struct, frozen=True, kw_only=True):
    messages: list[EvaluatedMessage]
    exclusions: list[Exclusion]
    next_after: UUID | None
    """Pass back as `after`; None after the last page."""
