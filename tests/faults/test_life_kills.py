"""kill -9 inside every move of a session and of a series: it happened or it did not, what is done
again ends as if nothing had died, and no move is made twice.
"""

import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from backend.campaigns.recurrence import Frequency, Repeat
from backend.campaigns.service.series import pause_series
from backend.db.scope import platform_scope
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.starting import start_due
from backend.delivery.service.stopping import pause_session
from backend.gateways.service import note_working, standing_gateways
from backend.kernel import clock
from backend.kernel.principal import system
from backend.ledger.service.balance import balance
from tests.faults.deeds import Item, run_deed
from tests.faults.oracle import broken_promises
from tests.faults.rounds import ITEMS, KILLS_A_TEST, SECONDS_A_TEST_MAX, in_rounds, passes
from tests.faults.test_deed_kills import Stage, each, of_tenant, stage, states
from tests.moderation.factories import case_ids, later, make_moderator, screened
from tests.schedules.factories import ZONE, in_hours, local_in, now, pay, scheduled

__all__ = ["stage"]
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(SECONDS_A_TEST_MAX)]
MOVED = "campaigns.moved"
SERIES_CHANGED = "campaigns.series_changed"
YEARLY = Repeat(frequency=Frequency.ANNUALLY)
CREDITS = 100
DUE_HOURS = 2


async def once(stage: Stage, event: str) -> None:
    """Every session took it, and none twice."""
    rows = await of_tenant(stage, f"SELECT session_id FROM session_events WHERE event = '{event}'")
    assert len(rows) == len(set(rows)) == ITEMS, (event, rows)


async def approved(stage: Stage) -> list[Item]:
    await scheduled(stage.shop, await make_moderator())
    # The words are the same: these rest on what was approved of the first, which then goes away.
    made = [(await screened(stage.shop, schedule=in_hours(DUE_HOURS))).id for _ in range(ITEMS)]
    return await each(stage, made)


async def all_started(stage: Stage) -> None:
    assert await states(stage) == {"scheduled": ITEMS + 1}


async def waiting(stage: Stage) -> list[Item]:
    mira = await make_moderator()
    made = [(await scheduled(stage.shop, mira, in_hours(DUE_HOURS))).id for _ in range(ITEMS)]
    return await each(stage, made)


async def due(stage: Stage) -> list[Item]:
    items = await waiting(stage)
    later(hours=DUE_HOURS, seconds=61)
    return items


async def all_preparing(stage: Stage) -> None:
    await once(stage, "due")
    assert await states(stage) == {"preparing": ITEMS}


async def short(stage: Stage) -> list[Item]:
    items = await due(stage)
    assert await start_due() == ITEMS
    async with platform_scope(system("test"), "test") as scope:
        ways = [gateway.id for gateway in await standing_gateways(scope)]
    await note_working(ways)
    for item in items:
        await prepare_session(stage.shop.tenant_id, UUID(item["session_id"]))
    return items


async def paid_late(stage: Stage) -> list[Item]:
    items = await short(stage)
    assert await states(stage) == {"awaiting_credits": ITEMS}
    await pay(stage.shop, CREDITS)
    return items


async def all_covered(stage: Stage) -> None:
    await once(stage, "cover")
    assert await states(stage) == {"preparing": ITEMS}


async def unpaid(stage: Stage) -> list[Item]:
    items = await short(stage)
    later(hours=49)
    return items


async def all_missed(stage: Stage) -> None:
    await once(stage, "lapse")
    assert await states(stage) == {"missed": ITEMS}


async def aged(stage: Stage) -> list[Item]:
    mira = await make_moderator()
    far = in_hours(24 * 120)
    made = [(await scheduled(stage.shop, mira, far)).id for _ in range(ITEMS)]
    later(days=91)
    return await each(stage, made)


async def resting(stage: Stage) -> list[Item]:
    await waiting(stage)
    (case_id,) = await case_ids(stage.shop.tenant_id, "decided")
    return await each(stage, [case_id], "case_id")


async def all_revoked(stage: Stage) -> None:
    await once(stage, "revoke")
    assert await states(stage) == {"awaiting_validation": ITEMS}
    assert len(await case_ids(stage.shop.tenant_id)) == ITEMS


async def under_way(stage: Stage) -> list[Item]:
    await pay(stage.shop, CREDITS)
    items = await short(stage)
    assert await states(stage) == {"sending": ITEMS}
    return items


async def batches(stage: Stage) -> set[str]:
    return set(await of_tenant(stage, "SELECT state FROM batches"))


async def all_paused(stage: Stage) -> None:
    await once(stage, "pause")
    assert await states(stage) == {"paused": ITEMS}
    assert await batches(stage) == {"paused"}


async def all_switched_off(stage: Stage) -> None:
    await all_paused(stage)
    assert set(await of_tenant(stage, "SELECT pause_owner FROM campaign_sessions")) == {"platform"}


async def standing_still(stage: Stage) -> list[Item]:
    items = await under_way(stage)
    for item in items:
        await pause_session(stage.shop.owner, UUID(item["session_id"]))
    return items


