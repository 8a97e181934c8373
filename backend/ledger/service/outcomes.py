"""What a verb's function answered, as a value or an error."""

import asyncpg
from msgspec.structs import replace

from backend.db.scope import Scope
from backend.kernel.errors import Conflict, NotFound
from backend.ledger.schemas import Posted
from backend.ledger.states import Outcome
from backend.outbox.service import announce
from backend.outbox.topics import Topic

_UNKNOWN = {Outcome.HOLD_NOT_FOUND, Outcome.TOP_UP_NOT_FOUND, Outcome.REFUND_NOT_FOUND}
_LEFT = {
    Outcome.REFUND_EXCEEDS_UNSPENT: "unspent",
    Outcome.REVERSAL_EXCEEDS_UNSPENT: "unspent",
    Outcome.LINE_IN_USE: "owed",
    Outcome.WRITE_OFF_EXCEEDS_OWED: "owed",
}
_BARE = {
    Outcome.NOT_REFUNDABLE,
    Outcome.ALREADY_RESTORED,
    Outcome.ALREADY_DISPUTED,
    Outcome.NOT_DISPUTED,
}


def posted(row: asyncpg.Record, reference: str) -> Posted:
    outcome = Outcome(row["outcome"])
    if outcome in (Outcome.DONE, Outcome.REPEATED):
        return Posted(
            row["transfer_id"], row["amount"], outcome is Outcome.REPEATED, row["available"]
        )
    if outcome in _UNKNOWN:
        raise NotFound
    if outcome is Outcome.REFERENCE_REUSED:
        raise Conflict(outcome.value, "another transfer has this reference", reference=reference)
    if outcome in _BARE:
        raise Conflict(outcome.value, reference=reference)
    if outcome in _LEFT:
        raise Conflict(outcome.value, requested=row["amount"], **{_LEFT[outcome]: row["available"]})
    raise Conflict(
        outcome.value,
        required=row["amount"],
        available=row["available"],
        missing=row["amount"] - row["available"],
    )


async def tell_fall(scope: Scope, done: Posted) -> None:
    """Announce what available was and is: the ledger's lock puts all its falls in one order."""
    if not done.is_repeated and done.left is not None and done.amount > 0:
        facts = {"before": done.left + done.amount, "after": done.left}
        await announce(scope, Topic.CREDITS_FELL, facts)


async def tell_rise(scope: Scope, done: Posted) -> None:
    """Announce that a session that waits for credits may be covered now."""
    if not done.is_repeated and done.amount > 0:
        await announce(scope, Topic.CREDITS_ADDED)


async def tell_line(scope: Scope, done: Posted) -> None:
    """A credit line that shrank is a fall, of what may be used."""
    await tell_rise(scope, done)
    await tell_fall(scope, replace(done, amount=-done.amount))
