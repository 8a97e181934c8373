"""The last messages as their handsets show them; parts of a long text put together again."""

import time
from collections import OrderedDict
from typing import Final

import msgspec

from backend.gateways.simulator.gsm import decode_gsm
from backend.gateways.smpp.concatenation import Part
from backend.gateways.smpp.pdu import Message

SHOWN_MAX: Final = 200
_KEPT_MAX: Final = 1_000


class _Arrival(msgspec.Struct, gc=False):
    at: float
    source: str
    destination: str
    data_coding: int
    body: bytes
    part: Part | None
    stat: str = ""


class HandsetMessage(msgspec.Struct):
    at: float
    sender: str
    number: str
    text: str
    parts: int
    parts_total: int
    stat: str
    """Of its last receipt; empty while under way."""
    is_reply: bool = False


class Handsets:
    def __init__(self) -> None:
        self._arrivals: OrderedDict[str, _Arrival] = OrderedDict()
        self._replies: list[HandsetMessage] = []

    def arrived(self, carrier_id: str, message: Message, part: Part | None, text: bytes) -> None:
        self._arrivals[carrier_id] = _Arrival(
            time.time(), message.source, message.destination, message.data_coding, text, part
        )
        if len(self._arrivals) > _KEPT_MAX:
            self._arrivals.popitem(last=False)

    def settled(self, carrier_id: str, stat: str) -> None:
        arrival = self._arrivals.get(carrier_id)
        if arrival is not None:
            arrival.stat = stat

    def replied(self, number: str, to: str, text: str) -> None:
        self._replies.append(HandsetMessage(time.time(), to, number, text, 1, 1, "", is_reply=True))
        del self._replies[:-SHOWN_MAX]

    def shown(self) -> list[HandsetMessage]:
        """Newest first."""
        whole: dict[object, list[_Arrival]] = {}
        for carrier_id, arrival in self._arrivals.items():
            part = arrival.part
            name: object = carrier_id
            if part is not None:
                name = (arrival.source, arrival.destination, part.reference, part.total)
                # A reference of 8 bits comes round: a part seen twice begins a new text.
                while any(a.part and a.part.number == part.number for a in whole.get(name, ())):
                    name = (name, "again")
            whole.setdefault(name, []).append(arrival)
        messages = [_shown(arrivals) for arrivals in whole.values()] + self._replies
        return sorted(messages, key=lambda m: m.at, reverse=True)[:SHOWN_MAX]


def _shown(arrivals: list[_Arrival]) -> HandsetMessage:
    first = arrivals[0]
    arrivals = sorted(arrivals, key=lambda a: a.part.number if a.part else 0)
    stats = {arrival.stat for arrival in arrivals}
    return HandsetMessage(
        at=first.at,
        sender=first.source,
        number=first.destination,
        text=_text(b"".join(arrival.body for arrival in arrivals), first.data_coding),
        parts=len(arrivals),
        parts_total=first.part.total if first.part else 1,
        # A text is delivered when every part is.
        stat=stats.pop() if len(stats) == 1 else next(s for s in stats if s != "DELIVRD"),
    )


def _text(body: bytes, data_coding: int) -> str:
    if data_coding == 8:
        return body.decode("utf-16-be", errors="replace")
    if data_coding == 0:
        return decode_gsm(body)
    return body.decode("latin-1")
