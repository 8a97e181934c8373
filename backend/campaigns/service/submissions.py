"""Submitting: the confirmed quote freezes the content and hands it to screening."""

from datetime import timedelta
from uuid import UUID

from backend.campaigns.queries import contents, sessions
from backend.campaigns.schemas.content import content_hash, read_draft
from backend.campaigns.schemas.inputs import Submission
from backend.campaigns.schemas.quotes import QUOTE_DAYS_MAX, QuoteView
from backend.campaigns.schemas.views import SessionView
from backend.campaigns.service.contents import freeze_version
from backend.campaigns.service.inspection import require_content
from backend.campaigns.service.moves import move_session
from backend.campaigns.service.prices import current_price_version
from backend.campaigns.service.quotes import check_daily_cap
from backend.campaigns.service.schedules import due_columns
from backend.campaigns.service.series import adopt_submission
from backend.campaigns.service.views import session_view
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import Scope, tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, Forbidden, NotFound, StateConflict, invalid_field
from backend.kernel.faults import point
from backend.kernel.principal import Principal


async def submit_session(principal: Principal, session_id: UUID, given: Submission) -> SessionView:
    """A draft, or a scheduled session whose content or audience was edited: version n+1.

    Raises Conflict `quote_outdated`, `ceiling_too_low`, StateConflict; InvalidInput
    `nobody_to_send_to`, `draft_incomplete`; Forbidden `template_only`, `trial_daily_cap`,
    `tenant_suspended`, `trial_ended`, `email_unconfirmed`.
    """
    async with tenant_scope(principal) as scope:
        session = await sessions.read(scope, session_id)
        is_edit = session.state is SessionState.SCHEDULED
        if not is_edit and session.state is not SessionState.DRAFT:
            raise StateConflict(
                "not_in_state",
                f"a session that is {session.state} is submitted already",
                session_id=str(session_id),
                state=session.state.value,
            )
        tenant = await read_tenant_facts(scope)
        if tenant.status == "suspended":
            raise Forbidden("tenant_suspended", "sending is suspended for this workspace")
        if tenant.status == "trial" and tenant.trial_ends_at and tenant.trial_ends_at <= scope.now:
            ended_at = tenant.trial_ends_at.isoformat()
            raise Forbidden("trial_ended", "the trial of this workspace is over", ended_at=ended_at)
        if not tenant.is_confirmed:
            raise Forbidden("email_unconfirmed", "the owner's e-mail address is not confirmed yet")
        draft = read_draft(session.draft)
        content = await require_content(scope, draft, tenant)
        quote = await _confirmed_quote(scope, session_id, given, content_hash(content))
        if tenant.is_template_only:
            await contents.lock_daily_cap(scope)
            await check_daily_cap(scope, session_id, quote.recipients)
        moved = await move_session(
            scope,
            session,
            SessionEvent.EDIT if is_edit else SessionEvent.SUBMIT,
            facts={
                "version": session.content_version + 1,
                "hash": quote.hash,
                "quote_id": str(quote.id),
                "ceiling_credits": given.ceiling_credits,
            },
            content_version=session.content_version + 1,
            quote_id=quote.id,
            price_version=quote.price_version,
            ceiling_credits=given.ceiling_credits,
            problems=[],
            comments=[],
            tries=0,
            lease_until=None,
            submitted_by=principal.actor,
            submitted_at=scope.now,
            **due_columns(draft.schedule),
        )
        await freeze_version(scope, moved, content)
        await adopt_submission(scope, moved)
        point("campaigns.submitted")
        view = await session_view(scope, moved)
        await scope.answer(view, 200)
    return view


async def _confirmed_quote(
    scope: Scope, session_id: UUID, given: Submission, draft_hash: str
) -> QuoteView:
    try:
        quote = await contents.read_quote(scope, session_id, given.quote_id)
    except NotFound as error:
        raise invalid_field("/quote_id", "quote_unknown", "not a quote of this session") from error
    current = await current_price_version(scope)
    expired = quote.created_at < scope.now - timedelta(days=QUOTE_DAYS_MAX)
    if quote.hash != draft_hash or quote.price_version != current or expired:
        raise Conflict(
            "quote_outdated",
            "the content or the prices changed since this quote: ask for a new one",
            quote_id=str(quote.id),
            is_content_changed=quote.hash != draft_hash,
            is_price_changed=quote.price_version != current,
        )
    if not quote.recipients:
        raise invalid_field(
            "/quote_id",
            "nobody_to_send_to",
            "everybody of this audience is left out",
            excluded=quote.excluded,
        )
    if given.ceiling_credits < quote.credits:
        raise Conflict(
            "ceiling_too_low",
            "the quote is above what was confirmed",
            required=quote.credits,
            confirmed=given.ceiling_credits,
        )
    return quote
