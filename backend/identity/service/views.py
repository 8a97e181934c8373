"""Who somebody is, as the pages show it."""

from typing import Any

import msgspec

from backend.identity.schemas import (
    AccountView,
    Desk,
    LoginSessionView,
    LoginStep,
    MembershipView,
    ProofWay,
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


def is_excused(who: dict[str, Any], *, is_demo_mode: bool) -> bool:
    """The demo's accounts have their password on the login page; a second factor protects nothing.
    Outside demo mode they cannot log in at all.
    """
    return bool(who["is_demo"]) and is_demo_mode


def ways_of(who: dict[str, Any], *, is_demo_mode: bool) -> list[ProofWay]:
    if is_excused(who, is_demo_mode=is_demo_mode):
        return []
    if not who["factor_kinds"]:
        return ["password"]
    # "passkey" before "totp": the one that no other site can be given.
    return [*sorted(who["factor_kinds"]), "recovery_code"]


def login_session_view(
    who: dict[str, Any],
    tenant_id: object,
    csrf_token: str,
    *,
    awaits_second_step: bool,
    is_stepped_up: bool,
    is_demo_mode: bool,
) -> LoginSessionView:
    """`who` as `directory.who_is` reads it."""
    excused = is_excused(who, is_demo_mode=is_demo_mode)
    staff_roles = [StaffRole(role) for role in sorted(who["staff_roles"])]
    tenants = who["tenants"]
    if awaits_second_step:
        # The password alone tells nothing about where somebody works.
        staff_roles, tenants = [], []
    here = next((t for t in tenants if str(t["id"]) == str(tenant_id)), None)
    lacks_factor = bool(staff_roles) and here is None and not who["factor_kinds"]
    step: LoginStep = "enrolment" if lacks_factor and not excused else "complete"
    return LoginSessionView(
        account=account_view(who),
        tenant=msgspec.convert(here, TenantBadge, strict=False) if here else None,
        member_role=MemberRole(here["role"]) if here else None,
        staff_roles=staff_roles,
        tenants=msgspec.convert(tenants, list[MembershipView], strict=False),
        desks=desks_of(staff_roles, tenants),
        csrf_token=csrf_token,
        is_demo=who["is_demo"],
        step="second_step" if awaits_second_step else step,
        ways=ways_of(who, is_demo_mode=is_demo_mode),
        is_stepped_up=excused or is_stepped_up,
    )
