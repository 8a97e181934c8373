"""Who somebody is, as the pages show it."""

from typing import Any

import msgspec

from backend.identity.schemas import (
    AccountView,
    Desk,
    LoginSessionView,
    MembershipView,
    TenantBadge,
)
from backend.kernel.principal import MemberRole, StaffRole

_DESKS: dict[StaffRole, tuple[Desk, ...]] = {
    StaffRole.MODERATOR: ("moderation",),
    StaffRole.LEAD: ("moderation",),
    StaffRole.FINANCE: ("finance",),
    StaffRole.ADMIN: ("platform",),
    StaffRole.EXTERNAL: ("moderation",),
}


def desks_of(staff_roles: list[StaffRole], tenants: list[Any]) -> list[Desk]:
    found: list[Desk] = ["workspace"] if tenants else []
    for role in sorted(staff_roles):
        found.extend(desk for desk in _DESKS[role] if desk not in found)
    return found


def account_view(who: dict[str, Any]) -> AccountView:
    names = ("id", "email", "name", "is_email_confirmed", "language")
    return msgspec.convert({name: who[name] for name in names}, AccountView)


def login_session_view(who: dict[str, Any], tenant_id: object, csrf_token: str) -> LoginSessionView:
    """`who` as `directory.who_is` reads it."""
    tenants = who["tenants"]
    here = next((t for t in tenants if str(t["id"]) == str(tenant_id)), None)
    staff_roles = [StaffRole(role) for role in sorted(who["staff_roles"])]
    return LoginSessionView(
        account=account_view(who),
        tenant=msgspec.convert(here, TenantBadge, strict=False) if here else None,
        member_role=MemberRole(here["role"]) if here else None,
        staff_roles=staff_roles,
        tenants=msgspec.convert(tenants, list[MembershipView], strict=False),
        desks=desks_of(staff_roles, tenants),
        csrf_token=csrf_token,
        is_demo=who["is_demo"],
    )
