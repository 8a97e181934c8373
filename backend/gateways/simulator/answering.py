"""Handsets that write back by themselves, at the shares their script says."""

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from backend.gateways.simulator.deliveries import Reply, delivery_of
from backend.gateways.simulator.fates import delay_seconds
from backend.gateways.simulator.wheel import Wheel
from backend.gateways.smpp.pdu import Message

if TYPE_CHECKING:
    from backend.gateways.simulator.carrier import Carrier

_SCALE: Final = 1 << 32


class _Written(NamedTuple):
    system_id: str
    reply: Reply


class Answering:
    def __init__(self, carrier: "Carrier") -> None:
        self._carrier = carrier
        self._written: Wheel[_Written] = Wheel(self._write)
        self._heard: Counter[str] = Counter()

    def heard(self, system_id: str, message: Message) -> None:
        """A text that its handset will have. It answers after it: no sooner than any receipt."""
        script = self._carrier.script
        number = message.destination
        self._heard[number] += 1
        name = f"{script.seed}:reply:{number}:{self._heard[number]}"
        digest = blake2b(name.encode(), digest_size=8).digest()
        point = int.from_bytes(digest[:4], "big") / _SCALE
        for share, text in (
            (script.stop_reply_share, "STOP"),
            (script.help_reply_share, "HELP"),
            (script.text_reply_share, script.reply_text),
        ):
            if point < share:
                chance = int.from_bytes(digest[4:], "big")
                after = delay_seconds(chance, script.reply_delay_ms_min, script.reply_delay_ms_max)
                after += script.receipt_delay_ms_max / 1_000
                reply = Reply(number, message.source, text)
                self._written.add(after, _Written(system_id, reply))
                return
            point -= share

    def _write(self, due: list[_Written]) -> None:
        for system_id, reply in due:
            self._carrier.handsets.replied(reply.number, reply.to, reply.text)
            self._carrier.deliver([delivery_of(reply, system_id)])

    def __len__(self) -> int:
        return len(self._written)
