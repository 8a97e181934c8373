"""The platform desk's gateways over HTTP."""

from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.api.routing import FromPrincipal, get, post, put
from backend.gateways.desk import looking, service
from backend.gateways.desk.credentials import Setup
from backend.gateways.desk.schemas import (
    GatewayCreate,
    GatewayDetail,
    GatewayUpdate,
    GatewayView,
    SecretUpdate,
    SenderLimit,
    SenderLimitView,
    StateUpdate,
)

FromSetup = NamedDependency[Setup]


@get("/v1/gateways")
async def list_gateways(principal: FromPrincipal) -> list[GatewayView]:
    return await looking.list_gateways(principal)


@post("/v1/gateways", status_code=201)
async def create_gateway(
    data: JSONBody[GatewayCreate], principal: FromPrincipal, setup: FromSetup
) -> GatewayView:
    return await service.create_gateway(principal, setup, data)


@get("/v1/gateways/{gateway_id:uuid}")
async def read_gateway(gateway_id: FromPath[UUID], principal: FromPrincipal) -> GatewayDetail:
    return await looking.read_gateway(principal, gateway_id)


@put("/v1/gateways/{gateway_id:uuid}")
async def update_gateway(
    gateway_id: FromPath[UUID],
    data: JSONBody[GatewayUpdate],
    principal: FromPrincipal,
    setup: FromSetup,
) -> GatewayView:
    return await service.update_gateway(principal, setup, gateway_id, data)


@put("/v1/gateways/{gateway_id:uuid}/secret")
async def rotate_gateway_secret(
    gateway_id: FromPath[UUID],
    data: JSONBody[SecretUpdate],
    principal: FromPrincipal,
    setup: FromSetup,
) -> GatewayView:
    return await service.rotate_secret(principal, setup, gateway_id, data)


@post("/v1/gateways/{gateway_id:uuid}/state", status_code=200)
async def change_gateway_state(
    gateway_id: FromPath[UUID], data: JSONBody[StateUpdate], principal: FromPrincipal
) -> GatewayView:
    return await service.change_state(principal, gateway_id, data)


@get("/v1/gateways/{gateway_id:uuid}/sender-limits")
async def list_sender_limits(
    gateway_id: FromPath[UUID], principal: FromPrincipal
) -> list[SenderLimitView]:
    return await service.list_sender_limits(principal, gateway_id)


@put("/v1/gateways/{gateway_id:uuid}/sender-limits")
async def limit_gateway_sender(
    gateway_id: FromPath[UUID], data: JSONBody[SenderLimit], principal: FromPrincipal
) -> list[SenderLimitView]:
    return await service.limit_sender(principal, gateway_id, data)


router = Router(
    "/",
    route_handlers=[
        list_gateways,
        create_gateway,
        read_gateway,
        update_gateway,
        rotate_gateway_secret,
        change_gateway_state,
        list_sender_limits,
        limit_gateway_sender,
    ],
)
