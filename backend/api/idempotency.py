"""`Idempotency-Key`: what the client's key was used for. The row is the scope's to write.

Optional for everybody, honoured on every POST, PUT, PATCH and DELETE: the same key with the same
request gives the stored answer, with another request 422, while the first still runs 409.
"""

import hashlib
import re
from typing import Final

from msgspec.structs import replace

from backend.api.auth import Connection
from backend.api.bodies import StrictRequest, body_kind
from backend.api.context import Caller, caller_of, set_caller
from backend.kernel.errors import MalformedInput
from backend.kernel.principal import Idempotency

IDEMPOTENCY_HEADER: Final = "idempotency-key"
IDEMPOTENCY_KEY_LIMIT_CHARS: Final = 255
_KEY: Final = re.compile(rf"[\x20-\x7e]{{1,{IDEMPOTENCY_KEY_LIMIT_CHARS}}}")
_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def request_hash(method: str, path: str, query: bytes, body: bytes) -> str:
    """SHA-256 (hex). Lengths are hashed too, so no two requests run into each other."""
    digest = hashlib.sha256()
    for part in (method.encode(), path.encode(), query, body):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


async def read_idempotency(connection: Connection, _: object) -> None:
    """A guard, after `check_body`: puts the key into the caller and its principal."""
    if not isinstance(connection, StrictRequest) or connection.method not in _METHODS:
        return
    given = connection.headers.getall(IDEMPOTENCY_HEADER, [])
    if not given:
        return
    if len(given) > 1 or not _KEY.fullmatch(given[0]) or not given[0].strip():
        raise MalformedInput(
            "idempotency_key_invalid",
            "One Idempotency-Key of 1 to 255 printable ASCII characters.",
            limit_characters=IDEMPOTENCY_KEY_LIMIT_CHARS,
        )
    # A streamed upload is not in memory; its own checks tell two files apart.
    streamed = body_kind(connection.route_handler) == "stream"
    found = Idempotency(
        key=given[0],
        operation=str(connection.route_handler.operation_id),
        request_hash=request_hash(
            connection.method,
            connection.scope["path"],
            connection.scope.get("query_string", b""),
            b"" if streamed else await connection.body(),
        ),
    )
    set_caller(connection.scope, _with(caller_of(connection.scope), found))


def _with(caller: Caller, idempotency: Idempotency) -> Caller:
    principal = caller.principal
    if principal is not None:
        principal = replace(principal, idempotency=idempotency)
    return replace(caller, idempotency=idempotency, principal=principal)
