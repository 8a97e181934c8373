"""What becomes of one message: by the last four digits of its number, or drawn from the seed."""

from enum import StrEnum
from hashlib import blake2b
from typing import Final, NamedTuple

from backend.gateways.simulator.script import Script
from backend.gateways.smpp import commands as c


class Answer(StrEnum):
    AT_ONCE = "at_once"
    AFTER_RECEIPT = "after_receipt"
    LATE = "late"
    NEVER = "never"
    DROP = "drop"


# Looked up once: Python 3.11 makes every `Answer.X` a call, and each message asks four times.
AT_ONCE: Final = Answer.AT_ONCE
AFTER_RECEIPT: Final = Answer.AFTER_RECEIPT
LATE: Final = Answer.LATE
NEVER: Final = Answer.NEVER
DROP: Final = Answer.DROP


class Fate(NamedTuple):
    name: str
    receipts: tuple[tuple[str, str], ...] = ()
    """stat and err of each receipt, in order."""
    status: int = c.STATUS_OK
    """Of the submit_sm_resp."""
    answer: Answer = Answer.AT_ONCE
    is_receipt_late: bool = False


_DELIVRD: Final = ("DELIVRD", "000")
_BUSY: Final = (("UNDELIV", "027"),)

DELIVERED: Final = Fate("delivered", (_DELIVRD,))
UNDELIVERED: Final = Fate("undelivered_permanent", (("UNDELIV", "001"),))
PHONE_OFF: Final = Fate("undelivered_temporary", _BUSY)
MEMORY_FULL: Final = Fate("memory_full", (("UNDELIV", "032"),))
EXPIRED: Final = Fate("expired", (("EXPIRED", "027"),))
RECEIPT_REJECTED: Final = Fate("receipt_rejected", (("REJECTD", "011"),))
REFUSED: Final = Fate("refused", status=c.STATUS_INVALID_DESTINATION)
THROTTLED: Final = Fate("throttled", status=c.STATUS_THROTTLED)
QUEUE_FULL: Final = Fate("queue_full", status=c.STATUS_QUEUE_FULL)
EARLY: Final = Fate("early_receipt", (_DELIVRD,), answer=Answer.AFTER_RECEIPT)
DUPLICATES: Final = Fate("duplicate_receipts", (_DELIVRD,) * 5)
NO_RECEIPT: Final = Fate("no_receipt")
DROPPED: Final = Fate("dropped", (_DELIVRD,), answer=Answer.DROP)
LATE_ANSWER: Final = Fate("late_response", (_DELIVRD,), answer=Answer.LATE)
LOST_ANSWER: Final = Fate("lost_response", (_DELIVRD,), answer=Answer.NEVER)
LATE_RECEIPT: Final = Fate("late_receipt", (_DELIVRD,), is_receipt_late=True)
CONTRADICTION: Final = Fate("contradiction", (_DELIVRD, ("UNDELIV", "001")))
ENROUTE_AFTER: Final = Fate("enroute_after_delivered", (_DELIVRD, ("ENROUTE", "000")))
DROPPED_SILENTLY: Final = Fate("dropped_without_receipt", answer=Answer.DROP)
BLOCKED: Final = Fate("blocked_by_recipient", (("UNDELIV", "013"),))

MAGIC: Final[dict[str, tuple[Fate, ...]]] = {
    # Last four digits → fate of the first, second, … message to the number; the last one stays.
    "0001": (DELIVERED,),
    "0002": (UNDELIVERED,),
    "0003": (PHONE_OFF, DELIVERED),
    "0004": (EXPIRED,),
    "0005": (RECEIPT_REJECTED,),
    "0006": (REFUSED,),
    "0007": (THROTTLED, DELIVERED),
    "0008": (EARLY,),
    "0009": (DUPLICATES,),
    "0010": (NO_RECEIPT,),
    "0011": (DROPPED, DELIVERED),
    "0012": (LATE_ANSWER,),
    "0013": (CONTRADICTION,),
    "0014": (ENROUTE_AFTER,),
    "0015": (MEMORY_FULL, DELIVERED),
    "0016": (LOST_ANSWER,),
    "0017": (DROPPED_SILENTLY, DELIVERED),
    "0018": (BLOCKED,),
    "0019": (QUEUE_FULL, DELIVERED),
    "0020": (PHONE_OFF,),
}

_DRAWN: Final = (
    # Once only: the next message to the number is accepted, or a retry could never end.
    ("throttled_rate", THROTTLED, True),
    ("queue_full_rate", QUEUE_FULL, True),
    ("drop_rate", DROPPED, True),
    ("undelivered_temporary_rate", PHONE_OFF, True),
    ("refused_rate", REFUSED, False),
    ("undelivered_permanent_rate", UNDELIVERED, False),
    ("expired_rate", EXPIRED, False),
    ("receipt_rejected_rate", RECEIPT_REJECTED, False),
    ("no_receipt_rate", NO_RECEIPT, False),
    ("early_receipt_rate", EARLY, False),
    ("late_response_rate", LATE_ANSWER, False),
    ("lost_response_rate", LOST_ANSWER, False),
    ("duplicate_receipt_rate", DUPLICATES, False),
    ("late_receipt_rate", LATE_RECEIPT, False),
)
_SCALE: Final = 1 << 32


class Draw(NamedTuple):
    fate: Fate
    chance: int
    """32 bits for the delays."""


class Odds(NamedTuple):
    """What a script says about fates, without the rates that are nothing."""

    seed: int
    has_magic_numbers: bool
    rates: tuple[tuple[float, Fate, bool], ...]


def odds_of(script: Script) -> Odds:
    rates = ((getattr(script, name), fate, is_first) for name, fate, is_first in _DRAWN)
    return Odds(script.seed, script.has_magic_numbers, tuple(rate for rate in rates if rate[0]))


def draw(odds: Odds, destination: str, ordinal: int) -> Draw:
    """`ordinal` counts the messages to this number, from 0."""
    digest = blake2b(f"{odds.seed}:{destination}:{ordinal}".encode(), digest_size=8).digest()
    delay_chance = int.from_bytes(digest[4:], "big")
    if odds.has_magic_numbers:
        fates = MAGIC.get(destination[-4:])
        if fates is not None:
            return Draw(fates[min(ordinal, len(fates) - 1)], delay_chance)
    point = int.from_bytes(digest[:4], "big") / _SCALE
    for rate, fate, is_first_only in odds.rates:
        if point < rate:
            return Draw(DELIVERED if is_first_only and ordinal else fate, delay_chance)
        point -= rate
    return Draw(DELIVERED, delay_chance)


def delay_seconds(chance: int, ms_min: int, ms_max: int) -> float:
    if ms_max <= ms_min:
        return ms_min / 1_000
    return (ms_min + (ms_max - ms_min) * chance / _SCALE) / 1_000
