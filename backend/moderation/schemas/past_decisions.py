"""Decisions of all tenants, as the desk finds them again."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel.views import View
from backend.moderation.states import CaseKind, Verdict


class PastDecisionSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of the history is narrowed to; a text is looked for in titles and companies."""

    text: str = ""
    verdict: Verdict | None = None
    kind: CaseKind | None = None
    decided_by: UUID | None = None
    tenant_id: UUID | None = None
    is_revoked: bool | None = None


class PastDecisionView(View, kw_only=True, frozen=True):
    id: UUID
    tenant_id: UUID
    tenant_name: str
    case_id: UUID
    kind: CaseKind
    title: str
    recipients: int
    verdict: Verdict
    reason_code: str | None
    message: str | None
    note: str | None
    decided_by: UUID
    decided_by_name: str
    opened_at: datetime
    decided_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None
