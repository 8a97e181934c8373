"""The payment of a lot is disputed: opened, won or lost; and what is owed afterwards.

While a dispute is open nothing of its lot can be used, also what comes back to it. When it is lost
the used part is owed (`receivable`): new holds are refused unless a credit line covers them, and
the next top-up pays it first. What was held at that moment is owed when it is used, and gone when
it is released.
"""

from backend.db.scope import Scope
from backend.kernel.credits import check_credits
from backend.ledger.queries import decisions
from backend.ledger.schemas import Posted
from backend.ledger.service.outcomes import posted, tell_fall, tell_rise


async def freeze_top_up(
    scope: Scope, top_up_reference: str, reference: str, *, reason: str | None = None
) -> Posted:
    """Dispute opened. `amount` is what could be frozen, 0 where all is used or reserved.

    Raises Conflict `already_disputed` under another reference, NotFound for an unknown top-up.
    """
    row = await decisions.freeze(scope, top_up_reference, reference, reason)
    answer = posted(row, reference)
    await tell_fall(scope, answer)
    return answer


async def thaw_top_up(
    scope: Scope, top_up_reference: str, reference: str, *, reason: str | None = None
) -> Posted:
    """Dispute won: back to the lot, where it expires at once if the lot did meanwhile.

    Raises Conflict `not_disputed`, NotFound for an unknown top-up.
    """
    row = await decisions.thaw(scope, top_up_reference, reference, reason)
    answer = posted(row, reference)
    await tell_rise(scope, answer)
    return answer


async def reverse_top_up(
    scope: Scope, top_up_reference: str, reference: str, *, reason: str | None = None
) -> Posted:
    """Dispute lost. `amount` is what was reversed at once: the frozen and the used part.

    Raises Conflict `not_disputed`, NotFound for an unknown top-up.
    """
    return posted(await decisions.lose(scope, top_up_reference, reference, reason), reference)


async def write_off(scope: Scope, amount: int, reference: str, reason: str) -> Posted:
    """What is owed and will not be paid. `left` is what is still owed.

    Raises Conflict `write_off_exceeds_owed` with requested and owed.
    """
    check_credits(amount, "/amount_credits")
    answer = posted(await decisions.write_off(scope, amount, reference, reason), reference)
    await tell_rise(scope, answer)
    return answer
