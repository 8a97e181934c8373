"""Templates: saved content, one immutable version after the other."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET

from backend.audit.service import record
from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import Conflict, NotFound, invalid_field
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.sms.characters import require_text
from backend.templates.queries import templates
from backend.templates.rendering.compose import CompiledMessage, compile_message
from backend.templates.schemas import (
    TemplateContent,
    TemplateCreate,
    TemplateDetailView,
    TemplateUpdate,
    TemplateVersionView,
    TemplateView,
    Withdrawal,
)
from backend.templates.service.approvals import withdraw_template_version as _withdraw
from backend.templates.states import ApprovalState

VERSIONS_PER_TEMPLATE_MAX = 500
_POINTERS = ("/content/header", "/content/body", "/content/footer")

read_template_version = templates.read_version
read_template_row = templates.read_template
template_versions = templates.versions


def checked_content(given: TemplateContent, pointers: tuple[str, str, str]) -> TemplateContent:
    """Normalised; raises InvalidInput where a character or the Liquid cannot be accepted."""
    header, body, footer = pointers
    content = TemplateContent(
        body=require_text(given.body, body),
        header=require_text(given.header, header),
        footer=require_text(given.footer, footer),
    )
    _compiled(content, pointers)
    return content


def _compiled(
    content: TemplateContent | TemplateVersionView, pointers: tuple[str, str, str] = _POINTERS
) -> CompiledMessage:
    return compile_message(
        body=content.body, header=content.header, footer=content.footer, pointers=pointers
    )


async def create_template(principal: Principal, given: TemplateCreate) -> TemplateDetailView:
    """Raises InvalidInput, Conflict `template_exists` for a name in use."""
    content = checked_content(given.content, _POINTERS)
    async with tenant_scope(principal) as scope:
        try:
            template_id = await templates.insert_template(scope, given.name, given.description)
        except asyncpg.UniqueViolationError as error:
            raise _name_taken(given.name) from error
        await templates.insert_version(scope, template_id, content)
        await record(scope, "template.created", f"template:{template_id}")
        view = await _detail(scope, template_id)
        await scope.answer(view)
    return view


async def add_template_version(
    principal: Principal, template_id: UUID, given: TemplateContent
) -> TemplateDetailView:
    """The same text as the newest version answers that one: no second version of nothing new."""
    content = checked_content(given, ("/header", "/body", "/footer"))
    async with tenant_scope(principal) as scope:
        newest = (await templates.versions(scope, template_id))[:1]
        if not newest:
            raise NotFound
        if newest[0].version >= VERSIONS_PER_TEMPLATE_MAX:
            raise Conflict("versions_limit", allowed_max=VERSIONS_PER_TEMPLATE_MAX)
        known = (newest[0].body, newest[0].header, newest[0].footer)
        if known != (content.body, content.header, content.footer):
            made = await templates.insert_version(scope, template_id, content)
            await record(scope, "template.changed", f"template:{template_id}", version=made.version)
        view = await _detail(scope, template_id)
        await scope.answer(view)
    return view


async def update_template(
    principal: Principal, template_id: UUID, given: TemplateUpdate
) -> TemplateDetailView:
    name = None if given.name is UNSET else given.name
    description = None if given.description is UNSET else given.description
    async with tenant_scope(principal) as scope:
        try:
            await templates.update_template(scope, template_id, name, description)
        except asyncpg.UniqueViolationError as error:
            raise _name_taken(name or "") from error
        view = await _detail(scope, template_id)
        await scope.answer(view, 200)
    return view


async def archive_template(principal: Principal, template_id: UUID) -> None:
    """Out of the lists; its versions stay what they are, for what was sent with them."""
    async with tenant_scope(principal) as scope:
        await templates.archive(scope, template_id)
        await record(scope, "template.archived", f"template:{template_id}")
        await scope.answer(None, 204)


async def withdraw_template_version(
    principal: Principal, version_id: UUID, given: Withdrawal
) -> TemplateVersionView:
    async with tenant_scope(principal) as scope:
        await _withdraw(scope, version_id, given.reason)
        view = await templates.read_version(scope, version_id)
        await scope.answer(view, 200)
    return view


async def read_template(principal: Principal, template_id: UUID) -> TemplateDetailView:
    async with tenant_scope(principal) as scope:
        return await _detail(scope, template_id)


async def list_templates(
    principal: Principal, search: str | None, cursor: str | None, limit: int
) -> Page[TemplateView]:
    async with tenant_scope(principal) as scope:
        rows = await templates.page(scope, search, cursor_id(cursor), check_limit(limit))
        shown = await templates.shown_versions(scope, [row["id"] for row in rows])
    items = [_view(row, shown[row["id"]]) for row in rows]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def require_approved_version(scope: Scope, version_id: UUID) -> TemplateVersionView:
    """A step. Raises InvalidInput `template_not_approved`, `template_unknown`."""
    pointer = "/template_version_id"
    try:
        version = await templates.read_version(scope, version_id)
    except NotFound as error:
        raise invalid_field(pointer, "template_unknown", "there is no such template") from error
    if version.state is not ApprovalState.APPROVED:
        message = f"this version of the template is {version.state.value.replace('_', ' ')}"
        raise invalid_field(pointer, "template_not_approved", message, state=version.state.value)
    return version


def _name_taken(name: str) -> Conflict:
    return Conflict("template_exists", "there is a template of this name", name=name)


async def _detail(scope: Scope, template_id: UUID) -> TemplateDetailView:
    row = await templates.read_template(scope, template_id)
    every = await templates.versions(scope, template_id)
    shown = msgspec.structs.asdict(_view(row, every))
    return TemplateDetailView(**shown, versions=every)


def _view(row: Any, versions: list[TemplateVersionView]) -> TemplateView:
    newest = versions[0]
    message = _compiled(newest)
    return TemplateView(
        id=row["id"],
        name=row["name"],
        description=row["description"],
        is_archived=row["archived_at"] is not None,
        newest=newest,
        approved=next((one for one in versions if one.state is ApprovalState.APPROVED), None),
        properties=sorted(message.properties),
        attributes=sorted(message.attributes.values()),
        created_at=row["created_at"],
    )
