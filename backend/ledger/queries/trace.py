"""From a credit to its lot, from a lot to what used it, and any account at any instant."""

from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.ledger.schemas import StatementFilter
from backend.ledger.states import LedgerAccount, TransferKind

BY_SENDING = frozenset(
    {TransferKind.HELD, TransferKind.CAPTURED, TransferKind.RELEASED, TransferKind.RETURNED}
)
# The only ones that those kinds move, as the CHECK of ledger_transfers says.
_MOVED_BY_SENDING = (LedgerAccount.AVAILABLE, LedgerAccount.HELD, LedgerAccount.SPENT)
_THREE = ", ".join(f"'{account.value}'" for account in _MOVED_BY_SENDING)
# Said as the index `ledger_transfers_rare` says it, or it is not used.
_RARE = " AND t.kind NOT IN ('held', 'captured', 'released', 'returned')"
_TRANSFER = (
    "t.id AS transfer_id, t.reference, t.kind, t.from_account, t.to_account, t.amount,"
    " t.session_id, t.hold_id, t.actor, t.reason, t.proof_file, t.created_at"
)
_LOT = (
    "l.id, l.kind, l.priority, l.expires_at, l.amount, l.available, l.reserved, l.spent, l.frozen,"
    " l.expired, l.reversed, l.refunded, l.adjusted, l.repaid, l.settled, l.charged_back,"
    " l.dispute, l.created_at"
)


async def newest_version(
    scope: Scope, account: LedgerAccount, until: datetime, *, is_before: bool = False
) -> int:
    """Which change of the account was its newest at an instant (or just before it); 0: none."""
    rare = "" if account in _MOVED_BY_SENDING else _RARE
    found: int | None = await scope.value(
        "SELECT e.account_version FROM ledger_transfers t JOIN ledger_entries e"
        " ON e.tenant_id = t.tenant_id AND e.transfer_id = t.id AND e.account = $2"
        f" WHERE t.tenant_id = $1 AND t.created_at {'<' if is_before else '<='} $3{rare}"
        " ORDER BY t.created_at DESC, e.account_version DESC LIMIT 1",
        scope.tenant_id,
        account.value,
        until,
    )
    return found or 0


async def statement(
    scope: Scope, asked: StatementFilter, first: int, last: int, limit: int
) -> list[asyncpg.Record]:
    """Newest first by the account's version, the order in which its balance changed."""
    rare = _RARE if asked.kind is not None and asked.kind not in BY_SENDING else ""
    # No index is in the order of a sum: few transfers are looked up, not all of the account's.
    version = "e.account_version + 0" if rare else "e.account_version"
    return await scope.rows(
        "SELECT t.id AS transfer_id, e.account_version AS number, t.kind, e.account,"
        " greatest(e.amount, 0) AS credits_in, greatest(-e.amount, 0) AS credits_out,"
        " e.balance_after, t.reference, t.session_id, t.hold_id, t.actor, t.reason, t.created_at"
        " FROM ledger_entries e JOIN ledger_transfers t"
        " ON t.tenant_id = e.tenant_id AND t.id = e.transfer_id"
        f" WHERE e.tenant_id = $1 AND e.account = $2 AND {version} BETWEEN $3 AND $4"
        " AND ($5::text IS NULL OR t.kind = $5)"
        " AND ($6::uuid IS NULL OR t.hold_id IN"
        " (SELECT id FROM ledger_holds WHERE tenant_id = $1 AND session_id = $6))"
        " AND ($7::text IS NULL OR t.actor = $7)"
        f"{rare} ORDER BY {version} DESC LIMIT $8",
        scope.tenant_id,
        asked.account.value,
        first,
        last,
        asked.kind and asked.kind.value,
        asked.session_id,
        asked.actor,
        limit,
    )


async def balances_at(scope: Scope, at: datetime) -> dict[str, int]:
    """Sending moves three accounts: back in time from the instant one of theirs is soon met. What
    moves the others is rare, and back in time through what sending moved none might ever be met.
    """
    # Each kept to its index: with other statistics a planner reads every entry of an account.
    by_time = _newest("", "t.created_at")
    rare = _newest(_RARE, "t.created_at + interval '0'")
    accounts = "SELECT a.account, last.balance_after FROM ledger_accounts a"
    known = "WHERE a.tenant_id = $1 AND a.version > 0 AND a.account"
    await scope.execute("SET LOCAL enable_sort = off")
    rows = await scope.rows(
        f"{accounts} JOIN LATERAL ({by_time}) last ON true {known} IN ({_THREE})",
        scope.tenant_id,
        at,
    )
    await scope.execute("SET LOCAL enable_sort = on")
    rows += await scope.rows(
        f"{accounts} JOIN LATERAL ({rare}) last ON true {known} NOT IN ({_THREE})",
        scope.tenant_id,
        at,
    )
    return {row["account"]: row["balance_after"] for row in rows}


