"""Subscribers, attributes, groups and opt-outs over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.bodies import BULK_BODY_LIMIT_BYTES
from backend.api.routing import FromPrincipal, delete, get, patch, post
from backend.audience.schemas.people import (
    AttributeCreate,
    AttributeView,
    GroupCreate,
    GroupUpdate,
    GroupView,
    MembershipChange,
    MembershipView,
    OptOutCreate,
    OptOutView,
    SubscriberCreate,
    SubscriberUpdate,
    SubscriberView,
)
from backend.audience.service import contacts, groups, people
from backend.kernel.views import Page

Search = Annotated[str | None, QueryParameter(name="search", max_length=100)]
Phone = Annotated[str | None, QueryParameter(name="phone", max_length=100)]
GroupId = Annotated[UUID | None, QueryParameter(name="group_id")]
Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]


@get("/v1/subscribers")
async def list_subscribers(
    principal: FromPrincipal,
    search: Search = None,
    group_id: GroupId = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[SubscriberView]:
    return await people.list_subscribers(
        principal, search=search, group_id=group_id, cursor=cursor, limit=limit
    )


@post("/v1/subscribers", status_code=201)
async def create_subscriber(
    data: JSONBody[SubscriberCreate], principal: FromPrincipal
) -> SubscriberView:
    return await people.create_subscriber(principal, data)


@get("/v1/subscribers/{subscriber_id:uuid}")
async def read_subscriber(
    subscriber_id: FromPath[UUID], principal: FromPrincipal
) -> SubscriberView:
    return await people.read_subscriber(principal, subscriber_id)


@patch("/v1/subscribers/{subscriber_id:uuid}")
async def update_subscriber(
    subscriber_id: FromPath[UUID], data: JSONBody[SubscriberUpdate], principal: FromPrincipal
) -> SubscriberView:
    return await people.update_subscriber(principal, subscriber_id, data)


@delete("/v1/subscribers/{subscriber_id:uuid}", status_code=204)
async def erase_subscriber(subscriber_id: FromPath[UUID], principal: FromPrincipal) -> None:
    await people.erase_subscriber(principal, subscriber_id)


@get("/v1/attributes")
async def list_attributes(principal: FromPrincipal) -> list[AttributeView]:
    return await groups.list_attributes(principal)


@post("/v1/attributes", status_code=201)
async def create_attribute(
    data: JSONBody[AttributeCreate], principal: FromPrincipal
) -> AttributeView:
    return await groups.create_attribute(principal, data)


@delete("/v1/attributes/{name:str}", status_code=204)
async def delete_attribute(name: FromPath[str], principal: FromPrincipal) -> None:
    await groups.delete_attribute(principal, name)


@get("/v1/groups")
async def list_groups(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[GroupView]:
    return await groups.list_groups(principal, cursor=cursor, limit=limit)


@post("/v1/groups", status_code=201)
async def create_group(data: JSONBody[GroupCreate], principal: FromPrincipal) -> GroupView:
    return await groups.create_group(principal, data)


@get("/v1/groups/{group_id:uuid}")
async def read_group(group_id: FromPath[UUID], principal: FromPrincipal) -> GroupView:
    return await groups.read_group(principal, group_id)


@patch("/v1/groups/{group_id:uuid}")
async def update_group(
    group_id: FromPath[UUID], data: JSONBody[GroupUpdate], principal: FromPrincipal
) -> GroupView:
    return await groups.update_group(principal, group_id, data)


@delete("/v1/groups/{group_id:uuid}", status_code=204)
async def delete_group(group_id: FromPath[UUID], principal: FromPrincipal) -> None:
    await groups.delete_group(principal, group_id)


@post(
    "/v1/groups/{group_id:uuid}/subscribers/add",
    status_code=200,
    body_limit_bytes=BULK_BODY_LIMIT_BYTES,
)
async def add_to_group(
    group_id: FromPath[UUID], data: JSONBody[MembershipChange], principal: FromPrincipal
) -> MembershipView:
    return await groups.add_to_group(principal, group_id, data)


@post(
    "/v1/groups/{group_id:uuid}/subscribers/remove",
    status_code=200,
    body_limit_bytes=BULK_BODY_LIMIT_BYTES,
)
async def remove_from_group(
    group_id: FromPath[UUID], data: JSONBody[MembershipChange], principal: FromPrincipal
) -> MembershipView:
    return await groups.remove_from_group(principal, group_id, data)


@get("/v1/opt-outs")
async def list_opt_outs(
    principal: FromPrincipal, phone: Phone = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[OptOutView]:
    return await contacts.list_opt_outs(principal, phone=phone, cursor=cursor, limit=limit)


@post("/v1/opt-outs", status_code=201)
async def create_opt_out(data: JSONBody[OptOutCreate], principal: FromPrincipal) -> OptOutView:
    return await contacts.create_opt_out(principal, data)


router = Router(
    "/",
    route_handlers=[
        list_subscribers,
        create_subscriber,
        read_subscriber,
        update_subscriber,
        erase_subscriber,
        list_attributes,
        create_attribute,
        delete_attribute,
        list_groups,
        create_group,
        read_group,
        update_group,
        delete_group,
        add_to_group,
        remove_from_group,
        list_opt_outs,
        create_opt_out,
    ],
)
