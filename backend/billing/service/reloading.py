"""Buying by itself: whether a purchase is due, and what its end means for the next.

Who decides holds the tenant's row, so one crossing is answered once, however often it is told.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog

from backend.billing.purchase_states import PurchaseSource
from backend.billing.queries import auto_reload, purchases
from backend.billing.reload_states import (
    ACTIVE,
    BACK_OFF,
    BURST_RELOADS,
    BURST_TIME,
    CHARGE_AGAIN_AFTER,
    CHECK_AGAIN_AFTER,
    KEY_LIFETIME,
    NO_REFUSALS,
    ReloadEvent,
    ReloadState,
    ReloadTerms,
    StopReason,
    wanted_credits,
)
from backend.billing.schemas.cards import AutoReload
from backend.billing.service.purchases import open_purchase
from backend.billing.service.reload_charges import reloader
from backend.billing.service.reload_moves import move_reload, tell_trouble
from backend.billing.service.tariffs import price_purchase
from backend.billing.states import PURCHASE_CREDITS_MAX, PURCHASE_CREDITS_MIN
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, InvalidInput
from backend.kernel.faults import point
from backend.ledger.service.balance import balance

CHECKS_PER_TURN = 100
SPENDING_STATES = frozenset({"trial", "active"})

_log = structlog.get_logger("clearsend.auto_reload")


class Fall(msgspec.Struct, frozen=True):
    """A fall of the balance as it was announced."""

    announcement_id: UUID
    before: int
    after: int

    @property
    def at_ms(self) -> int:
        return self.announcement_id.int >> 80

    def crosses(self, threshold: int) -> bool:
        return self.after < threshold <= self.before


async def check_reload(tenant_id: UUID, fall: Fall | None = None) -> UUID | None:
    """Use case of `credits.fell`, `credits.added` and of the sweep: the purchase it opened, if one
    was due, for `charge_reload`.
    """
    async with tenant_scope(reloader(tenant_id)) as scope:
        opened = await _decide(scope, fall)
        point("billing.reload_deciding")
    point("billing.reload_opened")
    return opened


async def _decide(scope: Scope, fall: Fall | None) -> UUID | None:
    setting = await auto_reload.locked(scope)
    if setting is None or setting.state not in ACTIVE:
        return None
    await auto_reload.change(scope, setting, {"next_check_at": scope.now + CHECK_AGAIN_AFTER})
    if (await read_tenant_facts(scope)).status not in SPENDING_STATES:
        return None
    standing = (await balance(scope)).available + await auto_reload.on_its_way(scope)
    if standing >= setting.threshold_credits:
        await _arm(scope, setting)
        return None
    if setting.state is ReloadState.BACKING_OFF:
        if setting.retry_at is None or setting.retry_at > scope.now:
            return None
        return await _open(scope, setting, standing, setting.crossing_no, None)
    if not setting.is_armed and not await _is_new(scope, setting, fall):
        return None
    return await _open(scope, setting, standing, setting.crossing_no + 1, fall)


async def _arm(scope: Scope, setting: AutoReload) -> None:
    """Above the threshold, by whatever came in: the next fall below it counts, and a refusal of
    before is history.
    """
    if setting.state is ReloadState.BACKING_OFF:
        await move_reload(
            scope, setting, ReloadEvent.SUCCEED, failures=0, retry_at=None, is_armed=True
        )
    elif not setting.is_armed:
        await auto_reload.change(scope, setting, {"is_armed": True})


async def _is_new(scope: Scope, setting: AutoReload, fall: Fall | None) -> bool:
    """A fall from above, later than the last purchase: the balance was up in between, unseen."""
    if fall is None or not fall.crosses(setting.threshold_credits):
        return False
    if setting.fired_at is not None and fall.at_ms <= _ms(setting.fired_at):
        return False
    return not await auto_reload.was_told(scope, fall.announcement_id)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


async def _open(
    scope: Scope, setting: AutoReload, standing: int, crossing_no: int, fall: Fall | None
) -> UUID | None:
    if await auto_reload.opened_since(scope, scope.now - BURST_TIME) >= BURST_RELOADS:
        alarm = {"stop_reason": StopReason.BURST.value}
        if await move_reload(scope, setting, ReloadEvent.ALARM, **alarm):
            await tell_trouble(scope, ReloadTerms.BURST.value, reloads=BURST_RELOADS)
        return None
    wanted = wanted_credits(
        setting.amount_credits, setting.target_credits, standing, PURCHASE_CREDITS_MIN
    )
    try:
        price = await price_purchase(scope, min(wanted, PURCHASE_CREDITS_MAX))
    except (Conflict, InvalidInput) as error:
        _log.warning("auto_reload_not_priced", tenant=str(scope.tenant_id), code=error.code)
        return None
    month = scope.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    spent = await auto_reload.spent_since(scope, month)
    is_over = spent + price.gross_minor > setting.monthly_cap_minor
    if is_over or price.currency != setting.currency:
        if not await auto_reload.cap_was_told(scope, month.date()):
            facts: dict[str, Any] = {"spent_minor": spent, "cap_minor": setting.monthly_cap_minor}
            facts |= {"wanted_minor": price.gross_minor, "currency": setting.currency}
            await tell_trouble(scope, ReloadTerms.MONTHLY_CAP.value, **facts)
        return None
    customer = await purchases.customer_id(scope)
    purchase = await open_purchase(scope, price, PurchaseSource.AUTO_RELOAD, customer_id=customer)
    # Counted, not derived from the refusals: a try that another one made needless is none.
    attempt = await auto_reload.attempts_of(scope, crossing_no) + 1
    told_by = fall.announcement_id if fall else None
    await auto_reload.insert(scope, purchase.id, (crossing_no, attempt), told_by, setting.card_id)
    changes: dict[str, Any] = {"crossing_no": crossing_no, "fired_at": scope.now}
    await auto_reload.change(scope, setting, {**changes, "is_armed": False})
    return purchase.id


async def end_reload(tenant_id: UUID, purchase_id: UUID, failure_code: str | None) -> UUID | None:
    """Use case of `purchase.paid` and `purchase.failed`: told twice, the first one stands; one that
    failed may be paid by its owner afterwards. Answers what it opened, where that was not enough.
    """
    async with tenant_scope(reloader(tenant_id)) as scope:
        setting = await auto_reload.locked(scope)
        if setting is None or await auto_reload.find(scope, purchase_id) is None:
            return None
        outcome = "paid" if failure_code is None else "failed"
        if not await auto_reload.end(scope, purchase_id, outcome):
            return None
        if failure_code is None:
            fresh = {"failures": 0, "retry_at": None, "is_armed": True}
            await move_reload(scope, setting, ReloadEvent.SUCCEED, **fresh)
        elif failure_code not in NO_REFUSALS:
            await _back_off(scope, setting, purchase_id, failure_code)
        elif setting.state is ReloadState.BACKING_OFF:  # until the money of the try before came
            retry_at = scope.now + BACK_OFF[0]
            await auto_reload.change(
                scope, setting, {"retry_at": retry_at, "next_check_at": retry_at}
            )
    point("billing.reload_ended")
    return await check_reload(tenant_id) if failure_code is None else None


async def _back_off(
    scope: Scope, setting: AutoReload, purchase_id: UUID, failure_code: str
) -> None:
    failures = setting.failures + 1
    if failures > len(BACK_OFF):
        stopped = {"stop_reason": StopReason.DECLINED.value, "retry_at": None, "failures": 0}
        await move_reload(scope, setting, ReloadEvent.GIVE_UP, **stopped)
        told = {"purchase_id": str(purchase_id), "failure_code": failure_code}
        await tell_trouble(scope, StopReason.DECLINED.value, **told)
        return
    retry_at = scope.now + BACK_OFF[failures - 1]
    changes = {"failures": failures, "retry_at": retry_at, "next_check_at": retry_at}
    await move_reload(scope, setting, ReloadEvent.DECLINE, **changes)


async def uncharged_reloads() -> list[tuple[UUID, UUID]]:
    """Tenant and purchase of what was opened and, as far as anybody knows, never charged."""
    async with platform_scope(reloader(), "uncharged auto-reloads") as scope:
        rows = await auto_reload.uncharged(
            scope, scope.now - CHARGE_AGAIN_AFTER, scope.now - KEY_LIFETIME, CHECKS_PER_TURN
        )
    return [(row["tenant_id"], row["purchase_id"]) for row in rows]


async def check_due() -> tuple[list[tuple[UUID, UUID]], bool]:
    """The clock's sweep: tenant and purchase of what it opened; whether there is more. One tenant
    that cannot be looked at holds up no other.
    """
    due, opened = await due_reloads(), []
    for tenant_id in due:
        try:
            purchase_id = await check_reload(tenant_id)
        except Exception as error:  # noqa: BLE001 - the others must not wait behind this one
            _log.warning("reload_not_checked", tenant=str(tenant_id), error=type(error).__name__)
            continue
        if purchase_id is not None:
            opened.append((tenant_id, purchase_id))
    return opened, len(due) >= CHECKS_PER_TURN


async def due_reloads() -> list[UUID]:
    """Tenants nobody looked at lately: heals what was not heard of."""
    async with platform_scope(reloader(), "due auto-reloads") as scope:
        return await auto_reload.due(scope, CHECKS_PER_TURN)
