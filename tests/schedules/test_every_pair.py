"""Every (state, event) pair of the table, walked on real sessions: what it allows goes where it
says, everything else is a 409 to people, a StateConflict or nothing to workers, and changes no row.
"""

from uuid import UUID

import pytest

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import TRANSITIONS, SessionEvent as E, SessionState as S, target
from backend.db.scope import tenant_scope
from backend.kernel import clock
from backend.kernel.errors import StateConflict
from backend.kernel.principal import StaffRole, system
from tests.browserless import World
from tests.moderation.factories import a_gateway_stands
from tests.schedules.steps import Stage
from tests.schedules.ways import ASKS, ROADS, WAYS, Ask, travel

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
REFUSALS = {
    *("not_in_state", "not_sending", "not_paused", "already_decided", "case_closed"),
    *("not_approved", "already_revoked"),
}
LOOKED_AT = frozenset({"access_audit"})
"""Who opened what is written down whatever came of it."""
LEAVING = [state for state in S if any(start is state for start, _ in TRANSITIONS)]


def test_every_pair_has_a_way_and_every_event_somebody_who_causes_it():
    assert set(WAYS) == set(TRANSITIONS)
    assert set(ROADS) == set(S)
    assert {event for ask in ASKS.values() for event in ask.may_be} == set(E)


@pytest.fixture
async def desk(world):
    await a_gateway_stands()
    return await world.staff(*StaffRole)


async def new_stage(world: World, desk, name: str) -> Stage:
    owner = await world.tenant(name)
    connection = await world.database.connect()
    try:
        await connection.execute(
            "UPDATE tenants SET verified_phone = '+4791200001' WHERE id = $1", UUID(owner.tenant_id)
        )
    finally:
        await connection.close()
    return Stage(owner, desk)


class Rows:
    """Everything a tenant has, a digest a table."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sql = ""

    async def of(self, tenant_id: UUID) -> dict[str, str]:
        connection = await self.world.database.connect()
        try:
            if not self.sql:
                found = await connection.fetch(
                    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                    " WHERE a.attname = 'tenant_id' AND c.relkind IN ('r', 'p')"
                    " AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition"
                )
                names = {row["relname"]: "tenant_id" for row in found} | {"tenants": "id"}
                self.sql = " UNION ALL ".join(
                    f"SELECT '{name}' AS name, md5(coalesce(string_agg(t::text, '|'"
                    f" ORDER BY t::text), '')) AS digest FROM {name} t WHERE {key} = $1"
                    for name, key in names.items()
                    if name not in LOOKED_AT
                )
            return dict(await connection.fetch(self.sql, tenant_id))
        finally:
            await connection.close()


@pytest.mark.parametrize("state", LEAVING)
async def test_what_is_allowed_goes_where_the_table_says(world, desk, state):
    start = clock.offset()
    for event in (event for of, event in TRANSITIONS if of is state):
        clock.set_offset(start)
        stage = await new_stage(world, desk, f"{state} {event}")
        *road, last = WAYS[state, event].split()
        await travel(stage, " ".join(road))
        assert await stage.state() is state, (event, road)
        await travel(stage, last)
        assert await stage.newest_event() == event.value
        assert await stage.state() is target(state, event), event


def refused_asks(state: S) -> list[tuple[str, Ask]]:
    """What rulings on a decision end is tried last: it marks the decision, whatever rests on it."""
    found = [
        (name, ask)
        for name, ask in ASKS.items()
        if ask.may_be and not any(target(state, event) for event in ask.may_be)
    ]
    return sorted(found, key=lambda one: one[0] == "revoke")


@pytest.mark.parametrize("state", S)
async def test_everything_else_is_refused_and_changes_nothing(world, desk, state):
    stage = await new_stage(world, desk, state)
    await travel(stage, ROADS[state])
    assert await stage.state() is state
    rows = Rows(world)
    before, start = await rows.of(stage.tenant_id), clock.offset()
    asks = refused_asks(state)
    for place, (name, ask) in enumerate(asks, start=1):
        clock.set_offset(start)
        await refuse(stage, name, ask)
        if name != "revoke" and place < len(asks) and asks[place][0] != "revoke":
            continue  # every row of every table is read once behind them all, not behind each
        after = await rows.of(stage.tenant_id)
        changed = {table for table in before if before[table] != after[table]}
        if name == "revoke" and "decisions" in changed:
            assert "campaign_sessions" not in changed
            assert "session_events" not in changed
        else:
            assert not changed, (name, changed)
    clock.set_offset(start)
    before = await rows.of(stage.tenant_id)
    await refuse_at_the_door(stage, state)
    assert await rows.of(stage.tenant_id) == before


async def refuse_at_the_door(stage: Stage, state: S) -> None:
    """The pair itself: what a step above may be stood for several."""
    for event in E:
        if target(state, event) is not None:
            continue
        async with tenant_scope(system("test", stage.tenant_id)) as scope:
            session = await read_session(scope, stage.session_id)
            assert session.state is state
            with pytest.raises(StateConflict):
                await move_session(scope, session, event)


async def refuse(stage: Stage, name: str, ask: Ask) -> None:
    try:
        answer = await ask.step(stage)
    except StateConflict:
        assert not ask.is_of_people, name
        return
    if answer is None:
        return
    if name == "revoke" and answer.status_code == 200:
        # The ruling may be taken back, but what was sent by it goes on: the answer says so.
        assert answer.json()["sessions_revoked"] == []
        return
    if name == "pause" and await stage.state() is S.PAUSED:
        assert answer.status_code == 200
        return
    assert answer.status_code == 409, (name, answer.text)
    assert answer.json()["code"] in REFUSALS, (name, answer.text)
