"""Top-ups entered by finance staff: one clerk up to a limit, two people above it."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from backend.audit.service import record
from backend.billing.queries import clerks, proofs, top_ups
from backend.billing.schemas.top_ups import TopUpCreate, TopUpDecline, TopUpView
from backend.billing.service.sightings import note_reference
from backend.billing.states import (
    SINGLE_CLERK_SUM_HOURS,
    SINGLE_CLERK_TOP_UP_CREDITS_MAX,
    TopUpState,
)
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, Forbidden, StateConflict, invalid_field
from backend.kernel.faults import point
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.ledger.service import lots
from backend.outbox.service import announce
from backend.outbox.topics import Topic


async def create_top_up(
    principal: Principal, tenant_id: UUID, data: TopUpCreate, top_up_id: UUID | None = None
) -> TopUpView:
    """Credits at once up to SINGLE_CLERK_TOP_UP_CREDITS_MAX, this one and what the same clerk
    entered for the tenant in SINGLE_CLERK_SUM_HOURS together.

    Above it the top-up is kept as pending and the answer is Conflict `second_person_required`
    with `top_up_id`, for a second person to approve. Raises Conflict `reference_reused` for a
    reference this tenant's top-ups had before: a bank statement's line is credited once; Conflict
    `reference_seen` where another tenant got it in the last day and nobody confirmed that.
    """
    await _check(principal, tenant_id, data)
    await note_reference(
        principal,
        tenant_id,
        data.reference,
        data.amount_credits,
        confirm_duplicate=data.confirm_duplicate,
    )
    point("billing.top_up_noted")
    async with tenant_scope(principal, tenant_id, reason=data.reason) as scope:
        view = await enter_top_up(scope, data, top_up_id)
        if view.state is TopUpState.CREDITED:
            await scope.answer(view)
    point("billing.top_up_entered")
    if view.state is TopUpState.PENDING:
        raise second_person_required(view)  # outside the scope: the pending row stays
    return view


async def _check(principal: Principal, tenant_id: UUID, data: TopUpCreate) -> None:
    """What is wrong is said before the reference counts as seen."""
    plain = msgspec.structs.replace(principal, idempotency=None)
    async with tenant_scope(plain, tenant_id, reason=data.reason) as scope:
        await refuse_own_tenant(scope)
        await read_tenant_facts(scope)  # NotFound for a tenant that is not there
        if data.proof_file is not None and not await proofs.exists(scope, data.proof_file):
            message = "upload the file for this tenant first"
            raise invalid_field("/proof_file", "unknown_proof_file", message)


def second_person_required(view: TopUpView) -> Conflict:
    return Conflict(
        "second_person_required",
        "another person of finance has to approve this top-up",
        top_up_id=view.id,
        single_clerk_top_up_credits_max=SINGLE_CLERK_TOP_UP_CREDITS_MAX,
        single_clerk_sum_hours=SINGLE_CLERK_SUM_HOURS,
    )


async def _state_of(scope: Scope, data: TopUpCreate) -> TopUpState:
    since = scope.now - timedelta(hours=SINGLE_CLERK_SUM_HOURS)
    alone = data.amount_credits + await clerks.topped_up(scope, since)
    return TopUpState.PENDING if alone > SINGLE_CLERK_TOP_UP_CREDITS_MAX else TopUpState.CREDITED


async def enter_top_up(scope: Scope, data: TopUpCreate, top_up_id: UUID | None = None) -> TopUpView:
    """A step: credited at once, or pending above one clerk's limit. The id where it stands already.

    Raises Conflict `reference_reused`.
    """
    await clerks.take_turn(scope)
    row = await top_ups.insert(scope, data, await _state_of(scope, data), top_up_id)
    if row is None:
        return _same_pending(scope, await top_ups.by_reference(scope, data.reference), data)
    view = _view(row)
    point("billing.top_up_written")
    await record(
        scope,
        "top_up.created",
        f"top_up:{view.id}",
        amount_credits=view.amount_credits,
        reference=view.reference,
        reason=view.reason,
        state=view.state.value,
    )
    if view.state is TopUpState.CREDITED:
        await _credit(scope, view)
    return view


def _same_pending(scope: Scope, row: asyncpg.Record, data: TopUpCreate) -> TopUpView:
    """The clerk asks again for what still waits: the same answer. Anything else is a reuse."""
    view = _view(row)
    asked = (data.amount_credits, data.method, scope.principal.actor)
    if view.state is TopUpState.PENDING and asked == (
        view.amount_credits,
        view.method,
        view.created_by,
    ):
        return view
    raise Conflict(
        "reference_reused",
        "this tenant has a top-up with this reference",
        reference=view.reference,
        top_up_id=view.id,
        created_at=view.created_at,
    )


async def list_pending_top_ups(
    principal: Principal, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[TopUpView]:
    """What waits for a second person, of every tenant, the oldest first."""
    check_limit(limit)
    after = cursor_id(cursor)
    async with platform_scope(principal, "pending top-ups") as scope:
        rows = await top_ups.pending_page(scope, after, limit)
    return Page(items=[_view(row) for row in rows], next_cursor=next_cursor(rows, limit, "id"))


async def list_top_ups(
    principal: Principal,
    tenant_id: UUID,
    *,
    state: TopUpState | None = None,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[TopUpView]:
    """Of one tenant, newest first."""
    check_limit(limit)
    before = cursor_id(cursor)
    async with tenant_scope(principal, tenant_id, reason="list top-ups") as scope:
        await read_tenant_facts(scope)  # NotFound for a tenant that is not there
        rows = await top_ups.newest_page(scope, before, limit, state.value if state else None)
    return Page(items=[_view(row) for row in rows], next_cursor=next_cursor(rows, limit, "id"))


async def tenant_of_top_up(principal: Principal, top_up_id: UUID, reason: str) -> UUID:
    """Raises NotFound."""
    async with platform_scope(principal, reason) as scope:
        return await top_ups.tenant_of(scope, top_up_id)


async def decline_top_up(principal: Principal, top_up_id: UUID, given: TopUpDecline) -> TopUpView:
    """By the second person, or by the first who thinks again. Raises StateConflict
    `top_up_not_pending`.
    """
    reason = f"decline top-up {top_up_id}: {given.reason}"
    tenant_id = await tenant_of_top_up(principal, top_up_id, reason)
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        _check_pending(_view(await top_ups.locked(scope, top_up_id)))
        view = _view(await top_ups.decline(scope, top_up_id, given.reason))
        await record(scope, "top_up.declined", f"top_up:{view.id}", reason=given.reason)
        await scope.answer(view, 200)
    return view


def _check_pending(view: TopUpView) -> None:
    if view.state is not TopUpState.PENDING:
        raise StateConflict("top_up_not_pending", "nothing waits here", state=view.state)


async def approve_top_up(principal: Principal, top_up_id: UUID) -> TopUpView:
    """Raises Forbidden `second_person_must_differ`, StateConflict `top_up_not_pending`."""
    reason = f"approve top-up {top_up_id}"
    tenant_id = await tenant_of_top_up(principal, top_up_id, reason)
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        await refuse_own_tenant(scope)
        before = _view(await top_ups.locked(scope, top_up_id))
        _check_pending(before)
        if before.created_by == principal.actor:
            raise Forbidden(
                "second_person_must_differ", "whoever entered a top-up cannot approve it"
            )
        view = _view(await top_ups.credit(scope, top_up_id))
        await record(
            scope,
            "top_up.approved",
            f"top_up:{view.id}",
            amount_credits=view.amount_credits,
            created_by=view.created_by,
        )
        await _credit(scope, view)
        await scope.answer(view, 200)
    point("billing.top_up_approved")
    return view


async def _credit(scope: Scope, view: TopUpView) -> None:
    await lots.top_up(
        scope,
        view.amount_credits,
        f"top_up:{view.id}",
        reason=view.reason,
        proof_file=view.proof_file,
    )
    await announce(scope, Topic.TOP_UP_CREDITED, {"top_up_id": str(view.id)})
    point("billing.top_up_credited")


def _view(row: asyncpg.Record) -> TopUpView:
    return msgspec.convert(dict(row), TopUpView)
