"""A day is closed once, after its former: the ledger's proofs, its sums, how it was reconciled."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Final

import asyncpg
import msgspec

from backend.db.pages import check_limit, decode_cursor, next_cursor
from backend.db.scope import Scope, platform_scope
from backend.finance.queries import days, reconciliation
from backend.finance.schemas.days import ClosedDay, Liability, Movement
from backend.finance.states import VIOLATIONS_KEPT_MAX, Reconciled
from backend.kernel.errors import Conflict, InvalidInput, invalid_field
from backend.kernel.principal import Principal, system
from backend.kernel.views import Page
from backend.ledger.proof import prove_ledger

DAYS_ROWS_DEFAULT: Final = 31
UNCOMPARED_AFTER: Final = timedelta(hours=6)
"""A provider that does not answer so long keeps no day open."""


async def close_day(principal: Principal, day: date) -> ClosedDay:
    """Raises Conflict `day_not_over`, `former_day_open` with `missing`, `day_closed`, InvalidInput
    `day_too_early` before the ledger's first.
    """
    async with platform_scope(principal, f"close {day}", takes_key=True) as scope:
        await _check_closable(scope, day)
    violations, total = await _proved()
    async with platform_scope(principal, f"close {day}", takes_key=True) as scope:
        await _check_closable(scope, day)
        late = await days.moved_since(scope, day - timedelta(days=1), VIOLATIONS_KEPT_MAX)
        if await days.is_closed(scope, day - timedelta(days=1)):
            violations += [_late(day - timedelta(days=1), row) for row in late]
            total += len(late)
        await days.freeze_movements(scope, day)
        await days.freeze_liabilities(scope, day)
        is_ours = await days.insert_day(
            scope,
            day,
            tenants=await reconciliation.tenants_total(scope),
            violations=violations[:VIOLATIONS_KEPT_MAX],
            violations_total=total,
            reconciliation=(await _reconciled(scope, day)).value,
        )
        if not is_ours:
            raise Conflict("day_closed", "this day is closed", day=day)
        [view] = await _views(scope, await days.closed_page(scope, day + timedelta(days=1), 1))
        await scope.answer(view)
    return view


async def _check_closable(scope: Scope, day: date) -> None:
    first = await days.first_day(scope)
    if first is None or day < first:
        raise invalid_field("/day", "day_too_early", "the ledger begins later", first=first)
    if not days.is_over(scope, day):
        raise Conflict("day_not_over", "a day is closed a quarter of an hour after its end")
    if await days.is_closed(scope, day):
        raise Conflict("day_closed", "this day is closed", day=day)
    last = await days.last_closed(scope)
    expected = first if last is None else last + timedelta(days=1)
    if day != expected:
        raise Conflict("former_day_open", "the days before come first", missing=expected)


async def _proved() -> tuple[list[dict[str, Any]], int]:
    """Promise 1 of every tenant, each at its own instant."""
    found: list[dict[str, Any]] = []
    total = 0
    async for violation in prove_ledger(system("close a day")):
        total += 1
        if len(found) < VIOLATIONS_KEPT_MAX:
            found.append(msgspec.to_builtins(violation))
    return found, total


def _late(day: date, row: asyncpg.Record) -> dict[str, Any]:
    return {
        "check": "frozen_day",
        "tenant_id": str(row["tenant_id"]),
        "subject": f"{day} {row['kind']}",
        "expected": row["expected"],
        "found": row["found"],
    }


async def _reconciled(scope: Scope, day: date) -> Reconciled:
    row = await reconciliation.day_row(scope, day)
    if row is None:
        return Reconciled.MISSING
    return Reconciled.DIFFERS if row["unresolved"] else Reconciled.AGREES


async def close_due_days() -> bool:
    """The clock's part, one day a call. Whether another day waits."""
    async with platform_scope(system("close days"), "close days") as scope:
        first, last = await days.first_day(scope), await days.last_closed(scope)
        day = last + timedelta(days=1) if last else first
        if day is None or not days.is_over(scope, day):
            return False
        is_compared = await reconciliation.day_row(scope, day) is not None
        if not is_compared and scope.now < days.bounds(day)[1] + UNCOMPARED_AFTER:
            return False
    try:
        await close_day(system("close days"), day)
    except (Conflict, InvalidInput):  # another clock was faster
        return False
    return True


def _day_of(text: str) -> date:
    return date.fromisoformat(text)


async def list_closed_days(
    principal: Principal, *, cursor: str | None = None, limit: int = DAYS_ROWS_DEFAULT
) -> Page[ClosedDay]:
    """Newest first."""
    check_limit(limit)
    before = decode_cursor(cursor, _day_of)[0] if cursor else None
    async with platform_scope(principal, "closed days") as scope:
        rows = await days.closed_page(scope, before, limit)
        views = await _views(scope, rows)
    return Page(items=views, next_cursor=next_cursor(rows, limit, "day"))


async def _views(scope: Scope, rows: list[asyncpg.Record]) -> list[ClosedDay]:
    shown = [row["day"] for row in rows]
    moved: dict[date, list[Movement]] = defaultdict(list)
    for row in await days.movements_of(scope, shown):
        moved[row["day"]].append(_without_day(row, Movement))
    owed: dict[date, list[Liability]] = defaultdict(list)
    for row in await days.liabilities_of(scope, shown):
        owed[row["day"]].append(_without_day(row, Liability))
    return [_view(row, moved[row["day"]], owed[row["day"]]) for row in rows]


def _without_day(row: asyncpg.Record, kind: Any) -> Any:
    given = dict(row)
    del given["day"]
    return msgspec.convert(given, kind)


def _view(row: asyncpg.Record, moved: list[Movement], owed: list[Liability]) -> ClosedDay:
    given = dict(row)
    # What was resolved after the close counts: the row says how it stood, this how it stands.
    is_reconciled = given.pop("is_reconciled")
    agrees = row["ledger_agrees"] and is_reconciled and not row["unresolved"]
    given |= {"movements": moved, "liabilities": owed, "agrees": agrees}
    return msgspec.convert(given, ClosedDay)
