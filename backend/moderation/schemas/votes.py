"""Votes: what one person ruled, and when it takes effect."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.kernel.views import Input, View
from backend.moderation.schemas.decisions import Comment, DecisionView
from backend.moderation.states import Lane, Verdict, VoteState

APPEAL_CHARACTERS_MAX = 2_000


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What was before the voter's eyes, by SHA-256 (hex) and version: it can be proved later."""

    content_hash: str
    dry_run: str
    hits: str
    renderings: str
    desk_rules_version: int
    conduct_version: int
    rules_version: int = 0
    """Of the content rules that were asked."""


class VoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of votes."""

    tenant_id: UUID
    id: UUID
    case_id: UUID
    verdict: Verdict
    content_hash: str
    lease_fence: int
    voter: UUID
    voter_name: str
    reason_code: str | None
    conduct_version: int | None
    message: str | None
    note: str | None
    comments: list[Comment]
    shown: Shown
    four_eyes: list[str]
    lane: Lane
    review_seconds: int
    cast_at: datetime
    takes_effect_at: datetime
    state: VoteState
    void_why: str | None


class VoteView(View, kw_only=True, frozen=True):
    """`four_eyes`: why two people must agree; empty where one is enough."""

    id: UUID
    case_id: UUID
    verdict: Verdict
    voter: UUID
    voter_name: str
    reason_code: str | None
    message: str | None
    note: str | None
    comments: list[Comment]
    four_eyes: list[str]
    cast_at: datetime
    takes_effect_at: datetime
    state: VoteState
    void_why: str | None


class DecidedView(View, kw_only=True, frozen=True):
    """What a vote did so far. `decision` is null until it takes effect, and after a first vote of
    two; `subject_state` is the session's, template's or sender's now.
    """

    vote: VoteView
    decision: DecisionView | None
    subject_state: str


class UndoInput(Input, kw_only=True, frozen=True):
    vote_id: UUID


class AppealInput(Input, kw_only=True, frozen=True):
    text: Annotated[
        str,
        Meta(min_length=10, max_length=APPEAL_CHARACTERS_MAX, examples=["The link is our own."]),
    ]


class AppealView(View, kw_only=True, frozen=True):
    """An appeal as its tenant reads it."""

    case_id: UUID
    decision_id: UUID
    state: str
    """waiting · granted · upheld"""
    text: str
    made_at: datetime
    answered_at: datetime | None
    answer: str | None
