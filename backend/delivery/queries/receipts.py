"""Receipts as they came, and whose they are."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from backend.campaigns.schemas.content import SEGMENTS_PER_MESSAGE_MAX
from backend.db.scope import Scope
from backend.delivery.queries.claims import runs_of
from backend.delivery.queries.outcomes import READ_OVER_MAX
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.states import delivered_rank
from backend.gateways.port import Permanence, Receipt

CARRIER_ID_DAYS_MAX = 8
"""A receipt is looked up among the ids of so many days."""


_RAW_KEY = "day, gateway_id, received_at"
_INSERT_RAW = (
    f"INSERT INTO raw_receipts ({_RAW_KEY}, carrier_id, status, error_code, cause, is_temporary,"
    " done_at, source, destination, reference_number, raw, state) SELECT $1, $2, $3, * FROM"
    " unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::bool[], $9::timestamptz[],"
    " $10::text[], $11::text[], $12::int[], $13::bytea[], $14::text[])"
    " ON CONFLICT DO NOTHING RETURNING carrier_id, status, error_code"
)
_INSERT_RAW_ALIKE = (
    f"INSERT INTO raw_receipts ({_RAW_KEY}, carrier_id, done_at, source, reference_number, raw,"
    " status, error_code, cause, is_temporary, destination, state)"
    " SELECT $1, $2, $3, v.*, $9, $10, $11, $12, $13, $14 FROM"
    " unnest($4::text[], $5::timestamptz[], $6::text[], $7::int[], $8::bytea[]) AS v"
    " ON CONFLICT DO NOTHING RETURNING carrier_id"
)
_Alike = tuple[str, str, str, bool, str, str]
"""Status, error code, cause, whether it passes, destination, state."""


async def insert_raw(
    scope: Scope, gateway_id: UUID, receipts: Sequence[Receipt], states: Sequence[str]
) -> set[tuple[str, str, str]]:
    """(carrier id, status, error code) of those that were not stored before.

    Most say the same of different messages: what they share is said once, for each value of an
    array costs the driver about a microsecond.
    """
    if not receipts:
        return set()
    groups: dict[_Alike, list[Receipt]] = {}
    for receipt, state in zip(receipts, states, strict=True):
        alike = (
            receipt.status.value,
            receipt.error_code,
            receipt.cause.value,
            receipt.permanence is Permanence.TEMPORARY,
            receipt.destination,
            state,
        )
        groups.setdefault(alike, []).append(receipt)
    most = max(groups, key=lambda alike: len(groups[alike]))
    fresh = await _insert_alike(scope, gateway_id, most, groups.pop(most))
    if groups:
        fresh |= await _insert_each(scope, gateway_id, groups)
    return fresh


async def _insert_alike(
    scope: Scope, gateway_id: UUID, alike: _Alike, receipts: Sequence[Receipt]
) -> set[tuple[str, str, str]]:
    rows = await scope.rows(
        _INSERT_RAW_ALIKE,
        scope.now.date(),
        gateway_id,
        scope.now,
        [receipt.carrier_id for receipt in receipts],
        [receipt.done_at for receipt in receipts],
        [receipt.source for receipt in receipts],
        [receipt.reference_number for receipt in receipts],
        [receipt.raw for receipt in receipts],
        *alike,
    )
    return {(row[0], alike[0], alike[1]) for row in rows}


async def _insert_each(
    scope: Scope, gateway_id: UUID, groups: Mapping[_Alike, Sequence[Receipt]]
) -> set[tuple[str, str, str]]:
    values = [
        (
            receipt.carrier_id,
            *alike[:4],
            receipt.done_at,
            receipt.source,
            alike[4],
            receipt.reference_number,
            receipt.raw,
            alike[5],
        )
        for alike, receipts in groups.items()
        for receipt in receipts
    ]
    columns = (list(column) for column in zip(*values, strict=True))
    rows = await scope.rows(_INSERT_RAW, scope.now.date(), gateway_id, scope.now, *columns)
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


_ALL_DELIVERED = tuple(
    sum(delivered_rank(part) for part in range(segments))
    for segments in range(1, SEGMENTS_PER_MESSAGE_MAX + 1)
)
_WRITE_DELIVERED = """
WITH changed AS (
    UPDATE messages m SET ranks = m.ranks | v.ranks,
        done_at = CASE WHEN v.done_at IS NULL THEN m.done_at
            ELSE greatest(m.done_at, v.done_at, m.submitted_at) END,
        state = CASE WHEN m.ranks | v.ranks = ({whole})[m.segments] THEN 'delivered'
            ELSE m.state END
    FROM unnest($4::int[], $5::bigint[], $6::timestamptz[]) AS v (n, ranks, done_at)
    WHERE m.tenant_id = $1 AND m.session_day = $2 AND m.session_id = $3
        AND m.n BETWEEN $7 AND $8 AND m.n = v.n AND m.attempt = 1 AND m.state = 'accepted'
        AND (m.ranks = 0 OR m.ranks | v.ranks = ({whole})[m.segments])
    RETURNING m.n, m.batch_no, m.phone, m.state
)
SELECT batch_no, array_agg(n) AS ns, count(*) FILTER (WHERE state = 'delivered') AS delivered,
    array_agg(phone) FILTER (WHERE state = 'delivered') AS phones
FROM changed GROUP BY batch_no
""".format(whole=f"ARRAY{list(_ALL_DELIVERED)}::bigint[]")


async def write_delivered(
    scope: Scope, key: SessionKey, ns: Sequence[int], values: Sequence[Sequence[object]]
) -> list[asyncpg.Record]:
    """Messages accepted at the first attempt, of which no receipt has said anything else: the parts
    told are delivered, and the message where none is left. In ascending order of `ns`; `values`:
    ranks, done_at as columns. Wants `expect_many`.

    (batch_no, ns written, delivered, phones of the delivered) a batch; the rest is not touched.
    """
    found: list[asyncpg.Record] = []
    start = 0
    for run in runs_of(ns, READ_OVER_MAX):
        end = start + len(run)
        columns = [column[start:end] for column in values]
        found += await scope.rows(
            _WRITE_DELIVERED, scope.tenant_id, *key, run, *columns, run[0], run[-1]
        )
        start = end
    return found


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
