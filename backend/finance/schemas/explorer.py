"""From a balance down to the single message."""

from datetime import datetime
from uuid import UUID

from backend.kernel.views import View


class EntryView(View, frozen=True):
    """One leg: `number` is its place in the account's statement."""

    account: str
    number: int
    amount: int
    balance_after: int


class LotShare(View, frozen=True):
    """How many credits of the transfer are of that lot, and where the lot came from."""

    lot_id: UUID
    credits: int
    kind: str
    lot_credits: int
    expires_at: datetime | None
    created_at: datetime
    origin_transfer_id: UUID | None
    origin_reference: str | None


class HoldView(View, frozen=True):
    id: UUID
    amount: int
    captured: int
    released: int
    returned: int
    state: str


class SessionShare(View, frozen=True):
    id: UUID
    campaign: str | None
    state: str


class TransferView(View, frozen=True):
    id: UUID
    tenant_id: UUID
    reference: str
    kind: str
    from_account: str
    to_account: str
    amount: int
    actor: str
    created_at: datetime
    entries: list[EntryView]
    lots: list[LotShare]
    hold: HoldView | None
    session: SessionShare | None


class ChargedMessage(View, frozen=True):
    """The number is masked: finance explains a charge, not whom it was for."""

    session_id: UUID
    n: int
    batch_no: int
    phone: str
    country: str
    segments: int
    charged: int
    state: str
    gateway_id: UUID | None
    attempt: int
    submitted_at: datetime | None
    accepted_at: datetime | None
    done_at: datetime | None
