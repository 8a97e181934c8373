"""Steps for who reads replies: what a word of the person's own changes, and whom they hear from."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.audience.queries import contacts
from backend.audience.service.contacts import opt_in
from backend.audience.states import EVERY_SENDER, OptOutSource
from backend.audit.service import record
from backend.db.scope import Scope
from backend.kernel.ids import uuid7

is_opted_out = contacts.is_opted_out


async def stop_by_word(scope: Scope, phone: str, sender: str, evidence: str) -> bool:
    """From this commit on no window claimed holds `phone` from `sender`. False: it was in force,
    so what was said is kept and nothing changes.
    """
    event_id, source = uuid7(), OptOutSource.KEYWORD.value
    await contacts.add_opt_out_event(
        scope, event_id, phone, sender=sender, kind="out", source=source, evidence=evidence
    )
    is_new = await contacts.put_opt_out(scope, event_id, phone, sender, source)
    if is_new:
        await record(scope, "opt_out.created", f"opt_out:{event_id}", source=source)
    return is_new


async def start_by_word(scope: Scope, phone: str, sender: str, evidence: str) -> bool:
    """Lifts the opt-out from this sender and from every sender: nobody else may lift the second,
    and whoever asks to hear from a company again has said so to all of it. False: none stood.
    """
    is_lifted = False
    for one in (sender, EVERY_SENDER):
        # The event of a START that lifts nothing is evidence too, of the sender it was said to.
        if one == sender or await contacts.is_opted_out(scope, phone, one):
            is_lifted |= await opt_in(scope, phone, one, evidence=evidence)
    if is_lifted:
        await record(scope, "opt_out.lifted", f"opt_out:{evidence}")
    return is_lifted


async def tenants_in_contact(
    scope: Scope, phones: Sequence[str], since: datetime
) -> dict[str, list[UUID]]:
    """Step in a platform scope: phone → tenants a message of which was accepted for it."""
    found: dict[str, list[UUID]] = {}
    for row in await contacts.tenants_in_contact(scope, phones, since):
        found.setdefault(row["phone"], []).append(row["tenant_id"])
    return found
