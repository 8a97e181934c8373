"""What the ledger answers. Credits are integers everywhere."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.kernel.views import View
from backend.ledger.states import HoldState, LedgerAccount, TransferKind


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
    reason: str | None
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
