"""The bell, its preferences, balance warnings, and the mailbox of a demo over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post, put
from backend.identity.service.doors import Door
from backend.kernel.views import Page
from backend.notifications.schemas import (
    BalanceWarnings,
    BalanceWarningsView,
    MailboxView,
    NoticeView,
    PreferencesUpdate,
    PreferenceView,
    UnreadView,
)
from backend.notifications.service import reading

FromDoor = NamedDependency[Door]
Unread = Annotated[bool, QueryParameter(name="unread")]
Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]


@get("/v1/notices")
async def list_notices(
    principal: FromPrincipal, unread: Unread = False, cursor: Cursor = None, limit: Limit = 50
) -> Page[NoticeView]:
    return await reading.list_notices(principal, unread, cursor, limit)


@get("/v1/notices/unread")
async def count_unread_notices(principal: FromPrincipal) -> UnreadView:
    return await reading.count_unread_notices(principal)


@post("/v1/notices/{notice_id:uuid}/read", status_code=200)
async def mark_notice_read(notice_id: FromPath[UUID], principal: FromPrincipal) -> NoticeView:
    return await reading.mark_notice_read(principal, notice_id)


@post("/v1/notices/read", status_code=200)
async def mark_all_notices_read(principal: FromPrincipal) -> UnreadView:
    return await reading.mark_all_notices_read(principal)


@get("/v1/notice-preferences")
async def list_notice_preferences(principal: FromPrincipal) -> list[PreferenceView]:
    return await reading.list_preferences(principal)


@put("/v1/notice-preferences")
async def save_notice_preferences(
    data: JSONBody[PreferencesUpdate], principal: FromPrincipal
) -> list[PreferenceView]:
    return await reading.save_preferences(principal, data)


@get("/v1/balance-warnings")
async def read_balance_warnings(principal: FromPrincipal) -> BalanceWarningsView:
    return await reading.read_balance_warnings(principal)


@put("/v1/balance-warnings")
async def save_balance_warnings(
    data: JSONBody[BalanceWarnings], principal: FromPrincipal
) -> BalanceWarningsView:
    return await reading.save_balance_warnings(principal, data)


@get("/v1/demo/mailbox")
async def read_mailbox(
    door: FromDoor, cursor: Cursor = None, limit: Limit = 50
) -> Page[MailboxView]:
    return await reading.read_mailbox(door.is_demo_mode, cursor, limit)


router = Router(
    "/",
    route_handlers=[
        list_notices,
        count_unread_notices,
        mark_notice_read,
        mark_all_notices_read,
        list_notice_preferences,
        save_notice_preferences,
        read_balance_warnings,
        save_balance_warnings,
        read_mailbox,
    ],
)
