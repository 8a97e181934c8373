"""The draft as real recipients would get it."""

from typing import Final
from uuid import UUID

import msgspec

from backend.audience.schemas.rules import AudienceRow
from backend.audience.service.freezing import freeze
from backend.audience.service.people import sees_masked
from backend.campaigns.queries import contents, sessions
from backend.campaigns.schemas.content import Draft, FrozenContent, read_draft
from backend.campaigns.schemas.evaluation import (
    EVALUATION_ROWS_MAX,
    EvaluatedMessage,
    Exclusion,
    ExclusionReason,
)
from backend.campaigns.schemas.inputs import PreviewRequest
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.schemas.views import PreviewView
from backend.campaigns.service.evaluation import (
    Evaluation,
    candidate_rows,
    evaluate_row,
    open_evaluation,
)
from backend.campaigns.states import capabilities
from backend.db.scope import Scope, tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import InvalidInput, NotFound, invalid_field
from backend.kernel.principal import Principal
from backend.sms.phone import mask
from backend.templates.service.senders import require_usable_sender

PHONE_PROPERTY: Final = "phone"
_Evaluated = tuple[AudienceRow, EvaluatedMessage | Exclusion]


async def preview_session(
    principal: Principal, session_id: UUID, given: PreviewRequest
) -> list[PreviewView]:
    """Among the first EVALUATION_ROWS_MAX recipients. Raises InvalidInput for a draft without an
    audience or a text that is no template.
    """
    async with tenant_scope(principal) as scope:
        session = await sessions.read(scope, session_id)
        content = await _content(scope, session)
        tenant = await read_tenant_facts(scope)
        evaluation = await open_evaluation(scope, content, tenant=tenant, session=session)
        rows, _ = await candidate_rows(scope, evaluation, None, EVALUATION_ROWS_MAX)
    evaluated = [(row, evaluate_row(evaluation, row)) for row in rows]
    chosen = _chosen(evaluated, given)
    if sees_masked(principal):
        return [_without_number(_view(row, one), evaluation, row) for row, one in chosen]
    return [_view(row, one) for row, one in chosen]


def _chosen(evaluated: list[_Evaluated], given: PreviewRequest) -> list[_Evaluated]:
    if given.kind == "missing":
        missing = ExclusionReason.MISSING_PROPERTY
        lacking = (
            pair
            for pair in evaluated
            if isinstance(pair[1], Exclusion) and pair[1].reason is missing
        )
        return list(lacking)[: given.count]
    sent = [pair for pair in evaluated if isinstance(pair[1], EvaluatedMessage)]
    if given.kind == "longest":
        sent.sort(key=_weight, reverse=True)
    return sent[: given.count]


def _weight(pair: _Evaluated) -> tuple[int, int]:
    assert isinstance(pair[1], EvaluatedMessage)
    return pair[1].segments, len(pair[1].body)


async def _content(scope: Scope, session: SessionRow) -> FrozenContent:
    """What is frozen; of what is being edited what there is of it, a sender not being needed to
    read.
    """
    if not capabilities(session.state).may_edit:
        if not session.content_version:
            raise NotFound
        version = await contents.read_version(scope, session.id, session.content_version)
        return version.content
    draft = read_draft(session.draft)
    if not draft.body.strip():
        raise invalid_field("/body", "body_missing", "the message has no text yet")
    rule = await freeze(scope, draft.audience)
    return FrozenContent(
        body=draft.body,
        header=draft.header,
        footer=draft.footer,
        sender=await _sender(scope, draft),
        audience=msgspec.to_builtins(rule),
    )


async def _sender(scope: Scope, draft: Draft) -> str:
    try:
        return (await require_usable_sender(scope, draft.sender_id)).sender
    except InvalidInput:
        return ""


def _without_number(view: PreviewView, evaluation: Evaluation, row: AudienceRow) -> PreviewView:
    """A text may hold the number itself, or a part of it: it is rendered of the masked one, and
    counted of the whole one.
    """
    phone = mask(row.phone)
    if view.text is not None and PHONE_PROPERTY in row.attributes:
        attributes = {**row.attributes, PHONE_PROPERTY: phone}
        shown = evaluate_row(evaluation, msgspec.structs.replace(row, attributes=attributes))
        text = shown.body if isinstance(shown, EvaluatedMessage) else ""
        return msgspec.structs.replace(view, phone=phone, text=text)
    return msgspec.structs.replace(view, phone=phone)


def _view(row: AudienceRow, one: EvaluatedMessage | Exclusion) -> PreviewView:
    name = row.attributes.get("name")
    sent = one if isinstance(one, EvaluatedMessage) else None
    left_out = one if isinstance(one, Exclusion) else None
    return PreviewView(
        subscriber_id=row.subscriber_id,
        phone=row.phone,
        name=str(name) if name is not None else None,
        text=sent.body if sent else None,
        encoding=sent.encoding if sent else None,
        segments=sent.segments if sent else 0,
        credits=sent.credits if sent else 0,
        excluded_reason=left_out.reason.value if left_out else None,
        evidence=left_out.evidence if left_out else None,
    )
