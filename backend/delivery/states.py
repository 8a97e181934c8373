"""The life of a message, pure: what outcomes and receipts make of it (DESIGN §3.1).

What a carrier told about a message is kept as two numbers that only grow: a bit per accepted part
and, per part, the highest receipt of a total order. Its state is computed from them, so any order
and any number of the same receipts end in the same row (promise 10).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

import msgspec

from backend.gateways.port import Cause, Outcome, OutcomeKind, Permanence, Receipt, ReceiptStatus


class MessageState(StrEnum):
    QUEUED = "queued"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    """We called the carrier and do not know; never submitted again by us."""
    EXCLUDED = "excluded"


class BatchState(StrEnum):
    PREPARED = "prepared"
    """Without a hold: never claimable."""
    QUEUED = "queued"
    LEASED = "leased"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class ReplyKind(StrEnum):
    """What a whole reply says, by the table of words."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


class Rank(IntEnum):
    """One hexadecimal digit per part. `undelivered` for good stands above the one that licenses a
    retry: of two receipts that disagree, the one that forbids it wins.
    """

    NONE = 0
    ACCEPTED = 1
    ENROUTE = 2
    UNKNOWN = 3
    DELETED = 4
    REJECTED = 5
    EXPIRED = 6
    UNDELIVERED_TEMPORARY = 7
    UNDELIVERED = 8
    DELIVERED = 9


_RANKS = {
    ReceiptStatus.DELIVERED: Rank.DELIVERED,
    ReceiptStatus.UNDELIVERED: Rank.UNDELIVERED,
    ReceiptStatus.EXPIRED: Rank.EXPIRED,
    ReceiptStatus.REJECTED: Rank.REJECTED,
    ReceiptStatus.DELETED: Rank.DELETED,
    ReceiptStatus.UNKNOWN: Rank.UNKNOWN,
    ReceiptStatus.ENROUTE: Rank.ENROUTE,
    ReceiptStatus.ACCEPTED: Rank.ACCEPTED,
}
_FINAL_FROM = Rank.DELETED
_BITS_PER_RANK = 4
_RANK_MASK = 0xF

M = MessageState
COUNTERS: dict[MessageState, str] = {
    M.ACCEPTED: "accepted",
    M.DELIVERED: "delivered",
    M.UNDELIVERED: "undelivered",
    M.UNREACHABLE: "unreachable",
    M.REJECTED: "rejected",
    M.EXPIRED: "expired",
    M.CANCELLED: "cancelled",
    M.UNCONFIRMED: "unconfirmed",
    M.EXCLUDED: "excluded",
}
"""The progress counter a message stands in; queued and submitting ones stand in none."""

FAILED = frozenset({M.UNDELIVERED, M.UNREACHABLE, M.REJECTED, M.EXPIRED})

RETRY_DELAYS = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""After attempt 1, 2, …: together below the 48 hours a recipient may stay unreachable."""
RESEND_DELAYS_SECONDS = (1, 2, 5, 15, 30, 60, 120, 300)
"""After a refusal that proves the carrier has it not; the last one repeats."""
RESENDS_MAX = 200
"""About 16 hours of refusals; then the carrier has had its chances."""


class MessageRow(msgspec.Struct, frozen=True, gc=False):
    """What deciding needs of a row; field names are column names."""

    session_id: object
    n: int
    batch_no: int
    state: MessageState
    attempt: int
    segments: int
    credits: int
    charged: int
    parts_accepted: int
    ranks: int
    cause_rank: int
    cause: str | None
    error_code: str | None
    retry_at: datetime | None
    submitted_at: datetime | None
    accepted_at: datetime | None
    done_at: datetime | None

    @property
    def counter(self) -> str | None:
        if self.state is M.UNDELIVERED and self.retry_at is not None:
            return "waiting_retry"
        return COUNTERS.get(self.state)

    def done_by(self, told: datetime | None) -> datetime | None:
        """Never before its submission: receipts count in minutes, and on the carrier's clock."""
        done_at = latest(self.done_at, told)
        return done_at and latest(done_at, self.submitted_at)


class News(msgspec.Struct, gc=False):
    """Everything a group of receipts or late answers says about one attempt of one message."""

    parts_accepted: int = 0
    ranks: int = 0
    cause_rank: int = 0
    error_code: str = ""
    cause: str = ""
    done_at: datetime | None = None

    def add_receipt(self, part: int, receipt: Receipt) -> None:
        rank = rank_of(receipt.status, is_temporary=receipt.permanence is Permanence.TEMPORARY)
        self.parts_accepted |= 1 << part
        self.ranks = merge_ranks(self.ranks, rank << (part * _BITS_PER_RANK))
        if _FINAL_FROM <= rank < Rank.DELIVERED:
            self._blame(rank, receipt.error_code, receipt.cause.value)
        self.done_at = latest(self.done_at, receipt.done_at if rank >= _FINAL_FROM else None)

    def _blame(self, rank: int, error_code: str, cause: str) -> None:
        self.cause_rank, self.error_code, self.cause = max(
            (self.cause_rank, self.error_code, self.cause), (rank, error_code, cause)
        )


def rank_of(status: ReceiptStatus, *, is_temporary: bool) -> Rank:
    if status is ReceiptStatus.UNDELIVERED and is_temporary:
        return Rank.UNDELIVERED_TEMPORARY
    return _RANKS[status]


def delivered_rank(part: int) -> int:
    """The digit of a part that is delivered, in its place."""
    return Rank.DELIVERED.value << (part * _BITS_PER_RANK)


