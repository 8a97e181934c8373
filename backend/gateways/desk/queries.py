"""Rows of the platform desk: every caller is in a platform scope."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope
from backend.gateways.desk.schemas import SenderLimitView

_COLUMNS = (
    "id, name, kind, config, state, state_reason, version, weight, countries,"
    " throughput_segments_per_second_max, sender_segments_per_second_max, secret_changed_at,"
    " created_at, changed_at, working_at, health, health_cause, out_until"
)
_SUMS = (
    "sum(submitted)::int AS submitted, sum(accepted)::int AS accepted,"
    " sum(refused)::int AS refused, sum(throttled)::int AS throttled, sum(errors)::int AS errors,"
    " sum(in_doubt)::int AS in_doubt, sum(not_written)::int AS not_written,"
    " sum(receipts)::int AS receipts, sum(receipts_timed)::int AS receipts_timed,"
    " sum(receipts_slow)::int AS receipts_slow,"
    " (sum(receipt_delay_ms_sum) / nullif(sum(receipts_timed), 0))::bigint AS receipt_delay_ms_mean"
)


class Fields(msgspec.Struct, frozen=True):
    name: str
    config: Mapping[str, object]
    weight: int
    countries: Sequence[str] | None
    throughput: float | None
    sender_throughput: float | None


def _values(fields: Fields) -> tuple[Any, ...]:
    countries = None if fields.countries is None else sorted(set(fields.countries))
    return (
        fields.name,
        dict(fields.config),
        fields.weight,
        countries,
        fields.throughput,
        fields.sender_throughput,
    )


async def everything(scope: Scope) -> list[asyncpg.Record]:
    return await scope.rows(f"SELECT {_COLUMNS} FROM gateways ORDER BY lower(name), id")


async def one(scope: Scope, gateway_id: UUID) -> asyncpg.Record:
    """Raises NotFound."""
    return await scope.one(f"SELECT {_COLUMNS} FROM gateways WHERE id = $1", gateway_id)


async def insert(scope: Scope, gateway_id: UUID, kind: str, sealed: bytes, fields: Fields) -> bool:
    return bool(
        await scope.execute(
            "INSERT INTO gateways (id, kind, password_sealed, created_at, changed_at,"
            " secret_changed_at, name, config, weight, countries,"
            " throughput_segments_per_second_max, sender_segments_per_second_max)"
            " VALUES ($1, $2, $3, $4, $4, $4, $5, $6, $7, $8, $9, $10)"
            " ON CONFLICT (name) DO NOTHING",
            gateway_id,
            kind,
            sealed,
            scope.now,
            *_values(fields),
        )
    )


async def is_name_taken(scope: Scope, gateway_id: UUID, name: str) -> bool:
    return bool(
        await scope.value(
            "SELECT true FROM gateways WHERE name = $2 AND id <> $1", gateway_id, name
        )
    )


async def update(scope: Scope, gateway_id: UUID, version: int, fields: Fields) -> bool:
    """False: somebody changed it meanwhile."""
    return bool(
        await scope.execute(
            "UPDATE gateways SET version = version + 1, changed_at = $3, name = $4, config = $5,"
            " weight = $6, countries = $7, throughput_segments_per_second_max = $8,"
            " sender_segments_per_second_max = $9 WHERE id = $1 AND version = $2",
            gateway_id,
            version,
            scope.now,
            *_values(fields),
        )
    )


async def update_secret(
    scope: Scope, gateway_id: UUID, version: int, sealed: bytes, old_until: datetime
) -> bool:
    """The old one goes on proving callbacks until then."""
    return bool(
        await scope.execute(
            "UPDATE gateways SET version = version + 1, changed_at = $3, secret_changed_at = $3,"
            " previous_secret_sealed = password_sealed, previous_secret_until = $5,"
            " password_sealed = $4 WHERE id = $1 AND version = $2",
            gateway_id,
            version,
            scope.now,
            sealed,
            old_until,
        )
    )


async def change_state(
    scope: Scope, gateway_id: UUID, before: str, after: str, reason: str
) -> bool:
    """False: it is in another state by now."""
    return bool(
        await scope.execute(
            "UPDATE gateways SET state = $3, state_reason = $4, changed_at = $5"
            " WHERE id = $1 AND state = $2",
            gateway_id,
            before,
            after,
            reason,
            scope.now,
        )
    )


async def lock_all(scope: Scope) -> None:
    """Two people who disable the two last ones meet here."""
    await scope.execute("SELECT 1 FROM gateways ORDER BY id FOR UPDATE")


async def secrets(scope: Scope, gateway_id: UUID) -> asyncpg.Record | None:
    return await scope.row(
        "SELECT kind, state, config, password_sealed, previous_secret_sealed,"
        " previous_secret_until FROM gateways WHERE id = $1",
        gateway_id,
    )


async def links(scope: Scope, since: datetime) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT gateway_id, process, seen_at, version, links, links_bound, outstanding,"
        " receipts_waiting, segments_per_second, last_error FROM gateway_links"
        " WHERE seen_at >= $1 ORDER BY process",
        since,
    )


class LinkNote(msgspec.Struct, frozen=True):
    gateway_id: UUID
    version: int
    links: int
    links_bound: int
    outstanding: int
    receipts_waiting: int
    segments_per_second: float | None
    last_error: str


async def note_links(
    scope: Scope, process: str, notes: Sequence[LinkNote], forget_before: datetime
) -> None:
    """What this process has now; what it had and has no more goes, as do processes long gone."""
    await scope.execute(
        "DELETE FROM gateway_links WHERE seen_at < $2"
        " OR (process = $1 AND gateway_id <> ALL($3::uuid[]))",
        process,
        forget_before,
        [note.gateway_id for note in notes],
    )
    await scope.execute_many(
        "INSERT INTO gateway_links (process, seen_at, gateway_id, version, links, links_bound,"
        " outstanding, receipts_waiting, segments_per_second, last_error)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (gateway_id, process)"
        " DO UPDATE SET seen_at = $2, version = $4, links = $5, links_bound = $6,"
        " outstanding = $7, receipts_waiting = $8, segments_per_second = $9, last_error = $10",
        [(process, scope.now, *msgspec.structs.astuple(note)) for note in notes],
    )


async def recent(scope: Scope, since: datetime) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT gateway_id, {_SUMS} FROM gateway_health WHERE minute >= $1 GROUP BY gateway_id",
        since,
    )


async def minutes(scope: Scope, gateway_id: UUID, since: datetime) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT minute, {_SUMS} FROM gateway_health WHERE gateway_id = $1 AND minute >= $2"
        " GROUP BY minute ORDER BY minute",
        gateway_id,
        since,
    )


async def sender_limits(scope: Scope, gateway_id: UUID, limit: int) -> list[SenderLimitView]:
    rows = await scope.rows(
        "SELECT sender, segments_per_second_max FROM sender_limits WHERE gateway_id = $1"
        " AND segments_per_second_max IS NOT NULL ORDER BY sender LIMIT $2",
        gateway_id,
        limit,
    )
    return [SenderLimitView(**row) for row in rows]
