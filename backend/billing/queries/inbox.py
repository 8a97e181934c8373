"""Stripe's events as they came, and the problems that only a person can settle."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.billing.payment_facts import StripeEvent
from backend.billing.purchase_states import InboxState, ProblemKind
from backend.billing.schemas.purchases import InboxRow
from backend.db.scope import Scope
from backend.kernel.ids import uuid7

PROBLEM_COLUMNS = (
    "id, tenant_id, kind, reference, facts, seen_at, resolved_at, resolved_by, resolution"
)


async def insert_event(scope: Scope, event: StripeEvent, body: bytes) -> bool:
    """False: this event came before."""
    return bool(
        await scope.execute(
            "INSERT INTO stripe_inbox (event_id, type, object_id, body, announced_at, received_at,"
            " due_at) VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (event_id) DO NOTHING",
            event.id,
            event.type,
            event.object_id,
            body,
            event.created_at,
            scope.now,
        )
    )


async def has_due(scope: Scope) -> bool:
    return bool(
        await scope.value(
            "SELECT EXISTS (SELECT 1 FROM stripe_inbox WHERE state = 'waiting' AND due_at <= $1)",
            scope.now,
        )
    )


async def claim(scope: Scope, lease: timedelta) -> InboxRow | None:
    """The longest due; nobody else takes it for the lease. Done twice it does no harm."""
    row = await scope.row(
        "UPDATE stripe_inbox SET due_at = $2, tries = tries + 1 WHERE event_id = ("
        " SELECT event_id FROM stripe_inbox WHERE state = 'waiting' AND due_at <= $1"
        " ORDER BY due_at, received_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING event_id, type, object_id, body, tries",
        scope.now,
        scope.now + lease,
    )
    return msgspec.convert(dict(row), InboxRow) if row else None


async def end(scope: Scope, event_id: str, state: InboxState, error: str | None = None) -> bool:
    return bool(
        await scope.execute(
            "UPDATE stripe_inbox SET state = $2, processed_at = $3, last_error = $4"
            " WHERE event_id = $1 AND state = 'waiting'",
            event_id,
            state.value,
            scope.now,
            error,
        )
    )


async def put_back(scope: Scope, event_id: str, due_at: datetime, error: str) -> None:
    await scope.execute(
        "UPDATE stripe_inbox SET due_at = $2, last_error = $3"
        " WHERE event_id = $1 AND state = 'waiting'",
        event_id,
        due_at,
        error,
    )


async def forget_bodies(scope: Scope, before: datetime, limit: int) -> int:
    return await scope.execute(
        "UPDATE stripe_inbox SET body = NULL WHERE event_id IN (SELECT event_id FROM stripe_inbox"
        " WHERE received_at < $1 AND state <> 'waiting' AND body IS NOT NULL LIMIT $2)",
        before,
        limit,
    )


async def forget_rows(scope: Scope, before: datetime, limit: int) -> int:
    return await scope.execute(
        "DELETE FROM stripe_inbox WHERE event_id IN (SELECT event_id FROM stripe_inbox"
        " WHERE received_at < $1 AND state <> 'waiting' LIMIT $2)",
        before,
        limit,
    )


async def insert_problem(
    scope: Scope, kind: ProblemKind, reference: str, facts: dict[str, Any]
) -> bool:
    """False: it was told before. In a tenant's scope it is that tenant's."""
    return bool(
        await scope.execute(
            "INSERT INTO payment_problems (id, tenant_id, kind, reference, facts, seen_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            uuid7(),
            scope.entered_tenant_id,
            kind.value,
            reference,
            facts,
            scope.now,
        )
    )


async def problems_page(
    scope: Scope, *, is_open: bool, after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """The longest waiting first."""
    return await scope.rows(
        f"SELECT {PROBLEM_COLUMNS} FROM payment_problems"
        " WHERE (resolved_at IS NULL) = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        is_open,
        after,
        limit,
    )


async def problem(scope: Scope, problem_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {PROBLEM_COLUMNS} FROM payment_problems WHERE id = $1", problem_id
    )


async def resolve_problem(scope: Scope, problem_id: UUID, resolution: str) -> asyncpg.Record | None:
    """None: somebody was first."""
    return await scope.row(
        "UPDATE payment_problems SET resolved_at = $2, resolved_by = $3, resolution = $4"
        f" WHERE id = $1 AND resolved_at IS NULL RETURNING {PROBLEM_COLUMNS}",
        problem_id,
        scope.now,
        scope.principal.actor,
        resolution,
    )
