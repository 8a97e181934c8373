"""Credits in, corrected and expired: the verbs that make and end lots."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.credits import check_credits
from backend.kernel.faults import point
from backend.kernel.principal import system
from backend.ledger.queries import reads, verbs
from backend.ledger.schemas import OpenLot, Posted
from backend.ledger.service.balance import balance
from backend.ledger.service.outcomes import posted, tell_fall
from backend.ledger.states import LotKind, TransferKind
from backend.outbox.service import announce
from backend.outbox.topics import Topic

LOT_PRIORITY_DEFAULT = 10
EXPIRE_LOTS_MAX = 100
EXPIRE_TENANTS_MAX = 200


async def _issued(scope: Scope, row: asyncpg.Record, reference: str) -> Posted:
    answer = posted(row, reference)
    if not answer.is_repeated:
        await announce(scope, Topic.CREDITS_ADDED)
    point("ledger.issued")
    return answer


async def top_up(
    scope: Scope,
    amount: int,
    reference: str,
    *,
    expires_at: datetime | None = None,
    reason: str | None = None,
    proof_file: UUID | None = None,
) -> Posted:
    """Bought credits, as a lot of kind `paid`."""
    row = await verbs.issue(
        scope,
        TransferKind.TOPPED_UP,
        LotKind.PAID,
        check_credits(amount),
        reference,
        priority=LOT_PRIORITY_DEFAULT,
        expires_at=expires_at,
        reason=reason,
        proof_file=proof_file,
    )
    return await _issued(scope, row, reference)


async def grant(
    scope: Scope,
    amount: int,
    reference: str,
    *,
    kind: LotKind = LotKind.PROMOTIONAL,
    priority: int = LOT_PRIORITY_DEFAULT,
    expires_at: datetime | None = None,
    reason: str | None = None,
) -> Posted:
    """Given credits: `promotional`, or `granted` to make good."""
    row = await verbs.issue(
        scope,
        TransferKind.GRANTED,
        kind,
        check_credits(amount),
        reference,
        priority=priority,
        expires_at=expires_at,
        reason=reason,
        proof_file=None,
    )
    return await _issued(scope, row, reference)


async def is_issued(scope: Scope, reference: str) -> bool:
    """Whether a top-up or grant with this reference stands: another would only repeat it."""
    return await reads.is_posted(scope, reference)


async def adjust(scope: Scope, amount: int, reference: str, reason: str) -> Posted:
    """A correction: credits added as a lot (amount > 0) or taken from the lots (amount < 0).

    Raises Conflict `insufficient_credits` where less is available than should be taken.
    """
    check_credits(abs(amount), "/amount_credits")
    if amount < 0:
        taken = posted(await verbs.withdraw(scope, -amount, reference, reason), reference)
        await tell_fall(scope, taken)
        return taken
    row = await verbs.issue(
        scope,
        TransferKind.ADJUSTED,
        LotKind.GRANTED,
        amount,
        reference,
        priority=LOT_PRIORITY_DEFAULT,
        expires_at=None,
        reason=reason,
        proof_file=None,
    )
    return await _issued(scope, row, reference)


async def open_lots(scope: Scope) -> list[OpenLot]:
    """A step: what may be spent, in the order a hold takes it. Sums to the available balance."""
    return [msgspec.convert(dict(row), OpenLot) for row in await reads.open_lots(scope)]


async def expire_due(scope: Scope) -> int:
    """Expire the unreserved parts of lots past their day, oldest first; returns the credits.

    At most EXPIRE_LOTS_MAX lots; call again until it answers 0.
    """
    return await verbs.expire_due(scope, EXPIRE_LOTS_MAX)


async def expire_lots() -> int:
    """The clock's sweep: every tenant with a lot past its day; returns the credits expired."""
    async with platform_scope(system("expire lots"), "expire lots") as scope:
        tenants = await reads.tenants_with_due_lots(scope, EXPIRE_TENANTS_MAX)
    total = 0
    for tenant_id in tenants:
        async with tenant_scope(system("expire lots", tenant_id)) as scope:
            expired = await expire_due(scope)
            left = (await balance(scope)).available
            # Where another clock was faster nothing fell, and no level is crossed by that.
            await announce(scope, Topic.CREDITS_FELL, {"before": left + expired, "after": left})
            total += expired
    return total
