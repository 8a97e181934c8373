"""A tenant's one customer at the payment provider, whatever made it: a purchase or a saved card.

Customers are only ever added: one that was deleted at the provider is replaced by the next, so that
nobody is kept from buying for ever, and what was paid by the one before is still known as theirs.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from uuid import UUID

from backend.audit.service import record
from backend.billing.payment_facts import CustomerGone
from backend.billing.payments import payments
from backend.billing.queries import cards, purchases
from backend.billing.schemas.profiles import BillingProfileView
from backend.db.scope import tenant_scope
from backend.kernel.faults import point
from backend.kernel.principal import system

KEEPER: Final = "payment customers"
REPLACED_MAX: Final = 3
"""In one request: whoever deletes faster than that is no accident."""
Answer = TypeVar("Answer")


async def asked_of_customer(
    tenant_id: UUID,
    buyer: BillingProfileView,
    known: str | None,
    ask: Callable[[str, str | None], Awaitable[Answer]],
) -> tuple[str, Answer]:
    """Use case: the customer in whose name it was asked, and the answer. `ask` gets the customer,
    and the one it replaces where the one that was `known` is gone: another customer is another
    request, and needs another key.
    """
    customer, replaces = known or await _customer_of(tenant_id, buyer), None
    for _ in range(REPLACED_MAX):
        try:
            return customer, await ask(customer, replaces)
        except CustomerGone:
            replaces = customer
            customer = await _successor_of(tenant_id, customer, buyer)
    return customer, await ask(customer, replaces)


async def _customer_of(tenant_id: UUID, buyer: BillingProfileView) -> str:
    """The one that is known, else a new one, kept before anything is asked for in its name. Of two
    made at once the first that was kept is the customer; nobody uses the other.
    """
    async with tenant_scope(system(KEEPER, tenant_id)) as scope:
        known = await purchases.customer_id(scope)
    if known is not None:
        return known
    made = await _made(tenant_id, buyer, f"customer:{tenant_id}")
    point("billing.customer_made")
    async with tenant_scope(system(KEEPER, tenant_id)) as scope:
        await cards.keep_customer(scope, made, None)
        return await purchases.customer_id(scope) or made


async def _successor_of(tenant_id: UUID, gone: str, buyer: BillingProfileView) -> str:
    """Who died in between finds the customer by the same key."""
    async with tenant_scope(system(KEEPER, tenant_id)) as scope:
        known = await cards.customer_after(scope, gone)
    if known is not None:
        return known
    made = await _made(tenant_id, buyer, f"customer:{tenant_id}:{gone}")
    point("billing.customer_replaced")
    async with tenant_scope(system(KEEPER, tenant_id)) as scope:
        if await cards.keep_customer(scope, made, gone):
            await record(scope, "payment_customer.replaced", f"customer:{made}", replaces=gone)
        return await cards.customer_after(scope, gone) or made


async def _made(tenant_id: UUID, buyer: BillingProfileView, key: str) -> str:
    # A provider refuses a key that comes again with another name: the profile may have changed.
    said = hashlib.sha256(f"{buyer.company_name}\n{buyer.email}".encode()).hexdigest()[:16]
    return await payments().create_customer(
        tenant_id, buyer.company_name, buyer.email, key=f"{key}:{said}"
    )
