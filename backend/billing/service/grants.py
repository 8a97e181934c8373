"""Credits given: by finance with a reason, and to every new tenant."""

from datetime import timedelta
from uuid import UUID

from backend.audit.service import record
from backend.billing.schemas.top_ups import GrantCreate, GrantView
from backend.billing.states import TRIAL_CREDITS
from backend.db.scope import tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import invalid_field
from backend.kernel.principal import Principal, system
from backend.kernel.views import EXPIRY_DAYS_MAX
from backend.ledger.service import lots
from backend.ledger.states import LotKind

LONGEST = timedelta(days=EXPIRY_DAYS_MAX)


async def create_grant(principal: Principal, tenant_id: UUID, data: GrantCreate) -> GrantView:
    """Raises Conflict `reference_reused`, InvalidInput `expiry_past`."""
    async with tenant_scope(principal, tenant_id, reason=data.reason) as scope:
        await read_tenant_facts(scope)  # NotFound for a tenant that is not there
        if data.expires_at is not None and data.expires_at <= scope.now:
            raise invalid_field("/expires_at", "expiry_past", "an expiry lies in the future")
        if data.expires_at is not None and data.expires_at > scope.now + LONGEST:
            raise invalid_field("/expires_at", "date_too_far", "at most ten years from now")
        posted = await lots.grant(
            scope,
            data.amount_credits,
            f"grant:{data.reference}",
            kind=LotKind(data.kind.value),
            expires_at=data.expires_at,
            reason=data.reason,
        )
        transfer_id: UUID = posted.transfer_id  # type: ignore[assignment] # only a closed hold has none
        if not posted.is_repeated:
            await record(
                scope,
                "credits.granted",
                f"transfer:{transfer_id}",
                amount_credits=posted.amount,
                reason=data.reason,
            )
        view = GrantView(
            transfer_id=transfer_id, amount_credits=posted.amount, is_repeated=posted.is_repeated
        )
        await scope.answer(view)
    return view


async def grant_trial_credits(tenant_id: UUID) -> None:
    """Consumer of `tenant.created`: trials only. Told twice, its reference changes nothing."""
    async with tenant_scope(system("trial credits", tenant_id)) as scope:
        if (await read_tenant_facts(scope)).status != "trial":
            return
        await lots.grant(scope, TRIAL_CREDITS, f"trial:{tenant_id}", reason="trial")
