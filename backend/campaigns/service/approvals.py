"""Steps for moderation: sessions by their approval, and what a session is called."""

from collections.abc import Iterable
from uuid import UUID

from backend.campaigns.queries import approvals, campaigns
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.states import SessionState
from backend.db.scope import Scope

aged_approvals = approvals.aged

_TITLES = {"api": "Messages sent by a program", "test": "Test messages"}


async def sessions_resting_on(
    scope: Scope,
    states: Iterable[SessionState],
    *,
    approval_kind: str | None = None,
    decision_id: UUID | None = None,
    template_version_id: UUID | None = None,
    sender_id: UUID | None = None,
) -> list[SessionRow]:
    """Sessions in these states with an unrevoked approval; every filter given must hold."""
    return await approvals.resting_on(
        scope, states, approval_kind, decision_id, template_version_id, sender_id
    )


async def waiting_sessions(
    scope: Scope, without: Iterable[UUID], rows_max: int
) -> list[tuple[UUID, UUID]]:
    """In a platform scope: (tenant, session) in validation that are not among `without`."""
    rows = await approvals.waiting(scope, without, rows_max)
    return [(row["tenant_id"], row["id"]) for row in rows]


async def session_title(scope: Scope, session: SessionRow) -> str:
    if session.campaign_id is None:
        return _TITLES.get(session.origin, session.origin)
    name: str = (await campaigns.read(scope, session.campaign_id))["name"]
    return name