def latest(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def merge_ranks(one: int, other: int) -> int:
    """Digit by digit the higher: the same in any order and any number of times."""
    if not one or one == other:
        return other
    merged = shift = 0
    while one or other:
        merged |= max(one & _RANK_MASK, other & _RANK_MASK) << shift
        one >>= _BITS_PER_RANK
        other >>= _BITS_PER_RANK
        shift += _BITS_PER_RANK
    return merged


def ranks_of(ranks: int, segments: int) -> list[int]:
    return [(ranks >> (part * _BITS_PER_RANK)) & _RANK_MASK for part in range(segments)]


def all_parts(segments: int) -> int:
    return (1 << segments) - 1


def charge_of(row: MessageRow, parts_accepted: int) -> int:
    """Accepted parts are paid, once, whatever the number of attempts."""
    return max(row.charged, parts_accepted.bit_count() * (row.credits // row.segments))


def is_retryable(ranks: int, segments: int, attempt: int) -> bool:
    """Proven undelivered, part for part, with a cause that passes; and tries are left."""
    return attempt <= len(RETRY_DELAYS) and all(
        rank == Rank.UNDELIVERED_TEMPORARY for rank in ranks_of(ranks, segments)
    )


def settled_state(row: MessageRow, parts_accepted: int, ranks: int) -> MessageState:
    """The state these numbers mean; what was decided without a receipt stays decided."""
    if row.state in (M.EXCLUDED, M.CANCELLED, M.SUBMITTING):
        return row.state
    if parts_accepted != all_parts(row.segments):
        return row.state
    of_parts = ranks_of(ranks, row.segments)
    if min(of_parts) == Rank.DELIVERED:
        return M.DELIVERED
    if min(of_parts) < _FINAL_FROM:
        is_waiting = row.state in (M.UNCONFIRMED, M.ACCEPTED)
        return M.ACCEPTED if is_waiting else row.state
    if all(rank == Rank.UNDELIVERED_TEMPORARY for rank in of_parts):
        if row.state in (M.QUEUED, M.UNREACHABLE):
            return row.state
        return M.UNDELIVERED if row.attempt <= len(RETRY_DELAYS) else M.UNREACHABLE
    worst = max(rank for rank in of_parts if rank < Rank.DELIVERED)
    by_rank = {Rank.EXPIRED: M.EXPIRED, Rank.REJECTED: M.REJECTED}
    return by_rank.get(Rank(worst), M.UNDELIVERED)


def apply_news(row: MessageRow, news: News, now: datetime, *, may_retry: bool) -> MessageRow:
    """The row after news about its newest attempt; an equal one where nothing changes."""
    parts_accepted = row.parts_accepted | news.parts_accepted
    ranks = merge_ranks(row.ranks, news.ranks)
    state = settled_state(row, parts_accepted, ranks)
    blamed = max(
        (row.cause_rank, row.error_code or "", row.cause or ""),
        (news.cause_rank, news.error_code, news.cause),
    )
    retry_at = None
    if state is M.UNDELIVERED and may_retry and is_retryable(ranks, row.segments, row.attempt):
        retry_at = row.retry_at or now + RETRY_DELAYS[row.attempt - 1]
    return msgspec.structs.replace(
        row,
        state=state,
        parts_accepted=parts_accepted,
        ranks=ranks,
        charged=charge_of(row, parts_accepted),
        cause_rank=blamed[0],
        error_code=blamed[1] or None,
        cause=blamed[2] or None,
        retry_at=retry_at,
        accepted_at=row.accepted_at or (now if parts_accepted == all_parts(row.segments) else None),
        done_at=row.done_by(news.done_at),
    )


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What the outcomes of all parts of one submission mean for its message."""

    state: MessageState
    parts_accepted: int = 0
    cause: str | None = None
    code: str | None = None


def judge(outcomes: Sequence[Outcome]) -> Verdict:
    """One message's outcomes, a part each. Resubmission (`queued`) only where every part is proven
    absent at the carrier; one part in doubt or accepted forbids it.
    """
    if len(outcomes) == 1 and outcomes[0].kind is OutcomeKind.ACCEPTED:
        return Verdict(M.ACCEPTED, 1)
    accepted = sum(1 << o.part for o in outcomes if o.kind is OutcomeKind.ACCEPTED)
    if accepted == all_parts(len(outcomes)):
        return Verdict(M.ACCEPTED, accepted)
    doubtful = next((o for o in outcomes if o.kind is OutcomeKind.IN_DOUBT), None)
    if doubtful is not None:
        return Verdict(M.UNCONFIRMED, accepted, None, doubtful.code)
    refused = [o for o in outcomes if o.kind is OutcomeKind.REFUSED]
    permanent = next((o for o in refused if o.permanence is not Permanence.TEMPORARY), None)
    if accepted or permanent is not None:
        blamed = permanent or next(o for o in outcomes if o.kind is not OutcomeKind.ACCEPTED)
        cause = blamed.cause if blamed.cause is not Cause.NONE else Cause.CARRIER_FAULT
        return Verdict(M.REJECTED, accepted, cause.value, blamed.code)
    first = refused[0] if refused else outcomes[0]
    cause = first.cause if first.cause is not Cause.NONE else Cause.CARRIER_FAULT
    return Verdict(M.QUEUED, 0, cause.value, first.code)


def resend_delay_seconds(resends: int) -> int:
    return RESEND_DELAYS_SECONDS[min(resends, len(RESEND_DELAYS_SECONDS) - 1)]
