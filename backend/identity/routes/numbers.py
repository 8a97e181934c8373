"""A tenant's own number, verified by a code."""

from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from backend.api.routing import FromPrincipal, get, post
from backend.identity.schemas import NumberCode, NumberRequest, NumberView, VerificationView
from backend.identity.service import verifications


@get("/v1/number")
async def read_number(principal: FromPrincipal) -> NumberView:
    return await verifications.read_number(principal)


@post("/v1/number/verifications", status_code=202)
async def request_number_verification(
    data: JSONBody[NumberRequest], principal: FromPrincipal
) -> VerificationView:
    return await verifications.request_verification(principal, data)


@post("/v1/number/verifications/{verification_id:uuid}/confirm", status_code=200)
async def confirm_number_verification(
    verification_id: FromPath[UUID], data: JSONBody[NumberCode], principal: FromPrincipal
) -> NumberView:
    return await verifications.confirm_verification(principal, verification_id, data)


router = Router(
    "/",
    route_handlers=[read_number, request_number_verification, confirm_number_verification],
)
