"""Once more to those a session did not reach: a new session, priced and confirmed by itself."""

from uuid import UUID

from backend.campaigns.schemas.views import SessionView
from backend.campaigns.service.drafts import open_retry
from backend.campaigns.service.moves import read_session
from backend.campaigns.service.retries import add_retry_recipients
from backend.campaigns.service.views import session_view
from backend.campaigns.states import SessionState
from backend.db.scope import tenant_scope
from backend.delivery.queries import recipients as queries
from backend.delivery.queries.preparing import SessionKey
from backend.kernel import faults
from backend.kernel.errors import Conflict, StateConflict
from backend.kernel.principal import Principal

PAGE_ROWS = 10_000
FAILED_RECIPIENTS_MAX = 500_000
"""Listed within one request and one transaction: some seconds."""


async def retry_failed(principal: Principal, session_id: UUID) -> SessionView:
    """A draft of the same content for those whose message certainly was not delivered. Who may
    have it (no receipt came, no answer came) is left out: they could get it twice.

    Raises StateConflict `not_ended`, Conflict `nobody_failed`, `draft_exists`,
    `too_many_recipients`.
    """
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        if session.state is not SessionState.COMPLETED or session.session_day is None:
            raise StateConflict(
                "not_ended",
                f"a session that is {session.state} has no final results",
                session_id=str(session_id),
                state=session.state.value,
            )
        retry = await open_retry(scope, session)
        key, after, listed = SessionKey(session.session_day, session_id), 0, 0
        while True:
            rows = await queries.failed_page(scope, key, after, PAGE_ROWS)
            listed += await add_retry_recipients(
                scope, retry.id, [row["subscriber_id"] for row in rows]
            )
            if listed > FAILED_RECIPIENTS_MAX:
                raise Conflict("too_many_recipients", allowed_max=FAILED_RECIPIENTS_MAX)
            if len(rows) < PAGE_ROWS:
                break
            after = rows[-1]["n"]
        if not listed:
            raise Conflict("nobody_failed", "nobody of this session can be tried again")
        view = await session_view(scope, retry)
        faults.point("retry.before_commit")
        await scope.answer(view)
        return view
