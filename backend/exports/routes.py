"""Files over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from backend.api.routing import FromPrincipal, get
from backend.exports import desk_numbers, service

Days = Annotated[int, QueryParameter(name="days")]


@get("/v1/sessions/{session_id:uuid}/results.csv", media_type="text/csv; charset=utf-8")
async def export_results(session_id: FromPath[UUID], principal: FromPrincipal) -> Stream:
    return Stream(
        await service.open_results(principal, session_id),
        headers={"content-disposition": f'attachment; filename="results-{session_id}.csv"'},
    )


@get("/v1/desk-numbers.csv", media_type="text/csv; charset=utf-8")
async def export_desk_numbers(principal: FromPrincipal, days: Days = 7) -> Stream:
    return Stream(
        await desk_numbers.open_desk_numbers(principal, days),
        headers={"content-disposition": f'attachment; filename="desk-{days}-days.csv"'},
    )


router = Router("/", route_handlers=[export_results, export_desk_numbers])
