"""The one function that moves a tenant's auto-reload, and the news its people hear."""

from typing import Any

from backend.audit.service import record
from backend.billing.queries import auto_reload
from backend.billing.reload_states import RELOAD_MOVES, ReloadEvent, StopReason
from backend.billing.schemas.cards import AutoReload
from backend.db.scope import Scope
from backend.kernel.errors import StateConflict
from backend.outbox.service import announce
from backend.outbox.topics import Topic


async def move_reload(
    scope: Scope, before: AutoReload, event: ReloadEvent, **changes: Any
) -> AutoReload | None:
    """None: this state takes no such event. Raises StateConflict where the row changed meanwhile,
    which a locked one cannot.
    """
    to = RELOAD_MOVES.get((before.state, event))
    if to is None:
        return None
    moved = await auto_reload.change(scope, before, {"state": to.value, **changes})
    if moved is None:
        raise StateConflict(detail="auto-reload changed meanwhile")
    if to is not before.state or event is ReloadEvent.DECLINE:
        await record(
            scope,
            f"auto_reload.{event}",
            f"tenant:{scope.tenant_id}",
            state=to.value,
            failures=moved.failures,
            stop_reason=moved.stop_reason,
        )
    return moved


async def tell_trouble(scope: Scope, reason: str, **facts: Any) -> None:
    """Why a purchase that was due did not come about."""
    await announce(scope, Topic.AUTO_RELOAD_TROUBLE, {"reason": reason, **facts})


async def stop_without_card(scope: Scope, card_id: str) -> None:
    """A step: auto-reload that charged this card is off."""
    setting = await auto_reload.locked(scope)
    if setting is None or setting.card_id != card_id:
        return
    reason = StopReason.CARD_GONE
    stopped = await move_reload(
        scope, setting, ReloadEvent.GIVE_UP, stop_reason=reason.value, retry_at=None
    )
    if stopped is not None:
        await tell_trouble(scope, reason.value)
