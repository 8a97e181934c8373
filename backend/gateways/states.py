"""What a gateway may be, and how it fares."""

from enum import StrEnum


class GatewayState(StrEnum):
    """What our people say."""

    ACTIVE = "active"
    DRAINING = "draining"
    """Chosen for nothing new; finishes what it has, and its links stay for receipts."""
    DISABLED = "disabled"
    """No link."""


class Health(StrEnum):
    """What its answers say; the same for every process."""

    HEALTHY = "healthy"
    SLOW = "slow"
    """Its receipts come late: chosen where no other serves."""
    OUT = "out"
    """Chosen for nothing until its time is over."""
    PROBATION = "probation"
    """A small share of the choices, to prove itself."""
