"""The life of a tenant's auto-reload, and its brakes; the table's CHECKs say the same."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

CARDS_PER_TENANT_MAX: Final = 10
BACK_OFF: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""After the first, second and third refusal of one crossing; after the fourth it is off."""
BURST_RELOADS: Final = 3
BURST_TIME: Final = timedelta(minutes=10)
"""So many within that time, and no more until a person looked: something spends like mad."""
CHARGE_AGAIN_AFTER: Final = timedelta(seconds=30)
"""An opened purchase of which the provider may not know yet is charged again, by the same key."""
KEY_LIFETIME: Final = timedelta(hours=23)
"""The provider forgets keys after 24 hours; later a repetition would be a second charge."""
CHECK_AGAIN_AFTER: Final = timedelta(minutes=2)
MONTHLY_CAP_MINOR_MAX: Final = 1_000_000_000_000


SUPERSEDED: Final = "superseded"
"""Why a try failed whose predecessor went through after all."""
TURNED_OFF: Final = "turned_off"
NO_REFUSALS: Final = frozenset({SUPERSEDED, TURNED_OFF})
"""Failures in which no bank had a word, and of which nobody needs to hear."""


class ReloadState(StrEnum):
    OFF = "off"
    ON = "on"
    BACKING_OFF = "backing_off"
    """The card was refused; the same crossing is tried again at `retry_at`."""
    PAUSED = "paused"
    """The burst alarm; a person turns it on again."""


class ReloadEvent(StrEnum):
    TURN_ON = "turn_on"
    TURN_OFF = "turn_off"
    DECLINE = "decline"
    SUCCEED = "succeed"
    GIVE_UP = "give_up"
    ALARM = "alarm"


class StopReason(StrEnum):
    DECLINED = "declined"
    BURST = "burst"
    CARD_GONE = "card_gone"


S, E = ReloadState, ReloadEvent

RELOAD_MOVES: Final[dict[tuple[ReloadState, ReloadEvent], ReloadState]] = {
    (S.OFF, E.TURN_ON): S.ON,
    (S.ON, E.TURN_ON): S.ON,
    (S.BACKING_OFF, E.TURN_ON): S.ON,
    (S.PAUSED, E.TURN_ON): S.ON,
    (S.OFF, E.TURN_OFF): S.OFF,
    (S.ON, E.TURN_OFF): S.OFF,
    (S.BACKING_OFF, E.TURN_OFF): S.OFF,
    (S.PAUSED, E.TURN_OFF): S.OFF,
    (S.ON, E.DECLINE): S.BACKING_OFF,
    (S.BACKING_OFF, E.DECLINE): S.BACKING_OFF,
    (S.BACKING_OFF, E.SUCCEED): S.ON,
    (S.ON, E.SUCCEED): S.ON,
    (S.ON, E.GIVE_UP): S.OFF,
    (S.BACKING_OFF, E.GIVE_UP): S.OFF,
    (S.PAUSED, E.GIVE_UP): S.OFF,
    (S.ON, E.ALARM): S.PAUSED,
}
ACTIVE: Final = frozenset({S.ON, S.BACKING_OFF})


class ReloadTerms(StrEnum):
    """Why a due purchase is not opened, for the page and for logs."""

    NOT_DUE = "not_due"
    MONTHLY_CAP = "monthly_cap_reached"
    BURST = "burst"
    UNPRICED = "unpriced"


def wanted_credits(
    amount_credits: int | None, target_credits: int | None, standing: int, credits_min: int
) -> int:
    """A fixed amount, or what is missing to the target: never less than can be bought."""
    if amount_credits is not None:
        return amount_credits
    return max((target_credits or 0) - standing, credits_min)
