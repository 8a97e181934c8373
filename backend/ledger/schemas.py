"""What the ledger answers. Credits are integers everywhere."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.kernel.views import View
from backend.ledger.states import (
    DecisionKind,
    Dispute,
    HoldState,
    LedgerAccount,
    LotKind,
    TransferKind,
)


class Posted(msgspec.Struct, frozen=True):
    """A verb's answer. `is_repeated`: the reference had done the same before; nothing moved now.

    `left` is what the verb could still take afterwards: available credits after a hold, the open
    part of the hold after a capture or release; None where it was repeated or has no meaning.
    """

    transfer_id: UUID | None
    amount: int
    is_repeated: bool
    left: int | None = None


class Hold(msgspec.Struct, frozen=True):
    """Credits reserved from named lots. amount = captured + released + `open`."""

    id: UUID
    session_id: UUID | None
    amount: int
    captured: int
    released: int
    returned: int
    state: HoldState

    @property
    def open(self) -> int:
        return self.amount - self.captured - self.released


class SessionTotals(msgspec.Struct, frozen=True):
    """All holds of one campaign session. Its messages' charges are `captured - returned`."""

    held: int
    captured: int
    released: int
    returned: int

    @property
    def charged(self) -> int:
        return self.captured - self.returned


class BalanceView(View, frozen=True):
    """`available` can be used now: what is past its expiry is left out, the credit line is in.

    `expiring_soon` is the part of it that expires within 14 days, `receivable` what is owed to us.
    """

    available: int
    held: int
    frozen: int
    spent_total: int
    expiring_soon: int
    credit_line: int
    receivable: int


class StatementFilter(msgspec.Struct, frozen=True):
    """What a statement shows of an account; null filters nothing."""

    account: LedgerAccount
    kind: TransferKind | None = None
    session_id: UUID | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class StatementLine(View, frozen=True):
    """One transfer as its account saw it: `credits_in` or `credits_out`, and the balance after."""

    transfer_id: UUID
    number: int
    kind: TransferKind
    account: LedgerAccount
    credits_in: int
    credits_out: int
    balance_after: int
    reference: str
    session_id: UUID | None
    hold_id: UUID | None
    actor: str
    reason: str | None
    created_at: datetime


class BalancesView(View, frozen=True):
    """Every account as it stood at an instant: what the newest change until then had left."""

    at: datetime
    issued: int = 0
    available: int = 0
    held: int = 0
    frozen: int = 0
    spent: int = 0
    expired: int = 0
    reversed: int = 0
    refunded: int = 0
    receivable: int = 0


class TransferLine(View, frozen=True):
    """One transfer: `amount` credits out of one account and into another."""

    transfer_id: UUID
    reference: str
    kind: TransferKind
    from_account: LedgerAccount
    to_account: LedgerAccount
    amount: int
    session_id: UUID | None
    hold_id: UUID | None
    actor: str
    reason: str | None
    proof_file: UUID | None
    created_at: datetime


class TransferPart(View, frozen=True):
    """The credits of a transfer that are of one lot."""

    lot_id: UUID
    kind: LotKind
    credits: int
    expires_at: datetime | None
    created_at: datetime


class TransferView(View, frozen=True):
    """A transfer and whose credits it moved; the parts add up to it. A write-off has none."""

    transfer: TransferLine
    parts: list[TransferPart]


class LotView(View, frozen=True):
    """What came in at once. amount = available + reserved + spent + frozen + expired + reversed
    + refunded + adjusted + repaid (the credit line) + settled (what was owed).

    `charged_back` is beside the sum: used, and owed since its payment was lost.
    """

    id: UUID
    kind: LotKind
    priority: int
    expires_at: datetime | None
    amount: int
    available: int
    reserved: int
    spent: int
    frozen: int
    expired: int
    reversed: int
    refunded: int
    adjusted: int
    repaid: int
    settled: int
    charged_back: int
    dispute: Dispute | None
    created_at: datetime


class LotDecision(View, frozen=True):
    """A refund, a dispute's step, a reversal or a change of the credit line; `subject` is the
    reference it was about.
    """

    reference: str
    kind: DecisionKind
    subject: str | None
    credits: int
    actor: str
    reason: str | None
    created_at: datetime


class LotTrace(View, frozen=True):
    """A lot and what was decided about it, the newest first."""

    lot: LotView
    decisions: list[LotDecision]


class LotUse(View, frozen=True):
    """What one hold took of a lot. `is_reversed`: what was open of it had lost its payment."""

    hold_id: UUID
    session_id: UUID | None
    reserved: int
    captured: int
    released: int
    returned: int
    is_reversed: bool
    created_at: datetime


class Violation(msgspec.Struct, frozen=True):
    """A promise that does not hold: which check, on what, and the numbers that differ."""

    check: str
    tenant_id: UUID
    subject: str
    expected: int
    found: int


class OpenLot(msgspec.Struct, frozen=True):
    """Credits that may be spent until `expires_at`; null: whenever."""

    available: int
    expires_at: datetime | None


class SpendingDay(View, frozen=True):
    """Of one day of the asked zone: taken for messages, and given back for undelivered ones."""

    day: date
    spent: int
    returned: int


class SessionCredits(View, frozen=True):
    """`session_id` is null for what was sent through the API. `since`: the first of it."""

    session_id: UUID | None
    credits: int
    since: datetime


class SpendingView(View, frozen=True):
    """`days` without a gap, the oldest first; `sessions` and `held` the largest first.

    `usual_per_day` is the mean since the first spend in the time, over a week at least. At that
    pace what is available now `lasts_days`; null where nothing was spent.
    """

    zone: str
    days: list[SpendingDay]
    sessions: list[SessionCredits]
    held: list[SessionCredits]
    usual_per_day: int
    lasts_days: int | None
