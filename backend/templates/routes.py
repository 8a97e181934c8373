"""Templates and senders over HTTP. Submitting one for approval is moderation's."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, delete, get, patch, post
from backend.kernel.views import Page
from backend.templates.schemas import (
    SenderCreate,
    SenderView,
    TemplateContent,
    TemplateCreate,
    TemplateDetailView,
    TemplateUpdate,
    TemplateVersionView,
    TemplateView,
    Withdrawal,
)
from backend.templates.service import senders, templates

Search = Annotated[str | None, QueryParameter(name="search", max_length=80)]
Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]


@get("/v1/templates")
async def list_templates(
    principal: FromPrincipal, search: Search = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[TemplateView]:
    return await templates.list_templates(principal, search, cursor, limit)


@post("/v1/templates", status_code=201)
async def create_template(
    data: JSONBody[TemplateCreate], principal: FromPrincipal
) -> TemplateDetailView:
    return await templates.create_template(principal, data)


@get("/v1/templates/{template_id:uuid}")
async def read_template(
    template_id: FromPath[UUID], principal: FromPrincipal
) -> TemplateDetailView:
    return await templates.read_template(principal, template_id)


@patch("/v1/templates/{template_id:uuid}")
async def update_template(
    template_id: FromPath[UUID], data: JSONBody[TemplateUpdate], principal: FromPrincipal
) -> TemplateDetailView:
    return await templates.update_template(principal, template_id, data)


@delete("/v1/templates/{template_id:uuid}", status_code=204)
async def archive_template(template_id: FromPath[UUID], principal: FromPrincipal) -> None:
    await templates.archive_template(principal, template_id)


@post("/v1/templates/{template_id:uuid}/versions", status_code=201)
async def add_template_version(
    template_id: FromPath[UUID], data: JSONBody[TemplateContent], principal: FromPrincipal
) -> TemplateDetailView:
    return await templates.add_template_version(principal, template_id, data)


@post("/v1/template-versions/{version_id:uuid}/withdraw", status_code=200)
async def withdraw_template_version(
    version_id: FromPath[UUID], data: JSONBody[Withdrawal], principal: FromPrincipal
) -> TemplateVersionView:
    return await templates.withdraw_template_version(principal, version_id, data)


@get("/v1/senders")
async def list_senders(principal: FromPrincipal) -> list[SenderView]:
    return await senders.list_senders(principal)


@post("/v1/senders", status_code=201)
async def request_sender(data: JSONBody[SenderCreate], principal: FromPrincipal) -> SenderView:
    return await senders.request_sender(principal, data)


@post("/v1/senders/{sender_id:uuid}/withdraw", status_code=200)
async def withdraw_sender(
    sender_id: FromPath[UUID], data: JSONBody[Withdrawal], principal: FromPrincipal
) -> SenderView:
    return await senders.withdraw_sender(principal, sender_id, data)


router = Router(
    "/",
    route_handlers=[
        list_templates,
        create_template,
        read_template,
        update_template,
        archive_template,
        add_template_version,
        withdraw_template_version,
        list_senders,
        request_sender,
        withdraw_sender,
    ],
)
