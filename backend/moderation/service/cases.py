"""Steps that open and close cases. Whoever moves a session closes its case in the same scope."""

from uuid import UUID

from backend.audit.service import record
from backend.campaigns.schemas.content import content_hash
from backend.campaigns.schemas.sessions import ApprovalBounds, SessionRow
from backend.campaigns.service.approvals import session_title
from backend.campaigns.service.contents import read_content_version
from backend.campaigns.states import SessionEvent
from backend.db.scope import Scope
from backend.kernel.errors import StateConflict
from backend.moderation.dry_run import EMPTY
from backend.moderation.queries import cases, screenings, votes
from backend.moderation.queries.screenings import Screening
from backend.moderation.schemas.cases import CaseRow, NewCase
from backend.moderation.schemas.votes import VoteRow
from backend.moderation.service.comparing import compare_case
from backend.moderation.service.placement import place_new
from backend.moderation.states import CaseEvent, CaseKind, Rescreening, target
from backend.outbox.service import announce
from backend.outbox.topics import Topic

TITLE_CHARACTERS_MAX = 200
CAUSE_CHARACTERS_MAX = 200
SUBMITTED = "submitted"


async def open_case(scope: Scope, new: NewCase) -> CaseRow:
    """The subject's open case: this one, or the one that stood. Twice is once."""
    made = await cases.insert(scope, new, await place_new(scope, new))
    if made is not None:
        await compare_case(scope, made)
        await record(
            scope,
            "case.opened",
            f"case:{made.id}",
            kind=made.kind.value,
            cause=made.cause,
            lane=made.lane.value,
            lane_why=made.lane_why,
        )
        return made
    standing = await cases.open_case_of(
        scope,
        session_id=new.session_id,
        template_version_id=new.template_version_id,
        sender_id=new.sender_id,
        kind=new.kind,
    )
    if standing is None:
        raise StateConflict(detail="the case was closed meanwhile")
    return standing


async def open_session_case(
    scope: Scope,
    session: SessionRow,
    screening: Screening,
    cause: str,
    rescreening: Rescreening = Rescreening.NONE,
    *,
    kind: CaseKind = CaseKind.CAMPAIGN_SESSION,
) -> CaseRow:
    title = await session_title(scope, session)
    return await open_case(
        scope,
        NewCase(
            kind=kind,
            session_id=session.id,
            content_version=screening.content_version,
            cause=cause[:CAUSE_CHARACTERS_MAX],
            content_hash=screening.hash,
            title=title[:TITLE_CHARACTERS_MAX],
            due_at=session.due_at,
            dry_run=screening.dry_run,
            hits=screening.hits,
            bounds=screening.bounds,
            score=screening.score,
            rescreening=rescreening,
            rules_version=screening.rules_version,
        ),
    )


async def reopen_case(scope: Scope, session: SessionRow, cause: str) -> CaseRow:
    """A session back in validation (revoked, bounds passed): its case is open at once, shows what
    was approved, and is taken by nobody until everybody was rendered again.

    `cause` tells the moderator what changed: `approval revoked: …`, `recipients 1,300 of 1,200`.
    """
    screening = await screenings.find(scope, session.id, session.content_version)
    if screening is None:
        screening = await _unscreened(scope, session)
    case = await open_session_case(scope, session, screening, cause, Rescreening.PENDING)
    await announce(scope, Topic.SESSION_RETURNED, {"session_id": str(session.id)})
    return case


async def _unscreened(scope: Scope, session: SessionRow) -> Screening:
    """What never had a dry run is shown as nobody until it has one."""
    version = await read_content_version(scope, session.id, session.content_version)
    bounds = ApprovalBounds(hosts=[], countries=[], recipients_max=0, segments_max=0)
    return Screening(
        session_id=session.id,
        content_version=session.content_version,
        hash=content_hash(version.content),
        dry_run=EMPTY,
        hits=[],
        bounds=bounds,
        score=0,
        outcome=SessionEvent.NEED_VALIDATION.value,
        screened_at=scope.now,
        rules_version=0,
    )


async def close_case(
    scope: Scope, case: CaseRow, event: CaseEvent, *, vote: VoteRow | None = None
) -> CaseRow | None:
    """The one function that closes a case; None when it was closed, or its vote undone, before.

    A decision that waits for its time is overtaken by anything that closes the case first.
    """
    to = target(case.state, event)
    closed = await cases.close(scope, case, to, vote=vote) if to else None
    if closed is not None:
        if event is not CaseEvent.DECIDE:
            await votes.void_pending(scope, case.id, f"case {closed.state.value}")
        await record(scope, f"case.{event.value}", f"case:{case.id}", kind=case.kind.value)
    return closed


_EVENTS = {
    "withdrawn": CaseEvent.WITHDRAW,
    "lapsed": CaseEvent.LAPSE,
    "killed": CaseEvent.KILL,
}


async def withdraw_case(scope: Scope, session_id: UUID, reason: str) -> CaseRow | None:
    """Close a session's open case as `withdrawn`, `lapsed` or `killed`; None: it had none."""
    case = await cases.open_case_of(scope, session_id=session_id)
    return await close_case(scope, case, _EVENTS[reason]) if case else None


async def withdraw_subject_case(
    scope: Scope, *, template_version_id: UUID | None = None, sender_id: UUID | None = None
) -> CaseRow | None:
    """The same for a template version or a sender that is no longer asked for."""
    case = await cases.open_case_of(
        scope, template_version_id=template_version_id, sender_id=sender_id
    )
    return await close_case(scope, case, CaseEvent.WITHDRAW) if case else None
