"""What strikes by itself, told by topics: each may come twice."""

from uuid import UUID

from backend.db.scope import tenant_scope
from backend.kernel.principal import system
from backend.moderation.queries import decisions
from backend.moderation.schemas.trust import StrikeCause
from backend.moderation.service.trust import give_strike
from backend.moderation.states import Verdict


async def strike_for_refusal(tenant_id: UUID, session_id: UUID) -> bool:
    """Use case of `session.refused`: whether this call gave the strike."""
    async with tenant_scope(system("trust", tenant_id)) as scope:
        newest = await decisions.page(scope, session_id, None, 1)
        if not newest or newest[0].verdict is not Verdict.REFUSE:
            return False
        (ruling,) = newest
        made = await give_strike(
            scope,
            StrikeCause.REFUSED,
            f"case:{ruling.case_id}",
            f"refused: {ruling.reason_code}",
            session_id=session_id,
            case_id=ruling.case_id,
        )
    return made is not None


async def strike_for_dispute(tenant_id: UUID, purchase_id: UUID, dispute_id: str) -> bool:
    """Use case of `purchase.disputed`: whether this call gave the strike."""
    async with tenant_scope(system("trust", tenant_id)) as scope:
        reference = f"dispute:{dispute_id}"[:120]
        reason = f"the payment of purchase {purchase_id} is disputed"
        made = await give_strike(scope, StrikeCause.DISPUTE, reference, reason)
    return made is not None