async def all_go_on(stage: Stage) -> None:
    await once(stage, "resume")
    assert await states(stage) == {"sending": ITEMS}
    assert await batches(stage) == {"queued"}


async def everything(stage: Stage) -> list[Item]:
    return (await under_way(stage))[:1]


async def all_killed(stage: Stage) -> None:
    await once(stage, "kill")
    assert await states(stage) == {"settling": ITEMS}
    assert set(await of_tenant(stage, "SELECT state FROM messages")) == {"cancelled"}
    async with stage.shop.scope() as scope:
        view = await balance(scope)
    assert (view.held, view.available) == (0, CREDITS)


async def all_called_off(stage: Stage) -> None:
    await once(stage, "cancel")
    assert await states(stage) == {"cancelled": ITEMS}


async def planned(stage: Stage) -> list[Item]:
    when = local_in(hours=30)
    return [item | {"local": when, "zone": ZONE} for item in await waiting(stage)]


async def all_moved(stage: Stage) -> None:
    assert await states(stage) == {"scheduled": ITEMS}
    (at,) = set(await of_tenant(stage, "SELECT due_at FROM campaign_sessions"))
    assert (at - now()).total_seconds() > 24 * 3600 - 600 * KILLS_A_TEST


async def overslept(stage: Stage) -> list[Item]:
    items = await due(stage)
    later(hours=DUE_HOURS)
    assert await start_due() == 0
    return items


async def all_sent_late(stage: Stage) -> None:
    await once(stage, "send_now")
    assert await states(stage) == {"preparing": ITEMS}


async def repeating(stage: Stage) -> list[Item]:
    mira = await make_moderator()
    made = [await scheduled(stage.shop, mira, in_hours(30, YEARLY)) for _ in range(ITEMS)]
    return await each(stage, [one.series_id for one in made if one.series_id], "series_id")


async def series_are(stage: Stage, state: str) -> None:
    assert await of_tenant(stage, "SELECT state FROM session_series") == [state] * ITEMS


async def all_pause(stage: Stage) -> None:
    await series_are(stage, "paused")
    assert await states(stage) == {"scheduled": ITEMS}


async def paused_ones(stage: Stage) -> list[Item]:
    items = await repeating(stage)
    for item in items:
        await pause_series(stage.shop.owner, UUID(item["series_id"]))
    return items


async def all_repeat_again(stage: Stage) -> None:
    await series_are(stage, "active")


async def all_skipped(stage: Stage) -> None:
    await series_are(stage, "active")
    assert await of_tenant(stage, "SELECT skipped FROM session_series") == [[1]] * ITEMS
    await all_called_off(stage)


async def all_ended(stage: Stage) -> None:
    await series_are(stage, "ended")
    await all_called_off(stage)


class Life(NamedTuple):
    ready: Callable[[Stage], Awaitable[list[Item]]]
    check: Callable[[Stage], Awaitable[None]]
    points: tuple[str, ...] = (MOVED,)


LIVES = {
    "start": Life(approved, all_started),
    "come_due": Life(due, all_preparing),
    "cover": Life(paid_late, all_covered),
    "let_lapse": Life(unpaid, all_missed),
    "grow_old": Life(aged, all_revoked),
    "revoke": Life(resting, all_revoked),
    "pause": Life(under_way, all_paused),
    "switch_off": Life(under_way, all_switched_off),
    "go_on": Life(standing_still, all_go_on),
    "kill_all": Life(everything, all_killed),
    "call_off": Life(waiting, all_called_off),
    "move_the_time": Life(planned, all_moved),
    "send_missed": Life(overslept, all_sent_late),
    "pause_repeating": Life(repeating, all_pause, (SERIES_CHANGED,)),
    "resume_repeating": Life(paused_ones, all_repeat_again, (SERIES_CHANGED,)),
    "skip_one": Life(repeating, all_skipped, (MOVED, SERIES_CHANGED)),
    "end_repeating": Life(repeating, all_ended, (MOVED, SERIES_CHANGED)),
}
POINTS = sorted({point for life in LIVES.values() for point in life.points})


async def kill_and_go_on(
    stage: Stage, tmp_path: Path, name: str, point: str, *, seeds: range, items: list[Item]
) -> None:
    """Each seed kills once more, at the first item that is left or the second; then it is done."""
    plan: dict[str, Any] = {
        "deed": name,
        "items": items,
        "database_url": stage.database.login_url,
        "redis_url": stage.redis_url,
        "directory": str(tmp_path),
        "offset_seconds": clock.offset().total_seconds(),
    }
    for nth in passes(seeds):
        plan["items"] = plan["items"][1:] + plan["items"][:1]
        assert await run_deed(plan, f"kill:{point}:{nth}") == -signal.SIGKILL, "never hit"
    assert await run_deed(plan) == 0


@in_rounds
@pytest.mark.parametrize(
    ("name", "point"), [(name, point) for name, life in LIVES.items() for point in life.points]
)
async def test_killed_in_a_move_it_happened_or_it_did_not(stage, tmp_path, name, point, seeds):
    life = LIVES[name]
    await kill_and_go_on(stage, tmp_path, name, point, seeds=seeds, items=await life.ready(stage))
    await life.check(stage)
    assert await broken_promises() == []
