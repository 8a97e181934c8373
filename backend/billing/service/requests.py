"""Rows of a request that calls out in the middle: the same request finds the row it left."""

from uuid import UUID, uuid5

from backend.db.scope import Scope

_BY_KEY = UUID("6f1f9a3e-9a0f-5c57-9a52-6b0d4b2f6f5e")
"""Namespace of ids made from an idempotency key, which must stay the same for ever."""


def id_of_request(scope: Scope) -> UUID | None:
    """None without an idempotency key: then every request is another one."""
    asked = scope.principal.idempotency
    if asked is None:
        return None
    return uuid5(_BY_KEY, f"{scope.tenant_id}|{scope.principal.actor}|{asked.key}")
