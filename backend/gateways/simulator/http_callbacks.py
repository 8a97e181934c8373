"""The carrier's side of callbacks: receipts and replies posted to whoever submitted, signed."""

import asyncio
import hashlib
import hmac
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from backend.gateways.simulator.gsm import decode_gsm
from backend.gateways.smpp.pdu import read_message

if TYPE_CHECKING:
    from backend.gateways.simulator.carrier import Carrier
    from backend.gateways.simulator.deliveries import Delivery

ITEMS_PER_CALLBACK_MAX: Final = 500
CALLBACK_SECONDS_MAX: Final = 10.0
_WORDS: Final = {
    "DELIVRD": "delivered",
    "UNDELIV": "undelivered",
    "EXPIRED": "expired",
    "REJECTD": "rejected",
    "ENROUTE": "enroute",
}


class CallbackLine:
    """An account's way back, as the carrier's other lines are bound connections."""

    can_receive = True

    def __init__(self, carrier: "Carrier", system_id: str) -> None:
        self.system_id = system_id
        self.url = ""
        self._carrier = carrier
        self._waiting: deque[Delivery] = deque()
        self._posting: asyncio.Task[None] | None = None

    def deliver(self, deliveries: "list[Delivery]") -> None:
        self._waiting.extend(deliveries)
        for delivery in deliveries:
            self._carrier.note_sent(delivery)
        self._carrier.truth.flush()
        if self._posting is None:
            self._posting = asyncio.get_running_loop().create_task(self._post_all())

    def answer(self, pdus: list[bytes]) -> None:
        """Answers go back on the connection that asked."""

    async def _post_all(self) -> None:
        try:
            while self._waiting:
                count = min(len(self._waiting), ITEMS_PER_CALLBACK_MAX)
                batch = [self._waiting.popleft() for _ in range(count)]
                is_taken = False
                with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
                    async with asyncio.timeout(CALLBACK_SECONDS_MAX):
                        is_taken = await self._post(_callback(batch))
                for delivery in batch:
                    if is_taken:
                        self._carrier.note_acknowledged(delivery)
                    else:
                        self._carrier.deliver_again(delivery)
                self._carrier.truth.flush()
        finally:
            self._posting = None

    async def _post(self, body: bytes) -> bool:
        at = int(time.time())
        secret = self._carrier.accounts[self.system_id].encode()
        if self._carrier.script.has_wrong_signatures:
            secret += b"?"
        digest = hmac.new(secret, b"%d." % at + body, hashlib.sha256).hexdigest()
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
        try:
            head = (
                f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                f"Clearsend-Signature: t={at},v1={digest}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()
            status = (await reader.readline()).split(b" ", 2)
            return len(status) > 1 and status[1][:1] == b"2"
        finally:
            writer.close()

    async def close(self) -> None:
        if self._posting is not None:
            self._posting.cancel()
            await asyncio.gather(self._posting, return_exceptions=True)


def _callback(batch: "list[Delivery]") -> bytes:
    receipts: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    for delivery in batch:
        if delivery.kind == "reply":
            messages.append(_reply(delivery))
        else:
            receipts.append(
                {
                    "id": delivery.carrier_id,
                    "status": _WORDS.get(delivery.stat, "unknown"),
                    "code": delivery.error_code,
                    "to": delivery.source,
                    "from": delivery.destination,
                    "reference": delivery.reference,
                }
            )
    return msgspec.json.encode({"receipts": receipts, "messages": messages})


def _reply(delivery: "Delivery") -> dict[str, Any]:
    message = read_message(delivery.body)
    is_ucs2 = message.data_coding == 8
    text = message.body.decode("utf-16-be") if is_ucs2 else decode_gsm(message.body)
    return {
        "id": delivery.carrier_id,
        "from": delivery.source,
        "to": delivery.destination,
        "text": text,
    }
