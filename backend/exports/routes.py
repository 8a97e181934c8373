"""Files over HTTP."""

from uuid import UUID

from litestar import Router
from litestar.params import FromPath
from litestar.response import Stream

from backend.api.routing import FromPrincipal, get
from backend.exports import service


@get("/v1/sessions/{session_id:uuid}/results.csv", media_type="text/csv; charset=utf-8")
async def export_results(session_id: FromPath[UUID], principal: FromPrincipal) -> Stream:
    return Stream(
        await service.open_results(principal, session_id),
        headers={"content-disposition": f'attachment; filename="results-{session_id}.csv"'},
    )


router = Router("/", route_handlers=[export_results])
