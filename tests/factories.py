"""Rows to start from, every argument defaulted; made through the doors the product uses."""

from uuid import UUID

from backend.db.scope import platform_scope
from backend.kernel.ids import uuid7
from backend.kernel.principal import (
    MemberRole,
    Principal,
    PrincipalKind,
    StaffRole,
    system,
)

NOBODY = "argon2-hash-of-nobody"


async def make_account(name: str = "Ada", email: str | None = None) -> UUID:
    account_id = uuid7()
    async with platform_scope(system("factory"), "test") as scope:
        await scope.execute(
            "INSERT INTO accounts (id, email, name, password_hash) VALUES ($1, $2, $3, $4)",
            account_id,
            email or f"{account_id}@example.test",
            name,
            NOBODY,
        )
    return account_id


async def make_tenant(
    name: str = "Nordlys Retail", *, status: str = "active", country: str = "NO"
) -> UUID:
    """A tenant with its kill-switch row; active ones have a verified number."""
    tenant_id = uuid7()
    async with platform_scope(system("factory"), "test") as scope:
        await scope.execute(
            "INSERT INTO tenants (id, name, status, trial_ends_at, default_country,"
            " verified_phone, verified_reason) VALUES ($1, $2, $3,"
            " CASE WHEN $3 = 'trial' THEN now() + interval '14 days' END, $4,"
            " CASE WHEN $3 = 'active' THEN '+4791234567' END, 'test')",
            tenant_id,
            name,
            status,
            country,
        )
        await scope.execute(
            "INSERT INTO kill_switches (id, tenant_id) VALUES ($1, $2)", uuid7(), tenant_id
        )
    return tenant_id


def member_of(tenant_id: UUID, role: MemberRole = MemberRole.OWNER) -> Principal:
    return Principal(
        kind=PrincipalKind.MEMBER,
        account_id=uuid7(),
        tenant_id=tenant_id,
        member_role=role,
        has_stepped_up=True,
    )


def staff(*roles: StaffRole) -> Principal:
    return Principal(
        kind=PrincipalKind.STAFF,
        account_id=uuid7(),
        staff_roles=frozenset(roles),
        has_second_factor=True,
        has_stepped_up=True,
    )
