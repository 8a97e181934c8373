"""What moderators do with a case beside deciding it, the desk's rules, appeals, and the wait."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post, put
from backend.moderation.schemas.cases import LeaseView
from backend.moderation.schemas.decisions import CodeOfConduct, ConductEdit
from backend.moderation.schemas.desk import (
    DeskRulesEdit,
    DeskRulesView,
    HandBack,
    MovedView,
    NoteInput,
    NoteView,
    OpinionInput,
    QuestionInput,
    QuestionView,
    ViewersView,
    WaitView,
)
from backend.moderation.schemas.votes import AppealInput, AppealView, UndoInput
from backend.moderation.service import (
    appeals,
    books,
    desk_rules,
    figures,
    handing,
    notes,
    undoing,
)

# One the book has no words in is read in English, whatever it is.
Language = Annotated[str, QueryParameter(name="language", max_length=64)]
_CASE = "/v1/cases/{tenant_id:uuid}/{case_id:uuid}"


@post(f"{_CASE}/undo", status_code=200)
async def undo_decision(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[UndoInput],
    principal: FromPrincipal,
) -> LeaseView:
    return await undoing.undo_decision(principal, tenant_id, case_id, data)


@post(f"{_CASE}/skip", status_code=200)
async def skip_case(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[HandBack],
    principal: FromPrincipal,
) -> MovedView:
    return await handing.skip_case(principal, tenant_id, case_id, data)


@post(f"{_CASE}/escalate", status_code=200)
async def escalate_case(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[HandBack],
    principal: FromPrincipal,
) -> MovedView:
    return await handing.escalate_case(principal, tenant_id, case_id, data)


@post(f"{_CASE}/presence", status_code=200)
async def show_presence(
    tenant_id: FromPath[UUID], case_id: FromPath[UUID], principal: FromPrincipal
) -> ViewersView:
    return await handing.show_presence(principal, tenant_id, case_id)


@post(f"{_CASE}/notes")
async def add_case_note(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[NoteInput],
    principal: FromPrincipal,
) -> NoteView:
    return await notes.add_case_note(principal, tenant_id, case_id, data)


@post(f"{_CASE}/questions")
async def ask_opinion(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[QuestionInput],
    principal: FromPrincipal,
) -> NoteView:
    return await notes.ask_opinion(principal, tenant_id, case_id, data)


@post(f"{_CASE}/questions/{{question_id:uuid}}/answer")
async def give_opinion(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    question_id: FromPath[UUID],
    data: JSONBody[OpinionInput],
    principal: FromPrincipal,
) -> NoteView:
    return await notes.give_opinion(principal, tenant_id, case_id, question_id, data)


@get("/v1/case-questions")
async def list_case_questions(principal: FromPrincipal) -> list[QuestionView]:
    return await notes.list_case_questions(principal)


@get("/v1/desk-rules")
async def read_desk_rules(principal: FromPrincipal) -> DeskRulesView:
    return await desk_rules.read_desk_rules(principal)


@get("/v1/desk-rules/versions")
async def list_desk_rules(principal: FromPrincipal) -> list[DeskRulesView]:
    return await desk_rules.list_desk_rules(principal)


@put("/v1/desk-rules")
async def change_desk_rules(
    data: JSONBody[DeskRulesEdit], principal: FromPrincipal
) -> DeskRulesView:
    return await desk_rules.change_desk_rules(principal, data)


@get("/v1/code-of-conduct")
async def read_code_of_conduct(language: Language = "en") -> CodeOfConduct:
    return await books.read_code_of_conduct(language)


@get("/v1/code-of-conduct/versions")
async def list_codes_of_conduct(principal: FromPrincipal) -> list[CodeOfConduct]:
    return await books.list_codes_of_conduct(principal)


@put("/v1/code-of-conduct")
async def change_code_of_conduct(
    data: JSONBody[ConductEdit], principal: FromPrincipal
) -> CodeOfConduct:
    return await books.change_code_of_conduct(principal, data)


@post("/v1/decisions/{decision_id:uuid}/appeal")
async def appeal_decision(
    decision_id: FromPath[UUID], data: JSONBody[AppealInput], principal: FromPrincipal
) -> AppealView:
    return await appeals.appeal_decision(principal, decision_id, data)


@get("/v1/decisions/{decision_id:uuid}/appeal")
async def read_appeal(decision_id: FromPath[UUID], principal: FromPrincipal) -> AppealView:
    return await appeals.read_appeal(principal, decision_id)


@get("/v1/sessions/{session_id:uuid}/wait")
async def read_wait(session_id: FromPath[UUID], principal: FromPrincipal) -> WaitView:
    return await figures.read_wait(principal, session_id)


router = Router(
    "/",
    route_handlers=[
        undo_decision,
        skip_case,
        escalate_case,
        show_presence,
        add_case_note,
        ask_opinion,
        give_opinion,
        list_case_questions,
        read_desk_rules,
        list_desk_rules,
        change_desk_rules,
        read_code_of_conduct,
        list_codes_of_conduct,
        change_code_of_conduct,
        appeal_decision,
        read_appeal,
        read_wait,
    ],
)
