"""Credits given: by finance with a reason, two people above a limit, and to every new tenant."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from backend.audit.service import record
from backend.billing.desk_states import CorrectionKind, CorrectionState
from backend.billing.queries import clerks, corrections
from backend.billing.schemas.corrections import CorrectionView
from backend.billing.schemas.top_ups import GrantCreate, GrantView
from backend.billing.service.second_person import ALONE_MAX, done_or_waiting
from backend.billing.states import SINGLE_CLERK_SUM_HOURS, TRIAL_CREDITS
from backend.db.scope import Scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, invalid_field
from backend.kernel.principal import Principal, system
from backend.kernel.views import EXPIRY_DAYS_MAX
from backend.ledger.service import lots
from backend.ledger.states import LotKind

LONGEST = timedelta(days=EXPIRY_DAYS_MAX)


async def create_grant(principal: Principal, tenant_id: UUID, data: GrantCreate) -> GrantView:
    """Credits at once up to GRANT_CREDITS_MAX, this one and what the same clerk gave the tenant in
    SINGLE_CLERK_SUM_HOURS together; above it Conflict `second_person_required` with
    `correction_id`, for a second person to approve.

    Raises Conflict `reference_reused`, `correction_waiting`, InvalidInput `expiry_past`.
    """
    async with tenant_scope(principal, tenant_id, reason=data.reason) as scope:
        await refuse_own_tenant(scope)
        await read_tenant_facts(scope)  # NotFound for a tenant that is not there
        _check_expiry(data.expires_at, scope.now)
        await clerks.take_turn(scope)
        waiting = await _waiting(scope, data)
        if waiting is None:
            view = await _give_at_once(scope, data)
            await scope.answer(view)
            return view
    done_or_waiting(waiting)  # raises outside the scope: the pending row stays
    raise AssertionError("what waits is not done")


def _check_expiry(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise invalid_field("/expires_at", "expiry_past", "an expiry lies in the future")
    if expires_at is not None and expires_at > now + LONGEST:
        raise invalid_field("/expires_at", "date_too_far", "at most ten years from now")


async def _waiting(scope: Scope, data: GrantCreate) -> CorrectionView | None:
    """The row that waits for a second person, there already or new; None below the limit, and for a
    reference that was granted before, which the ledger answers.
    """
    row = await corrections.waiting_grant(scope, data.reference)
    if row is not None:
        return _same_waiting(scope, _view(row), data)
    since = scope.now - timedelta(hours=SINGLE_CLERK_SUM_HOURS)
    given = await clerks.corrected_alone(scope, CorrectionKind.GRANT, since)
    is_alone = given + data.amount_credits <= ALONE_MAX[CorrectionKind.GRANT]
    if is_alone or await lots.is_issued(scope, _reference(data.reference)):
        return None
    view = _view(await corrections.insert_grant(scope, data, CorrectionState.PENDING))
    await record(
        scope,
        "grant.asked",
        f"correction:{view.id}",
        amount_credits=view.amount_credits,
        reason=view.reason,
    )
    return view


def _same_waiting(scope: Scope, view: CorrectionView, data: GrantCreate) -> CorrectionView:
    """The clerk asks again for what still waits: the same answer."""
    asked = (data.amount_credits, data.kind, data.expires_at, scope.principal.actor)
    if asked == (view.amount_credits, view.grant_kind, view.expires_at, view.created_by):
        return view
    raise Conflict(
        "correction_waiting",
        "a grant with this reference waits for a second person",
        correction_id=view.id,
        created_by=view.created_by,
        created_at=view.created_at,
    )


async def _give_at_once(scope: Scope, data: GrantCreate) -> GrantView:
    view = await _give(scope, data)
    if not view.is_repeated:
        await corrections.insert_grant(scope, data, CorrectionState.DONE)
    return view


async def give_waited(scope: Scope, waited: CorrectionView) -> None:
    """Once a second person approved. Raises Conflict `reference_reused`, InvalidInput
    `expiry_past` where it waited too long.
    """
    assert waited.grant_reference is not None
    assert waited.grant_kind is not None
    _check_expiry(waited.expires_at, scope.now)
    data = GrantCreate(
        amount_credits=waited.amount_credits,
        reference=waited.grant_reference,
        reason=waited.reason,
        kind=waited.grant_kind,
        expires_at=waited.expires_at,
    )
    await _give(scope, data)


async def _give(scope: Scope, data: GrantCreate) -> GrantView:
    posted = await lots.grant(
        scope,
        data.amount_credits,
        _reference(data.reference),
        kind=LotKind(data.kind.value),
        expires_at=data.expires_at,
        reason=data.reason,
    )
    transfer_id: UUID = posted.transfer_id  # type: ignore[assignment] # only a closed hold has none
    if not posted.is_repeated:
        await record(
            scope,
            "credits.granted",
            f"transfer:{transfer_id}",
            amount_credits=posted.amount,
            reason=data.reason,
        )
    return GrantView(
        transfer_id=transfer_id, amount_credits=posted.amount, is_repeated=posted.is_repeated
    )


def _reference(given: str) -> str:
    return f"grant:{given}"


def _view(row: asyncpg.Record) -> CorrectionView:
    return msgspec.convert(dict(row), CorrectionView)


async def grant_trial_credits(tenant_id: UUID) -> None:
    """Consumer of `tenant.created`: trials only. Told twice, its reference changes nothing."""
    async with tenant_scope(system("trial credits", tenant_id)) as scope:
        if (await read_tenant_facts(scope)).status != "trial":
            return
        await lots.grant(scope, TRIAL_CREDITS, f"trial:{tenant_id}", reason="trial")
