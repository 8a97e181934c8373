"""What delivery asks of every gateway, and the words it gets back.

The one rule everything here serves (promise 2): an outcome says *refused* or *not written* only
when the carrier certainly does not have the part. Whatever was handed to the socket and not
answered is *in doubt*, and is never submitted again by us.
"""

import time
import zlib
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from backend.gateways.journal import Journal

WRITE_WITHIN_SECONDS: float = 5.0
"""No byte leaves later than this after the claim: a thawed process must not send a stale window."""


class OutcomeKind(StrEnum):
    ACCEPTED = "accepted"
    """The carrier has it, under `carrier_id`."""
    REFUSED = "refused"
    """The carrier answered no (`code`, `cause`, `permanence`): it certainly does not have it."""
    NOT_WRITTEN = "not_written"
    """No byte of it was handed to the socket."""
    IN_DOUBT = "in_doubt"
    """Written, and no readable answer came (`code` says how)."""


class Permanence(StrEnum):
    TEMPORARY = "temporary"
    PERMANENT = "permanent"


class ReceiptStatus(StrEnum):
    """In the total order of DESIGN §3.1, highest first."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DELETED = "deleted"
    UNKNOWN = "unknown"
    ENROUTE = "enroute"
    ACCEPTED = "accepted"


class Cause(StrEnum):
    NONE = "none"
    NUMBER_NOT_IN_SERVICE = "number_not_in_service"
    PHONE_OFF = "phone_off"
    BLOCKED_BY_CARRIER = "blocked_by_carrier"
    BLOCKED_BY_RECIPIENT = "blocked_by_recipient"
    MEMORY_FULL = "memory_full"
    CONTENT_REJECTED = "content_rejected"
    SENDER_REJECTED = "sender_rejected"
    THROTTLED = "throttled"
    EXPIRED = "expired"
    CARRIER_FAULT = "carrier_fault"
    INVALID_REQUEST = "invalid_request"
    UNKNOWN = "unknown"


class Submission(msgspec.Struct, frozen=True, gc=False):
    key: Hashable
    """The caller's own name for the message; comes back in the outcomes."""
    destination: str
    """E.164."""
    sender: str
    """E.164, a short code, or up to 11 alphanumeric characters."""
    body_parts: tuple[bytes, ...]
    """One per segment, encoded for `data_coding`, without user data headers."""
    data_coding: int
    validity_seconds: int | None = None
    reference: str | None = None
    """Travels as its `reference_number`, for receipts whose id we never learnt."""
    wants_receipt: bool = True


class Outcome(msgspec.Struct, frozen=True, gc=False):
    key: Hashable
    part: int
    """From 0."""
    kind: OutcomeKind
    carrier_id: str = ""
    code: str = ""
    cause: Cause = Cause.NONE
    permanence: Permanence | None = None


class Receipt(msgspec.Struct, frozen=True, gc=False):
    carrier_id: str
    """In the form `Outcome.carrier_id` has; empty where the receipt names none."""
    status: ReceiptStatus
    error_code: str
    cause: Cause
    permanence: Permanence
    """Temporary only where the status map proves it: the licence to submit again."""
    done_at: datetime | None
    source: str
    """The handset's address, as received."""
    destination: str
    """Our sender, as received."""
    reference_number: int | None
    raw: bytes
    """The whole PDU body."""


class InboundMessage(msgspec.Struct, frozen=True, gc=False):
    """One MO part; parts of one text share source, destination and `part_reference`."""

    source: str
    destination: str
    data_coding: int
    body: bytes
    """Without its user data header."""
    part_reference: int | None
    part_number: int
    parts_total: int
    raw: bytes


class LinkState(StrEnum):
    CONNECTING = "connecting"
    BINDING = "binding"
    BOUND = "bound"
    BACKING_OFF = "backing_off"
    """Lost or unreachable; tries again by itself."""
    BIND_REFUSED = "bind_refused"
    """The carrier does not let us in (wrong password, too many sessions); tries again, slowly."""
    CLOSED = "closed"


class LinkHealth(msgspec.Struct, frozen=True):
    state: LinkState
    last_error: str
    binds: int
    outstanding: int


class GatewayHealth(msgspec.Struct, frozen=True):
    name: str
    links: tuple[LinkHealth, ...]
    accepted: int
    refused: int
    in_doubt: int
    throttled: int
    malformed: int
    unconfirmed_receipts: int
    """Received, not yet acknowledged to the carrier."""
    rate_segments_per_second: float | None
    """What throttling left of the configured rate; nothing: unlimited."""

    @property
    def is_ready(self) -> bool:
        return any(link.state is LinkState.BOUND for link in self.links)


class Listeners(msgspec.Struct, frozen=True):
    """Each is awaited with a batch and returns when it is committed; only then is the batch
    acknowledged to the carrier. One that raises makes the carrier deliver the batch again.
    """

    on_receipts: Callable[[Sequence[Receipt]], Awaitable[None]]
    on_messages: Callable[[Sequence[InboundMessage]], Awaitable[None]]
    on_late_outcomes: Callable[[Sequence[Outcome]], Awaitable[None]]
    """Answers that came after their part was reported in doubt."""


class Gateway(Protocol):
    async def start(self) -> None: ...

    async def ready(self, *, timeout_seconds: float) -> bool: ...

    async def submit_window(
        self,
        submissions: Sequence[Submission],
        *,
        timeout_seconds: float,
        claimed_at: float | None = None,
        journal: Journal | None = None,
    ) -> list[Outcome]:
        """One outcome per part, in order; raises nothing but cancellation.

        `claimed_at`: `clock_seconds()` before the claim was committed; past
        `WRITE_WITHIN_SECONDS` of it nothing more is written.
        """
        ...

    def health(self) -> GatewayHealth: ...

    async def close(self, *, drain_seconds: float) -> None: ...


def clock_seconds() -> float:
    """Goes on while the machine sleeps, unlike `time.monotonic`."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def reference_number(reference: str) -> int:
    """The 16 bits of a reference that fit user_message_reference (SMPP 3.4 §5.3.2.17)."""
    return zlib.crc32(reference.encode()) & 0xFFFF
