"""Sessions with a time, brought to it by the steps of the product and the clock's offset."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.campaigns.local_times import shown_local
from backend.campaigns.recurrence import Repeat
from backend.campaigns.schemas.schedules import ScheduleInput
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.starting import start_approved
from backend.kernel import clock
from backend.kernel.principal import Principal, system
from backend.ledger.service.lots import top_up
from backend.moderation.service.screening import screen_session
from tests.campaigns.factories import Shop
from tests.moderation.factories import decided, screened, session_of

ZONE = "Europe/Oslo"


def now() -> datetime:
    return datetime.now(UTC) + clock.offset()


def stand_at(moment: datetime) -> None:
    """The clock of this test; rules of zones are those of that year."""
    clock.set_offset(moment - datetime.now(UTC))


def local_in(zone: str = ZONE, **time: float) -> str:
    """What the clocks of the zone say then, to the minute."""
    return shown_local(now() + timedelta(**time), zone)


def in_hours(hours: float = 2, repeat: Repeat | None = None, **facts: Any) -> ScheduleInput:
    return ScheduleInput(local=local_in(hours=hours), zone=ZONE, repeat=repeat, **facts)


async def scheduled(
    shop: Shop, moderator: Principal, schedule: ScheduleInput | None = None, **changes: Any
) -> SessionRow:
    """Submitted, approved by a person where nothing is inherited, waiting for its time."""
    session = await screened(shop, schedule=schedule or in_hours(), **changes)
    if session.state is SessionState.AWAITING_VALIDATION:
        await decided(shop, moderator)
    await start_approved(shop.tenant_id, session.id)
    session = await session_of(shop, session.id)
    assert session.state is SessionState.SCHEDULED
    return session


async def pass_screening(shop: Shop, session_id: UUID) -> SessionRow:
    """Of an occurrence the clock submitted: what the workers do next."""
    await screen_session(shop.tenant_id, session_id)
    await start_approved(shop.tenant_id, session_id)
    return await session_of(shop, session_id)


async def pay(shop: Shop, amount: int) -> None:
    async with tenant_scope(system("factory", shop.tenant_id)) as scope:
        await top_up(scope, amount, f"test:{amount}:{scope.now.isoformat()}")


async def announced(tenant_id: UUID, topic: str) -> list[dict[str, Any]]:
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT payload FROM outbox WHERE tenant_id = $1 AND topic = $2 ORDER BY id",
            tenant_id,
            topic,
        )
    return [row["payload"] for row in rows]
