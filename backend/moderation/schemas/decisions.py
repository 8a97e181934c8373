"""Decisions, the reasons they name, and the spans they comment on."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.campaigns.schemas.sessions import ApprovalBounds
from backend.kernel.views import Input, RowVersion, View
from backend.moderation.states import CaseKind, Verdict

COMMENTS_MAX = 50
NOTE_CHARACTERS_MAX = 2_000
COMMENT_CHARACTERS_MAX = 500

Part = Literal["header", "body", "footer"]
Note = Annotated[str, Meta(max_length=NOTE_CHARACTERS_MAX)]

Words = Annotated[str, Meta(min_length=1, max_length=1_000)]
Code = Annotated[str, Meta(min_length=1, max_length=80, pattern="^[a-z0-9_.]+$", examples=["1"])]
LanguageCode = Annotated[str, Meta(pattern="^[a-z]{2}$", examples=["nb"])]


class CommentInput(Input, kw_only=True, frozen=True):
    """About the characters `start` to `end` of one part of the text."""

    part: Part = "body"
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=1, examples=[8])]
    comment: Annotated[str, Meta(min_length=1, max_length=COMMENT_CHARACTERS_MAX)]


class DecisionInput(Input, kw_only=True, frozen=True):
    """`message` is for the tenant, `note` for our own people only."""

    verdict: Verdict
    content_hash: Annotated[str, Meta(min_length=64, max_length=64)]
    lease_fence: RowVersion
    reason_code: Annotated[str, Meta(max_length=80)] | None = None
    message: Note = ""
    note: Note = ""
    comments: Annotated[list[CommentInput], Meta(max_length=COMMENTS_MAX)] = []


class RevocationInput(Input, kw_only=True, frozen=True):
    reason: Annotated[str, Meta(min_length=3, max_length=200)]


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is what the span held, so the comment still reads after an edit."""

    part: str
    start: int
    end: int
    text: str
    comment: str


class ClauseWords(Input, frozen=True, kw_only=True):
    title: Words
    text: Words


class ReasonWords(Input, frozen=True, kw_only=True):
    tenant_text: Words
    suggested_fix: Words


class Clause(Input, frozen=True, kw_only=True):
    """`translations` by language; a language without one reads English."""

    id: Code
    title: Words
    text: Words
    translations: Annotated[dict[LanguageCode, ClauseWords], Meta(max_length=40)] = {}


class ReasonCode(Input, frozen=True, kw_only=True):
    """`tenant_text` is what the tenant reads, in plain words."""

    code: Code
    clause: Code
    title: Words
    tenant_text: Words
    suggested_fix: Words
    translations: Annotated[dict[LanguageCode, ReasonWords], Meta(max_length=40)] = {}


class CodeOfConduct(View, frozen=True, kw_only=True):
    version: int
    in_force_since: str
    clauses: list[Clause]
    reasons: list[ReasonCode]
    note: str = ""
    made_by: str = ""


class ConductEdit(Input, kw_only=True, frozen=True):
    """The whole book again. What is left out can be named no more; old decisions keep it."""

    based_on: RowVersion
    """The version that was read: another one in force by now is a 409."""
    note: Annotated[str, Meta(min_length=3, max_length=500, examples=["say links more plainly"])]
    clauses: Annotated[list[Clause], Meta(min_length=1, max_length=100)]
    reasons: Annotated[list[ReasonCode], Meta(min_length=1, max_length=200)]


class DecisionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of decisions, with the case's kind, title and subject."""

    id: UUID
    case_id: UUID
    kind: CaseKind
    title: str
    session_id: UUID | None
    content_version: int | None
    template_version_id: UUID | None
    sender_id: UUID | None
    verdict: Verdict
    content_hash: str
    decided_by_name: str
    reason_code: str | None
    conduct_version: int | None
    message: str | None
    note: str | None
    comments: list[Comment]
    bounds: ApprovalBounds | None
    decided_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None
    decided_by: UUID
    first_voter_name: str | None
    lane: str
    review_seconds: int | None
    appeal_of: UUID | None
    overturned_by: UUID | None


class DecisionView(View, kw_only=True, frozen=True):
    """For our own people."""

    id: UUID
    case_id: UUID
    kind: CaseKind
    title: str
    session_id: UUID | None
    content_version: int | None
    verdict: Verdict
    content_hash: str
    decided_by_name: str
    reason_code: str | None
    message: str | None
    note: str | None
    comments: list[Comment]
    decided_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None
    first_voter_name: str | None
    """Where two people agreed: the other one."""
    lane: str
    appeal_of: UUID | None
    overturned_by: UUID | None


class RevokedView(View, kw_only=True, frozen=True):
    decision: DecisionView
    sessions_revoked: list[UUID]
    sessions_running: int
    """Already sending: pause or kill them."""


class OutcomeView(View, kw_only=True, frozen=True):
    """A decision as the tenant reads it: why, in plain words, and what would put it right."""

    id: UUID
    kind: CaseKind
    title: str
    session_id: UUID | None
    content_version: int | None
    template_version_id: UUID | None
    sender_id: UUID | None
    verdict: Verdict
    reason_code: str | None
    reason: str | None
    suggested_fix: str | None
    clause: Clause | None
    message: str | None
    comments: list[Comment]
    decided_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None
    appeal_of: UUID | None
    """Of an answer to an appeal: the refusal it was about."""
    overturned_by: UUID | None
    """Of a refusal: the answer that took it back."""
    may_appeal_until: datetime | None
    """Null where there is nothing to appeal, or it was appealed."""
