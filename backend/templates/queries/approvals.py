"""The compare-and-set that moves a version or a sender, and its event row."""

from typing import Final
from uuid import UUID

import msgspec

from backend.db.scope import Scope
from backend.kernel.ids import uuid7
from backend.templates.schemas import ApprovalRow
from backend.templates.states import ApprovalEvent, ApprovalState, Subject

_TABLES: Final = {Subject.TEMPLATE_VERSION: "template_versions", Subject.SENDER: "sender_ids"}


async def read(scope: Scope, subject: Subject, subject_id: UUID) -> ApprovalRow:
    """Raises NotFound."""
    row = await scope.one(
        f"SELECT id, state, state_version FROM {_TABLES[subject]} WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        subject_id,
    )
    return msgspec.convert({**dict(row), "subject": subject}, ApprovalRow)


async def change(
    scope: Scope,
    row: ApprovalRow,
    to: ApprovalState,
    *,
    decision_id: UUID | None,
    reason: str | None,
) -> bool:
    """False when somebody was first."""
    return bool(
        await scope.execute(
            f"UPDATE {_TABLES[row.subject]} SET state = $5, state_version = state_version + 1,"
            " state_changed_at = $6, decision_id = coalesce($7, decision_id), reason = $8"
            " WHERE tenant_id = $1 AND id = $2 AND state = $3 AND state_version = $4",
            scope.tenant_id,
            row.id,
            row.state.value,
            row.state_version,
            to.value,
            scope.now,
            decision_id,
            reason,
        )
    )


async def insert_event(
    scope: Scope, row: ApprovalRow, to: ApprovalState, event: ApprovalEvent, reason: str | None
) -> None:
    await scope.execute(
        "INSERT INTO approval_events (tenant_id, subject_id, id, subject, at, from_state,"
        " to_state, event, actor, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        scope.tenant_id,
        row.id,
        uuid7(),
        row.subject.value,
        scope.now,
        row.state.value,
        to.value,
        event.value,
        scope.principal.actor,
        reason,
    )
