"""Notes of moderators about a case, and what they asked each other."""

from typing import Any
from uuid import UUID

import msgspec

from backend.db.scope import Scope
from backend.moderation.schemas.desk import NoteView
from backend.moderation.states import NoteKind

_COLUMNS = "id, case_id, kind, author, author_name, text, asked, answers, leaning, written_at"


async def insert(scope: Scope, note: NoteView) -> None:
    """Raises asyncpg.UniqueViolationError for a second answer to one question."""
    await scope.execute(
        f"INSERT INTO case_notes (tenant_id, {_COLUMNS})"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        scope.tenant_id,
        note.id,
        note.case_id,
        note.kind,
        note.author,
        note.author_name,
        note.text,
        note.asked,
        note.answers,
        note.leaning,
        note.written_at,
    )


async def of_case(scope: Scope, case_id: UUID, limit: int) -> list[NoteView]:
    """Oldest first."""
    rows = await scope.rows(
        f"SELECT {_COLUMNS} FROM case_notes WHERE tenant_id = $1 AND case_id = $2"
        " ORDER BY id LIMIT $3",
        scope.tenant_id,
        case_id,
        limit,
    )
    return [msgspec.convert(dict(row), NoteView) for row in rows]


async def question(scope: Scope, case_id: UUID, question_id: UUID) -> NoteView:
    """Raises NotFound."""
    row = await scope.one(
        f"SELECT {_COLUMNS} FROM case_notes"
        " WHERE tenant_id = $1 AND case_id = $2 AND id = $3 AND kind = $4",
        scope.tenant_id,
        case_id,
        question_id,
        NoteKind.QUESTION.value,
    )
    return msgspec.convert(dict(row), NoteView)


async def is_answered(scope: Scope, question_id: UUID) -> bool:
    return bool(
        await scope.value(
            "SELECT EXISTS (SELECT 1 FROM case_notes WHERE tenant_id = $1 AND answers = $2)",
            scope.tenant_id,
            question_id,
        )
    )


async def questions_for(scope: Scope, account_id: UUID, limit: int) -> list[Any]:
    """In a platform scope: of open cases, to this account or to anybody, not its own."""
    columns = ", ".join(f"n.{name.strip()}" for name in _COLUMNS.split(","))
    return await scope.rows(
        f"SELECT q.tenant_id, q.title, {columns} FROM queue_rows q JOIN case_notes n"
        " ON n.tenant_id = q.tenant_id AND n.case_id = q.case_id"
        " WHERE q.state = 'open' AND q.questions > 0 AND n.kind = 'question' AND n.author <> $1"
        " AND (n.asked IS NULL OR n.asked = $1) AND NOT EXISTS (SELECT 1 FROM case_notes a"
        " WHERE a.tenant_id = n.tenant_id AND a.answers = n.id) ORDER BY n.id LIMIT $2",
        account_id,
        limit,
    )
