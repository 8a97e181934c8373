"""The simulator's HTTP side: handsets to look at, and the switches tests and people turn.

A few lines of HTTP/1.1 on the standard library: the simulator must not need the web stack it
helps to test. Loopback only, one request per connection.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from backend.gateways.simulator import script as scripts
from backend.gateways.simulator.carrier import Carrier
from backend.gateways.simulator.connection import Connection
from backend.gateways.simulator.deliveries import Reply, delivery_of
from backend.gateways.simulator.http_face import PREFIX, HttpFace, HttpReply, HttpRequest
from backend.kernel.errors import ClearsendError, InvalidInput, NotFound

REQUEST_BYTES_MAX: Final = 65_536
MESSAGES_BYTES_MAX: Final = 4_194_304
REQUEST_SECONDS_MAX: Final = 10.0
_PAGE: Final = Path(__file__).with_name("handsets.html")
_REASONS: Final = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}


class Control:
    def __init__(self, carrier: Carrier, connections: set[Connection], face: HttpFace) -> None:
        self._carrier = carrier
        self._face = face
        self._connections = connections
        self._routes: dict[tuple[str, str], Callable[[bytes], object]] = {
            ("GET", "/handsets.json"): lambda _: carrier.handsets.shown(),
            ("GET", "/stats.json"): lambda _: carrier.stats(),
            ("GET", "/script"): lambda _: carrier.script,
            ("POST", "/script"): self._change_script,
            ("POST", "/drop"): self._drop,
            ("POST", "/reply"): self._reply,
        }

    def _change_script(self, body: bytes) -> object:
        self._carrier.use(scripts.changed(self._carrier.script, body))
        return self._carrier.script

    def _drop(self, _: bytes) -> object:
        connections = list(self._connections)
        for connection in connections:
            connection.drop()
        return {"dropped": len(connections)}

    def _reply(self, body: bytes) -> object:
        try:
            reply = msgspec.json.decode(body, type=Reply)
        except msgspec.DecodeError as error:
            raise InvalidInput("reply_invalid", str(error)) from None
        systems = {line.system_id for line in self._carrier.lines if line.can_receive}
        if reply.system_id is not None:
            systems = {reply.system_id}
        deliveries = [delivery_of(reply, system_id) for system_id in sorted(systems)]
        self._carrier.handsets.replied(reply.number, reply.to, reply.text)
        self._carrier.deliver(deliveries)
        return {"sent": len(deliveries)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS_MAX):
                reply = await self._answer(reader)
            if reply.delay_seconds:
                await asyncio.sleep(reply.delay_seconds)
            if reply.is_never:
                await reader.read()  # until whoever asked has had enough
            elif not reply.is_dropped:
                async with asyncio.timeout(REQUEST_SECONDS_MAX):
                    await _write(writer, reply)
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has gone
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> HttpReply:
        try:
            request = await _request(reader)
            if request.path.startswith(f"{PREFIX}/"):
                return self._face.answer(request)
            if request[:2] == ("GET", "/"):
                kind = ("Content-Type", "text/html; charset=utf-8")
                return HttpReply(200, _PAGE.read_bytes(), (kind,))
            route = self._routes.get((request.method, request.path))
            if route is None:
                return HttpReply(404, _problem(NotFound(detail="no such page")))
            return HttpReply(200, msgspec.json.encode(route(request.body)))
        except ClearsendError as error:
            return HttpReply(400, _problem(error))


async def _write(writer: asyncio.StreamWriter, reply: HttpReply) -> None:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(reply.body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
        **dict(reply.headers),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Answer')}\r\n{lines}\r\n"
    body = reply.body[: len(reply.body) // 2] if reply.is_half else reply.body
    writer.write(head.encode() + body)
    await writer.drain()


async def _request(reader: asyncio.StreamReader) -> HttpRequest:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError:
        raise InvalidInput("request_too_large", "the request head is too long") from None
    first, *lines = head.split("\r\n")
    method, _, rest = first.partition(" ")
    headers = {n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
    # A page of another site must not turn our switches from a developer's browser.
    if "origin" in headers and headers["origin"] != f"http://{headers.get('host')}":
        raise InvalidInput("origin_foreign", "requests come from this page only")
    path = rest.partition(" ")[0].partition("?")[0]
    bytes_max = MESSAGES_BYTES_MAX if path.startswith(f"{PREFIX}/") else REQUEST_BYTES_MAX
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > bytes_max:
        raise InvalidInput("request_too_large", "the request body is too long")
    return HttpRequest(method, path, headers, await reader.readexactly(int(length)))


def _problem(error: ClearsendError) -> bytes:
    return msgspec.json.encode({"code": error.code, "detail": error.detail})
