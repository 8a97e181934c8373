"""Who an actor is: rows keep `kind:id`, and people read names."""

from collections.abc import Sequence
from uuid import UUID

from backend.db.scope import Scope
from backend.identity.queries import tenants
from backend.kernel.principal import PrincipalKind

_PEOPLE = {PrincipalKind.MEMBER.value, PrincipalKind.STAFF.value}
_KEYS = {PrincipalKind.API_KEY.value}


async def actor_names(scope: Scope, actors: Sequence[str]) -> dict[str, str]:
    """In a platform scope: the present name of each person and API key. Nothing of the product
    itself, and nothing of what is no actor.
    """
    people, keys = _ids_of(actors, _PEOPLE), _ids_of(actors, _KEYS)
    accounts = await tenants.account_names(scope, list(people.values()))
    names = {actor: accounts[one]["name"] for actor, one in people.items() if one in accounts}
    known = await tenants.key_names(scope, list(keys.values())) if keys else {}
    return names | {actor: known[one] for actor, one in keys.items() if one in known}


def _ids_of(actors: Sequence[str], kinds: set[str]) -> dict[str, UUID]:
    found = {}
    for actor in actors:
        kind, _, text = actor.partition(":")
        if kind in kinds:
            try:
                found[actor] = UUID(text)
            except ValueError:
                continue
    return found
