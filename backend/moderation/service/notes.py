"""What moderators tell and ask each other about a case; both see every word of it."""

from uuid import UUID

import asyncpg

from backend.audit.service import record
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.tenants import tenant_names
from backend.kernel.errors import Conflict, Forbidden
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal
from backend.moderation.masking import mask_numbers, sees_numbers
from backend.moderation.queries import cases, leases, notes
from backend.moderation.schemas.desk import (
    NoteInput,
    NoteView,
    OpinionInput,
    QuestionInput,
    QuestionView,
)
from backend.moderation.service.leases import (
    account_of,
    case_closed,
    lease_lost,
    own_name,
)
from backend.moderation.states import CaseState, NoteKind

NOTES_SHOWN_MAX = 200
QUESTIONS_SHOWN_MAX = 50


def new_note(
    scope: Scope,
    case_id: UUID,
    kind: NoteKind,
    name: str,
    text: str,
    *,
    asked: UUID | None = None,
    answers: UUID | None = None,
    leaning: str | None = None,
) -> NoteView:
    return NoteView(
        id=uuid7(),
        case_id=case_id,
        kind=kind.value,
        author=account_of(scope.principal),
        author_name=name,
        text=text,
        asked=asked,
        answers=answers,
        leaning=leaning,
        written_at=scope.now,
    )


async def case_notes(scope: Scope, case_id: UUID) -> list[NoteView]:
    """A step. Oldest first."""
    return await notes.of_case(scope, case_id, NOTES_SHOWN_MAX)


async def add_case_note(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: NoteInput
) -> NoteView:
    """Whoever looks may write; no tenant reads it."""
    name = await own_name(principal)
    async with tenant_scope(principal, tenant_id, reason=f"note on case {case_id}") as scope:
        await refuse_own_tenant(scope)
        await cases.read(scope, case_id)
        note = new_note(scope, case_id, NoteKind.NOTE, name, given.text)
        await notes.insert(scope, note)
        await scope.answer(note)
    return note


async def ask_opinion(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: QuestionInput
) -> NoteView:
    """The lease stays with whoever asks. Raises Conflict `lease_lost`, `case_closed`; Forbidden
    `own_opinion`.
    """
    name = await own_name(principal)
    async with tenant_scope(principal, tenant_id, reason=f"ask about case {case_id}") as scope:
        case = await cases.read(scope, case_id)
        me = account_of(principal)
        if given.asked == me:
            raise Forbidden("own_opinion", "a second opinion is somebody else's")
        if case.holder_at(scope.now) != me or case.lease_fence != given.lease_fence:
            raise lease_lost(scope, case)
        note = new_note(scope, case_id, NoteKind.QUESTION, name, given.question, asked=given.asked)
        await notes.insert(scope, note)
        if await leases.count_questions(scope, case_id, +1) is None:
            raise lease_lost(scope, await cases.read(scope, case_id))
        await record(scope, "case.question", f"case:{case_id}", asked=str(given.asked or "anybody"))
        await scope.answer(note)
    return note


async def give_opinion(
    principal: Principal, tenant_id: UUID, case_id: UUID, question_id: UUID, given: OpinionInput
) -> NoteView:
    """Needs no lease: it decides nothing. Raises Forbidden `own_opinion`, `not_asked`; Conflict
    `already_answered`, `case_closed`; NotFound.
    """
    name = await own_name(principal)
    async with tenant_scope(principal, tenant_id, reason=f"opinion on case {case_id}") as scope:
        await refuse_own_tenant(scope)
        case = await cases.read(scope, case_id)
        question = await notes.question(scope, case_id, question_id)
        me = account_of(principal)
        if question.author == me:
            raise Forbidden("own_opinion", "a second opinion is somebody else's")
        if question.asked not in {None, me}:
            raise Forbidden("not_asked", "somebody else was asked")
        if case.state is not CaseState.OPEN:
            raise case_closed(case)
        note = new_note(
            scope,
            case_id,
            NoteKind.OPINION,
            name,
            given.text,
            answers=question_id,
            leaning=given.leaning,
        )
        try:
            await notes.insert(scope, note)
        except asyncpg.UniqueViolationError as error:
            raise Conflict("already_answered", "this question has its answer") from error
        if await leases.count_questions(scope, case_id, -1) is None:
            raise case_closed(await cases.read(scope, case_id))
        await record(scope, "case.opinion", f"case:{case_id}", leaning=given.leaning)
        await scope.answer(note)
    return note


async def list_case_questions(principal: Principal) -> list[QuestionView]:
    """Asked of me or of anybody, of open cases, not answered yet; oldest first."""
    async with platform_scope(principal, "questions about cases") as scope:
        rows = await notes.questions_for(scope, account_of(principal), QUESTIONS_SHOWN_MAX)
        names = await tenant_names(scope, [row["tenant_id"] for row in rows])
    found = []
    for row in rows:
        facts = {name: row[name] for name in NoteView.__struct_fields__}
        if not sees_numbers(principal):
            facts["text"] = mask_numbers(facts["text"])
        found.append(
            QuestionView(
                tenant_id=row["tenant_id"],
                tenant_name=names[row["tenant_id"]],
                case_id=row["case_id"],
                title=row["title"],
                note=NoteView(**facts),
            )
        )
    return found
