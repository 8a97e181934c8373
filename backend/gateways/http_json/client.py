"""One provider over HTTP: requests that know whether a byte of them left.

The client's engine is used directly: its trace says when the head begins to be written, which is
the line between *not written* and *in doubt*, and its network backend is where hosts are looked at.
Redirects are not followed and nothing is repeated.
"""

import ssl
from typing import Any, Final

import httpcore
import msgspec

from backend.gateways.config import HttpJsonConfig
from backend.gateways.hosts import GuardedBackend
from backend.gateways.http_json.protocol import RESPONSE_BYTES_MAX
from backend.gateways.port import clock_seconds
from backend.kernel import faults

KEEP_ALIVE_SECONDS: Final = 30.0
USER_AGENT: Final = b"Clearsend"
RETRY_AFTER_SECONDS_MAX: Final = 300.0
CODE_OF: Final[dict[type[Exception], str]] = {
    httpcore.ConnectTimeout: "connect_timeout",
    httpcore.ConnectError: "connect_failed",
    httpcore.PoolTimeout: "connections_busy",
    httpcore.ReadTimeout: "response_timeout",
    httpcore.WriteTimeout: "write_timeout",
    httpcore.ReadError: "connection_lost",
    httpcore.WriteError: "connection_lost",
    httpcore.RemoteProtocolError: "malformed_response",
}


class Sent(msgspec.Struct):
    """One request while it runs and after."""

    write_before: float | None = None
    """By `clock_seconds`."""
    was_written: bool = False


class Response(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    retry_after_seconds: float | None


class NoAnswer(Exception):
    """`code` says how; whether a byte left is told by `Sent.was_written`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Client:
    def __init__(self, config: HttpJsonConfig, *, may_reach_private: bool) -> None:
        self._config = config
        self._url = config.url.rstrip("/")
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=config.requests_in_flight_max + 1,  # one for questions
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=GuardedBackend(may_reach_private=may_reach_private),
        )

    async def ask(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        *,
        key: str = "",
        sent: Sent | None = None,
    ) -> Response:
        """Raises NoAnswer."""
        sent = sent or Sent()

        async def trace(event: str, _: dict[str, Any]) -> None:
            if event.endswith(".send_request_headers.started"):
                if sent.write_before is not None and clock_seconds() > sent.write_before:
                    raise NoAnswer("claim_too_old")
                faults.point("wire.write")
                sent.was_written = True

        config = self._config
        timeouts = {
            "connect": config.connect_timeout_seconds,
            "pool": config.connect_timeout_seconds,
            "read": config.response_timeout_seconds,
            "write": config.response_timeout_seconds,
        }
        headers = [
            (b"Authorization", b"Bearer " + config.secret.encode("latin-1", "replace")),
            (b"Accept", b"application/json"),
            (b"User-Agent", USER_AGENT),
        ]
        if content is not None:
            headers.append((b"Content-Type", b"application/json"))
        if key:
            headers.append((b"Idempotency-Key", key.encode()))
        try:
            async with self._pool.stream(
                method,
                self._url + path,
                headers=headers,
                content=content,
                extensions={"timeout": timeouts, "trace": trace},
            ) as response:
                return await _read(response)
        except NoAnswer:
            raise
        except tuple(CODE_OF) as error:
            raise NoAnswer(CODE_OF[type(error)]) from error
        except (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError, OSError) as error:
            raise NoAnswer(type(error).__name__) from error

    async def close(self) -> None:
        await self._pool.aclose()


async def _read(response: httpcore.Response) -> Response:
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > RESPONSE_BYTES_MAX:
            raise NoAnswer("response_too_long")
    after = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
    # The other form is a date of a clock that is not ours: then the usual pause has to do.
    seconds = min(float(after), RETRY_AFTER_SECONDS_MAX) if after.isdigit() else None
    return Response(response.status, bytes(body), seconds)
