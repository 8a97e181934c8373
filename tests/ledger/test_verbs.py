"""Each verb beside its refusal, its repetition and the reference taken by another."""

from uuid import uuid4

import pytest

from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.errors import Conflict, InvalidInput, NotFound
from backend.kernel.principal import system
from backend.ledger.service.balance import totals_by_session
from backend.ledger.service.holds import (
    capture,
    hold,
    place_hold,
    release,
    release_rest,
    return_spent,
)
from backend.ledger.service.lots import adjust, expire_due, grant, top_up
from backend.ledger.states import HoldState, LotKind
from tests.factories import make_tenant
from tests.ledger.factories import (
    balance_of,
    make_funded_tenant,
    make_hold,
    rows_of,
    violations_of,
)

pytestmark = pytest.mark.anyio


async def announcements() -> int:
    async with platform_scope(system("test"), "test") as scope:
        return int(await scope.value("SELECT count(*) FROM outbox WHERE topic = 'credits.added'"))


async def test_a_top_up_is_available_and_announced_once(database):
    tenant = await make_tenant()
    for repeated in (False, True):
        async with tenant_scope(system("test", tenant)) as scope:
            posted = await top_up(scope, 100, "bank:1")
        assert posted.is_repeated is repeated
        assert posted.amount == 100
    assert (await balance_of(tenant)).available == 100
    assert await announcements() == 1
    assert await violations_of(tenant) == []


async def test_a_tenant_without_a_ledger_has_nothing(database):
    tenant = await make_tenant()
    view = await balance_of(tenant)
    assert (view.available, view.held, view.receivable) == (0, 0, 0)
    assert await violations_of(tenant) == []
    with pytest.raises(Conflict) as refused:
        await make_hold(tenant, 1)
    assert refused.value.facts == {"required": 1, "available": 0, "missing": 1}
    async with tenant_scope(system("test", tenant)) as scope:
        with pytest.raises(Conflict, match="insufficient_credits"):
            await adjust(scope, -1, "minus", "nothing there")
        for verb in (capture, release):
            with pytest.raises(NotFound):
                await verb(scope, uuid4(), 1, "no hold")
        assert await expire_due(scope) == 0
    assert not any((await rows_of(tenant)).values())


async def test_a_reference_names_one_transfer(database):
    tenant = await make_funded_tenant(100)
    before = await rows_of(tenant)
    for verb, amount in ((top_up, 99), (grant, 100)):
        with pytest.raises(Conflict, match="reference_reused"):
            async with tenant_scope(system("test", tenant)) as scope:
                await verb(scope, amount, f"first:{tenant}")
    with pytest.raises(Conflict, match="reference_reused"):
        async with tenant_scope(system("test", tenant)) as scope:
            await place_hold(scope, f"first:{tenant}", None, 100)
    assert await rows_of(tenant) == before


@pytest.mark.parametrize("amount", [0, -5, 0.5, 10**15, True, "5", None])
async def test_only_whole_credits_within_bounds(database, amount):
    tenant = await make_tenant()
    with pytest.raises(InvalidInput, match="invalid_amount"):
        async with tenant_scope(system("test", tenant)) as scope:
            await top_up(scope, amount, "odd")


async def test_a_hold_is_refused_with_what_is_missing_and_nothing_moved(database):
    tenant = await make_funded_tenant(100)
    await make_hold(tenant, 70)
    before = await rows_of(tenant)
    async with tenant_scope(system("test", tenant)) as scope:
        with pytest.raises(Conflict) as refused:
            await place_hold(scope, "too much", None, 31)
        # The caller goes on and commits: the session waits for credits.
    assert refused.value.code == "insufficient_credits"
    assert refused.value.facts == {"required": 31, "available": 30, "missing": 1}
    assert await rows_of(tenant) == before


async def test_hold_capture_release_return_add_up(database):
    tenant, session = await make_funded_tenant(100), uuid4()
    held = await make_hold(tenant, 60, session)
    async with tenant_scope(system("test", tenant)) as scope:
        assert (await capture(scope, held.id, 40, "window 1")).left == 20
        assert (await release(scope, held.id, 5, "rejected 1")).left == 15
        assert (await release_rest(scope, held.id, "rest")).amount == 15
        await return_spent(scope, held.id, 10, "undelivered", reason="refund")
        totals = await totals_by_session(scope, session)
        now = await hold(scope, held.id)
    assert (totals.held, totals.captured, totals.released, totals.returned) == (60, 40, 20, 10)
    assert totals.charged == 30
    assert (now.state, now.open) == (HoldState.CLOSED, 0)
    view = await balance_of(tenant)
    assert (view.available, view.held, view.spent_total) == (70, 0, 30)
    assert await violations_of(tenant) == []


