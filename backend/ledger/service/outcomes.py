"""What a verb's function answered, as a value or an error."""

import asyncpg

from backend.db.scope import Scope
from backend.kernel.errors import Conflict, NotFound
from backend.ledger.schemas import Posted
from backend.ledger.states import Outcome
from backend.outbox.service import announce
from backend.outbox.topics import Topic


def posted(row: asyncpg.Record, reference: str) -> Posted:
    outcome = Outcome(row["outcome"])
    if outcome in (Outcome.DONE, Outcome.REPEATED):
        return Posted(
            row["transfer_id"], row["amount"], outcome is Outcome.REPEATED, row["available"]
        )
    if outcome is Outcome.HOLD_NOT_FOUND:
        raise NotFound
    if outcome is Outcome.REFERENCE_REUSED:
        raise Conflict(outcome.value, "another transfer has this reference", reference=reference)
    raise Conflict(
        outcome.value,
        required=row["amount"],
        available=row["available"],
        missing=row["amount"] - row["available"],
    )


async def tell_fall(scope: Scope, done: Posted) -> None:
    """Announce what available was and is: the ledger's lock puts all its falls in one order."""
    if not done.is_repeated and done.left is not None:
        facts = {"before": done.left + done.amount, "after": done.left}
        await announce(scope, Topic.CREDITS_FELL, facts)
