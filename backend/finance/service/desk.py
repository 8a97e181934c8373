"""Finding anybody and anything money touches, and what waits for a person of finance."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.db.pages import (
    PAGE_ROWS_DEFAULT,
    check_limit,
    cursor_id,
    decode_cursor,
    encode_cursor,
    next_cursor,
)
from backend.db.scope import Scope, platform_scope
from backend.finance.queries import desk
from backend.finance.schemas.desk import ActorName, Hit, TenantStanding, ToDo
from backend.finance.states import SPENDING_DAYS
from backend.identity.service.actors import actor_names
from backend.kernel.errors import invalid_field
from backend.kernel.principal import Principal
from backend.kernel.views import Page

SEARCH_CHARACTERS_MIN: Final = 2
SEARCH_CHARACTERS_MAX: Final = 100
ACTORS_MAX: Final = 100
"""As many as a page has rows."""


async def search(
    principal: Principal, words: str, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[Hit]:
    """Tenants by name or id, members by e-mail, top-ups by reference, purchases and refunds by
    their id or Stripe's, transfers by id or reference, documents by number or id. A piece in the
    middle of a reference or number is looked for in the newest 10,000, its beginning in all.

    Raises InvalidInput `search_too_short`.
    """
    check_limit(limit)
    exact = words.strip()
    if not SEARCH_CHARACTERS_MIN <= len(exact) <= SEARCH_CHARACTERS_MAX:
        raise invalid_field(
            "/query/search",
            "search_too_short" if len(exact) < SEARCH_CHARACTERS_MIN else "search_too_long",
            f"{SEARCH_CHARACTERS_MIN} to {SEARCH_CHARACTERS_MAX} characters",
        )
    after = _after(cursor) if cursor else None
    async with platform_scope(principal, f"search: {exact}") as scope:
        rows = await desk.hits(
            scope, exact.lower(), exact, some_id=_uuid(exact), after=after, limit=limit
        )
    following = None
    if len(rows) == limit:
        following = encode_cursor(*(rows[-1][name] for name in ("rank", "id", "tenant_id")))
    return Page(items=[_hit(row) for row in rows], next_cursor=following)


async def name_actors(principal: Principal, actors: Sequence[str]) -> list[ActorName]:
    """The people behind `kind:id` of any row of money; who is unknown is left out.

    Raises InvalidInput `too_many_actors`.
    """
    asked = list(dict.fromkeys(actors))
    if len(asked) > ACTORS_MAX:
        raise invalid_field("/query/actor", "too_many_actors", f"at most {ACTORS_MAX} at once")
    async with platform_scope(principal, "names of actors") as scope:
        names = await actor_names(scope, asked)
    return [ActorName(actor=actor, name=name) for actor, name in names.items()]


def _rank(text: str) -> str:
    if text not in {"1", "2", "3", "4", "5", "6", "7"}:
        raise ValueError("no rank of a kind")
    return text


def _after(cursor: str) -> tuple[int, str, str]:
    rank, last_id, tenant = decode_cursor(cursor, _rank, str, str)
    return int(rank), last_id, tenant


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _hit(row: asyncpg.Record) -> Hit:
    shown = {name: value for name, value in dict(row).items() if name != "rank"}
    return msgspec.convert(shown, Hit)


async def list_standings(
    principal: Principal,
    *,
    words: str | None = None,
    only_low: bool = False,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[TenantStanding]:
    """Every tenant with its balance, newest first."""
    check_limit(limit)
    before = cursor_id(cursor)
    async with platform_scope(principal, "tenants' balances") as scope:
        rows = await desk.standings(
            scope,
            since(scope),
            search=words.lower() if words else None,
            only_low=only_low,
            before=before,
            limit=limit,
        )
    items = [msgspec.convert(dict(row), TenantStanding) for row in rows]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def read_standing(principal: Principal, tenant_id: UUID) -> TenantStanding:
    """Raises NotFound."""
    async with platform_scope(principal, "a tenant's balance", tenant_id) as scope:
        row = await desk.standing(scope, since(scope), tenant_id)
    return msgspec.convert(dict(row), TenantStanding)


def since(scope: Scope) -> date:
    """The first day of the spending that tells how long a balance lasts."""
    return scope.now.date() - timedelta(days=SPENDING_DAYS)


async def read_to_do(principal: Principal) -> ToDo:
    async with platform_scope(principal, "what waits for finance") as scope:
        counts = dict(await desk.waiting(scope))
        big = await desk.big_senders(scope, since(scope))
        counts["low_big_senders"] = await desk.low_among(scope, since(scope), big)
    return msgspec.convert(counts, ToDo)
