"""Which names a text may use."""

from backend.audience.queries import groups
from backend.db.scope import Scope

BUILT_IN_NAMES = frozenset({"name", "email", "external_id", "language", "phone"})
"""What every subscriber has a place for, beside the tenant's own attributes."""


async def known_names(scope: Scope) -> frozenset[str]:
    """Lookup keys of the tenant's attributes and the built-in ones: a step."""
    return BUILT_IN_NAMES | {row["name"] for row in await groups.attributes(scope)}
