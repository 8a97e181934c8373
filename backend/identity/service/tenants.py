"""Signing up, tenants, members and what staff grant them."""

from uuid import UUID

import asyncpg

from backend.audit.service import record
from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, doorway_scope, platform_scope, tenant_scope
from backend.identity.passwords import hash_password
from backend.identity.queries import directory, proofs, tenants
from backend.identity.schemas import (
    EMAIL_CHARACTERS_MAX,
    AutoValidation,
    AutoValidationGrant,
    MemberView,
    NumberVerification,
    SignUp,
    TenantFacts,
    TenantView,
)
from backend.identity.service.stakes import refuse_own_tenant
from backend.kernel.errors import Conflict, InvalidInput, NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, Principal, StaffRole, system
from backend.kernel.views import Page
from backend.outbox.service import announce
from backend.outbox.topics import Topic
from backend.sms.phone import parse

TRIAL_DAYS = 14

read_tenant_facts = tenants.tenant_facts
read_tenant_view = tenants.tenant_view
tenant_names = tenants.tenant_names
account_name = tenants.account_name
tenants_of_account = tenants.tenants_of_account
is_member = tenants.is_member
member_contacts = proofs.member_contacts


def normal_email(email: str) -> str:
    """Raises InvalidInput `email_invalid`. Lower case; plus-addresses stay what they are."""
    found = email.strip().lower()
    local, at, domain = found.rpartition("@")
    usable = local and at and "." in domain and not any(c.isspace() or c < " " for c in found)
    # Again: İ and its like are longer in lower case than the field's limit has seen.
    if not usable or len(found) > EMAIL_CHARACTERS_MAX:
        raise InvalidInput("email_invalid", "An e-mail address looks like name@example.com.")
    return found


async def open_tenant(
    scope: Scope,
    name: str,
    owner_id: UUID,
    *,
    status: str,
    country: str | None,
    is_confirmed: bool = True,
) -> UUID:
    """A step in the doorway: tenant, first member, kill-switch row, and the news of it."""
    tenant_id = uuid7()
    await directory.insert_tenant(
        scope, tenant_id, name, status, country, TRIAL_DAYS, is_confirmed=is_confirmed
    )
    await directory.insert_member(scope, tenant_id, owner_id, MemberRole.OWNER.value)
    await directory.insert_kill_switch(scope, uuid7(), tenant_id)
    await announce(scope, Topic.TENANT_CREATED, tenant_id=tenant_id)
    return tenant_id


async def sign_up(data: SignUp) -> tuple[UUID, UUID]:
    """A person and their trial tenant, in one transaction; (account id, tenant id). Nothing is
    submitted there before the address is confirmed.

    Raises Conflict `email_taken`, InvalidInput `email_invalid`.
    """
    email = normal_email(data.email)
    password_hash = await hash_password(data.password)
    account_id = uuid7()
    try:
        async with doorway_scope("sign_up", system("sign_up")) as scope:
            await directory.insert_account(
                scope,
                account_id,
                email,
                data.name,
                password_hash,
                language=data.language,
                is_confirmed=False,
            )
            tenant_id = await open_tenant(
                scope,
                data.tenant_name,
                account_id,
                status="trial",
                country=data.country,
                is_confirmed=False,
            )
            facts = {"account_id": str(account_id)}
            await announce(scope, Topic.CONFIRMATION_REQUESTED, facts)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("email_taken", "An account with this e-mail address exists.") from error
    return account_id, tenant_id


async def add_account(
    email: str, name: str, password: str, *, is_demo: bool = False
) -> tuple[UUID, bool]:
    """For the command line, whose word confirms the address: the account of this e-mail, made if
    absent; (id, was made).
    """
    normal = normal_email(email)
    password_hash = await hash_password(password)
    async with doorway_scope("sign_up", system("command")) as scope:
        known = await directory.account_by_email(scope, normal)
        if known is not None:
            return UUID(str(known["id"])), False
        account_id = uuid7()
        await directory.insert_account(
            scope, account_id, normal, name, password_hash, is_demo=is_demo, is_confirmed=True
        )
    return account_id, True


async def add_staff(account_id: UUID, role: StaffRole) -> None:
    async with platform_scope(system("command"), "staff add") as scope:
        await directory.insert_staff(scope, account_id, role.value)


async def add_tenant(name: str, owner_id: UUID, *, status: str, country: str | None) -> UUID:
    async with doorway_scope("sign_up", system("command")) as scope:
        return await open_tenant(scope, name, owner_id, status=status, country=country)


async def set_sending_weight(principal: Principal, tenant_id: UUID, weight: int) -> None:
    """How many turns it gets beside the others' when gateways are busy: 100 is one like any other.
    Raises NotFound `tenant_not_found`.
    """
    async with platform_scope(principal, "sending weight", tenant_id) as scope:
        if not await tenants.set_sending_weight(scope, tenant_id, weight):
            raise NotFound("tenant_not_found", "there is no such tenant")


async def list_tenants(
    principal: Principal, search: str | None, cursor: str | None, limit: int
) -> Page[TenantView]:
    async with platform_scope(principal, "list tenants") as scope:
        rows = await tenants.tenants_page(scope, search, cursor_id(cursor), check_limit(limit))
    last = [{"id": row.id} for row in rows]
    return Page(items=rows, next_cursor=next_cursor(last, limit, "id"))


async def read_tenant(principal: Principal, tenant_id: UUID) -> TenantView:
    async with platform_scope(principal, "read tenant", tenant_id) as scope:
        return await tenants.tenant_view(scope, tenant_id)


async def list_members(principal: Principal) -> list[MemberView]:
    async with tenant_scope(principal) as scope:
        found = await tenants.members(scope)
    async with platform_scope(system("members"), "names of members") as scope:
        return await tenants.named(scope, found)


async def grant_auto_validation(
    principal: Principal, tenant_id: UUID, data: AutoValidationGrant
) -> TenantView:
    """Grants, changes or takes the privilege; taking it is announced."""
    async with tenant_scope(principal, tenant_id, reason=data.reason) as scope:
        await refuse_own_tenant(scope)
        await _set_auto_validation(scope, data.bounds, data.reason)
        view = await tenants.tenant_view(scope, tenant_id)
        await scope.answer(view, 200)
    return view


async def suspend_auto_validation(scope: Scope, reason: str) -> None:
    """A step: the privilege is lost by itself (refusal, dispute, complaints)."""
    await _set_auto_validation(scope, None, reason)


async def _set_auto_validation(scope: Scope, bounds: AutoValidation | None, reason: str) -> None:
    lost = reason if bounds is None else None
    if await tenants.set_auto_validation(scope, bounds, lost):
        action = "auto_validation.granted" if bounds else "auto_validation.lost"
        await record(scope, action, f"tenant:{scope.tenant_id}", reason=reason)
        if bounds is None:
            await announce(scope, Topic.AUTO_VALIDATION_LOST, {"reason": reason})


async def verify_number(
    principal: Principal, tenant_id: UUID, data: NumberVerification
) -> TenantView:
    """Staff vouch for a tenant's number, with the reason kept beside it."""
    async with tenant_scope(principal, tenant_id, reason=data.reason) as scope:
        await refuse_own_tenant(scope)
        facts: TenantFacts = await tenants.tenant_facts(scope)
        phone = parse(data.phone, facts.default_country).e164
        await tenants.set_verified_number(scope, phone, data.reason)
        await record(scope, "tenant.number_verified", f"tenant:{tenant_id}", reason=data.reason)
        view = await tenants.tenant_view(scope, tenant_id)
        await scope.answer(view, 200)
    return view
