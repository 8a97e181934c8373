"""Attributes, groups and who is in them."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET

from backend.audience.queries import groups, subscribers
from backend.audience.schemas.people import (
    AttributeCreate,
    AttributeView,
    GroupCreate,
    GroupUpdate,
    GroupView,
    MembershipChange,
    MembershipView,
)
from backend.audience.service.sending import require_open_hours
from backend.audience.service.targets import require_unreferenced
from backend.audience.states import (
    ATTRIBUTES_PER_TENANT_MAX,
    BUILT_IN_PROPERTIES,
    GROUPS_PER_TENANT_MAX,
    attribute_key,
    is_attribute_name,
)
from backend.audit.service import record
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import Conflict, FieldError, NotFound, StateConflict, invalid_field
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.sms.characters import require_text

_FIELDS = ("name", "description", "header", "footer", "require_consent", "sending")


async def create_attribute(principal: Principal, given: AttributeCreate) -> AttributeView:
    """Raises Conflict `attribute_exists`: names differ by more than case and spaces."""
    name = attribute_key(given.label)
    if not is_attribute_name(given.label) or name in BUILT_IN_PROPERTIES:
        raise invalid_field("/label", "attribute_name_invalid", "letters, digits, spaces, _ and -")
    async with tenant_scope(principal) as scope:
        if len(await groups.attributes(scope)) >= ATTRIBUTES_PER_TENANT_MAX:
            raise Conflict("too_many_attributes", limit=ATTRIBUTES_PER_TENANT_MAX)
        if not await groups.add_attributes(scope, [(name, given.label, given.kind.value)]):
            raise Conflict("attribute_exists", "an attribute has this name", name=name)
        view = AttributeView(name=name, label=given.label, kind=given.kind)
        await scope.answer(view)
        return view


async def list_attributes(principal: Principal) -> list[AttributeView]:
    async with tenant_scope(principal) as scope:
        rows = await groups.attributes(scope)
    return [msgspec.convert(dict(row), AttributeView) for row in rows]


async def delete_attribute(principal: Principal, name: str) -> None:
    """Raises Conflict `attribute_in_use` while a subscriber has a value or is given one, or a rule
    names it.
    """
    if not is_attribute_name(name):
        raise NotFound  # nor may a NUL out of the path reach Postgres
    key = attribute_key(name)
    async with tenant_scope(principal) as scope:
        if not await groups.lock_attributes(scope):
            raise Conflict("attribute_in_use", "subscribers are being written", name=key)
        if await groups.is_attribute_used(scope, key):
            raise Conflict("attribute_in_use", "subscribers have a value for it", name=key)
        await require_unreferenced(scope, "attribute", key)
        if not await groups.delete_attribute(scope, key):
            raise NotFound
        await record(scope, "attribute.deleted", f"attribute:{key}")
        await scope.answer(None, 204)


async def create_group(principal: Principal, given: GroupCreate) -> GroupView:
    """Raises Conflict `group_name_taken`."""
    async with tenant_scope(principal) as scope:
        group_id = await new_group(scope, given)
        view = _view(await groups.group(scope, group_id))
        await scope.answer(view)
        return view


async def new_group(scope: Scope, given: GroupCreate) -> UUID:
    """Step. Raises Conflict `group_name_taken`, `too_many_groups`."""
    _check_texts(given)
    if await groups.count_groups(scope) >= GROUPS_PER_TENANT_MAX:
        raise Conflict("too_many_groups", limit=GROUPS_PER_TENANT_MAX)
    group_id = uuid7()
    require_open_hours(given.sending, "/sending")
    values = (msgspec.to_builtins(getattr(given, field)) for field in _FIELDS)
    if not await groups.add_group(scope, group_id, *values):
        raise Conflict("group_name_taken", "a group has this name", name=given.name)
    await record(scope, "group.created", f"group:{group_id}")
    return group_id


def _check_texts(given: GroupCreate | GroupUpdate) -> None:
    for field in ("name", "description", "header", "footer"):
        text = getattr(given, field)
        if text:
            require_text(text, f"/{field}")


async def read_group(principal: Principal, group_id: UUID) -> GroupView:
    async with tenant_scope(principal) as scope:
        return _view(await groups.group(scope, group_id))


async def list_groups(
    principal: Principal, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[GroupView]:
    check_limit(limit)
    after = cursor_id(cursor)
    async with tenant_scope(principal) as scope:
        rows = await groups.groups_page(scope, after, limit)
    return Page(items=[_view(row) for row in rows], next_cursor=next_cursor(rows, limit, "id"))


async def update_group(principal: Principal, group_id: UUID, given: GroupUpdate) -> GroupView:
    """Raises StateConflict `version_conflict`, Conflict `group_name_taken`, InvalidInput
    `hours_never_open`.
    """
    _check_texts(given)
    if given.sending is not UNSET:
        require_open_hours(given.sending, "/sending")
    try:
        async with tenant_scope(principal) as scope:
            row = await groups.group(scope, group_id)
            values = [
                row[field]
                if getattr(given, field) is UNSET
                else msgspec.to_builtins(getattr(given, field))
                for field in _FIELDS
            ]
            if not await groups.update_group(scope, group_id, given.version, *values):
                raise StateConflict("version_conflict", "changed meanwhile", version=row["version"])
            changed = {
                field: values[at] for at, field in enumerate(_FIELDS) if values[at] != row[field]
            }
            await record(scope, "group.changed", f"group:{group_id}", **changed)
            view = _view(await groups.group(scope, group_id))
            await scope.answer(view, 200)
            return view
    except asyncpg.UniqueViolationError as error:
        raise Conflict("group_name_taken", "a group has this name", name=given.name) from error


async def delete_group(principal: Principal, group_id: UUID) -> None:
    """The subscribers stay. Raises Conflict `group_in_use` while an import goes into it or a
    target group's rule names it.
    """
    async with tenant_scope(principal) as scope:
        row = await groups.group(scope, group_id)
        if await groups.is_group_awaited(scope, group_id):
            raise Conflict("group_in_use", "an import goes into it")
        await require_unreferenced(scope, "group", group_id)
        await groups.delete_group(scope, group_id)
        facts = {"name": row["name"], "subscribers": row["subscribers"]}
        await record(scope, "group.deleted", f"group:{group_id}", **facts)
        await scope.answer(None, 204)


async def add_to_group(
    principal: Principal, group_id: UUID, given: MembershipChange
) -> MembershipView:
    """Those already in it stay. Raises NotFound with a pointer to each unknown subscriber."""
    async with tenant_scope(principal) as scope:
        await groups.group(scope, group_id)
        known = await subscribers.known_subscribers(scope, given.subscriber_ids)
        errors = [
            FieldError(f"/subscriber_ids/{at}", "not_found", "There is no such subscriber.")
            for at, subscriber_id in enumerate(given.subscriber_ids)
            if subscriber_id not in known
        ]
        if errors:
            raise NotFound("not_found", "no such subscriber", errors=errors)
        changed = await groups.add_members(scope, [group_id], given.subscriber_ids)
        return await _membership(scope, group_id, "group.members_added", changed)


async def remove_from_group(
    principal: Principal, group_id: UUID, given: MembershipChange
) -> MembershipView:
    async with tenant_scope(principal) as scope:
        await groups.group(scope, group_id)
        changed = await groups.remove_members(scope, group_id, given.subscriber_ids)
        return await _membership(scope, group_id, "group.members_removed", changed)


async def _membership(scope: Scope, group_id: UUID, action: str, changed: int) -> MembershipView:
    await record(scope, action, f"group:{group_id}", changed=changed)
    row = await groups.group(scope, group_id)
    view = MembershipView(changed=changed, subscribers=row["subscribers"])
    await scope.answer(view, 200)
    return view


def _view(row: Any) -> GroupView:
    return msgspec.convert(dict(row), GroupView)
