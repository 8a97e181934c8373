"""A tenant's billing profile, and asking the register about its VAT id."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from backend.audit.service import record
from backend.billing.queries import profiles, tariffs
from backend.billing.schemas.profiles import (
    BillingProfileUpdate,
    BillingProfileView,
    TermsUpdate,
)
from backend.billing.states import Terms, VatState
from backend.billing.vat_numbers import normal_vat_id
from backend.billing.vat_register import vat_register
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.tenants import normal_email, read_tenant_facts
from backend.kernel.errors import Conflict, NotFound, Unavailable, invalid_field
from backend.kernel.principal import Principal, system
from backend.outbox.service import announce
from backend.outbox.topics import Topic

VAT_CHECK_TENANTS_MAX = 50
VAT_RECHECK_DAYS = 30
"""A business that ended stops being one in the register: what was confirmed is asked again."""
VAT_RETRY_MINUTES = 10
VAT_RETRY_DOUBLINGS_MAX = 7
"""The register's member states are closed at night and for hours: at most every 21 hours."""


async def profile_of(scope: Scope) -> BillingProfileView | None:
    """A step: the profile of the scope's tenant."""
    row = await profiles.profile(scope, scope.tenant_id)
    return _view(row) if row else None


async def required_profile(scope: Scope) -> BillingProfileView:
    """Raises Conflict `billing_profile_required`: a document needs a name and an address."""
    found = await profile_of(scope)
    if found is None:
        raise Conflict(
            "billing_profile_required", "say who buys first: name, address, country, VAT id"
        )
    return found


async def read_billing_profile(principal: Principal) -> BillingProfileView:
    """Raises NotFound before the first one was saved."""
    async with tenant_scope(principal) as scope:
        found = await profile_of(scope)
    if found is None:
        raise NotFound("billing_profile_absent", "there is no billing profile yet")
    return found


async def read_tenant_billing_profile(principal: Principal, tenant_id: UUID) -> BillingProfileView:
    async with platform_scope(principal, "billing profile", tenant_id) as scope:
        row = await profiles.profile(scope, tenant_id)
    if row is None:
        raise NotFound("billing_profile_absent", "there is no billing profile yet")
    return _view(row)


async def save_billing_profile(
    principal: Principal, data: BillingProfileUpdate
) -> BillingProfileView:
    """For what is bought from now on: documents keep what stood when they were issued. The register
    is asked about a new VAT id at once, by a worker.

    Raises Conflict `billing_profile_changed`, InvalidInput `vat_id_invalid`,
    `currency_not_priced`, `email_invalid`.
    """
    vat_id, vat_state = normal_vat_id(data.vat_id, data.country)
    checked = msgspec.structs.replace(data, email=normal_email(data.email))
    async with tenant_scope(principal) as scope:
        if await tariffs.in_force(scope, data.currency) is None:
            raise invalid_field("/currency", "currency_not_priced", "no tariff is in this currency")
        row = await profiles.save_profile(scope, checked, vat_id, vat_state)
        if row is None:
            raise Conflict("billing_profile_changed", "somebody else changed it meanwhile")
        view = _view(row)
        await record(
            scope,
            "billing_profile.saved",
            f"tenant:{scope.tenant_id}",
            version=view.version,
            country=view.country,
            vat_state=view.vat_state.value,
        )
        if view.vat_state is VatState.FORMAT_VALID:
            await announce(scope, Topic.VAT_ID_GIVEN)
        await scope.answer(view, 200)
    return view


async def set_billing_terms(
    principal: Principal, tenant_id: UUID, data: TermsUpdate
) -> BillingProfileView:
    """Prepaid, or billed by the month. Raises Conflict `billing_profile_required`."""
    async with tenant_scope(principal, tenant_id, reason=data.reason) as scope:
        await refuse_own_tenant(scope)
        await read_tenant_facts(scope)
        await required_profile(scope)
        row = await profiles.set_terms(scope, data.terms)
        if row is None:
            raise NotFound
        view = _view(row)
        await record(
            scope,
            "billing_terms.set",
            f"tenant:{tenant_id}",
            terms=data.terms.value,
            reason=data.reason,
        )
        await scope.answer(view, 200)
    return view


def is_postpaid(profile: BillingProfileView) -> bool:
    return profile.terms is Terms.POSTPAID


async def check_vat_id(tenant_id: UUID) -> bool:
    """Ask the register about the tenant's id where that is due; whether it answered.

    Where it gives no answer the state stays what it was, and the question is put off.
    """
    who = system("vat check", tenant_id)
    async with tenant_scope(who) as scope:
        asked = await profiles.vat_question(scope)
    if asked is None:
        return False
    pause = timedelta(
        minutes=VAT_RETRY_MINUTES * 2 ** min(asked["vat_check_tries"], VAT_RETRY_DOUBLINGS_MAX)
    )
    try:
        answer = await vat_register().check(asked["vat_id"], asked["requester"])
    except Unavailable:
        async with tenant_scope(who) as scope:
            await profiles.postpone_vat_check(scope, asked["vat_id"], scope.now + pause)
        return False
    state = VatState.CONFIRMED if answer.is_valid else VatState.UNKNOWN_TO_REGISTER
    async with tenant_scope(who) as scope:
        next_at = scope.now + timedelta(days=VAT_RECHECK_DAYS)
        if await profiles.record_vat_answer(
            scope, asked["vat_id"], state, answer.reference, next_at
        ):
            await record(
                scope,
                "vat_id.checked",
                f"tenant:{tenant_id}",
                state=state.value,
                reference=answer.reference,
            )
    return True


async def check_due_vat_ids() -> bool:
    """The clock's sweep; whether there may be more at once."""
    async with platform_scope(system("vat check"), "vat check") as scope:
        tenants = await profiles.tenants_with_vat_due(scope, VAT_CHECK_TENANTS_MAX)
    for tenant_id in tenants:
        await check_vat_id(tenant_id)
    return len(tenants) == VAT_CHECK_TENANTS_MAX


def _view(row: asyncpg.Record) -> BillingProfileView:
    return msgspec.convert(dict(row), BillingProfileView)
