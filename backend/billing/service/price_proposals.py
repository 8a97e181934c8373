"""Message prices: proposed by one person of finance, put in force by another, from a day on."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend.billing.desk_states import ProposalState
from backend.billing.queries import prices
from backend.billing.schemas.prices import (
    PriceDifference,
    PriceLine,
    PriceList,
    PriceListSummary,
    PriceListView,
    PriceProposalCreate,
    PriceProposalView,
    ProposalDecline,
)
from backend.billing.service.prices import price_list
from backend.billing.states import Channel
from backend.db.pages import (
    PAGE_ROWS_DEFAULT,
    check_limit,
    cursor_id,
    decode_cursor,
    next_cursor,
    row_number,
)
from backend.db.scope import Scope, platform_scope
from backend.kernel.errors import Conflict, Forbidden, StateConflict, invalid_field
from backend.kernel.principal import Principal
from backend.kernel.views import Page

AHEAD_MAX: Final = timedelta(days=366)
VERSION_MAX: Final = 2**31 - 1


async def list_price_lists(
    principal: Principal, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[PriceListSummary]:
    """Newest version first."""
    check_limit(limit)
    before = decode_cursor(cursor, row_number)[0] if cursor else None
    if before is not None and abs(before) > VERSION_MAX:
        before = VERSION_MAX
    async with platform_scope(principal, "price lists") as scope:
        rows = await prices.lists_page(scope, before, limit)
        in_force = await prices.version_in_force(scope)
    items = [_summary(row, in_force) for row in rows]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "version"))


def _summary(row: asyncpg.Record, in_force: int) -> PriceListSummary:
    is_in_force = row["version"] == in_force
    return msgspec.convert(dict(row) | {"is_in_force": is_in_force}, PriceListSummary)


async def read_price_list(principal: Principal, version: int) -> PriceListView:
    """Raises NotFound."""
    async with platform_scope(principal, f"price list {version}") as scope:
        row = await prices.list_row(scope, min(version, VERSION_MAX))
        in_force = await prices.version_in_force(scope)
        whole = await price_list(scope, row["version"])
    lines = [
        PriceLine(country=country, channel=Channel(channel), credits=each)
        for (country, channel), each in sorted(whole.prices.items())
    ]
    given = dict(row) | {"is_in_force": row["version"] == in_force, "prices": lines}
    return msgspec.convert(given, PriceListView)


async def propose_prices(principal: Principal, data: PriceProposalCreate) -> PriceProposalView:
    """Raises Conflict `base_outdated` with the newest version, InvalidInput `no_change`,
    `price_twice`, `effective_past`, `date_too_far`.
    """
    async with platform_scope(principal, data.reason, takes_key=True) as scope:
        await _check_base(scope, data.base_version)
        _check_moment(scope, data.effective_from)
        base = await price_list(scope, data.base_version)
        named = [(change.country, change.channel) for change in data.changes]
        if len(set(named)) < len(named):
            raise invalid_field("/changes", "price_twice", "a country and channel stands once")
        facts = _facts(base, data)
        if not _differences(base, facts["changes"]) and not _is_other(base, facts):
            raise invalid_field("/changes", "no_change", "nothing would differ")
        view = _view(await prices.insert_proposal(scope, facts), base)
        await scope.answer(view)
    return view


async def _check_base(scope: Scope, base_version: int) -> None:
    newest = await prices.newest_version(scope)
    if newest != base_version:
        raise Conflict(
            "base_outdated", "another list was published meanwhile", newest_version=newest
        )


def _check_moment(scope: Scope, moment: datetime | None) -> None:
    if moment is None:
        return
    if moment <= scope.now:
        raise invalid_field("/effective_from", "effective_past", "prices begin in the future")
    if moment > scope.now + AHEAD_MAX:
        raise invalid_field("/effective_from", "date_too_far", "at most a year ahead")


def _facts(base: PriceList, data: PriceProposalCreate) -> dict[str, Any]:
    def chosen(name: str) -> Any:
        given = getattr(data, name)
        return getattr(base, name) if given is None else given

    settings = ("refund_undelivered", "margin_percent", "margin_credits_min")
    return {
        "base_version": data.base_version,
        "changes": msgspec.to_builtins(data.changes),
        "effective_from": data.effective_from,
        "reason": data.reason,
        **{name: chosen(name) for name in settings},
    }


def _is_other(base: PriceList, facts: dict[str, Any]) -> bool:
    settings = ("refund_undelivered", "margin_percent", "margin_credits_min")
    return any(getattr(base, name) != facts[name] for name in settings)


def _differences(base: PriceList, changes: list[dict[str, Any]]) -> list[PriceDifference]:
    found = [
        PriceDifference(
            country=change["country"],
            channel=Channel(change["channel"]),
            before=base.prices.get((change["country"], change["channel"])),
            after=change["credits"],
        )
        for change in changes
    ]
    found.sort(key=lambda one: (one.country, one.channel))
    return [one for one in found if one.before != one.after]


def _view(row: asyncpg.Record, base: PriceList) -> PriceProposalView:
    given = dict(row)
    given["differences"] = _differences(base, given.pop("changes"))
    return msgspec.convert(given, PriceProposalView)


async def list_price_proposals(
    principal: Principal,
    *,
    state: ProposalState | None = None,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[PriceProposalView]:
    """Newest first."""
    check_limit(limit)
    before = cursor_id(cursor)
    async with platform_scope(principal, "price proposals") as scope:
        rows = await prices.proposals_page(scope, state.value if state else None, before, limit)
        bases = {
            version: await price_list(scope, version)
            for version in {row["base_version"] for row in rows}
        }
    items = [_view(row, bases[row["base_version"]]) for row in rows]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def approve_prices(principal: Principal, proposal_id: UUID) -> PriceProposalView:
    """The next version, sealed. Raises Forbidden `second_person_must_differ`, StateConflict
    `proposal_not_pending`, Conflict `base_outdated`, `effective_past` where its day came before
    anybody approved it, `price_list_published`.
    """
    reason = f"approve prices {proposal_id}"
    try:
        async with platform_scope(principal, reason, takes_key=True) as scope:
            row = await _pending(scope, proposal_id)
            if row["created_by"] == principal.actor:
                raise Forbidden("second_person_must_differ", "whoever proposed cannot approve")
            if row["effective_from"] is not None and row["effective_from"] <= scope.now:
                raise Conflict("effective_past", "its day has come; propose it anew")
            await _check_base(scope, row["base_version"])
            base = await price_list(scope, row["base_version"])
            version = row["base_version"] + 1
            await _publish(scope, version, base, row)
            state = ProposalState.PUBLISHED.value
            decided = await prices.decide_proposal(scope, proposal_id, state, None, version)
            view = _view(decided, base)
            await scope.answer(view, 200)
    except (asyncpg.UniqueViolationError, asyncpg.RestrictViolationError) as error:
        raise Conflict(
            "price_list_published", "another price list was published meanwhile"
        ) from error
    return view


async def _publish(scope: Scope, version: int, base: PriceList, row: asyncpg.Record) -> None:
    after: dict[tuple[str, str], int] = dict(base.prices)
    for change in row["changes"]:
        key = (change["country"], change["channel"])
        if change["credits"] is None:
            after.pop(key, None)
        else:
            after[key] = change["credits"]
    await prices.insert_price_list(
        scope,
        version,
        after,
        refund_undelivered=row["refund_undelivered"],
        margin_percent=row["margin_percent"],
        margin_credits_min=row["margin_credits_min"],
        reason=row["reason"],
        effective_from=row["effective_from"],
    )


async def decline_prices(
    principal: Principal, proposal_id: UUID, given: ProposalDecline
) -> PriceProposalView:
    """By the second person, or by the first who thinks again."""
    async with platform_scope(principal, given.reason, takes_key=True) as scope:
        row = await _pending(scope, proposal_id)
        state = ProposalState.DECLINED.value
        decided = await prices.decide_proposal(scope, proposal_id, state, given.reason, None)
        view = _view(decided, await price_list(scope, row["base_version"]))
        await scope.answer(view, 200)
    return view


async def _pending(scope: Scope, proposal_id: UUID) -> asyncpg.Record:
    row = await prices.locked_proposal(scope, proposal_id)
    if row["state"] != ProposalState.PENDING.value:
        raise StateConflict("proposal_not_pending", "nothing waits here", state=row["state"])
    return row
