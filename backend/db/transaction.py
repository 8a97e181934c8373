"""One transaction on one pooled connection, given back whatever happens.

Piccolo's own leaks the connection and leaves its context variable set when COMMIT fails, and its
nested transactions silently join; both were reproduced. Piccolo queries inside ours run on our
connection, because they look at the same context variable.
"""

from types import TracebackType
from typing import Any, Self

import asyncpg
from piccolo.engine.postgres import PostgresTransaction

from backend.db.engine import DATABASE
from backend.kernel.errors import InvalidInput, Unavailable

ACQUIRE_TIMEOUT_SECONDS = 5
RETRY_AFTER_SECONDS = 2
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
)
"""What a statement raises when the server or the line to it is gone; the driver's internal error
where it has read the server's farewell and not yet the end of the line.
"""


class CommitRefused(RuntimeError):
    """An earlier statement had failed and somebody swallowed its error."""


class Transaction(PostgresTransaction):
    connection: asyncpg.Connection

    def __init__(self, prelude: str) -> None:
        super().__init__(DATABASE)
        self.prelude = prelude

    async def __aenter__(self) -> Self:
        if self._parent is not None:
            raise RuntimeError("a scope is already open here: pass it on, do not open another")
        if DATABASE.pool is None:
            raise RuntimeError("the database is not open")
        try:
            self.connection = await DATABASE.pool.acquire(timeout=ACQUIRE_TIMEOUT_SECONDS)
        except (TimeoutError, OSError, asyncpg.PostgresConnectionError) as error:
            raise Unavailable("database_unavailable", "the database does not answer") from error
        try:
            await self.connection.execute(self.prelude)
        except BaseException as error:
            await DATABASE.pool.release(self.connection)
            if isinstance(error, LOST):
                raise _lost() from error
            raise
        self.context = DATABASE.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        DATABASE.current_transaction.reset(self.context)
        try:
            if not self.connection.is_closed():
                tag = await self.connection.execute("ROLLBACK" if exception_type else "COMMIT")
                if exception_type is None and tag != "COMMIT":
                    raise CommitRefused(tag)
            elif exception_type is None or issubclass(exception_type, LOST):
                raise _lost() from exception
        except LOST as error:
            # Whether a COMMIT took effect is unknown: the same idempotency key finds the truth.
            raise _lost() from error
        finally:
            pool: Any = DATABASE.pool
            await pool.release(self.connection)
        if _is_beyond(exception):
            raise InvalidInput(
                "value_out_of_range", "a moment or number beyond what can be stored"
            ) from exception
        return False


def _is_beyond(exception: BaseException | None) -> bool:
    """Before anything was sent: a year 1 that lies before it in UTC, a number of too many bits."""
    is_refused = isinstance(exception, asyncpg.DataError)
    return is_refused and isinstance(getattr(exception, "__cause__", None), OverflowError)


def _lost() -> Unavailable:
    return Unavailable(
        "database_unavailable",
        "the connection to the database was lost; send the same request again",
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )
