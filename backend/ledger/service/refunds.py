"""Money that goes back for credits, and top-ups that should never have been."""

from datetime import timedelta

from backend.db.scope import Scope
from backend.kernel.credits import check_credits
from backend.ledger.queries import decisions
from backend.ledger.schemas import Posted
from backend.ledger.service.holds import EXTENSION_DAYS
from backend.ledger.service.outcomes import posted, tell_fall, tell_rise


async def unspent(scope: Scope, top_up_reference: str) -> int:
    """Credits of that very lot that are neither used nor reserved, expired or disputed.

    Raises NotFound where no top-up or grant has this reference.
    """
    left: int = (await decisions.unspent(scope, top_up_reference))["unspent"]
    return left


async def refund(
    scope: Scope, top_up_reference: str, amount: int, reference: str, reason: str
) -> Posted:
    """Credits of that very lot go, because their money does.

    Raises Conflict `refund_exceeds_unspent` with requested and unspent, `not_refundable` for
    credits that nobody bought, NotFound for an unknown top-up.
    """
    check_credits(amount, "/amount_credits")
    row = await decisions.refund(scope, top_up_reference, amount, reference, reason)
    answer = posted(row, reference)
    await tell_fall(scope, answer)
    return answer


async def restore(scope: Scope, refund_reference: str, reference: str, reason: str) -> Posted:
    """The refund failed at the bank: all its credits come back to their lot, once.

    That they were away past their day was no choice of the tenant: an expired lot lives on for
    EXTENSION_DAYS. Raises Conflict `already_restored`, NotFound for an unknown refund.
    """
    until = scope.now + timedelta(days=EXTENSION_DAYS)
    row = await decisions.restore(scope, refund_reference, reference, reason, until)
    answer = posted(row, reference)
    await tell_rise(scope, answer)
    return answer


async def reverse(scope: Scope, top_up_reference: str, reference: str, reason: str) -> Posted:
    """A top-up or grant entered by mistake goes, as an adjustment, if all of it is still there.

    Raises Conflict `reversal_exceeds_unspent` with requested and unspent, NotFound.
    """
    row = await decisions.reverse(scope, top_up_reference, reference, reason)
    answer = posted(row, reference)
    await tell_fall(scope, answer)
    return answer
