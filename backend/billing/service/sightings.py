"""The same bank reference for two tenants is one payment entered twice, more often than not."""

import unicodedata
from datetime import timedelta
from typing import Final
from uuid import UUID

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
    this tenant it says nothing: there a reference is unique anyway.
    """
    key = reference_key(reference)
    async with platform_scope(principal, "has this reference been entered before") as scope:
        await sightings.take_turn(scope, key)
        if await sightings.is_ours(scope, key, tenant_id):
            return
        since = scope.now - timedelta(hours=REFERENCE_SEEN_HOURS)
        rows = await sightings.earlier(scope, key, tenant_id, since, EARLIER_REFERENCES_MAX)
        if rows and not confirm_duplicate:
            found = [msgspec.convert(dict(row), EarlierReference) for row in rows]
            raise Conflict(
                "reference_seen",
                f"entered for another tenant in the last {REFERENCE_SEEN_HOURS} hours",
                reference=reference,
                earlier=found,
            )
        await sightings.note(scope, key, tenant_id, reference, amount_credits)
