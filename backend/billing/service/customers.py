"""A tenant's one customer at the payment provider, whatever made it: a purchase or a saved card."""

import hashlib
from uuid import UUID

from backend.billing.payments import payments
from backend.billing.queries import cards, purchases
from backend.billing.schemas.profiles import BillingProfileView
from backend.db.scope import tenant_scope
from backend.kernel.faults import point
from backend.kernel.principal import system

KEEPER = "payment customers"


async def customer_of(tenant_id: UUID, buyer: BillingProfileView) -> str:
    """Use case: the one that is known, else a new one, kept before anything is asked for in its
    name. Of two made at once the first that was kept is the customer; nobody uses the other.
    """
    async with tenant_scope(system(KEEPER, tenant_id)) as scope:
        known = await purchases.customer_id(scope)
    if known is not None:
        return known
    # A provider refuses a key that comes again with another name: the profile may have changed.
    said = hashlib.sha256(f"{buyer.company_name}\n{buyer.email}".encode()).hexdigest()[:16]
    made = await payments().create_customer(
        tenant_id, buyer.company_name, buyer.email, key=f"customer:{tenant_id}:{said}"
    )
    point("billing.customer_made")
    async with tenant_scope(system(KEEPER, tenant_id)) as scope:
        await cards.keep_customer(scope, made)
        return await purchases.customer_id(scope) or made
