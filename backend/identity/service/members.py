"""Members: their role changed, or their membership ended. Whatever it is, with their next click."""

from typing import Final
from uuid import UUID

from backend.audit.service import record
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.queries import tenants
from backend.identity.schemas import MemberUpdate, MemberView
from backend.kernel.errors import Conflict, Forbidden
from backend.kernel.principal import MemberRole, Principal, system

_OWNERS_TO_GIVE: Final = frozenset({MemberRole.OWNER, MemberRole.BILLING})


async def change_member(principal: Principal, account_id: UUID, given: MemberUpdate) -> MemberView:
    """Raises NotFound; Forbidden `role_too_high` where only an owner may; Conflict `last_owner`."""
    async with platform_scope(system("members"), "name of a member") as scope:
        names = await tenants.account_names(scope, [account_id])
    async with tenant_scope(principal) as scope:
        owners = await tenants.lock_owners(scope)
        row = await tenants.member(scope, account_id)
        was = MemberRole(row["role"])
        _check(principal, was, given.role)
        if was is not given.role:
            if was is MemberRole.OWNER:
                _check_not_last(owners)
            await tenants.set_role(scope, account_id, given.role.value)
            await _record(scope, "member.role_changed", account_id, was, to=given.role.value)
        view = MemberView(
            account_id=account_id,
            name=names[account_id]["name"],
            email=names[account_id]["email"],
            role=given.role,
            created_at=row["created_at"],
        )
        await scope.answer(view, 200)
    return view


async def remove_member(principal: Principal, account_id: UUID) -> None:
    """Also oneself. Raises what `change_member` raises."""
    async with tenant_scope(principal) as scope:
        owners = await tenants.lock_owners(scope)
        was = MemberRole((await tenants.member(scope, account_id))["role"])
        _check(principal, was, None)
        if was is MemberRole.OWNER:
            _check_not_last(owners)
        await tenants.remove_member(scope, account_id)
        await _record(scope, "member.removed", account_id, was)
        await scope.answer(None, 204)


def _check(principal: Principal, was: MemberRole, to: MemberRole | None) -> None:
    for role in (was, to):
        if role is not None:
            check_may_give(principal, role)


def check_may_give(principal: Principal, role: MemberRole) -> None:
    """Raises Forbidden `role_too_high`. A manager may do all but own and pay, and so makes nobody,
    nor themselves, one who does.
    """
    if role in _OWNERS_TO_GIVE and principal.member_role is not MemberRole.OWNER:
        raise Forbidden("role_too_high", "Only an owner decides who owns and who pays.")


def _check_not_last(owners: int) -> None:
    if owners <= 1:
        raise Conflict("last_owner", "Make somebody else an owner first.")


async def _record(
    scope: Scope, action: str, account_id: UUID, was: MemberRole, **facts: str
) -> None:
    await record(scope, action, f"account:{account_id}", was=was.value, **facts)
