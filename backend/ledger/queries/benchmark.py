"""A ledger for measuring the proof: as many entries as asked for, written by the server itself.

Needs the connection of a superuser to an installation that holds nothing else: triggers, foreign
keys and row policies are off while it writes. What it writes keeps every promise.
"""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg

WINDOW_CREDITS: Final = 200
WINDOWS_PER_HOLD: Final = 498
TRANSFERS_PER_HOLD: Final = WINDOWS_PER_HOLD + 2  # held, captured …, released
ENTRIES_PER_HOLD: Final = 2 * TRANSFERS_PER_HOLD
_LEFT: Final = 50  # what each hold gives back

# Transfer n of a tenant has the id {n}{tenant}: in the order of its time, as UUIDv7 is.
_ID: Final = "(lpad(to_hex({n}), 16, '0') || left(md5($1::uuid::text), 16))::uuid"
_HELD: Final = WINDOWS_PER_HOLD * WINDOW_CREDITS + _LEFT
_USED: Final = WINDOWS_PER_HOLD * WINDOW_CREDITS
_TOTAL: Final = "$2::bigint * 1000000"
_SERIES: Final = (
    f"generate_series(1, $2::bigint) h CROSS JOIN generate_series(0, {WINDOWS_PER_HOLD + 1}) k"
)
_NUMBER: Final = f"((h - 1) * {TRANSFERS_PER_HOLD} + k + 2)"
_TRANSFER: Final = _ID.format(n=_NUMBER)
_HOLD: Final = _ID.format(n="1000000000 + h")
_LOT: Final = _ID.format(n="2000000000")
_LAST: Final = WINDOWS_PER_HOLD + 1

