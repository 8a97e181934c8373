"""Search, standings, what waits; closed days and reconciliations: over HTTP, for finance."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post
from backend.finance.schemas.days import (
    ClosedDay,
    DayInput,
    ItemResolution,
    ReconciliationView,
)
from backend.finance.schemas.desk import ActorName, Hit, TenantStanding, ToDo
from backend.finance.service import days, desk, reconciliation
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
Words = Annotated[str, QueryParameter(name="search", max_length=200)]
Filter = Annotated[str | None, QueryParameter(name="search", max_length=200)]
Actors = Annotated[list[str], QueryParameter(name="actor", max_items=desk.ACTORS_MAX)]
OnlyLow = Annotated[bool, QueryParameter(name="only_low")]


@get("/v1/finance/search")
async def search_finance(
    principal: FromPrincipal, words: Words, cursor: Cursor = None, limit: Limit = 50
) -> Page[Hit]:
    return await desk.search(principal, words, cursor=cursor, limit=limit)


@get("/v1/finance/tenants")
async def list_tenant_standings(
    principal: FromPrincipal,
    words: Filter = None,
    only_low: OnlyLow = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TenantStanding]:
    return await desk.list_standings(
        principal, words=words, only_low=only_low, cursor=cursor, limit=limit
    )


@get("/v1/finance/tenants/{tenant_id:uuid}")
async def read_tenant_standing(
    tenant_id: FromPath[UUID], principal: FromPrincipal
) -> TenantStanding:
    return await desk.read_standing(principal, tenant_id)


@get("/v1/finance/to-do")
async def read_finance_to_do(principal: FromPrincipal) -> ToDo:
    return await desk.read_to_do(principal)


@get("/v1/finance/actors")
async def name_actors(principal: FromPrincipal, actors: Actors) -> list[ActorName]:
    return await desk.name_actors(principal, actors)


@get("/v1/finance/days")
async def list_closed_days(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 31
) -> Page[ClosedDay]:
    return await days.list_closed_days(principal, cursor=cursor, limit=limit)


@post("/v1/finance/days", status_code=201)
async def close_day(data: JSONBody[DayInput], principal: FromPrincipal) -> ClosedDay:
    return await days.close_day(principal, data.day)


@get("/v1/finance/reconciliations")
async def list_reconciliations(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 31
) -> Page[ReconciliationView]:
    return await reconciliation.list_reconciliations(principal, cursor=cursor, limit=limit)


@post("/v1/finance/reconciliations", status_code=201)
async def reconcile_day(data: JSONBody[DayInput], principal: FromPrincipal) -> ReconciliationView:
    return await reconciliation.reconcile_day(principal, data.day)


@post("/v1/finance/reconciliations/{day:date}/resolve", status_code=200)
async def resolve_reconciliation_item(
    day: FromPath[date], data: JSONBody[ItemResolution], principal: FromPrincipal
) -> ReconciliationView:
    return await reconciliation.resolve_item(principal, day, data)


router = Router(
    "/",
    route_handlers=[
        search_finance,
        list_tenant_standings,
        read_tenant_standing,
        read_finance_to_do,
        name_actors,
        list_closed_days,
        close_day,
        list_reconciliations,
        reconcile_day,
        resolve_reconciliation_item,
    ],
)
