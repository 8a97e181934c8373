"""What people of finance do to bring credits in, item by item, and the papers that follow."""

from contextlib import suppress
from uuid import UUID

from backend.billing.schemas.bank import LineMatch
from backend.billing.schemas.corrections import Reversal
from backend.billing.schemas.top_ups import TopUpCreate
from backend.billing.service import bank, corrections, credit_notes, redemption, top_ups
from backend.billing.states import TopUpMethod
from backend.kernel.errors import StateConflict
from backend.kernel.principal import Idempotency, Principal, PrincipalKind, StaffRole
from backend.kernel.replay import IdempotentReplay

Item = dict[str, str]


def clerk_of(item: Item, operation: str | None = None) -> Principal:
    """With the request's key: what was done by a try that died is not done again."""
    asked = None
    if operation is not None:
        asked = Idempotency(key=item["key"], operation=operation, request_hash="0" * 64)
    return Principal(
        kind=PrincipalKind.STAFF,
        account_id=UUID(item["clerk_id"]),
        staff_roles=frozenset({StaffRole.FINANCE}),
        has_second_factor=True,
        idempotency=asked,
    )


async def enter_top_up(_plan: object, item: Item) -> None:
    given = TopUpCreate(
        amount_credits=int(item["credits"]),
        method=TopUpMethod.BANK_TRANSFER,
        reference=item["key"],
        reason="bank statement 12",
    )
    with suppress(IdempotentReplay):
        clerk = clerk_of(item, "create_top_up")
        await top_ups.create_top_up(clerk, UUID(item["tenant_id"]), given)


async def approve_top_up(_plan: object, item: Item) -> None:
    with suppress(StateConflict):  # approved by the one before
        await top_ups.approve_top_up(clerk_of(item), UUID(item["top_up_id"]))


async def match_line(_plan: object, item: Item) -> None:
    given = LineMatch(tenant_id=UUID(item["tenant_id"]), amount_credits=int(item["credits"]))
    with suppress(IdempotentReplay):
        await bank.match_line(clerk_of(item, "match_line"), UUID(item["line_id"]), given)


async def take_back(_plan: object, item: Item) -> None:
    with suppress(StateConflict):  # taken back by the one before
        given = Reversal(reason="the wrong customer")
        await corrections.reverse_top_up(clerk_of(item), UUID(item["top_up_id"]), given)


async def write_papers(_plan: object, item: Item) -> None:
    await credit_notes.document_purchase(UUID(item["tenant_id"]), UUID(item["purchase_id"]))


async def redeem(_plan: object, item: Item) -> None:
    await redemption.redeem_tenant(UUID(item["tenant_id"]))


TOP_UP_DEEDS = (enter_top_up, approve_top_up, match_line, take_back, write_papers, redeem)
