"""The desk's numbers over HTTP."""

from typing import Annotated

from litestar import Router
from litestar.params import QueryParameter

from backend.api.routing import FromPrincipal, get
from backend.statistics import service
from backend.statistics.schemas import DeskNumbersView

Days = Annotated[int, QueryParameter(name="days")]
Lane = Annotated[str | None, QueryParameter(name="lane", max_length=80)]


@get("/v1/desk-numbers")
async def read_desk_numbers(
    principal: FromPrincipal, days: Days = 7, lane: Lane = None
) -> DeskNumbersView:
    return await service.read_desk_numbers(principal, days, lane)


router = Router("/", route_handlers=[read_desk_numbers])
