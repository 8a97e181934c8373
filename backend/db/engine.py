"""One engine per process. Outside a scope its login role may read nothing."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import asyncpg
import msgspec
from piccolo.engine.postgres import PostgresEngine

POOL_CONNECTIONS_MIN = 1
POOL_CONNECTIONS_MAX = 10
STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000


def _encode_json(value: Any) -> str:
    # Piccolo hands over encoded text; we hand over the value. No bare string is ever stored.
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_json, decoder=msgspec.json.decode
    )


async def _keep_session(connection: asyncpg.Connection) -> None:
    # Scopes only ever SET LOCAL, so there is nothing to reset; saves a round trip per scope.
    del connection


# What is planned where a partition is still empty would else read it whole for ever after.
_PLANNED_ONCE: Final = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}

_BUILT_IN_OIDS_END = 12_000
"""Below, a type is the same in every database of a major version (FirstUnpinnedObjectId): from
there on initdb gives numbers away as it goes, and another server's may differ."""
_known_types: dict[tuple[int, int], list[asyncpg.Record]] = {}


class Connection(asyncpg.Connection):  # type: ignore[misc] # untyped
    """Asks the server about a built-in type once a process, not once a connection: the question
    takes 10 ms, nearly all of it planning, and every array of numbers or ids asks it.
    """

    async def _introspect_types(
        self, typeoids: Iterable[int], timeout: float
    ) -> tuple[list[asyncpg.Record], Any]:
        if any(oid >= _BUILT_IN_OIDS_END for oid in typeoids):
            return await super()._introspect_types(typeoids, timeout)  # type: ignore[no-any-return] # untyped
        major = self.get_server_version().major
        types: list[asyncpg.Record] = []
        statement: Any = _NOT_ASKED
        for oid in typeoids:
            known = _known_types.get((major, oid))
            if known is None:
                known, statement = await super()._introspect_types((oid,), timeout)
                _known_types[major, oid] = known
            types += known
        return types, statement


class _Statement(NamedTuple):
    """As the driver sees one: it had a name, so the anonymous statement still stands."""

    name: str


_NOT_ASKED = _Statement("known")


class Engine(PostgresEngine):
    """Piccolo's engine without its habits at import: no version query, no CREATE EXTENSION."""

    def __init__(self) -> None:
        super().__init__(config={}, extensions=())

    async def check_version(self) -> None:
        return

    async def prep_database(self) -> None:
        return

    async def open(
        self,
        url: str,
        *,
        connections_max: int = POOL_CONNECTIONS_MAX,
        statement_timeout_ms: int = STATEMENT_TIMEOUT_MS,
        plans_once: bool = False,
    ) -> None:
        """Raises OSError or asyncpg.PostgresError when the server cannot be reached. `plans_once`:
        a statement is planned once a connection, whatever its parameters; for processes whose
        frequent statements are asserted to read the same either way, planned when empty or full.
        """
        self.config = {
            "dsn": url,
            "server_settings": {
                "application_name": "clearsend",
                "timezone": "UTC",
                "statement_timeout": str(statement_timeout_ms),
                "lock_timeout": str(LOCK_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": "60000",
                # Compiling pays for queries of seconds; ours are of milliseconds.
                "jit": "off",
                **(_PLANNED_ONCE if plans_once else {}),
            },
        }
        options: dict[str, Any] = {
            "min_size": POOL_CONNECTIONS_MIN,
            "max_size": connections_max,
            "reset": _keep_session,
            "connection_class": Connection,
            "init": _prepare,
        }
        await self.start_connection_pool(**options)

    @property
    def is_open(self) -> bool:
        return self.pool is not None

    async def close(self) -> None:
        if self.pool is not None:
            await self.close_connection_pool()


DATABASE = Engine()
