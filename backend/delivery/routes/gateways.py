"""What waits at gateways, tests of their connection, and what providers post to us."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, RawBody

from backend.api.routing import FromPrincipal, get, post
from backend.delivery.schemas import GatewayQueue, GatewayTest, GatewayTestView
from backend.delivery.service import callbacks, gateway_tests
from backend.gateways.desk.credentials import Setup
from backend.gateways.http_json.signing import SIGNATURE_HEADER

FromSetup = NamedDependency[Setup]
Signature = Annotated[str, HeaderParameter(name=SIGNATURE_HEADER)]


@get("/v1/gateways/queues")
async def list_gateway_queues(principal: FromPrincipal) -> list[GatewayQueue]:
    return await gateway_tests.list_queues(principal)


@post("/v1/gateways/{gateway_id:uuid}/test", status_code=200)
async def run_gateway_test(
    gateway_id: FromPath[UUID],
    data: JSONBody[GatewayTest],
    principal: FromPrincipal,
    setup: FromSetup,
) -> GatewayTestView:
    return await gateway_tests.run_gateway_test(principal, setup, gateway_id, data)


@post(
    "/v1/gateways/{gateway_id:uuid}/callbacks",
    status_code=204,
    rate="none",
    body="raw",
    anonymous=True,
)
async def receive_gateway_callback(
    gateway_id: FromPath[UUID], body: RawBody, setup: FromSetup, signature: Signature = ""
) -> None:
    await callbacks.receive_callback(setup, gateway_id, signature, body)


router = Router(
    "/", route_handlers=[list_gateway_queues, run_gateway_test, receive_gateway_callback]
)
