"""Target groups, a tenant's sending settings, and the legal table."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, delete, get, patch, post, put
from backend.audience.schemas.settings import (
    LegalHoursUpdate,
    LegalHoursView,
    SendingSettingsUpdate,
    SendingSettingsView,
)
from backend.audience.schemas.targets import (
    CountView,
    RuleCount,
    TargetGroupCreate,
    TargetGroupUpdate,
    TargetGroupView,
)
from backend.audience.service import sending, targets
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]


@get("/v1/target-groups")
async def list_target_groups(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[TargetGroupView]:
    return await targets.list_target_groups(principal, cursor=cursor, limit=limit)


@post("/v1/target-groups", status_code=201)
async def create_target_group(
    data: JSONBody[TargetGroupCreate], principal: FromPrincipal
) -> TargetGroupView:
    return await targets.create_target_group(principal, data)


@post("/v1/target-groups/count", status_code=200)
async def count_target_group(data: JSONBody[RuleCount], principal: FromPrincipal) -> CountView:
    return await targets.count_target_group(principal, data)


@get("/v1/target-groups/{target_group_id:uuid}")
async def read_target_group(
    target_group_id: FromPath[UUID], principal: FromPrincipal
) -> TargetGroupView:
    return await targets.read_target_group(principal, target_group_id)


@patch("/v1/target-groups/{target_group_id:uuid}")
async def update_target_group(
    target_group_id: FromPath[UUID],
    data: JSONBody[TargetGroupUpdate],
    principal: FromPrincipal,
) -> TargetGroupView:
    return await targets.update_target_group(principal, target_group_id, data)


@delete("/v1/target-groups/{target_group_id:uuid}", status_code=204)
async def delete_target_group(target_group_id: FromPath[UUID], principal: FromPrincipal) -> None:
    await targets.delete_target_group(principal, target_group_id)


@get("/v1/sending-settings")
async def read_sending_settings(principal: FromPrincipal) -> SendingSettingsView:
    return await sending.read_sending_settings(principal)


@put("/v1/sending-settings")
async def update_sending_settings(
    data: JSONBody[SendingSettingsUpdate], principal: FromPrincipal
) -> SendingSettingsView:
    return await sending.update_sending_settings(principal, data)


@get("/v1/legal-hours")
async def list_legal_hours(principal: FromPrincipal) -> list[LegalHoursView]:
    return await sending.list_legal_hours(principal)


@put("/v1/legal-hours/{country:str}")
async def put_legal_hours(
    country: FromPath[str], data: JSONBody[LegalHoursUpdate], principal: FromPrincipal
) -> LegalHoursView:
    return await sending.put_legal_hours(principal, country, data)


@delete("/v1/legal-hours/{country:str}", status_code=204)
async def delete_legal_hours(country: FromPath[str], principal: FromPrincipal) -> None:
    await sending.delete_legal_hours(principal, country)


router = Router(
    "/",
    route_handlers=[
        list_target_groups,
        create_target_group,
        count_target_group,
        read_target_group,
        update_target_group,
        delete_target_group,
        read_sending_settings,
        update_sending_settings,
        list_legal_hours,
        put_legal_hours,
        delete_legal_hours,
    ],
)
