"""Reversals and credit lines: one clerk up to a limit, two people above it; grants that wait."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from backend.audit.service import record
from backend.billing.desk_states import CorrectionKind, CorrectionState
from backend.billing.queries import clerks, corrections, documents, top_ups
from backend.billing.schemas.corrections import (
    CorrectionDecline,
    CorrectionView,
    CreditLineChange,
    Reversal,
)
from backend.billing.service.grants import give_waited
from backend.billing.service.issuing import credit_what_is_left
from backend.billing.service.second_person import ALONE_MAX, done_or_waiting
from backend.billing.service.top_ups import tenant_of_top_up
from backend.billing.states import SINGLE_CLERK_SUM_HOURS, TopUpState
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, Forbidden, StateConflict
from backend.kernel.faults import point
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.ledger.service import lines, refunds
from backend.ledger.service.balance import balance


async def reverse_top_up(principal: Principal, top_up_id: UUID, given: Reversal) -> CorrectionView:
    """All of what a clerk's top-up brought goes back, as a new transfer, and its document with a
    credit note.

    Raises StateConflict `top_up_not_credited`, Conflict `reversal_exceeds_unspent`; above one
    clerk's limit, alone or with what they reversed for the tenant in SINGLE_CLERK_SUM_HOURS,
    Conflict `second_person_required` with `correction_id`.
    """
    tenant_id = await tenant_of_top_up(principal, top_up_id, given.reason)
    async with tenant_scope(principal, tenant_id, reason=given.reason) as scope:
        await refuse_own_tenant(scope)
        await clerks.take_turn(scope)
        row = await top_ups.locked(scope, top_up_id)
        if row["state"] != TopUpState.CREDITED.value:
            raise StateConflict(
                "top_up_not_credited", "nothing was credited by it", state=row["state"]
            )
        since = scope.now - timedelta(hours=SINGLE_CLERK_SUM_HOURS)
        alone = row["amount_credits"] + await clerks.corrected_alone(
            scope, CorrectionKind.REVERSAL, since
        )
        view = await _ask(
            scope,
            CorrectionKind.REVERSAL,
            top_up_id,
            row["amount_credits"],
            given.reason,
            is_alone=alone <= ALONE_MAX[CorrectionKind.REVERSAL],
        )
        if view.state is CorrectionState.DONE:
            await scope.answer(view)
    return done_or_waiting(view)


async def set_credit_line(
    principal: Principal, tenant_id: UUID, change: CreditLineChange
) -> CorrectionView:
    """Raises Conflict `line_in_use`, `line_unchanged`, `credit_line_changed` where it is not what
    the clerk saw; above one clerk's limit Conflict `second_person_required` with `correction_id`.
    What only shrinks takes no second person. It is no sum: nobody reaches more in two steps.
    """
    async with tenant_scope(principal, tenant_id, reason=change.reason) as scope:
        await refuse_own_tenant(scope)
        await read_tenant_facts(scope)  # NotFound for a tenant that is not there
        await clerks.take_turn(scope)
        stands = (await balance(scope)).credit_line
        if stands == change.credits:
            raise Conflict("line_unchanged", "the credit line is that already", credits=stands)
        _check_seen(stands, change.seen_credits)
        view = await _ask(
            scope,
            CorrectionKind.CREDIT_LINE,
            None,
            change.credits,
            change.reason,
            is_alone=change.credits < stands
            or change.credits <= ALONE_MAX[CorrectionKind.CREDIT_LINE],
            seen_credits=stands,
        )
        if view.state is CorrectionState.DONE:
            await scope.answer(view)
    return done_or_waiting(view)


def _check_seen(stands: int, seen: int) -> None:
    """Else the second of two clerks would undo what the first agreed, and not know it."""
    if stands != seen:
        raise Conflict(
            "credit_line_changed",
            "the credit line is not what it was when this was asked for",
            credits=stands,
            seen_credits=seen,
        )


async def _ask(
    scope: Scope,
    kind: CorrectionKind,
    top_up_id: UUID | None,
    amount: int,
    reason: str,
    *,
    is_alone: bool,
    seen_credits: int | None = None,
) -> CorrectionView:
    state = CorrectionState.DONE if is_alone else CorrectionState.PENDING
    row = await corrections.insert(
        scope,
        kind,
        top_up_id=top_up_id,
        amount_credits=amount,
        seen_credits=seen_credits,
        reason=reason,
        state=state,
    )
    if row is None:
        return _same_waiting(scope, await corrections.waiting(scope, kind, top_up_id), amount)
    view = _view(row)
    await record(
        scope,
        f"{kind.value}.{'done' if is_alone else 'asked'}",
        f"correction:{view.id}",
        amount_credits=amount,
        reason=reason,
        **({"top_up_id": str(top_up_id)} if top_up_id else {}),
    )
    if is_alone:
        await _carry_out(scope, view)
    return view


def _same_waiting(scope: Scope, row: asyncpg.Record, amount: int) -> CorrectionView:
    """The clerk asks again for what still waits: the same answer."""
    view = _view(row)
    if (view.amount_credits, view.created_by) == (amount, scope.principal.actor):
        return view
    raise Conflict(
        "correction_waiting",
        "another one waits for a second person",
        correction_id=view.id,
        created_by=view.created_by,
        created_at=view.created_at,
    )


async def _carry_out(scope: Scope, view: CorrectionView) -> None:
    """The ledger's verb late: it locks the tenant's ledger until the commit. After it only the
    number of a document, which is everybody's.
    """
    if view.kind is CorrectionKind.CREDIT_LINE:
        await lines.set_credit_line(scope, view.amount_credits, f"line:{view.id}", view.reason)
        return
    if view.kind is CorrectionKind.GRANT:
        await give_waited(scope, view)
        return
    assert view.top_up_id is not None
    await top_ups.reverse(scope, view.top_up_id, view.reason)
    reference = f"top_up:{view.top_up_id}"
    await refunds.reverse(scope, reference, f"reversal:{view.id}", view.reason)
    point("billing.top_up_reversed")
    document_id = await documents.id_settled_by(scope, reference)
    if document_id is not None:
        note = f"The payment was entered by mistake: {view.reason}"[:500]
        await credit_what_is_left(scope, document_id, f"reversal:{view.id}", note)


async def approve_correction(principal: Principal, correction_id: UUID) -> CorrectionView:
    """Raises Forbidden `second_person_must_differ`, StateConflict `correction_not_pending`,
    Conflict `credit_line_changed` where the line is another than it was asked for, and what the
    ledger refuses by now.
    """
    reason = f"approve correction {correction_id}"
    tenant_id = await _tenant_of(principal, correction_id, reason)
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        await refuse_own_tenant(scope)
        await clerks.take_turn(scope)
        before = await _pending(scope, correction_id)
        if before.created_by == principal.actor:
            raise Forbidden("second_person_must_differ", "whoever asked for it cannot approve it")
        if before.seen_credits is not None:
            _check_seen((await balance(scope)).credit_line, before.seen_credits)
        view = _view(await corrections.decide(scope, correction_id, CorrectionState.DONE, None))
        await record(
            scope,
            f"{view.kind.value}.approved",
            f"correction:{view.id}",
            amount_credits=view.amount_credits,
            created_by=view.created_by,
        )
        await _carry_out(scope, view)
        await scope.answer(view, 200)
    return view


async def decline_correction(
    principal: Principal, correction_id: UUID, given: CorrectionDecline
) -> CorrectionView:
    """By the second person, or by the first who thinks again. Raises StateConflict
    `correction_not_pending`.
    """
    reason = f"decline correction {correction_id}: {given.reason}"
    tenant_id = await _tenant_of(principal, correction_id, reason)
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        await _pending(scope, correction_id)
        view = _view(
            await corrections.decide(scope, correction_id, CorrectionState.DECLINED, given.reason)
        )
        await record(
            scope, f"{view.kind.value}.declined", f"correction:{view.id}", reason=given.reason
        )
        await scope.answer(view, 200)
    return view


async def list_corrections(
    principal: Principal,
    *,
    tenant_id: UUID | None = None,
    state: CorrectionState | None = None,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[CorrectionView]:
    """Of every tenant, newest first."""
    check_limit(limit)
    before = cursor_id(cursor)
    async with platform_scope(principal, "list corrections", tenant_id) as scope:
        rows = await corrections.page(
            scope, tenant_id, state.value if state else None, before, limit
        )
    return Page(items=[_view(row) for row in rows], next_cursor=next_cursor(rows, limit, "id"))


async def _tenant_of(principal: Principal, correction_id: UUID, reason: str) -> UUID:
    async with platform_scope(principal, reason) as scope:
        return await corrections.tenant_of(scope, correction_id)


async def _pending(scope: Scope, correction_id: UUID) -> CorrectionView:
    view = _view(await corrections.locked(scope, correction_id))
    if view.state is not CorrectionState.PENDING:
        raise StateConflict("correction_not_pending", "nothing waits here", state=view.state)
    return view


def _view(row: asyncpg.Record) -> CorrectionView:
    return msgspec.convert(dict(row), CorrectionView)
