"""Announcing, and the steps by which the relay and the consumers keep their word.

A row is leased by compare-and-set with a fencing number while its consumers run and is done only
after them; a consumer that died, a flushed broker or a lost relay leads to another announcement.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.db.scope import Scope, platform_scope
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.outbox.topics import Topic

REANNOUNCE_AFTER_SECONDS = 15
LEASE_SECONDS = 60
ANNOUNCE_ROWS_MAX = 200
RETRY_BASE_SECONDS = 2
RETRY_SECONDS_MAX = 300
DONE_ROWS_KEPT_DAYS = 7
ERROR_CHARACTERS_MAX = 1000


class Announcement(msgspec.Struct, frozen=True):
    """A leased row: `fence` must still be the row's when its consumers are finished."""

    id: UUID
    tenant_id: UUID | None
    topic: Topic
    payload: dict[str, Any]
    fence: int
    tries: int


async def announce(
    scope: Scope,
    topic: Topic,
    payload: dict[str, Any] | None = None,
    *,
    tenant_id: UUID | None = None,
    not_before: datetime | None = None,
) -> None:
    """Write the news into this transaction; nothing is sent when it does not commit."""
    await scope.execute(
        "INSERT INTO outbox (id, tenant_id, topic, payload, not_before)"
        " VALUES ($1, $2, $3, $4, $5)",
        uuid7(),
        tenant_id or scope.entered_tenant_id,
        topic.value,
        payload or {},
        not_before or scope.now,
    )


async def take_unannounced() -> list[UUID]:
    """Ids due for (another) announcement, oldest first, marked so that two relays share them."""
    async with platform_scope(system("relay"), "relay") as scope:
        rows = await scope.rows(
            "UPDATE outbox SET announced_at = $1 WHERE id IN ("
            " SELECT id FROM outbox WHERE done_at IS NULL AND not_before <= $1"
            " AND (announced_at IS NULL OR announced_at < $2)"
            " AND (lease_until IS NULL OR lease_until < $1)"
            " ORDER BY not_before LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING id",
            scope.now,
            scope.now - timedelta(seconds=REANNOUNCE_AFTER_SECONDS),
            ANNOUNCE_ROWS_MAX,
        )
        return [row["id"] for row in rows]


async def lease(announcement_id: UUID) -> Announcement | None:
    """Take the row for LEASE_SECONDS; None when done, early, or somebody else's."""
    async with platform_scope(system("outbox"), "deliver") as scope:
        row = await scope.row(
            "UPDATE outbox SET lease_until = $2, fence = fence + 1, tries = tries + 1"
            " WHERE id = $1 AND done_at IS NULL AND not_before <= $3"
            " AND (lease_until IS NULL OR lease_until < $3)"
            " RETURNING id, tenant_id, topic, payload, fence, tries",
            announcement_id,
            scope.now + timedelta(seconds=LEASE_SECONDS),
            scope.now,
        )
        return msgspec.convert(dict(row), Announcement) if row else None


async def extend(announcement: Announcement) -> bool:
    """A long consumer keeps its lease; False when it was lost and the work must stop."""
    async with platform_scope(system("outbox"), "extend") as scope:
        return bool(
            await scope.execute(
                "UPDATE outbox SET lease_until = $3"
                " WHERE id = $1 AND fence = $2 AND done_at IS NULL",
                announcement.id,
                announcement.fence,
                scope.now + timedelta(seconds=LEASE_SECONDS),
            )
        )


async def finish(announcement: Announcement) -> None:
    async with platform_scope(system("outbox"), "finish") as scope:
        await scope.execute(
            "UPDATE outbox SET done_at = $3, lease_until = NULL, last_error = NULL"
            " WHERE id = $1 AND fence = $2 AND done_at IS NULL",
            announcement.id,
            announcement.fence,
            scope.now,
        )


async def give_back(announcement: Announcement, error: str) -> None:
    """The consumers failed: announce again after a growing pause."""
    pause = min(RETRY_BASE_SECONDS * 2 ** min(announcement.tries, 10), RETRY_SECONDS_MAX)
    async with platform_scope(system("outbox"), "give back") as scope:
        await scope.execute(
            "UPDATE outbox SET not_before = $3, lease_until = NULL, announced_at = NULL,"
            " last_error = $4 WHERE id = $1 AND fence = $2 AND done_at IS NULL",
            announcement.id,
            announcement.fence,
            scope.now + timedelta(seconds=pause),
            error[:ERROR_CHARACTERS_MAX],
        )


async def forget_done() -> int:
    """Drop rows done DONE_ROWS_KEPT_DAYS ago; returns their number."""
    async with platform_scope(system("relay"), "forget") as scope:
        return await scope.execute(
            "DELETE FROM outbox WHERE done_at < $1",
            scope.now - timedelta(days=DONE_ROWS_KEPT_DAYS),
        )
