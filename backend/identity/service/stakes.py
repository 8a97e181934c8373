"""Our own people have no say where they have a stake."""

from uuid import UUID

from backend.db.scope import Scope
from backend.identity.queries import tenants
from backend.kernel.errors import Forbidden
from backend.kernel.principal import PrincipalKind


async def refuse_own_tenant(scope: Scope) -> None:
    """A step. Raises Forbidden `own_tenant`: nobody rules, or gives, where they belong."""
    who = scope.principal
    if who.kind is PrincipalKind.STAFF and await tenants.is_member(scope, who.account_id):
        raise _own_tenant()


async def refuse_own_tenant_of(scope: Scope, tenant_id: UUID | None) -> None:
    """The same step in a platform scope."""
    who = scope.principal
    if who.kind is not PrincipalKind.STAFF:
        return
    if tenant_id in await tenants.tenants_of_account(scope, who.account_id):
        raise _own_tenant()


def _own_tenant() -> Forbidden:
    return Forbidden("own_tenant", "You are a member of this workspace: somebody else decides.")
