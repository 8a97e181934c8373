"""Balance and totals: one tenant's credits as they stand."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from backend.db.scope import Scope, tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.principal import KeyScope, MemberRole, Principal, PrincipalKind
from backend.ledger.queries import reads
from backend.ledger.schemas import BalanceView, SessionTotals

EXPIRING_SOON_DAYS = 14


_SEES_NO_BALANCE: Final = frozenset({MemberRole.VIEWER, MemberRole.EDITOR})


def sees_balance(principal: Principal) -> bool:
    """Whom the balance's own operation lets in; of other views it is left out for the rest."""
    if principal.kind is PrincipalKind.API_KEY:
        return KeyScope.BALANCE_READ in principal.key_scopes
    if principal.kind is PrincipalKind.MEMBER:
        return principal.member_role not in _SEES_NO_BALANCE
    return True


async def totals_by_session(scope: Scope, session_id: UUID) -> SessionTotals:
    row = await reads.session_totals(scope, session_id)
    return msgspec.convert(dict(row), SessionTotals) if row else SessionTotals(0, 0, 0, 0)


async def balance(scope: Scope, tenant_id: UUID | None = None) -> BalanceView:
    """Name the tenant where the scope is the platform's."""
    soon = scope.now + timedelta(days=EXPIRING_SOON_DAYS)
    accounts, lots = await reads.balances(scope, tenant_id or scope.tenant_id, soon)
    of = {name: row["balance"] for name, row in accounts.items()}
    line = accounts["available"]["credit_line"] if accounts else 0
    return BalanceView(
        available=of.get("available", 0) + line - lots["past"],
        held=of.get("held", 0),
        frozen=of.get("frozen", 0),
        spent_total=of.get("spent", 0),
        expiring_soon=lots["soon"],
        credit_line=line,
        receivable=-of.get("receivable", 0),
    )


async def may_hold(scope: Scope, amount: int) -> bool:
    """Would a hold of so many be placed now? False while something is owed that no line covers."""
    return await reads.holdable(scope) >= amount


async def read_balance(
    principal: Principal, tenant_id: UUID | None = None, *, reason: str = ""
) -> BalanceView:
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        await read_tenant_facts(scope)  # NotFound for a tenant that is not there
        return await balance(scope)