def _newest(filtered: str, order: str) -> str:
    """The balance that the newest of those transfers left on account `a`."""
    return (
        "SELECT e.balance_after FROM (SELECT t.id, t.created_at FROM ledger_transfers t"
        f"  WHERE t.tenant_id = $1 AND t.created_at <= $2{filtered}"
        f"  ORDER BY {order} DESC OFFSET 0) t"
        " CROSS JOIN LATERAL (SELECT x.balance_after, x.account_version FROM ledger_entries x"
        "  WHERE x.tenant_id = $1 AND x.transfer_id = t.id AND x.account = a.account OFFSET 0) e"
        f" ORDER BY {order} DESC, e.account_version DESC LIMIT 1"
    )


async def transfer(scope: Scope, transfer_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {_TRANSFER} FROM ledger_transfers t WHERE t.tenant_id = $1 AND t.id = $2",
        scope.tenant_id,
        transfer_id,
    )


async def parts(scope: Scope, transfer_id: UUID) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT l.id AS lot_id, l.kind, p.value::bigint AS credits, l.expires_at, l.created_at"
        " FROM ledger_transfers t CROSS JOIN LATERAL jsonb_each_text(t.lots) p"
        " JOIN ledger_lots l ON l.tenant_id = t.tenant_id AND l.id = p.key::uuid"
        " WHERE t.tenant_id = $1 AND t.id = $2 ORDER BY l.created_at, l.id",
        scope.tenant_id,
        transfer_id,
    )


async def lots(
    scope: Scope, after: UUID | None, limit: int, *, is_open: bool
) -> list[asyncpg.Record]:
    """Newest first: their ids sort by time."""
    return await scope.rows(
        f"SELECT {_LOT} FROM ledger_lots l WHERE l.tenant_id = $1"
        " AND (NOT $2 OR l.available + l.reserved + l.frozen > 0)"
        " AND ($3::uuid IS NULL OR l.id < $3) ORDER BY l.id DESC LIMIT $4",
        scope.tenant_id,
        is_open,
        after,
        limit,
    )


async def lot(scope: Scope, lot_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {_LOT} FROM ledger_lots l WHERE l.tenant_id = $1 AND l.id = $2",
        scope.tenant_id,
        lot_id,
    )


async def decisions(scope: Scope, lot_id: UUID, limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT reference, kind, subject, credits, actor, reason, created_at FROM ledger_decisions"
        " WHERE tenant_id = $1 AND lot_id = $2 ORDER BY created_at DESC, reference LIMIT $3",
        scope.tenant_id,
        lot_id,
        limit,
    )


async def uses(scope: Scope, lot_id: UUID, after: UUID | None, limit: int) -> list[asyncpg.Record]:
    """The holds that reserved from the lot, the newest first: their ids sort by time."""
    return await scope.rows(
        "SELECT p.hold_id, h.session_id, p.reserved, p.captured, p.released, p.returned,"
        " p.is_reversed, h.created_at FROM ledger_hold_lots p JOIN ledger_holds h"
        " ON h.tenant_id = p.tenant_id AND h.id = p.hold_id"
        " WHERE p.tenant_id = $1 AND p.lot_id = $2 AND ($3::uuid IS NULL OR p.hold_id < $3)"
        " ORDER BY p.hold_id DESC LIMIT $4",
        scope.tenant_id,
        lot_id,
        after,
        limit,
    )


async def moves(scope: Scope, lot_id: UUID, after: UUID | None, limit: int) -> list[asyncpg.Record]:
    """The transfers that moved credits of the lot, the newest first."""
    of_lot = "t.tenant_id = $1 AND t.lots ? $2::text AND ($3::uuid IS NULL OR t.id < $3)"
    newest = "ORDER BY t.id DESC LIMIT $4"
    return await scope.rows(
        f"(SELECT {_TRANSFER} FROM ledger_hold_lots p JOIN ledger_transfers t"
        " ON t.tenant_id = p.tenant_id AND t.hold_id = p.hold_id"
        f" WHERE p.tenant_id = $1 AND p.lot_id = $2::text::uuid AND {of_lot} {newest})"
        f" UNION ALL (SELECT {_TRANSFER} FROM ledger_transfers t"
        f" WHERE {of_lot} AND t.hold_id IS NULL{_RARE} {newest})"
        " ORDER BY transfer_id DESC LIMIT $4",
        scope.tenant_id,
        str(lot_id),
        after,
        limit,
    )
