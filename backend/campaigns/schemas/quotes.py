"""A quote: what a submission would cost, counted on real recipients."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel.views import View

QUOTE_EXACT_RECIPIENTS_MAX = 100_000
"""Larger audiences are quoted from a sample; screening makes the figures exact."""
QUOTE_SAMPLE_RECIPIENTS = 20_000
QUOTE_DAYS_MAX = 30


class CountryFigures(View, kw_only=True, frozen=True):
    country: str
    recipients: int
    segments: int
    credits: int


class QuoteFigures(msgspec.Struct, kw_only=True, frozen=True):
    """Everything the same inputs give the same bytes of."""

    is_exact: bool
    candidates: int
    recipients: int
    excluded: dict[str, int]
    segments: int
    credits: int
    margin_credits: int
    segments_min: int
    segments_typical: int
    segments_max: int
    gsm7_messages: int
    ucs2_messages: int
    countries: list[CountryFigures]
    longest_text: str
    """What costs most: of several the first by subscriber."""
    waiting_recipients: int = 0
    """Held by somebody's quiet hours or windows at the time it is planned for."""
    waiting_first_at: datetime | None = None
    waiting_last_at: datetime | None = None


class QuoteView(View, kw_only=True, frozen=True):
    """`ceiling_credits` is what to confirm: the charge never passes it. Estimated figures
    (`is_exact` false) are made exact by screening.
    """

    id: UUID
    session_id: UUID
    hash: str
    price_version: int
    is_exact: bool
    candidates: int
    recipients: int
    excluded: dict[str, int]
    segments: int
    credits: int
    margin_credits: int
    ceiling_credits: int
    segments_min: int
    segments_typical: int
    segments_max: int
    gsm7_messages: int
    ucs2_messages: int
    countries: list[CountryFigures]
    longest_text: str
    waiting_recipients: int = 0
    """Whose quiet hours or windows hold them back, as things stand, at the time it is due."""
    waiting_first_at: datetime | None = None
    """When the first of them opens; the last one: `waiting_last_at`."""
    waiting_last_at: datetime | None = None
    available_credits: int | None
    """The balance when the quote was made, null for who may not read it; a hold is placed only at
    dispatch.
    """
    shortfall_credits: int | None
    created_at: datetime
