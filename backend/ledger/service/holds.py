"""Credits reserved at dispatch, spent per window of messages, and given back."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.db.scope import Scope
from backend.kernel.credits import check_credits
from backend.kernel.errors import Conflict
from backend.kernel.faults import point
from backend.ledger.queries import reads, verbs
from backend.ledger.schemas import Hold, Posted
from backend.ledger.service.balance import balance
from backend.ledger.service.outcomes import posted, tell_fall
from backend.ledger.states import Outcome, TransferKind

EXTENSION_DAYS = 30
"""What failed through us and comes back to an expired lot lives this much longer (DESIGN §3.3)."""


async def place_hold(scope: Scope, reference: str, session_id: UUID | None, amount: int) -> Hold:
    """Reserve from the lots in the order they are consumed.

    Raises Conflict `insufficient_credits` with required, available and missing, `receivable_open`
    with `owed` besides while something is owed that no credit line covers.
    """
    row = await verbs.place_hold(scope, reference, session_id, check_credits(amount, "/amount"))
    if row["outcome"] == Outcome.RECEIVABLE_OPEN:
        owed = (await balance(scope)).receivable
        raise Conflict(
            Outcome.RECEIVABLE_OPEN.value,
            "what is owed has to be paid first",
            required=amount,
            available=row["available"],
            missing=owed + max(0, amount - row["available"]),  # the top-up that would do
            owed=owed,
        )
    await tell_fall(scope, posted(row, reference))
    point("ledger.held")
    return await hold(scope, row["hold_id"])


async def capture(scope: Scope, hold_id: UUID, amount: int, reference: str) -> Posted:
    """Spend from the hold. One round trip: called for every window of accepted messages.

    Raises Conflict `hold_exceeded` or `hold_closed`.
    """
    answer = posted(
        await verbs.capture(scope, hold_id, check_credits(amount, "/amount"), reference), reference
    )
    point("ledger.captured")
    return answer


def _extension(scope: Scope, failed_through_us: bool) -> datetime | None:
    return scope.now + timedelta(days=EXTENSION_DAYS) if failed_through_us else None


async def release(
    scope: Scope, hold_id: UUID, amount: int, reference: str, *, failed_through_us: bool = False
) -> Posted:
    """Give reserved credits back to their lots; to an expired lot they expire at once.

    Raises Conflict `hold_exceeded` or `hold_closed`.
    """
    row = await verbs.give_back(
        scope,
        TransferKind.RELEASED,
        hold_id,
        check_credits(amount, "/amount"),
        reference,
        extend_to=_extension(scope, failed_through_us),
        reason=None,
    )
    point("ledger.released")
    return posted(row, reference)


async def release_rest(
    scope: Scope, hold_id: UUID, reference: str, *, failed_through_us: bool = False
) -> Posted:
    """Release all that is open and close the hold; a second time nothing happens."""
    row = await verbs.give_back(
        scope,
        TransferKind.RELEASED,
        hold_id,
        None,
        reference,
        extend_to=_extension(scope, failed_through_us),
        reason=None,
    )
    point("ledger.released")
    return posted(row, reference)


async def return_spent(
    scope: Scope,
    hold_id: UUID,
    amount: int,
    reference: str,
    *,
    reason: str | None = None,
    failed_through_us: bool = False,
) -> Posted:
    """Spent credits back to their lots: undelivered messages where the price list says so.

    Raises Conflict `hold_exceeded` for more than was captured and not returned yet.
    """
    row = await verbs.give_back(
        scope,
        TransferKind.RETURNED,
        hold_id,
        check_credits(amount, "/amount"),
        reference,
        extend_to=_extension(scope, failed_through_us),
        reason=reason,
    )
    return posted(row, reference)


async def hold(scope: Scope, hold_id: UUID) -> Hold:
    return msgspec.convert(dict(await reads.hold(scope, hold_id)), Hold)
