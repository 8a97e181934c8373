"""The credit line: what a hold needs beyond the lots comes from it, the next top-up repays it."""

from backend.db.scope import Scope
from backend.kernel.credits import TRANSFER_CREDITS_MAX, check_credits
from backend.ledger.queries import decisions
from backend.ledger.schemas import Posted
from backend.ledger.service.outcomes import posted, tell_line


async def set_credit_line(scope: Scope, limit: int, reference: str, reason: str) -> Posted:
    """`limit` credits may be used before they are bought; 0 ends it.

    `amount` is the change, of a repeated call the limit; `left` is what may be used now.
    Raises Conflict `line_in_use` with requested and owed below what is used and reserved of it.
    """
    if limit != 0:
        check_credits(limit, "/credit_line", credits_max=TRANSFER_CREDITS_MAX)
    answer = posted(await decisions.set_line(scope, limit, reference, reason), reference)
    await tell_line(scope, answer)
    return answer
