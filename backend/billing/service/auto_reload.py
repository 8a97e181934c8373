"""What a tenant says about buying by itself, and what became of it."""

from typing import Any
from uuid import UUID

from backend.audit.service import record
from backend.billing.payment_facts import NEEDS_AUTHENTICATION
from backend.billing.payments import payments
from backend.billing.purchase_states import PurchaseState
from backend.billing.queries import auto_reload, cards, purchases
from backend.billing.reload_states import RELOAD_MOVES, ReloadEvent, ReloadState
from backend.billing.schemas.cards import (
    AuthenticationView,
    AutoReload,
    AutoReloadInput,
    AutoReloadView,
)
from backend.billing.service.cards import card_view
from backend.billing.service.tariffs import price_purchase
from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import Conflict, NotFound, invalid_field
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal


async def read_auto_reload(principal: Principal) -> AutoReloadView:
    """Raises NotFound `auto_reload_absent` before it was ever saved."""
    async with tenant_scope(principal) as scope:
        setting = await auto_reload.read(scope)
        if setting is None:
            raise NotFound("auto_reload_absent", "nobody has set it up yet")
        return await _view(scope, setting)


async def save_auto_reload(principal: Principal, data: AutoReloadInput) -> AutoReloadView:
    """Turning on starts afresh: refusals and alarms of before are history, and a balance that is
    low already counts as a crossing.

    Raises InvalidInput `one_aim`, `amount_below_threshold`, `target_below_threshold`,
    `unknown_card`, `cap_below_price`, Conflict `billing_profile_required`.
    """
    _check_aim(data)
    async with tenant_scope(principal) as scope:
        before = await auto_reload.locked(scope)
        if await cards.shown_one(scope, data.card_id) is None:
            raise invalid_field("/card_id", "unknown_card", "no saved card of yours")
        amount = data.amount_credits or data.target_credits or 0
        price = await price_purchase(scope, amount)
        if data.amount_credits and price.gross_minor > data.monthly_cap_minor:
            raise invalid_field(
                "/monthly_cap_minor",
                "cap_below_price",
                "not even one purchase would fit into it",
                gross_minor=price.gross_minor,
            )
        event = ReloadEvent.TURN_ON if data.is_on else ReloadEvent.TURN_OFF
        state = RELOAD_MOVES[before.state if before else ReloadState.OFF, event]
        saved = await auto_reload.save(scope, _values(scope, data, state, price.currency))
        await record(
            scope,
            f"auto_reload.{event}",
            f"tenant:{scope.tenant_id}",
            threshold_credits=data.threshold_credits,
            amount_credits=data.amount_credits,
            target_credits=data.target_credits,
            monthly_cap_minor=data.monthly_cap_minor,
            card_id=data.card_id,
        )
        view = await _view(scope, saved)
        await scope.answer(view, 200)
    return view


def _check_aim(data: AutoReloadInput) -> None:
    if (data.amount_credits is None) == (data.target_credits is None):
        raise invalid_field("/amount_credits", "one_aim", "say an amount or a target, not both")
    if data.amount_credits is not None and data.amount_credits < data.threshold_credits:
        raise invalid_field(
            "/amount_credits",
            "amount_below_threshold",
            "one purchase has to lift the balance over the threshold",
            threshold_credits=data.threshold_credits,
        )
    if data.target_credits is not None and data.target_credits <= data.threshold_credits:
        raise invalid_field(
            "/target_credits",
            "target_below_threshold",
            "the target lies above the threshold",
            threshold_credits=data.threshold_credits,
        )


def _values(
    scope: Scope, data: AutoReloadInput, state: ReloadState, currency: str
) -> dict[str, Any]:
    return {
        "state": state.value,
        "threshold_credits": data.threshold_credits,
        "amount_credits": data.amount_credits,
        "target_credits": data.target_credits,
        "monthly_cap_minor": data.monthly_cap_minor,
        "currency": currency,
        "card_id": data.card_id,
        "failures": 0,
        "retry_at": None,
        "stop_reason": None,
        "is_armed": True,
        "cap_told_on": None,
        "next_check_at": scope.now,
        "changed_by": scope.principal.actor,
        "changed_at": scope.now,
    }


async def _view(scope: Scope, setting: AutoReload) -> AutoReloadView:
    month = scope.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    card = await cards.shown_one(scope, setting.card_id)
    last = await auto_reload.last(scope)
    purchase = await purchases.read(scope, last.purchase_id) if last else None
    failure = purchase.failure_code if purchase else None
    return AutoReloadView(
        state=setting.state,
        threshold_credits=setting.threshold_credits,
        amount_credits=setting.amount_credits,
        target_credits=setting.target_credits,
        monthly_cap_minor=setting.monthly_cap_minor,
        currency=setting.currency,
        spent_this_month_minor=await auto_reload.spent_since(scope, month),
        card=card_view(card) if card else None,
        failures=setting.failures,
        retry_at=setting.retry_at,
        stop_reason=setting.stop_reason,
        last_purchase_id=purchase.id if purchase else None,
        last_failure_code=failure,
        needs_authentication=failure == NEEDS_AUTHENTICATION,
        changed_by=setting.changed_by,
        changed_at=setting.changed_at,
    )


async def authenticate_purchase(
    principal: Principal, purchase_id: UUID, url: str
) -> AuthenticationView:
    """The bank's page for a charge that wanted its owner. Raises NotFound, Conflict
    `nothing_to_authenticate` where it was paid, given up or tried again meanwhile.
    """
    async with tenant_scope(principal) as scope:
        purchase = await purchases.read(scope, purchase_id)
        reload = await auto_reload.find(scope, purchase_id)
    waits = purchase.state is PurchaseState.AWAITING_CUSTOMER or (
        purchase.state is PurchaseState.FAILED and purchase.failure_code == NEEDS_AUTHENTICATION
    )
    nothing = Conflict("nothing_to_authenticate", "this payment waits for nobody")
    if reload is None or purchase.payment_id is None or not waits:
        raise nothing
    facts = await payments().payment(purchase.payment_id)
    if facts.status == "requires_payment_method":
        facts = await payments().authenticate(
            purchase.payment_id,
            card=reload.card_id,
            return_url=f"{url}/credits?purchase={purchase_id}",
            key=f"authenticate:{uuid7()}",
        )
    if facts.next_action_url is None:
        raise nothing
    view = AuthenticationView(url=facts.next_action_url)
    async with tenant_scope(principal) as scope:
        await record(scope, "purchase.authentication_opened", f"purchase:{purchase_id}")
        await scope.answer(view, 200)
    return view
