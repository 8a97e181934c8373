"""The same bank reference for two tenants is one payment entered twice, more often than not."""

import unicodedata
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.billing.desk_states import EARLIER_REFERENCES_MAX, REFERENCE_SEEN_HOURS
from backend.billing.queries import sightings
from backend.billing.schemas.top_ups import EarlierReference
from backend.db.scope import platform_scope
from backend.kernel.errors import Conflict
from backend.kernel.principal import Principal

KEY_CHARACTERS_MAX: Final = 100


def reference_key(reference: str) -> str:
    """What two clerks type for one reference: letters and digits, without case."""
    folded = unicodedata.normalize("NFKC", reference).casefold()
    key = "".join(character for character in folded if character.isalnum())
    return (key or folded)[:KEY_CHARACTERS_MAX]


async def note_reference(
    principal: Principal,
    tenant_id: UUID,
    reference: str,
    amount_credits: int,
    *,
    confirm_duplicate: bool,
) -> None:
    """Before the top-up, in a transaction of its own: of two at once the second sees the first.

    Raises Conflict `reference_seen` with the earlier ones of other tenants, unless confirmed. Of
    this tenant's own it names, however long ago, those that were taken back and those written in
    another way: what stands as it is written is refused where it is entered, for there a reference
    is unique.
    """
    key = reference_key(reference)
    async with platform_scope(principal, "has this reference been entered before") as scope:
        await sightings.take_turn(scope, key)
        if await sightings.is_ours(scope, key, tenant_id):
            if not confirm_duplicate:
                rows = await sightings.reversed_ones(
                    scope, key, tenant_id, reference, EARLIER_REFERENCES_MAX
                )
                _check_none(rows, reference, "a top-up with this reference was taken back")
                rows = await sightings.spelt_otherwise(
                    scope, key, tenant_id, reference, EARLIER_REFERENCES_MAX
                )
                _check_none(rows, reference, "this reference was entered, written otherwise")
            return
        since = scope.now - timedelta(hours=REFERENCE_SEEN_HOURS)
        rows = await sightings.earlier(scope, key, tenant_id, since, EARLIER_REFERENCES_MAX)
        if not confirm_duplicate:
            said = f"entered for another tenant in the last {REFERENCE_SEEN_HOURS} hours"
            _check_none(rows, reference, said)
        await sightings.note(scope, key, tenant_id, reference, amount_credits)


def _check_none(rows: list[asyncpg.Record], reference: str, message: str) -> None:
    if rows:
        found = [msgspec.convert(dict(row), EarlierReference) for row in rows]
        raise Conflict("reference_seen", message, reference=reference, earlier=found)
