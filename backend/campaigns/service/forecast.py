"""Whether the balance covers what is planned, and news when that changes.

Nothing is reserved: a hold is placed at dispatch only. By quotes, so an estimate.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.campaigns.queries import contents, forecast, sessions
from backend.campaigns.schemas.content import read_draft
from backend.campaigns.schemas.forecast import (
    FORECAST_DAYS,
    FORECAST_SESSIONS_MAX,
    ForecastView,
    NotCovered,
    PlannedSend,
)
from backend.campaigns.service.schedules import occurrences_of
from backend.campaigns.service.series import planned_occurrences
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.principal import Principal, system
from backend.ledger.schemas import OpenLot
from backend.ledger.service.balance import balance
from backend.ledger.service.lots import open_lots
from backend.outbox.service import announce
from backend.outbox.topics import Topic

TENANTS_MAX = 500


async def read_forecast(principal: Principal, session_id: UUID | None) -> ForecastView:
    """With `session_id` of a draft: as if it were submitted as it is. Raises NotFound."""
    async with tenant_scope(principal) as scope:
        further = [] if session_id is None else await _as_if_submitted(scope, session_id)
        return await _forecast(scope, further)


async def _forecast(scope: Scope, further: Iterable[PlannedSend] = ()) -> ForecastView:
    horizon = scope.now + timedelta(days=FORECAST_DAYS)
    rows = await forecast.planned(scope, FORECAST_SESSIONS_MAX)
    plans = [msgspec.convert(dict(row), PlannedSend) for row in rows]
    plans += await planned_occurrences(scope, horizon)
    plans += further
    return look_ahead(plans, (await balance(scope)).available, await open_lots(scope))


class _Purse:
    """What is left at each time: lots in the order a hold takes them, each until its day."""

    def __init__(self, available: int, lots: Sequence[OpenLot]) -> None:
        # A balance below the sum of its lots: a receivable that a hold would meet first.
        beside = available - sum(lot.available for lot in lots)
        self._left = [lot.available for lot in lots]
        self._until = [lot.expires_at for lot in lots]
        self._beside = beside
        self.expired = 0

    def at(self, moment: datetime) -> int:
        for place, until in enumerate(self._until):
            if until is not None and until <= moment:
                self.expired += self._left[place]
                self._left[place] = 0
        return sum(self._left) + self._beside

    def take(self, wanted: int) -> None:
        for place, left in enumerate(self._left):
            taken = min(left, wanted)
            self._left[place] -= taken
            wanted -= taken
        self._beside -= wanted


def look_ahead(
    plans: Iterable[PlannedSend], available: int, lots: Sequence[OpenLot] = ()
) -> ForecastView:
    """Pure: in the order of due times, the first one the rest of the balance is too small for.
    What a lot still holds on its last day is gone for everything after it.
    """
    ordered = sorted(plans, key=lambda one: one.due_at)
    purse = _Purse(available, lots)
    planned = 0
    short: NotCovered | None = None
    for one in ordered:
        left = purse.at(one.due_at)
        if short is None and one.credits > left:
            short = NotCovered(
                session_id=one.session_id,
                series_id=one.series_id,
                campaign_name=one.campaign_name,
                due_at=one.due_at,
                required_credits=one.credits,
                available_credits=left,
                missing_credits=one.credits - left,
                expired_credits=purse.expired,
            )
        purse.take(one.credits)
        planned += one.credits
    return ForecastView(
        available_credits=available,
        planned_credits=planned,
        expiring_credits=purse.expired,
        planned_sends=len(ordered),
        first_not_covered=short,
    )


async def _as_if_submitted(scope: Scope, session_id: UUID) -> list[PlannedSend]:
    session = await sessions.read(scope, session_id)
    quote = await contents.newest_quote(scope, session_id)
    if session.state.value in forecast.PLANNED or quote is None:
        return []
    schedule = read_draft(session.draft).schedule
    horizon = scope.now + timedelta(days=FORECAST_DAYS)
    times = [scope.now]
    if schedule is not None:
        times = [one.at for one in occurrences_of(schedule) if one.number == 1 or one.at <= horizon]
    return [
        PlannedSend(
            due_at=at,
            credits=quote.credits,
            session_id=session_id,
            series_id=session.series_id,
            campaign_name=None,
        )
        for at in times
    ]


async def tell_forecasts() -> int:
    """Use case of the clock: who is newly short, or short of something else, hears of it once.
    The number of tenants told.
    """
    told = 0
    after: UUID | None = None
    while True:
        async with platform_scope(system("forecast"), "who plans what") as scope:
            tenants = await forecast.tenants_with_plans(scope, after, TENANTS_MAX)
        for tenant_id in tenants:
            told += await _tell(tenant_id)
        if len(tenants) < TENANTS_MAX:
            return told
        after = tenants[-1]


async def _tell(tenant_id: UUID) -> bool:
    async with tenant_scope(system("forecast", tenant_id)) as scope:
        short = (await _forecast(scope)).first_not_covered
        if short is None:
            await forecast.forget(scope)
            return False
        is_new = await forecast.tell(
            scope, short.session_id, short.series_id, short.due_at, short.missing_credits
        )
        if is_new:
            await announce(scope, Topic.FORECAST_SHORT, msgspec.to_builtins(short))
        return is_new
