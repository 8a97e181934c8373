"""Names: those a text may use, and those of groups by their id."""

from collections.abc import Collection
from uuid import UUID

from backend.audience.queries import groups, targets
from backend.db.scope import Scope

BUILT_IN_NAMES = frozenset({"name", "email", "external_id", "language", "phone"})
"""What every subscriber has a place for, beside the tenant's own attributes."""


async def known_names(scope: Scope) -> frozenset[str]:
    """Lookup keys of the tenant's attributes and the built-in ones: a step."""
    return BUILT_IN_NAMES | {row["name"] for row in await groups.attributes(scope)}


async def names_of_groups(scope: Scope, ids: Collection[UUID]) -> dict[UUID, str]:
    """A step: of groups and target groups that are still there."""
    if not ids:
        return {}
    wanted = sorted(ids)
    rows = await groups.known_groups(scope, wanted)
    rows += await targets.known_targets(scope, wanted)
    return {row["id"]: row["name"] for row in rows}