async def test_totals_of_a_session_that_never_held(database):
    tenant = await make_tenant()
    async with tenant_scope(system("test", tenant)) as scope:
        assert (await totals_by_session(scope, uuid4())).charged == 0


async def test_every_verb_runs_twice_and_moves_once(database):
    tenant, session = await make_funded_tenant(100), uuid4()
    seen = []
    for _ in range(2):
        async with tenant_scope(system("test", tenant)) as scope:
            held = await place_hold(scope, "hold", session, 60)
            await capture(scope, held.id, 40, "capture")
            await release(scope, held.id, 5, "release")
            await return_spent(scope, held.id, 10, "return")
            await release_rest(scope, held.id, "rest")
            await adjust(scope, 7, "plus", "found")
            await adjust(scope, -3, "minus", "lost")
        seen.append(await rows_of(tenant))
    assert seen[0] == seen[1]
    assert (await balance_of(tenant)).available == 100 - 30 + 7 - 3


async def test_closing_twice_under_another_reference_moves_nothing(database):
    tenant = await make_funded_tenant(10)
    held = await make_hold(tenant, 10)
    async with tenant_scope(system("test", tenant)) as scope:
        await capture(scope, held.id, 10, "all")
        first = await release_rest(scope, held.id, "rest")
        again = await release_rest(scope, held.id, "rest again")
        assert (await hold(scope, held.id)).state is HoldState.CLOSED
    assert (first.transfer_id, again.transfer_id) == (None, None)


async def test_a_hold_is_never_exceeded_and_stays_closed(database):
    tenant = await make_funded_tenant(100)
    held = await make_hold(tenant, 10)
    async with tenant_scope(system("test", tenant)) as scope:
        await capture(scope, held.id, 4, "four")
    for verb, amount in ((capture, 7), (release, 7), (return_spent, 5)):
        before = await rows_of(tenant)
        async with tenant_scope(system("test", tenant)) as scope:
            with pytest.raises(Conflict, match="hold_exceeded") as refused:
                await verb(scope, held.id, amount, "too much")
        assert refused.value.facts["missing"] == 1
        assert await rows_of(tenant) == before
    async with tenant_scope(system("test", tenant)) as scope:
        await release_rest(scope, held.id, "rest")
        for verb in (capture, release):
            with pytest.raises(Conflict, match="hold_closed"):
                await verb(scope, held.id, 1, "late")


async def test_a_hold_of_another_tenant_is_not_found(database):
    first, second = await make_funded_tenant(), await make_funded_tenant()
    held = await make_hold(first, 10)
    async with tenant_scope(system("test", second)) as scope:
        for verb in (capture, release, return_spent):
            with pytest.raises(NotFound):
                await verb(scope, held.id, 1, "theirs")
        with pytest.raises(NotFound):
            await release_rest(scope, held.id, "theirs")
        with pytest.raises(NotFound):
            await hold(scope, held.id)


async def test_an_adjustment_down_takes_only_what_is_there(database):
    tenant = await make_funded_tenant(10)
    await make_hold(tenant, 4)
    async with tenant_scope(system("test", tenant)) as scope:
        with pytest.raises(Conflict, match="insufficient_credits"):
            await adjust(scope, -7, "minus", "counted wrong")
        await adjust(scope, -6, "minus", "counted wrong")
    assert (await balance_of(tenant)).available == 0
    assert await violations_of(tenant) == []


async def test_a_given_lot_names_its_kind(database):
    tenant = await make_tenant()
    async with tenant_scope(system("test", tenant)) as scope:
        await grant(scope, 5, "sorry", kind=LotKind.GRANTED, priority=1, reason="our outage")
        kinds = await scope.rows("SELECT kind, priority FROM ledger_lots")
    assert [(row["kind"], row["priority"]) for row in kinds] == [("granted", 1)]
