"""Spending by day and by session: what is shown adds up to the ledger, and the pace is honest."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from backend.db.scope import tenant_scope
from backend.kernel.errors import InvalidInput
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.ledger.schemas import SpendingDay
from backend.ledger.service.holds import capture, release_rest, return_spent
from backend.ledger.service.spending import read_spending, usual_per_day
from tests.browserless import World
from tests.ledger.factories import make_funded_tenant, make_hold

DAY = date(2026, 3, 1)


def days_of(spent: list[int]) -> list[SpendingDay]:
    return [SpendingDay(DAY + timedelta(days=at), one, 0) for at, one in enumerate(spent)]


def test_the_usual_pace_counts_from_the_first_spend_but_over_a_week_at_least():
    assert usual_per_day(days_of([0] * 30)) == 0
    assert usual_per_day(days_of([0] * 29 + [700])) == 100
    assert usual_per_day(days_of([0] * 10 + [200] * 20)) == 200
    assert usual_per_day(days_of([0] * 29 + [1])) == 1
    assert usual_per_day(days_of([5])) == 5


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=92))
def test_the_pace_is_never_below_the_mean(spent: list[int]):
    assert usual_per_day(days_of(spent)) * len(spent) >= sum(spent)


@pytest.mark.anyio
async def test_days_sessions_and_holds_add_up(database):
    tenant = await make_funded_tenant(1_000)
    first, second = uuid7(), uuid7()
    done = await make_hold(tenant, 300, first)
    running = await make_hold(tenant, 200, second)
    single = await make_hold(tenant, 5)
    async with tenant_scope(system("test", tenant)) as scope:
        await capture(scope, done.id, 280, "first window")
        await release_rest(scope, done.id, "rest")
        await return_spent(scope, done.id, 10, "undelivered")
        await capture(scope, running.id, 50, "second window")
        await capture(scope, single.id, 5, "single")
    view = await read_spending(system("test", tenant), 30, "Europe/Oslo")
    assert len(view.days) == 30
    assert [(day.spent, day.returned) for day in view.days][-1] == (335, 10)
    assert sum(day.spent for day in view.days[:-1]) == 0
    assert [(one.session_id, one.credits) for one in view.sessions] == [
        (first, 270),
        (second, 50),
        (None, 5),
    ]
    assert [(one.session_id, one.credits) for one in view.held] == [(second, 150)]
    assert view.usual_per_day == 47  # 325 over a week, rounded up
    assert view.lasts_days == (1_000 - 325 - 150) // 47


@pytest.mark.anyio
async def test_nothing_spent_lasts_for_no_number_of_days(database):
    tenant = await make_funded_tenant(100)
    view = await read_spending(system("test", tenant), 1, "UTC")
    assert (view.usual_per_day, view.lasts_days, view.sessions, view.held) == (0, None, [], [])


@pytest.mark.anyio
@pytest.mark.parametrize(("days", "zone"), [(0, "UTC"), (93, "UTC"), (30, "Mars/Base"), (30, "")])
async def test_a_time_that_is_none_is_refused(database, days: int, zone: str):
    tenant = await make_funded_tenant(1)
    with pytest.raises(InvalidInput):
        await read_spending(system("test", tenant), days, zone)


@pytest.mark.anyio
async def test_members_of_the_accounts_read_it(world: World):
    owner = await world.tenant("Nordlys")
    answer = await owner.get("/v1/spending", params={"days": 7, "zone": "Europe/Oslo"})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["days"]) == 7
    assert (await owner.get("/v1/spending", params={"zone": "Nowhere"})).status_code == 422
