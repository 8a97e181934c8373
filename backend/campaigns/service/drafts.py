"""Drafts: opened, saved, discarded, copied from what was sent."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from backend.audit.service import record
from backend.campaigns.queries import campaigns, contents, sessions
from backend.campaigns.schemas.content import Draft, FrozenContent, read_draft
from backend.campaigns.schemas.inputs import DraftUpdate
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.schemas.views import SessionView
from backend.campaigns.service.moves import change_session, move_session
from backend.campaigns.service.schedules import settle_schedule
from backend.campaigns.service.views import session_view
from backend.campaigns.states import ENDS, SessionEvent, SessionState, capabilities
from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import Conflict, NotFound, StateConflict, invalid_field
from backend.kernel.principal import Principal
from backend.sms.characters import require_text
from backend.templates.service.templates import read_template_version

_TEXTS = ("body", "header", "footer")


async def create_session(principal: Principal, campaign_id: UUID) -> SessionView:
    """An empty draft. Raises Conflict `draft_exists` with its `session_id`."""
    async with tenant_scope(principal) as scope:
        await _require_current(scope, campaign_id)
        view = await session_view(scope, await open_draft(scope, campaign_id, Draft()))
        await scope.answer(view)
    return view


async def open_draft(
    scope: Scope,
    campaign_id: UUID,
    draft: Draft,
    comments: list[Any] | None = None,
    *,
    retry_of: UUID | None = None,
) -> SessionRow:
    """A step."""
    made = await sessions.insert(
        scope, campaign_id, msgspec.to_builtins(draft), comments=comments, retry_of=retry_of
    )
    if made is None:
        there = await sessions.open_session(scope, campaign_id)
        raise Conflict(
            "draft_exists",
            "this campaign has a session that is not approved yet",
            session_id=str(there) if there else None,
        )
    await record(scope, "session.drafted", f"session:{made.id}", campaign_id=str(campaign_id))
    return made


async def update_draft(principal: Principal, session_id: UUID, given: DraftUpdate) -> SessionView:
    """Saves what is given; what is still wrong comes back in `draft_problems`.

    The content of a scheduled session may be edited too; it counts once it is submitted again.
    Raises Conflict `draft_changed`, `is_scheduled`, StateConflict `not_in_state`, InvalidInput for
    characters no message may hold and for dates that are none.
    """
    async with tenant_scope(principal) as scope:
        session = await sessions.read(scope, session_id)
        _require_editable(session)
        if given.draft_version != session.draft_version:
            raise _changed_meanwhile(session)
        draft = await _merged(scope, read_draft(session.draft), given)
        draft = _scheduled(scope, session, draft, given)
        try:
            saved = await change_session(
                scope,
                session,
                draft=msgspec.to_builtins(draft),
                draft_version=session.draft_version + 1,
                schedule_kind=draft.schedule_kind,
            )
        except StateConflict as error:
            raise _changed_meanwhile(session) from error
        view = await session_view(scope, saved)
        await scope.answer(view, 200)
    return view


async def discard_draft(principal: Principal, session_id: UUID) -> SessionView:
    async with tenant_scope(principal) as scope:
        session = await sessions.read(scope, session_id)
        moved = await move_session(scope, session, SessionEvent.DISCARD, completed_at=scope.now)
        view = await session_view(scope, moved)
        await scope.answer(view, 200)
    return view


async def copy_session(principal: Principal, session_id: UUID) -> SessionView:
    """Edit and resubmit: the content of an ended session in a new draft of its campaign.

    Raises Conflict `draft_exists`, StateConflict `not_ended`.
    """
    async with tenant_scope(principal) as scope:
        session = await sessions.read(scope, session_id)
        if session.campaign_id is None:
            raise NotFound
        if session.state not in ENDS:
            raise StateConflict(
                "not_ended",
                f"a session that is {session.state} goes on by itself",
                session_id=str(session.id),
                state=session.state.value,
            )
        await _require_current(scope, session.campaign_id)
        content = await _last_content(scope, session)
        # What a moderator said about the refused text is what the copy is there to put right.
        made = await open_draft(scope, session.campaign_id, content, session.comments)
        view = await session_view(scope, made)
        await scope.answer(view)
    return view


async def open_copy(scope: Scope, session: SessionRow) -> SessionRow | None:
    """A step, when a refusal is taken back: the refused content in a new draft, as a copy would be.
    None where the campaign has a draft already, is archived, or there is no campaign.
    """
    if session.campaign_id is None:
        return None
    content = await _last_content(scope, session)
    try:
        await _require_current(scope, session.campaign_id)
        return await open_draft(scope, session.campaign_id, content)
    except Conflict:
        return None


async def open_retry(scope: Scope, session: SessionRow) -> SessionRow:
    """A step: the content of an ended session in a new draft, for recipients that
    `add_retry_recipients` lists. Content and rule stay as they were approved, so the approval of
    the same hash covers it; the list only takes people away.
    """
    if session.campaign_id is None:
        raise NotFound
    await _require_current(scope, session.campaign_id)
    content = await _last_content(scope, session)
    return await open_draft(scope, session.campaign_id, content, retry_of=session.id)


async def _last_content(scope: Scope, session: SessionRow) -> Draft:
    """What was submitted last; what was only typed after it, where nothing was."""
    draft = read_draft(session.draft)
    if not session.content_version:
        return draft
    version = await contents.read_version(scope, session.id, session.content_version)
    return _thawed(version.content, draft)


def _thawed(content: FrozenContent, draft: Draft) -> Draft:
    """Schedules are not copied: a time that passed would make the copy unsendable."""
    return msgspec.structs.replace(
        draft,
        body=content.body,
        header=content.header,
        footer=content.footer,
        sender_id=content.sender_id,
        template_version_id=content.template_version_id or draft.template_version_id,
        schedule_kind="immediate",
        schedule=None,
    )


async def _merged(scope: Scope, draft: Draft, given: DraftUpdate) -> Draft:
    changes: dict[str, Any] = {}
    for name in ("sender_id", "audience", "template_version_id"):
        value = getattr(given, name)
        if value is not UNSET:
            changes[name] = value
    chosen = changes.get("template_version_id")
    if chosen is not None and chosen != draft.template_version_id:
        changes |= await _texts_of(scope, chosen)
    for name in _TEXTS:
        value = getattr(given, name)
        if value is not UNSET:
            changes[name] = require_text(value, f"/{name}")
    return msgspec.structs.replace(draft, **changes)


async def _texts_of(scope: Scope, version_id: UUID) -> dict[str, str]:
    pointer = "/template_version_id"
    try:
        version = await read_template_version(scope, version_id)
    except NotFound as error:
        raise invalid_field(pointer, "template_unknown", "there is no such template") from error
    return {"body": version.body, "header": version.header, "footer": version.footer}


async def _require_current(scope: Scope, campaign_id: UUID) -> None:
    row = await campaigns.read(scope, campaign_id)
    if row["archived_at"] is not None:
        raise Conflict("campaign_archived", "an archived campaign has no new sessions")


def _scheduled(scope: Scope, session: SessionRow, draft: Draft, given: DraftUpdate) -> Draft:
    """A schedule that is given is settled now, once; later only its passing is noticed."""
    if given.schedule is UNSET:
        return draft
    if session.state is SessionState.SCHEDULED:
        raise Conflict("is_scheduled", "the time of a scheduled session is moved by rescheduling")
    if given.schedule is None:
        return msgspec.structs.replace(draft, schedule=None, schedule_kind="immediate")
    schedule = settle_schedule(given.schedule, scope.now, "/schedule")
    kind = "once" if schedule.repeat is None else "repeat"
    return msgspec.structs.replace(draft, schedule=schedule, schedule_kind=kind)


def _require_editable(session: SessionRow) -> None:
    if not capabilities(session.state).may_edit:
        raise StateConflict(
            "not_in_state",
            f"a session that is {session.state} is not edited",
            session_id=str(session.id),
            state=session.state.value,
        )


def _changed_meanwhile(session: SessionRow) -> Conflict:
    return Conflict(
        "draft_changed",
        "somebody saved this draft meanwhile: read it again",
        session_id=str(session.id),
        draft_version=session.draft_version,
    )
