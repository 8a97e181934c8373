"""The carrier over HTTP JSON (docs/http_gateway.md): the same fates and the same truth log.

Standard library only, like the rest of the simulator; the words of the dialect are written out
here again, so that a mistake in the client's is not shared.
"""

import asyncio
import hmac
from collections import OrderedDict
from typing import Any, Final, NamedTuple

import msgspec

from backend.gateways.simulator import fates
from backend.gateways.simulator.carrier import Accepted, Carrier
from backend.gateways.simulator.http_callbacks import CallbackLine
from backend.gateways.simulator.script import Script
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.concatenation import Part, udh
from backend.gateways.smpp.pdu import Message
from backend.sms.encoding import encode_gsm7_unpacked

PREFIX: Final = "/v1"
ANSWERS_KEPT_MAX: Final = 10_000
_CODES: Final = {
    c.STATUS_INVALID_DESTINATION: "invalid_destination",
    c.STATUS_THROTTLED: "throttled",
    c.STATUS_QUEUE_FULL: "queue_full",
}
_WORSE_LAST: Final = (fates.AT_ONCE, fates.AFTER_RECEIPT, fates.LATE, fates.NEVER, fates.DROP)


class _MessageIn(msgspec.Struct, gc=False):
    ref: str
    to: str
    sender: str = msgspec.field(name="from")
    parts: list[str]
    encoding: str
    reference: str = ""
    wants_receipt: bool = True


class _RequestIn(msgspec.Struct):
    messages: list[_MessageIn]
    callback_url: str = ""


class HttpRequest(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class HttpReply(NamedTuple):
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    delay_seconds: float = 0.0
    is_half: bool = False
    is_never: bool = False
    is_dropped: bool = False


def _json(status: int, said: Any, *headers: tuple[str, str]) -> HttpReply:
    return HttpReply(status, msgspec.json.encode(said), headers)


class HttpFace:
    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._answers: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lines: dict[str, CallbackLine] = {}
        self._concatenation = 0
        self._faulty: tuple[Script, int] = (carrier.script, 0)
        """Requests that met the script's fault since it was set."""

    def answer(self, request: HttpRequest) -> HttpReply:
        system_id = self._account(request.headers.get("authorization", ""))
        if system_id is None:
            return _json(401, {"code": "unauthorized", "accepted": False})
        path = request.path.removeprefix(PREFIX)
        if self._carrier.script.is_silent:
            return HttpReply(200, b"", is_never=True)
        if (request.method, path) == ("GET", "/status"):
            return _json(200, {"status": "ready"})
        if request.method == "GET" and path.startswith("/requests/"):
            kept = self._answers.get((system_id, path.removeprefix("/requests/")))
            return _json(404, {"code": "not_found"}) if kept is None else HttpReply(200, kept)
        if (request.method, path) == ("POST", "/messages"):
            return self._submit(system_id, request)
        return _json(404, {"code": "not_found", "accepted": False})

    def _next_fault(self) -> str:
        script = self._carrier.script
        met = self._faulty[1] if self._faulty[0] is script else 0
        self._faulty = (script, met + 1)
        left = script.http_fault_requests_max
        return script.http_fault if left is None or met < left else "none"

    def _account(self, authorization: str) -> str | None:
        secret = authorization.removeprefix("Bearer ").encode()
        found = None
        for system_id, password in self._carrier.accounts.items():
            if hmac.compare_digest(password.encode(), secret):
                found = system_id
        return found

    def _submit(self, system_id: str, request: HttpRequest) -> HttpReply:
        key = request.headers.get("idempotency-key", "")
        kept = self._answers.get((system_id, key)) if key else None
        if kept is not None:
            return HttpReply(200, kept)
        fault = self._next_fault()
        if fault == "throttle":
            said = {"code": "throttled", "accepted": False}
            return _json(429, said, ("Retry-After", "1"))
        if fault == "throttle_unsaid":
            return HttpReply(503, b"busy", (("Retry-After", "1"),))
        if fault == "redirect":
            return HttpReply(307, b"", (("Location", "http://127.0.0.1:9/"),))
        try:
            given = msgspec.json.decode(request.body, type=_RequestIn)
            messages = [(one, self._parts(one)) for one in given.messages]
        except (msgspec.DecodeError, UnicodeEncodeError):
            return _json(422, {"code": "invalid_request", "accepted": False})
        if given.callback_url:
            self._line(system_id).url = given.callback_url
        answered, worst = self._accept(system_id, messages)
        body = msgspec.json.encode({"messages": answered})
        if key:
            self._answers[system_id, key] = body
            if len(self._answers) > ANSWERS_KEPT_MAX:
                self._answers.popitem(last=False)
        self._carrier.truth.flush()
        return _ended(body, fault, worst, self._carrier)

    def _line(self, system_id: str) -> CallbackLine:
        line = self._lines.get(system_id)
        if line is None:
            line = CallbackLine(self._carrier, system_id)
            self._lines[system_id] = line
            self._carrier.lines.append(line)
        return line

    def _parts(self, one: _MessageIn) -> list[Message]:
        is_ucs2 = one.encoding == "ucs2"
        self._concatenation = (self._concatenation + 1) & 0xFF
        bodies = [
            part.encode("utf-16-be") if is_ucs2 else encode_gsm7_unpacked(part)
            for part in one.parts
        ]
        total = len(bodies)
        return [
            Message(
                source=one.sender,
                destination=one.to.removeprefix("+"),
                esm_class=c.ESM_UDH if total > 1 else 0,
                data_coding=8 if is_ucs2 else 0,
                registered_delivery=c.REGISTERED_FINAL_RECEIPT if one.wants_receipt else 0,
                validity=b"",
                body=udh(Part(self._concatenation, total, n)) + body if total > 1 else body,
                tlvs={},
            )
            for n, body in enumerate(bodies, start=1)
        ]

    def _accept(
        self, system_id: str, messages: list[tuple[_MessageIn, list[Message]]]
    ) -> tuple[list[dict[str, Any]], list[Accepted]]:
        answered, everything = [], []
        for one, parts in messages:
            accepted = [self._carrier.submit(system_id, part, one.reference) for part in parts]
            everything += accepted
            refused = {part.status for part in accepted} - {c.STATUS_OK}
            if not refused:
                ids = [part.carrier_id for part in accepted]
                answered.append({"ref": one.ref, "status": "accepted", "ids": ids})
            elif all(part.status != c.STATUS_OK for part in accepted):
                code = _CODES.get(min(refused), "invalid_message")
                answered.append({"ref": one.ref, "status": "refused", "code": code})
            else:
                answered.append({"ref": one.ref, "status": "partial"})
        return answered, everything

    async def close(self) -> None:
        await asyncio.gather(*(line.close() for line in self._lines.values()))


def _ended(body: bytes, fault: str, accepted: list[Accepted], carrier: Carrier) -> HttpReply:
    """The answer of a request is as good as that of its worst message."""
    early = [delivery for one in accepted for delivery in one.early]
    if early:
        carrier.deliver(early)
    worst = max((_WORSE_LAST.index(one.answer) for one in accepted), default=0)
    answer = _WORSE_LAST[worst]
    if fault == "error_after_accepting":
        return HttpReply(500, b"<h1>Internal Server Error</h1>")
    if fault == "not_json":
        return HttpReply(200, b"<html>please log in</html>")
    delay = max((one.delay_seconds for one in accepted), default=0.0)
    return HttpReply(
        200,
        body,
        delay_seconds=delay,
        is_half=fault == "half_answer",
        is_never=fault == "hang" or answer is fates.NEVER,
        is_dropped=answer is fates.DROP,
    )
