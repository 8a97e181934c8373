"""Steps by which moderation puts a template version or a sender through its life."""

from typing import Any
from uuid import UUID

from backend.audit.service import record
from backend.db.scope import Scope
from backend.kernel.errors import StateConflict
from backend.outbox.service import announce
from backend.outbox.topics import Topic
from backend.templates.queries import approvals
from backend.templates.states import ApprovalEvent, ApprovalState, Subject, target

_WITHDRAWN = {
    Subject.TEMPLATE_VERSION: (Topic.TEMPLATE_WITHDRAWN, "template_version_id"),
    Subject.SENDER: (Topic.SENDER_WITHDRAWN, "sender_id"),
}


async def move(
    scope: Scope,
    subject: Subject,
    subject_id: UUID,
    event: ApprovalEvent,
    *,
    decision_id: UUID | None = None,
    reason: str | None = None,
) -> ApprovalState:
    """The one function that moves a version or a sender. Raises NotFound, StateConflict."""
    row = await approvals.read(scope, subject, subject_id)
    facts: dict[str, Any] = {
        "subject": subject.value,
        "id": str(subject_id),
        "state": row.state.value,
    }
    to = target(subject, row.state, event)
    if to is None:
        detail = f"a {subject.value.replace('_', ' ')} that is {row.state} does not take {event}"
        raise StateConflict("not_in_state", detail, event=event.value, **facts)
    if not await approvals.change(scope, row, to, decision_id=decision_id, reason=reason):
        raise StateConflict(detail="it changed meanwhile", event=event.value, **facts)
    await approvals.insert_event(scope, row, to, event, reason)
    await record(scope, f"{subject.value}.{event.value}", f"{subject.value}:{subject_id}")
    if to is ApprovalState.WITHDRAWN:
        topic, name = _WITHDRAWN[subject]
        await announce(scope, topic, {name: str(subject_id)})
    return to


async def read_state(scope: Scope, subject: Subject, subject_id: UUID) -> ApprovalState:
    """Raises NotFound."""
    return (await approvals.read(scope, subject, subject_id)).state


async def mark_template_version_awaiting(scope: Scope, version_id: UUID) -> None:
    await move(scope, Subject.TEMPLATE_VERSION, version_id, ApprovalEvent.SUBMIT)


async def take_back_template_version(scope: Scope, version_id: UUID) -> None:
    await move(scope, Subject.TEMPLATE_VERSION, version_id, ApprovalEvent.TAKE_BACK)


async def approve_template_version(scope: Scope, version_id: UUID, decision_id: UUID) -> None:
    event = ApprovalEvent.APPROVE
    await move(scope, Subject.TEMPLATE_VERSION, version_id, event, decision_id=decision_id)


async def refuse_template_version(
    scope: Scope, version_id: UUID, decision_id: UUID, reason: str
) -> None:
    event = ApprovalEvent.REFUSE
    await move(
        scope, Subject.TEMPLATE_VERSION, version_id, event, decision_id=decision_id, reason=reason
    )


async def withdraw_template_version(scope: Scope, version_id: UUID, reason: str) -> None:
    """Announced: what is scheduled on it goes back to validation."""
    await move(
        scope, Subject.TEMPLATE_VERSION, version_id, ApprovalEvent.WITHDRAW, reason=reason or None
    )


async def mark_sender_awaiting(scope: Scope, sender_id: UUID) -> None:
    await move(scope, Subject.SENDER, sender_id, ApprovalEvent.SUBMIT)


async def take_back_sender(scope: Scope, sender_id: UUID) -> None:
    await move(scope, Subject.SENDER, sender_id, ApprovalEvent.TAKE_BACK)


async def approve_sender(scope: Scope, sender_id: UUID, decision_id: UUID) -> None:
    await move(scope, Subject.SENDER, sender_id, ApprovalEvent.APPROVE, decision_id=decision_id)


async def refuse_sender(scope: Scope, sender_id: UUID, decision_id: UUID, reason: str) -> None:
    event = ApprovalEvent.REFUSE
    await move(scope, Subject.SENDER, sender_id, event, decision_id=decision_id, reason=reason)


async def withdraw_sender(scope: Scope, sender_id: UUID, reason: str) -> None:
    """Announced: what is scheduled from it goes back to validation."""
    await move(scope, Subject.SENDER, sender_id, ApprovalEvent.WITHDRAW, reason=reason or None)
