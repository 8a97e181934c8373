"""Bank files and their lines over HTTP, for finance."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post
from backend.api.uploads import read_form
from backend.billing.desk_states import BANK_FILE_BYTES_MAX, LineState
from backend.billing.schemas.bank import BankFileView, BankLineView, LineMatch, LineReason
from backend.billing.service import bank
from backend.kernel.views import Page

FORM_BYTES = 64 * 1024
"""What the form adds to the file itself."""
Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
InState = Annotated[LineState | None, QueryParameter(name="state")]
InFile = Annotated[UUID | None, QueryParameter(name="bank_file")]


@post(
    "/v1/bank-files",
    status_code=201,
    body="stream",
    body_limit_bytes=BANK_FILE_BYTES_MAX + FORM_BYTES,
    description="multipart/form-data: `file` (CAMT.053 XML or CSV, at most 20 MiB) and `options`"
    " (JSON: format, and for CSV account, columns, date_order, decimal, currency, encoding).",
)
async def upload_bank_file(
    request: Request[Any, Any, Any], principal: FromPrincipal
) -> BankFileView:
    parts = read_form(request.headers.get("content-type", ""), request.stream())
    return await bank.upload_bank_file(principal, parts)


@get("/v1/bank-files")
async def list_bank_files(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[BankFileView]:
    return await bank.list_bank_files(principal, cursor=cursor, limit=limit)


@get("/v1/bank-lines")
async def list_bank_lines(
    principal: FromPrincipal,
    in_state: InState = None,
    in_file: InFile = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BankLineView]:
    return await bank.list_bank_lines(
        principal, state=in_state, file_id=in_file, cursor=cursor, limit=limit
    )


@post("/v1/bank-lines/{line_id:uuid}/match", status_code=201)
async def match_bank_line(
    line_id: FromPath[UUID], data: JSONBody[LineMatch], principal: FromPrincipal
) -> BankLineView:
    return await bank.match_line(principal, line_id, data)


@post("/v1/bank-lines/{line_id:uuid}/unmatch", status_code=200)
async def unmatch_bank_line(
    line_id: FromPath[UUID], data: JSONBody[LineReason], principal: FromPrincipal
) -> BankLineView:
    return await bank.unmatch_line(principal, line_id, data)


@post("/v1/bank-lines/{line_id:uuid}/ignore", status_code=200)
async def ignore_bank_line(
    line_id: FromPath[UUID], data: JSONBody[LineReason], principal: FromPrincipal
) -> BankLineView:
    return await bank.ignore_line(principal, line_id, data)


router = Router(
    "/",
    route_handlers=[
        upload_bank_file,
        list_bank_files,
        list_bank_lines,
        match_bank_line,
        unmatch_bank_line,
        ignore_bank_line,
    ],
)
