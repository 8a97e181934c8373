"""Receipts as they came, and whose they are."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.gateways.port import Permanence, Receipt

CARRIER_ID_DAYS_MAX = 8
"""A receipt is looked up among the ids of so many days."""


async def first_received(
    scope: Scope, keys: Sequence[tuple[UUID, str]], since: date
) -> dict[tuple[UUID, str], datetime]:
    """In a platform scope: when the first receipt of (gateway, id) came, where one did."""
    rows = await scope.rows(
        "SELECT w.gateway_id, w.carrier_id, r.received_at FROM"
        " unnest($1::uuid[], $2::text[]) AS w (gateway_id, carrier_id) CROSS JOIN LATERAL"
        " (SELECT min(received_at) AS received_at FROM raw_receipts r WHERE r.day >= $3"
        " AND r.gateway_id = w.gateway_id AND r.carrier_id = w.carrier_id) r"
        " WHERE r.received_at IS NOT NULL",
        [gateway_id for gateway_id, _ in keys],
        [carrier_id for _, carrier_id in keys],
        since,
    )
    return {(row["gateway_id"], row["carrier_id"]): row["received_at"] for row in rows}


async def insert_raw(
    scope: Scope, gateway_id: UUID, receipts: Sequence[Receipt], states: Sequence[str]
) -> set[tuple[str, str, str]]:
    """(carrier id, status, error code) of those that were not stored before."""
    rows = await scope.rows(
        "INSERT INTO raw_receipts (day, gateway_id, received_at, carrier_id, status, error_code,"
        " cause, is_temporary, done_at, source, destination, reference_number, raw, state)"
        " SELECT $1, $2, $3, * FROM unnest($4::text[], $5::text[], $6::text[], $7::text[],"
        " $8::bool[], $9::timestamptz[], $10::text[], $11::text[], $12::int[], $13::bytea[],"
        " $14::text[]) ON CONFLICT DO NOTHING RETURNING carrier_id, status, error_code",
        scope.now.date(),
        gateway_id,
        scope.now,
        [receipt.carrier_id for receipt in receipts],
        [receipt.status.value for receipt in receipts],
        [receipt.error_code for receipt in receipts],
        [receipt.cause.value for receipt in receipts],
        [receipt.permanence is Permanence.TEMPORARY for receipt in receipts],
        [receipt.done_at for receipt in receipts],
        [receipt.source for receipt in receipts],
        [receipt.destination for receipt in receipts],
        [receipt.reference_number for receipt in receipts],
        [receipt.raw for receipt in receipts],
        list(states),
    )
    return {(row["carrier_id"], row["status"], row["error_code"]) for row in rows}


async def find_carrier_ids(
    scope: Scope, gateway_id: UUID, carrier_ids: Sequence[str]
) -> list[asyncpg.Record]:
    """Oldest first: where a carrier used an id again, the newer part comes last and counts."""
    return await scope.rows(
        "SELECT carrier_id, tenant_id, session_day, session_id, n, attempt, part FROM carrier_ids"
        " WHERE gateway_id = $1 AND carrier_id = ANY($2::text[]) AND day >= $3 ORDER BY day",
        gateway_id,
        list(carrier_ids),
        scope.now.date() - timedelta(days=CARRIER_ID_DAYS_MAX),
    )


_RAW = (
    "day, gateway_id, carrier_id, status, error_code, cause, is_temporary, done_at, source,"
    " destination, reference_number, raw, received_at"
)


async def waiting(
    scope: Scope, since: datetime, until: datetime, after: tuple[datetime, str], rows_max: int
) -> list[asyncpg.Record]:
    """In a platform scope: stored, and nobody's yet; a page by (received at, carrier id)."""
    return await scope.rows(
        f"SELECT {_RAW} FROM raw_receipts WHERE state = 'waiting' AND day >= $1"
        " AND received_at >= $2 AND received_at < $3 AND (received_at, carrier_id) > ($4, $5)"
        " ORDER BY received_at, carrier_id LIMIT $6",
        since.date(),
        since,
        until,
        *after,
        rows_max,
    )


async def mark(
    scope: Scope, gateway_id: UUID, rows: Sequence[tuple[date, str, str, str]], state: str
) -> None:
    """(day, carrier id, status, error code) each."""
    await scope.execute(
        "UPDATE raw_receipts r SET state = $2 FROM unnest($3::date[], $4::text[], $5::text[],"
        " $6::text[]) AS v (day, carrier_id, status, error_code) WHERE r.gateway_id = $1"
        " AND r.day = v.day AND r.carrier_id = v.carrier_id AND r.status = v.status"
        " AND r.error_code = v.error_code",
        gateway_id,
        state,
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def unconfirmed_to(
    scope: Scope, gateway_id: UUID, phone: str, since: datetime, until: datetime
) -> list[asyncpg.Record]:
    """In a platform scope: unconfirmed attempts a receipt from this phone may belong to."""
    return await scope.rows(
        "SELECT tenant_id, session_day, session_id, n, attempt, sender, parts_accepted,"
        " submitted_at FROM send_attempts WHERE gateway_id = $1 AND phone = $2"
        " AND state = 'unconfirmed' AND submitted_at BETWEEN $3 AND $4 ORDER BY submitted_at",
        gateway_id,
        phone,
        since,
        until,
    )
