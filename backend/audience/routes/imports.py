"""Imports over HTTP. The file is streamed to the storage, never held."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.bodies import UPLOAD_BODY_LIMIT_BYTES
from backend.api.routing import FromPrincipal, get, post, put
from backend.api.uploads import read_form
from backend.audience.schemas.imports import ImportOptions, ImportProblemView, ImportView
from backend.audience.service import imports
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]


@post(
    "/v1/imports",
    status_code=201,
    body="stream",
    body_limit_bytes=UPLOAD_BODY_LIMIT_BYTES,
    description="multipart/form-data: `file` (CSV, any usual encoding and separator) and"
    " `options` (JSON, as in the options of an import). It is read by a worker; poll the import.",
)
async def upload_import(request: Request[Any, Any, Any], principal: FromPrincipal) -> ImportView:
    parts = read_form(request.headers.get("content-type", ""), request.stream())
    return await imports.upload_import(principal, parts)


@get("/v1/imports")
async def list_imports(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[ImportView]:
    return await imports.list_imports(principal, cursor=cursor, limit=limit)


@get("/v1/imports/{import_id:uuid}")
async def read_import(import_id: FromPath[UUID], principal: FromPrincipal) -> ImportView:
    return await imports.read_import(principal, import_id)


@get("/v1/imports/{import_id:uuid}/problems")
async def list_import_problems(
    import_id: FromPath[UUID], principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[ImportProblemView]:
    return await imports.list_import_problems(principal, import_id, cursor=cursor, limit=limit)


@put("/v1/imports/{import_id:uuid}/options")
async def remap_import(
    import_id: FromPath[UUID], data: JSONBody[ImportOptions], principal: FromPrincipal
) -> ImportView:
    return await imports.remap_import(principal, import_id, data)


@post("/v1/imports/{import_id:uuid}/accept", status_code=200)
async def accept_import(import_id: FromPath[UUID], principal: FromPrincipal) -> ImportView:
    return await imports.accept_import(principal, import_id)


@post("/v1/imports/{import_id:uuid}/discard", status_code=200)
async def discard_import(import_id: FromPath[UUID], principal: FromPrincipal) -> ImportView:
    return await imports.discard_import(principal, import_id)


router = Router(
    "/",
    route_handlers=[
        upload_import,
        list_imports,
        read_import,
        list_import_problems,
        remap_import,
        accept_import,
        discard_import,
    ],
)