_STATEMENTS: Final = (
    (
        f"INSERT INTO ledger_lots (tenant_id, id, kind, amount, available, spent, created_at)"
        f" SELECT $1, {_LOT}, 'paid', {_TOTAL}, {_TOTAL} - $2 * {_USED}, $2 * {_USED},"
        " $3::timestamptz"
    ),
    (
        f"INSERT INTO ledger_holds (tenant_id, id, amount, captured, released, state, created_at)"
        f" SELECT $1, {_HOLD}, {_HELD}, {_USED}, {_LEFT}, 'closed', $3::timestamptz"
        " FROM generate_series(1, $2::bigint) h"
    ),
    (
        f"INSERT INTO ledger_hold_lots (tenant_id, hold_id, position, lot_id, reserved, captured,"
        f" released) SELECT $1, {_HOLD}, 1, {_LOT}, {_HELD}, {_USED}, {_LEFT}"
        " FROM generate_series(1, $2::bigint) h WHERE $3::timestamptz IS NOT NULL"
    ),
    (
        "INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account,"
        " amount, lots, actor, created_at)"
        f" SELECT $1, {_ID.format(n=1)}, 'top_up', 'topped_up', 'issued', 'available', {_TOTAL},"
        f" jsonb_build_object({_LOT}, {_TOTAL}), 'bench', $3::timestamptz"
    ),
    (
        "INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account,"
        " amount, hold_id, lots, actor, created_at)"
        f" SELECT $1, {_TRANSFER}, 'bench:' || h || ':' || k,"
        f" CASE k WHEN 0 THEN 'held' WHEN {_LAST} THEN 'released' ELSE 'captured' END,"
        " CASE k WHEN 0 THEN 'available' ELSE 'held' END,"
        f" CASE k WHEN 0 THEN 'held' WHEN {_LAST} THEN 'available' ELSE 'spent' END, c.amount,"
        f" {_HOLD}, jsonb_build_object({_LOT}, c.amount), 'bench', $3::timestamptz"
        f" FROM {_SERIES} CROSS JOIN LATERAL (SELECT CASE k WHEN 0 THEN {_HELD}"
        f" WHEN {_LAST} THEN {_LEFT} ELSE {WINDOW_CREDITS} END AS amount) c ORDER BY h, k"
    ),
    (
        "INSERT INTO ledger_entries (tenant_id, transfer_id, account, amount, balance_after,"
        f" account_version) SELECT $1, {_ID.format(n=1)}, a.account, a.amount, a.amount, 1 FROM"
        f" (VALUES ('issued', -{_TOTAL}), ('available', {_TOTAL})) a (account, amount)"
        " WHERE $3::timestamptz IS NOT NULL"
    ),
    (
        "INSERT INTO ledger_entries (tenant_id, transfer_id, account, amount, balance_after,"
        f" account_version) SELECT $1, {_TRANSFER}, e.account, e.amount, e.balance, e.version"
        f" FROM {_SERIES} CROSS JOIN LATERAL ("
        f" SELECT 'held', CASE k WHEN 0 THEN {_HELD} WHEN {_LAST} THEN -{_LEFT}"
        f" ELSE -{WINDOW_CREDITS} END, CASE k WHEN {_LAST} THEN 0"
        f" ELSE {_HELD} - {WINDOW_CREDITS} * k END, (h - 1) * {TRANSFERS_PER_HOLD} + k + 1"
        f" UNION ALL SELECT 'spent', {WINDOW_CREDITS},"
        f" {WINDOW_CREDITS} * ((h - 1) * {WINDOWS_PER_HOLD} + k), (h - 1) * {WINDOWS_PER_HOLD} + k"
        f" WHERE k BETWEEN 1 AND {WINDOWS_PER_HOLD}"
        f" UNION ALL SELECT 'available', -{_HELD}, {_TOTAL} - (h - 1) * {_USED} - {_HELD}, 2 * h"
        " WHERE k = 0"
        f" UNION ALL SELECT 'available', {_LEFT}, {_TOTAL} - h * {_USED}, 2 * h + 1"
        f" WHERE k = {_LAST}"
        ") e (account, amount, balance, version) WHERE $3::timestamptz IS NOT NULL ORDER BY h, k"
    ),
    (
        "INSERT INTO ledger_accounts (tenant_id, account, balance, version)"
        " SELECT $1, a.account, a.balance, a.version FROM (VALUES"
        f" ('issued', -{_TOTAL}, 1), ('available', {_TOTAL} - $2 * {_USED}, 2 * $2 + 1),"
        f" ('held', 0, $2 * {TRANSFERS_PER_HOLD}),"
        f" ('spent', $2 * {_USED}, $2 * {WINDOWS_PER_HOLD}),"
        " ('frozen', 0, 0), ('expired', 0, 0), ('reversed', 0, 0), ('refunded', 0, 0),"
        " ('receivable', 0, 0)) a (account, balance, version) WHERE $3::timestamptz IS NOT NULL"
    ),
)


_LARGE: Final = "'{ledger_transfers,ledger_entries}'::regclass[]"
# Their indexes, keys included, as the statements that take them away and put them back; a key that
# a foreign key asks for stays.
_INDEXES: Final = f"""
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
        pg_get_constraintdef(oid)) AS build
FROM pg_constraint k WHERE conrelid = ANY ({_LARGE}) AND contype IN ('p', 'u')
    AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = k.conindid)
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index x WHERE indrelid = ANY ({_LARGE})
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid)
"""


async def fill_ledger(owner_url: str, tenant_ids: list[UUID], holds: int) -> int:
    """So many holds of ENTRIES_PER_HOLD entries for each tenant; returns the entries."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(
            "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'"
        )
        indexes = await connection.fetch(_INDEXES)
        for index in indexes:
            await connection.execute(index["drop"])
        now = datetime.now(UTC)
        for tenant_id in tenant_ids:
            for statement in _STATEMENTS:
                await connection.execute(statement, tenant_id, holds, now)
        for index in indexes:
            await connection.execute(index["build"])
        for table in ("transfers", "entries", "lots", "holds", "hold_lots", "accounts"):
            await connection.execute(f"VACUUM (ANALYZE) ledger_{table}")
    finally:
        await connection.close()
    return len(tenant_ids) * (holds * ENTRIES_PER_HOLD + 2)
