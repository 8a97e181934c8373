"""What one person reads and chooses in one tenant; and the mailbox of a demo."""

from uuid import UUID

from backend.audit.service import record
from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.errors import Forbidden, NotFound, invalid_field
from backend.kernel.principal import MemberRole, Principal, system
from backend.kernel.views import Page
from backend.notifications import queries
from backend.notifications.schemas import (
    BalanceWarnings,
    BalanceWarningsView,
    MailboxView,
    NoticeView,
    PreferencesUpdate,
    PreferenceView,
    UnreadView,
)
from backend.notifications.states import BALANCE_LEVELS_DEFAULT, MAILED_TO, kinds_seen_by

UNREAD_COUNTED_MAX = 100


def _reader(principal: Principal) -> tuple[UUID, MemberRole]:
    if principal.account_id is None or principal.member_role is None:
        raise Forbidden("role_missing", "Notices are a member's.")
    return principal.account_id, principal.member_role


async def list_notices(
    principal: Principal, is_unread: bool, cursor: str | None, limit: int
) -> Page[NoticeView]:
    """Newest first, of the kinds the role may see today, whatever it was when they were made."""
    account_id, role = _reader(principal)
    after, rows_max = cursor_id(cursor), check_limit(limit)
    async with tenant_scope(principal) as scope:
        items = await queries.notices_page(
            scope, account_id, kinds_seen_by(role), is_unread, after, rows_max
        )
    return Page(
        items=items, next_cursor=next_cursor([{"id": one.id} for one in items], limit, "id")
    )


async def count_unread_notices(principal: Principal) -> UnreadView:
    """Counted to UNREAD_COUNTED_MAX."""
    async with tenant_scope(principal) as scope:
        return await _unread(scope, principal)


async def _unread(scope: Scope, principal: Principal) -> UnreadView:
    account_id, role = _reader(principal)
    kinds = kinds_seen_by(role)
    return UnreadView(
        unread=await queries.count_unread(scope, account_id, kinds, UNREAD_COUNTED_MAX)
    )


async def mark_notice_read(principal: Principal, notice_id: UUID) -> NoticeView:
    """Twice is once. Raises NotFound."""
    account_id, _ = _reader(principal)
    async with tenant_scope(principal) as scope:
        view = await queries.mark_read(scope, account_id, notice_id)
        await scope.answer(view, 200)
    return view


async def mark_all_notices_read(principal: Principal) -> UnreadView:
    account_id, _ = _reader(principal)
    async with tenant_scope(principal) as scope:
        await queries.mark_all_read(scope, account_id)
        view = await _unread(scope, principal)
        await scope.answer(view, 200)
    return view


async def list_preferences(principal: Principal) -> list[PreferenceView]:
    async with tenant_scope(principal) as scope:
        return await _preferences(scope, principal)


async def _preferences(scope: Scope, principal: Principal) -> list[PreferenceView]:
    account_id, role = _reader(principal)
    chosen = {row["kind"]: row for row in await queries.preferences_of(scope, account_id)}
    return [
        PreferenceView(
            kind=kind,
            in_app=chosen[kind]["in_app"] if kind in chosen else True,
            by_mail=chosen[kind]["by_mail"] if kind in chosen else role in MAILED_TO[kind],
        )
        for kind in kinds_seen_by(role)
    ]


async def save_preferences(principal: Principal, given: PreferencesUpdate) -> list[PreferenceView]:
    """Raises InvalidInput `kind_not_yours` for a kind the role does not see."""
    account_id, role = _reader(principal)
    for at, one in enumerate(given.preferences):
        if one.kind not in kinds_seen_by(role):
            raise invalid_field(
                f"/preferences/{at}/kind", "kind_not_yours", "your role does not get this one"
            )
    async with tenant_scope(principal) as scope:
        await queries.save_preferences(scope, account_id, given.preferences)
        view = await _preferences(scope, principal)
        await scope.answer(view, 200)
    return view


async def read_balance_warnings(principal: Principal) -> BalanceWarningsView:
    async with tenant_scope(principal) as scope:
        levels = await queries.balance_levels(scope)
    return BalanceWarningsView(levels=list(BALANCE_LEVELS_DEFAULT) if levels is None else levels)


async def save_balance_warnings(
    principal: Principal, given: BalanceWarnings
) -> BalanceWarningsView:
    levels = sorted(set(given.levels), reverse=True)
    async with tenant_scope(principal) as scope:
        await queries.save_balance_levels(scope, levels)
        await record(scope, "balance_warnings.set", f"tenant:{scope.tenant_id}", levels=levels)
        view = BalanceWarningsView(levels=levels)
        await scope.answer(view, 200)
    return view


async def read_mailbox(is_demo_mode: bool, cursor: str | None, limit: int) -> Page[MailboxView]:
    """Everybody's mails, for whoever tries the product out. Raises NotFound outside demo mode."""
    if not is_demo_mode:
        raise NotFound
    after, rows_max = cursor_id(cursor), check_limit(limit)
    items = await newest_mails(rows_max, after)
    return Page(
        items=items, next_cursor=next_cursor([{"id": one.id} for one in items], limit, "id")
    )


async def newest_mails(rows_max: int, after: UUID | None = None) -> list[MailboxView]:
    """For the operator's terminal, and behind the demo's page."""
    async with platform_scope(system("mailbox"), "the mailbox") as scope:
        return await queries.mailbox_page(scope, after, rows_max)
