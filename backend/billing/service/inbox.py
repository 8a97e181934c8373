"""The inbox of Stripe's events: kept first, answered, and worked off by the clock.

What an event says is believed so far as to read again the object it names. So an event lost, late,
doubled or forged in its words changes nothing: the object decides.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend.billing.payments import payments
from backend.billing.purchase_states import (
    EVENT_BODIES_KEPT_DAYS,
    EVENT_LEASE,
    EVENT_ROWS_KEPT_DAYS,
    EVENT_TRIES_MAX,
    InboxState,
    ProblemKind,
    event_pause,
)
from backend.billing.queries import inbox, purchases
from backend.billing.schemas.purchases import InboxRow, PaymentProblemView, ProblemResolution
from backend.billing.service import cards, disputes, refunding, settling
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import doorway_scope, platform_scope
from backend.identity.service.stakes import refuse_own_tenant_of
from backend.kernel.errors import StateConflict
from backend.kernel.faults import point
from backend.kernel.principal import Principal, system
from backend.kernel.views import Page

ERROR_CHARACTERS_MAX = 1000
FORGET_ROWS_MAX = 500
EVENTS_PER_TURN = 20

_log = structlog.get_logger("clearsend.payments")


async def receive_event(body: bytes, signature: str) -> None:
    """Use case of the doorway. Raises MalformedInput `signature_invalid`: then nothing is kept.

    Kept once per event id; a repetition is answered like the first, because Stripe repeats until
    it is.
    """
    event = payments().event(body, signature)
    async with doorway_scope("stripe", system("stripe")) as scope:
        is_new = await inbox.insert_event(scope, event, body)
        point("billing.event_kept")
    if is_new and event.type not in EFFECTS:
        _log.info("event_of_no_concern", type=event.type)


async def has_due_event() -> bool:
    async with platform_scope(settling.settler(), "due events") as scope:
        return await inbox.has_due(scope)


async def work_off_next() -> bool:
    """One event; False when none is due."""
    async with platform_scope(settling.settler(), "claim an event") as scope:
        row = await inbox.claim(scope, EVENT_LEASE)
    if row is None:
        return False
    point("billing.event_claimed")
    effect = EFFECTS.get(row.type)
    if effect is None:
        await _end(row, InboxState.IGNORED)
        return True
    try:
        await effect(row)
    except Exception as error:  # noqa: BLE001 - the others must not wait behind this one
        await _put_back(row, error)
        return True
    point("billing.event_settled")
    await _end(row, InboxState.DONE)
    return True


async def work_off_inbox() -> bool:
    """The clock's turn: whether there is more."""
    for _ in range(EVENTS_PER_TURN):
        if not await work_off_next():
            return False
    return True


async def _end(row: InboxRow, state: InboxState) -> None:
    async with platform_scope(settling.settler(), "an event is settled") as scope:
        await inbox.end(scope, row.event_id, state)


async def _put_back(row: InboxRow, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}"[:ERROR_CHARACTERS_MAX]
    _log.warning("event_not_settled", type=row.type, tries=row.tries, error=text)
    async with platform_scope(settling.settler(), "an event is put back") as scope:
        if row.tries < EVENT_TRIES_MAX:
            due_at = scope.now + event_pause(row.tries)
            await inbox.put_back(scope, row.event_id, due_at, text)
            return
        await inbox.end(scope, row.event_id, InboxState.GIVEN_UP, text)
        facts = {"type": row.type, "object": row.object_id, "error": text}
        reference = f"event:{row.event_id}"
        await inbox.insert_problem(scope, ProblemKind.EVENT_GIVEN_UP, reference, facts)


# --- what each event makes us read again ------------------------------------------------------


async def _checkout(row: InboxRow) -> None:
    await settling.settle_checkout(row.object_id)


async def _payment(row: InboxRow) -> None:
    await refunding.settle_whole(row.object_id)


async def _refund(row: InboxRow) -> None:
    """Its payment with all of its refunds, so that none is booked before an older one."""
    facts = await payments().refund_facts(row.object_id)
    if facts.payment is not None:
        await refunding.settle_whole(facts.payment)


async def _charge(row: InboxRow) -> None:
    """A charge names its payment; should it not, we know whose it is."""
    payment_id = named_payment(row.body)
    if payment_id is None:
        async with platform_scope(settling.settler(), "whose charge") as scope:
            payment_id = await purchases.payment_of_charge(scope, row.object_id)
    if payment_id is not None:
        await refunding.settle_whole(payment_id)


