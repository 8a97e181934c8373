"""Rows of one person, found by the number they had and kept without it.

A row keeps its place: +999 is no country's, and behind it stands what makes the row unique.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.db.scope import Scope

NOBODY: Final = "+9990000000"


async def sessions_with(scope: Scope, subscriber_id: UUID, phone: str) -> list[UUID]:
    rows = await scope.rows(
        "SELECT DISTINCT session_id FROM messages"
        " WHERE tenant_id = $1 AND phone = $2 AND subscriber_id = $3",
        scope.tenant_id,
        phone,
        subscriber_id,
    )
    return [row["session_id"] for row in rows]


async def forget_messages(
    scope: Scope, subscriber_id: UUID, phone: str, session_ids: Sequence[UUID]
) -> None:
    """Of sessions that are over: what is still on its way needs its number."""
    given = (scope.tenant_id, phone, list(session_ids))
    await scope.execute(
        "UPDATE send_attempts SET phone = $4 WHERE tenant_id = $1 AND phone = $2"
        " AND session_id = ANY($3::uuid[])",
        *given,
        NOBODY,
    )
    await scope.execute(
        "UPDATE messages SET phone = '+999' || lpad(n::text, 10, '0'), body = ''"
        " WHERE tenant_id = $1 AND phone = $2 AND session_id = ANY($3::uuid[])"
        " AND subscriber_id = $4",
        *given,
        subscriber_id,
    )


async def forget_exclusions(
    scope: Scope, subscriber_id: UUID, phone: str, session_ids: Sequence[UUID]
) -> None:
    """The reason stays; evidence that leads to the number does not."""
    await scope.execute(
        "UPDATE exclusions SET phone = $4, evidence = 'erased' WHERE tenant_id = $1 AND phone = $2"
        " AND subscriber_id = $3 AND NOT session_id = ANY($5::uuid[])",
        scope.tenant_id,
        phone,
        subscriber_id,
        NOBODY,
        list(session_ids),
    )


async def sessions_excluding(scope: Scope, subscriber_id: UUID, phone: str) -> list[UUID]:
    rows = await scope.rows(
        "SELECT DISTINCT session_id FROM exclusions"
        " WHERE tenant_id = $1 AND phone = $2 AND subscriber_id = $3",
        scope.tenant_id,
        phone,
        subscriber_id,
    )
    return [row["session_id"] for row in rows]


async def forget_replies(scope: Scope, phone: str, before: datetime) -> list[UUID]:
    """Their texts and numbers; how many came, and of what kind, is still counted. The inbound
    messages they came as.
    """
    rows = await scope.rows(
        "UPDATE replies SET phone = $4, text = '' WHERE tenant_id = $1 AND phone = $2"
        " AND received_at <= $3 RETURNING inbound_id",
        scope.tenant_id,
        phone,
        before,
        NOBODY,
    )
    return [row["inbound_id"] for row in rows]


async def still_somebodys(scope: Scope, inbound_ids: Sequence[UUID]) -> list[UUID]:
    """In the platform's scope: on a shared sender one text may be several tenants' reply."""
    rows = await scope.rows(
        "SELECT DISTINCT inbound_id FROM replies WHERE inbound_id = ANY($1::uuid[])"
        " AND phone <> $2",
        list(inbound_ids),
        NOBODY,
    )
    return [row["inbound_id"] for row in rows]


async def forget_inbound(scope: Scope, inbound_ids: Sequence[UUID]) -> None:
    """In the doorway: the text as it came, all its parts."""
    await scope.execute(
        "UPDATE inbound_messages m SET source = $2, body = '', raw = '' FROM inbound_messages last"
        " WHERE last.id = ANY($1::uuid[]) AND m.source = last.source"
        " AND m.destination = last.destination"
        " AND (m.id = last.id OR (m.part_reference = last.part_reference"
        " AND m.received_at BETWEEN last.received_at - interval '1 day' AND last.received_at))",
        list(inbound_ids),
        NOBODY.removeprefix("+"),
    )


async def forget_answers(scope: Scope, phone: str, before: datetime) -> None:
    """In the platform's scope: what we ourselves wrote to the number, once it is on no way any
    more. A reference may name the number too, and was for writing it once.
    """
    await scope.execute(
        "UPDATE system_messages SET phone = $2, body = 'erased', reference = 'erased:' || id::text"
        " WHERE phone = $1 AND created_at <= $3 AND state NOT IN ('queued', 'submitting')",
        phone,
        NOBODY,
        before,
    )
