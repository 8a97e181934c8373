"""Suspended tenants: they submit nothing, and delivery pauses what sends within a second."""

from uuid import UUID

from backend.audit.service import record
from backend.db.scope import Scope, tenant_scope
from backend.identity.queries import tenants
from backend.identity.schemas import Suspension, TenantView
from backend.identity.service.stakes import refuse_own_tenant
from backend.kernel.errors import Conflict
from backend.kernel.principal import Principal


async def suspend(scope: Scope, reason: str) -> TenantView:
    """A step. Raises Conflict `not_active`."""
    view = await tenants.tenant_view(scope, scope.tenant_id)
    if not await tenants.suspend(scope, reason):
        raise Conflict("not_active", "only who may send is suspended", status=view.status)
    await record(scope, "tenant.suspended", f"tenant:{scope.tenant_id}", reason=reason)
    return await tenants.tenant_view(scope, scope.tenant_id)


async def suspend_tenant(principal: Principal, tenant_id: UUID, given: Suspension) -> TenantView:
    """Raises Conflict `not_active`."""
    async with tenant_scope(principal, tenant_id, reason=given.reason) as scope:
        view = await suspend(scope, given.reason)
        await scope.answer(view, 200)
    return view


async def reactivate_tenant(principal: Principal, tenant_id: UUID, given: Suspension) -> TenantView:
    """Raises Conflict `not_suspended`."""
    async with tenant_scope(principal, tenant_id, reason=given.reason) as scope:
        await refuse_own_tenant(scope)
        view = await tenants.tenant_view(scope, tenant_id)
        if not await tenants.reactivate(scope):
            raise Conflict("not_suspended", "this workspace may send", status=view.status)
        await record(scope, "tenant.reactivated", f"tenant:{tenant_id}", reason=given.reason)
        view = await tenants.tenant_view(scope, tenant_id)
        await scope.answer(view, 200)
    return view
