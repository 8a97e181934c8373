"""The desk's hours: folded from the rows, the same however often and whoever folds."""

from datetime import UTC, datetime, timedelta

import anyio
import pytest

from backend.db.scope import platform_scope
from backend.kernel import clock
from backend.kernel.errors import InvalidInput
from backend.kernel.principal import StaffRole, system
from backend.moderation.schemas.decisions import RevocationInput
from backend.moderation.service.revoking import revoke_case
from backend.statistics import queries
from backend.statistics.service import (
    fold_desk_hours,
    hour_of,
    read_desk_numbers,
)
from tests.browserless import World
from tests.campaigns.factories import make_shop
from tests.moderation.factories import decided, later, make_moderator, screened
from tests.moderation.test_http import a_shop

pytestmark = pytest.mark.anyio


async def rows():
    async with platform_scope(system("test"), "test") as scope:
        long_ago = scope.now - timedelta(days=40)
        return await queries.desk_hours(scope, long_ago), await queries.lane_hours(scope, long_ago)


async def numbers(who, days: int = 1):
    return await read_desk_numbers(who, days, None)


def at_minute(minute: int) -> None:
    """The next hour's: what falls into which hour is the test's to say, not the machine's."""
    now = datetime.now(UTC) + clock.offset()
    clock.set_offset(clock.offset() + hour_of(now) + timedelta(hours=1, minutes=minute) - now)


async def gaps_seen_by(lead):
    """How many hours ago each gap was."""
    async with platform_scope(system("test"), "test") as scope:
        current = hour_of(scope.now)
    coverage = (await numbers(lead)).coverage
    return [(current - hour.hour) // timedelta(hours=1) for hour in coverage if not hour.is_covered]


@pytest.mark.parametrize("minute", [5, 40, 57])
async def test_figures_of_a_day_s_work(shop, minute):
    at_minute(minute)
    lead = await make_moderator("Jon", StaffRole.LEAD)
    mira = await make_moderator("Mira")
    await screened(shop)
    await fold_desk_hours()
    waiting = await numbers(lead)
    assert sum(lane.waiting for lane in waiting.lanes_now) == 1
    assert (waiting.total.decided, waiting.total.median_seconds) == (0, None)
    assert waiting.hours[-1].waiting == 1

    later(minutes=4)
    await decided(shop, mira)
    other = await make_shop()
    await other.people(2)
    await screened(other)
    later(minutes=31)
    await decided(other, lead, "refuse")
    await fold_desk_hours()

    seen = await numbers(lead)
    assert (seen.total.decided, seen.total.approved, seen.total.refused) == (2, 1, 1)
    assert (seen.opened, seen.total.late, seen.total.overturned) == (2, 1, 0)
    assert seen.total.median_seconds == pytest.approx(240, rel=0.05)
    assert seen.total.p95_seconds == pytest.approx(1860, rel=0.05)
    assert {one.name for one in seen.moderators} == {"Jon", "Mira"}
    assert sum(hour.figures.decided for hour in seen.hours) == 2
    assert len(seen.hours) == 25
    assert len(seen.coverage) == 168
    assert await gaps_seen_by(lead) == []
    own = await numbers(mira)
    assert [one.name for one in own.moderators] == ["Mira"]
    assert own.total == seen.total


async def test_a_ruling_taken_back_counts_in_its_own_hour(shop):
    mira = await make_moderator("Mira")
    lead = await make_moderator("Jon", StaffRole.LEAD)
    await screened(shop)
    made = await decided(shop, mira)
    await fold_desk_hours()
    later(hours=3)
    given = RevocationInput(reason="a complaint")
    await revoke_case(lead, shop.tenant_id, made.decision.case_id, given)
    await fold_desk_hours()
    hours, _ = await rows()
    assert [(row.decided, row.overturned) for row in hours] == [(1, 0), (0, 1)]
    (seen,) = [one for one in (await numbers(lead)).moderators if one.name == "Mira"]
    assert (seen.figures.overturned, seen.hours) == (1, 1)


async def test_folding_twice_and_side_by_side_changes_nothing(shop):
    await screened(shop)
    await decided(shop, await make_moderator())
    await fold_desk_hours()
    first = await rows()
    async with anyio.create_task_group() as clocks:
        for _ in range(6):
            clocks.start_soon(fold_desk_hours)
    await fold_desk_hours()
    assert await rows() == first


async def test_an_hour_in_which_nobody_decided_is_a_gap(shop):
    at_minute(5)
    await screened(shop)
    await fold_desk_hours()
    later(minutes=54)
    await fold_desk_hours()
    later(minutes=10)
    await fold_desk_hours()
    lead = await make_moderator("Jon", StaffRole.LEAD)
    assert await gaps_seen_by(lead) == [1]
    later(minutes=40)
    await fold_desk_hours()
    later(minutes=20)
    await fold_desk_hours()
    assert await gaps_seen_by(lead) == [2, 1]


async def test_a_case_of_an_hour_s_last_minutes_may_be_decided_in_the_next(shop):
    at_minute(58)
    await screened(shop)
    await fold_desk_hours()
    later(minutes=5)
    lead = await make_moderator("Jon", StaffRole.LEAD)
    await decided(shop, lead)
    await fold_desk_hours()
    later(hours=1)
    assert await gaps_seen_by(lead) == []


async def test_an_hour_the_clock_never_looked_at_is_a_gap_where_something_came(shop):
    at_minute(5)
    await screened(shop)
    later(hours=3)
    await fold_desk_hours()
    lead = await make_moderator("Jon", StaffRole.LEAD)
    assert await gaps_seen_by(lead) == [3]


async def test_hours_missed_by_a_stopped_clock_are_folded_later(shop):
    await screened(shop)
    await decided(shop, await make_moderator())
    later(days=12)
    while await fold_desk_hours():
        pass
    hours, _ = await rows()
    assert sum(row.decided for row in hours) == 1
    async with platform_scope(system("test"), "test") as scope:
        fold = await queries.lock_fold(scope)
        assert fold is not None
        assert scope.now - fold["next_hour"] < timedelta(hours=2)


async def test_days_have_a_limit(shop):
    with pytest.raises(InvalidInput):
        await numbers(await make_moderator(), 32)


async def test_the_file_is_for_leads(world: World):
    shop = await a_shop(await world.tenant())
    await screened(shop)
    await decided(shop, await make_moderator("=Mira"))
    await fold_desk_hours()
    mira = await world.staff(StaffRole.MODERATOR, email="mira@staff.example.com")
    assert (await mira.get("/v1/desk-numbers")).json()["total"]["decided"] == 1
    assert (await mira.get("/v1/desk-numbers.csv")).status_code == 403
    lead = await world.staff(StaffRole.LEAD, email="jon@staff.example.com")
    file = await lead.get("/v1/desk-numbers.csv?days=2")
    assert file.headers["content-disposition"] == 'attachment; filename="desk-2-days.csv"'
    head, line = file.text.strip().splitlines()
    assert head.endswith(
        "hour,lane,moderator,decided,approved,changes_requested,refused,late"
        ",overturned,median_seconds,p95_seconds"
    )
    assert ",'=Mira,1,1,0,0,0,0," in line
    owner = await world.tenant("Kargo")
    assert (await owner.get("/v1/desk-numbers")).status_code == 403