def named_payment(body: bytes | None) -> str | None:
    """Only where to look: nothing in a body is believed."""
    if body is None:
        return None
    try:
        event = msgspec.json.decode(body, type=_ChargeEvent)
    except msgspec.DecodeError:
        return None
    return event.data.object.payment_intent


class _Charge(msgspec.Struct):
    payment_intent: str | None = None


class _ChargeData(msgspec.Struct):
    object: _Charge


class _ChargeEvent(msgspec.Struct):
    data: _ChargeData


async def _dispute(row: InboxRow) -> None:
    await disputes.settle_dispute(row.object_id)


async def _warning(row: InboxRow) -> None:
    await disputes.settle_warning(row.object_id)


async def _setup(row: InboxRow) -> None:
    await cards.settle_setup(row.object_id)


async def _card(row: InboxRow) -> None:
    await cards.settle_card(row.object_id)


async def _customer(row: InboxRow) -> None:
    await cards.settle_customer(row.object_id)


Effect = Callable[[InboxRow], Awaitable[None]]
EFFECTS: Final[dict[str, Effect]] = {
    **dict.fromkeys(
        (
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "checkout.session.expired",
        ),
        _checkout,
    ),
    **dict.fromkeys(
        (
            "payment_intent.succeeded",
            "payment_intent.payment_failed",
            "payment_intent.requires_action",
            "payment_intent.processing",
            "payment_intent.canceled",
        ),
        _payment,
    ),
    "setup_intent.succeeded": _setup,
    **dict.fromkeys(
        (
            "payment_method.attached",
            "payment_method.detached",
            "payment_method.updated",
            "payment_method.automatically_updated",
        ),
        _card,
    ),
    "customer.deleted": _customer,
    **dict.fromkeys(
        ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"), _refund
    ),
    "charge.refunded": _charge,
    **dict.fromkeys(
        (
            "charge.dispute.created",
            "charge.dispute.updated",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.funds_reinstated",
            "charge.dispute.closed",
        ),
        _dispute,
    ),
    "radar.early_fraud_warning.created": _warning,
    "radar.early_fraud_warning.updated": _warning,
}
"""By type; every other is kept, answered and ignored."""


# --- what a person has to settle ---------------------------------------------------------------


async def list_problems(
    principal: Principal,
    *,
    is_open: bool = True,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[PaymentProblemView]:
    """Of every tenant, the longest waiting first."""
    check_limit(limit)
    after = cursor_id(cursor)
    async with platform_scope(principal, "payment problems") as scope:
        rows = await inbox.problems_page(scope, is_open=is_open, after=after, limit=limit)
    return Page(items=[_problem(row) for row in rows], next_cursor=next_cursor(rows, limit, "id"))


async def resolve_problem(
    principal: Principal, problem_id: UUID, given: ProblemResolution
) -> PaymentProblemView:
    """Raises NotFound, StateConflict `problem_resolved`."""
    reason = f"payment problem {problem_id}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        whose = _problem(await inbox.problem(scope, problem_id)).tenant_id
        await refuse_own_tenant_of(scope, whose)
        row = await inbox.resolve_problem(scope, problem_id, given.resolution)
        if row is None:
            found = _problem(await inbox.problem(scope, problem_id))
            raise StateConflict(
                "problem_resolved", "somebody settled it", resolved_by=found.resolved_by
            )
        view = _problem(row)
        await scope.answer(view, 200)
    return view


def _problem(row: asyncpg.Record) -> PaymentProblemView:
    return msgspec.convert(dict(row), PaymentProblemView)


async def forget_old_events() -> bool:
    """Bodies first, rows much later: an id must be known as long as it may come again. Whether
    there may be more.
    """
    async with platform_scope(settling.settler(), "forget old events") as scope:
        bodies = scope.now - timedelta(days=EVENT_BODIES_KEPT_DAYS)
        rows = scope.now - timedelta(days=EVENT_ROWS_KEPT_DAYS)
        gone = await inbox.forget_bodies(scope, bodies, FORGET_ROWS_MAX)
        gone += await inbox.forget_rows(scope, rows, FORGET_ROWS_MAX)
    return gone >= FORGET_ROWS_MAX
