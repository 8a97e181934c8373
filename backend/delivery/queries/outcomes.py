"""What became of submissions: one statement per kind and window."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.delivery.queries.claims import runs_of
from backend.delivery.queries.preparing import SessionKey

_KEY = "m.tenant_id = $1 AND m.session_day = $2 AND m.session_id = $3"


async def expect_many(scope: Scope) -> None:
    """Of a session that began a minute ago the planner has no statistics: it expects one row, and
    a nested loop over a session and a window is quadratic. Hashing both is linear, always.
    """
    await scope.execute("SET LOCAL enable_nestloop = off")


async def write_accepted(scope: Scope, key: SessionKey, first_n: int, last_n: int) -> int:
    """Every message of the range, all of them first attempts of ours, was accepted whole. Returns
    how many were still being submitted.
    """
    return await scope.execute(
        "UPDATE messages m SET state = 'accepted', parts_accepted = (1 << m.segments) - 1,"
        " charged = greatest(m.charged, m.credits / m.segments * m.segments), cause = NULL,"
        f" error_code = NULL, accepted_at = $4 WHERE {_KEY} AND m.n BETWEEN $5 AND $6"
        " AND m.attempt = 1 AND m.state = 'submitting'",
        scope.tenant_id,
        *key,
        scope.now,
        first_n,
        last_n,
    )


async def write_verdicts(
    scope: Scope,
    key: SessionKey,
    rows: Sequence[tuple[int, int, int, str, int, int, int, str | None, str | None]],
) -> int:
    """(n, attempt claimed, attempt now, state, resends, parts, charged, cause, code) each, in the
    order of n, for messages of ours that are still being submitted. Returns how many were.
    """
    written = start = 0
    for run in runs_of([row[0] for row in rows]):
        written += await _write_run(scope, key, rows[start : start + len(run)])
        start += len(run)
    return written


async def _write_run(scope: Scope, key: SessionKey, rows: Sequence[Sequence[object]]) -> int:
    return await scope.execute(
        "UPDATE messages m SET attempt = v.attempt, state = v.state, resends = v.resends,"
        " parts_accepted = v.parts, charged = v.charged, cause = v.cause, error_code = v.code,"
        " accepted_at = CASE WHEN v.state = 'accepted' THEN $4 ELSE m.accepted_at END,"
        " done_at = CASE WHEN v.state IN ('rejected', 'cancelled') THEN $4 ELSE m.done_at END"
        " FROM unnest($5::int[], $6::smallint[], $7::smallint[], $8::text[], $9::smallint[],"
        " $10::int[], $11::int[], $12::text[], $13::text[])"
        " AS v (n, claimed, attempt, state, resends, parts, charged, cause, code)"
        f" WHERE {_KEY} AND m.n BETWEEN $14 AND $15 AND m.n = v.n AND m.attempt = v.claimed"
        " AND m.state = 'submitting'",
        scope.tenant_id,
        *key,
        scope.now,
        *(list(column) for column in zip(*rows, strict=True)),
        rows[0][0],
        rows[-1][0],
    )


async def insert_carrier_ids(
    scope: Scope,
    key: SessionKey,
    day: date,
    gateway_id: UUID,
    rows: Sequence[tuple[str, int, int, int]],
) -> None:
    """(carrier id, n, attempt, part) each."""
    # Three small numbers in one: each value of an array costs the driver about a microsecond.
    await scope.execute(
        "INSERT INTO carrier_ids (tenant_id, session_day, session_id, day, gateway_id,"
        " carrier_id, n, attempt, part) SELECT $1, $2, $3, $4, $5, v.id, (v.at >> 16)::int,"
        " ((v.at >> 8) & 255)::smallint, (v.at & 255)::smallint"
        " FROM unnest($6::text[], $7::bigint[]) AS v (id, at)",
        scope.tenant_id,
        *key,
        day,
        gateway_id,
        [row[0] for row in rows],
        [n << 16 | attempt << 8 | part for _, n, attempt, part in rows],
    )


async def note_attempts(
    scope: Scope,
    key: SessionKey,
    gateway_id: UUID,
    sender: str,
    rows: Sequence[tuple[int, int, str, str, int, str | None]],
) -> None:
    """(n, attempt, phone, state, parts accepted, code) of unconfirmed and of later attempts.

    Submitted when it was claimed, not when we gave up on it: a receipt that came in between would
    seem older than its message and be nobody's (Rule X3).
    """
    await scope.execute(
        "INSERT INTO send_attempts AS a (tenant_id, session_day, session_id, gateway_id, sender,"
        " submitted_at, n, attempt, phone, state, parts_accepted, code)"
        " SELECT $1, $2, $3, $4, $5, coalesce((SELECT m.submitted_at FROM messages m"
        f"  WHERE {_KEY} AND m.n = v.n), $6), v.* FROM unnest($7::int[], $8::smallint[],"
        " $9::text[], $10::text[], $11::int[], $12::text[])"
        " AS v (n, attempt, phone, state, parts_accepted, code)"
        " ON CONFLICT (tenant_id, session_id, n, attempt) DO UPDATE SET state = excluded.state,"
        " parts_accepted = excluded.parts_accepted, code = excluded.code",
        scope.tenant_id,
        *key,
        gateway_id,
        sender,
        scope.now,
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def end_attempts(scope: Scope, session_id: UUID, attempts: Sequence[tuple[int, int]]) -> None:
    """(n, attempt) that are unconfirmed no longer."""
    await scope.execute(
        "UPDATE send_attempts a SET state = 'ended'"
        " FROM unnest($3::int[], $4::smallint[]) AS v (n, attempt)"
        " WHERE a.tenant_id = $1 AND a.session_id = $2 AND a.n = v.n AND a.attempt = v.attempt"
        " AND a.state = 'unconfirmed'",
        scope.tenant_id,
        session_id,
        [n for n, _ in attempts],
        [attempt for _, attempt in attempts],
    )


async def put_waiting(
    scope: Scope,
    session_id: UUID,
    rows: Sequence[tuple[int, str, int, datetime]],
) -> None:
    """(n, kind, attempt, due) each."""
    await scope.execute(
        "INSERT INTO waiting_messages (tenant_id, session_id, n, kind, attempt, due_at)"
        " SELECT $1, $2, * FROM unnest($3::int[], $4::text[], $5::smallint[], $6::timestamptz[])"
        " ON CONFLICT (tenant_id, session_id, n) DO UPDATE SET kind = excluded.kind,"
        " attempt = excluded.attempt, due_at = excluded.due_at",
        scope.tenant_id,
        session_id,
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def drop_waiting(scope: Scope, session_id: UUID, ns: Sequence[int]) -> None:
    await scope.execute(
        "DELETE FROM waiting_messages"
        " WHERE tenant_id = $1 AND session_id = $2 AND n = ANY($3::int[])",
        scope.tenant_id,
        session_id,
        list(ns),
    )


_ROW = (
    "m.session_id, m.n, m.batch_no, m.state, m.attempt, m.segments, m.credits, m.charged,"
    " m.parts_accepted, m.ranks, m.cause_rank, m.cause, m.error_code, m.retry_at,"
    " m.submitted_at, m.accepted_at, m.done_at, m.phone, m.session_day"
)


async def lock_rows(
    scope: Scope, days: Sequence[date], session_ids: Sequence[UUID], ns: Sequence[int]
) -> list[asyncpg.Record]:
    """Messages of several sessions, locked in the order of their keys."""
    return await scope.rows(
        f"SELECT l.* FROM unnest($2::date[], $3::uuid[], $4::int[]) WITH ORDINALITY"
        f" AS w (day, session_id, n, at) CROSS JOIN LATERAL (SELECT {_ROW} FROM messages m"
        " WHERE m.tenant_id = $1 AND m.session_day = w.day AND m.session_id = w.session_id"
        " AND m.n = w.n FOR UPDATE) l",
        scope.tenant_id,
        list(days),
        list(session_ids),
        list(ns),
    )


READ_OVER_MAX = 256
"""Receipts come in any order: a statement more costs what reading so many rows between does."""


async def write_rows(
    scope: Scope, key: SessionKey, ns: Sequence[int], values: Sequence[Sequence[object]]
) -> int:
    """Rows of one session that were locked in this transaction, however far apart, in ascending
    order of `ns`. `values`: state, charged, parts_accepted, ranks, cause_rank, cause, error_code,
    retry_at, accepted_at, done_at as columns. Wants `expect_many`. Returns how many were written.

    A statement per row would be planned for each of them, which costs 20 times the row itself.
    """
    written = start = 0
    for run in runs_of(ns, READ_OVER_MAX):
        end = start + len(run)
        written += await scope.execute(
            "UPDATE messages m SET state = v.state, charged = v.charged, parts_accepted = v.parts,"
            " ranks = v.ranks, cause_rank = v.cause_rank, cause = v.cause, error_code = v.code,"
            " retry_at = v.retry_at, accepted_at = v.accepted_at, done_at = v.done_at"
            " FROM unnest($4::int[], $5::text[], $6::int[], $7::int[], $8::bigint[],"
            "  $9::smallint[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[],"
            "  $14::timestamptz[]) AS v (n, state, charged, parts, ranks, cause_rank, cause, code,"
            "  retry_at, accepted_at, done_at)"
            f" WHERE {_KEY} AND m.n BETWEEN $15 AND $16 AND m.n = v.n",
            scope.tenant_id,
            *key,
            run,
            *(column[start:end] for column in values),
            run[0],
            run[-1],
        )
        start = end
    return written


async def merge_earlier_attempt(
    scope: Scope, session_id: UUID, n: int, attempt: int
) -> asyncpg.Record | None:
    """Locked: what is known of an attempt that a retry has replaced."""
    return await scope.row(
        "SELECT parts_accepted, ranks FROM send_attempts WHERE tenant_id = $1 AND session_id = $2"
        " AND n = $3 AND attempt = $4 FOR UPDATE",
        scope.tenant_id,
        session_id,
        n,
        attempt,
    )


async def write_earlier_attempt(
    scope: Scope, session_id: UUID, n: int, attempt: int, *, parts_accepted: int, ranks: int
) -> None:
    await scope.execute(
        "UPDATE send_attempts SET parts_accepted = $5, ranks = $6 WHERE tenant_id = $1"
        " AND session_id = $2 AND n = $3 AND attempt = $4",
        scope.tenant_id,
        session_id,
        n,
        attempt,
        parts_accepted,
        ranks,
    )


async def window_rows(
    scope: Scope, key: SessionKey, ns: Sequence[int], states: Sequence[str]
) -> list[asyncpg.Record]:
    """A window whose holder died, locked in order."""
    return await scope.rows(
        "SELECT l.* FROM unnest($4::int[]) AS w (n) CROSS JOIN LATERAL (SELECT m.n, m.batch_no,"
        " m.phone, m.attempt, m.resends, m.state, m.credits, m.charged, m.segments FROM messages m"
        f" WHERE {_KEY} AND m.n = w.n AND m.state = ANY($5::text[]) FOR UPDATE) l",
        scope.tenant_id,
        *key,
        sorted(ns),
        list(states),
    )


async def write_states(
    scope: Scope, key: SessionKey, rows: Sequence[tuple[int, int, str, int]]
) -> None:
    """(n, attempt, state, resends) of rows locked before."""
    await scope.execute(
        "UPDATE messages m SET attempt = v.attempt, state = v.state, resends = v.resends"
        " FROM unnest($4::int[], $5::smallint[], $6::text[], $7::smallint[])"
        f" AS v (n, attempt, state, resends) WHERE {_KEY} AND m.n = ANY($4::int[]) AND m.n = v.n",
        scope.tenant_id,
        *key,
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def claimed_rows(scope: Scope, key: SessionKey, ns: Sequence[int]) -> list[asyncpg.Record]:
    """Exactly the messages a window submitted, in its order: they share the claim's instant,
    which those it excluded never got.
    """
    return await scope.rows(
        "WITH mine AS MATERIALIZED (SELECT l.* FROM unnest($4::int[]) AS w (n) CROSS JOIN LATERAL"
        " (SELECT m.n, m.batch_no, m.phone, m.attempt, m.resends, m.state, m.credits, m.charged,"
        f" m.segments, m.submitted_at FROM messages m WHERE {_KEY} AND m.n = w.n FOR UPDATE) l)"
        " SELECT * FROM mine WHERE submitted_at = (SELECT max(submitted_at) FROM mine) ORDER BY n",
        scope.tenant_id,
        *key,
        sorted(ns),
    )
