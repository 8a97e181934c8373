"""The table of a session's life: every pair, the CHECKs of the schema, owners and ends."""

import re
from itertools import product
from pathlib import Path

import pytest

from backend.campaigns.queries import sessions
from backend.campaigns.service.moves import move_session
from backend.campaigns.states import (
    ENDS,
    TRANSITIONS,
    WATCHES,
    SessionEvent,
    SessionState,
    capabilities,
    target,
)
from backend.kernel.errors import StateConflict

SQL = Path(__file__).parents[2] / "migrations" / "sql" / "0005_campaigns.sql"


def test_the_schema_knows_exactly_these_states():
    found = re.search(r"state text NOT NULL DEFAULT 'draft' CHECK \(state IN \((.*?)\)\)",
                      SQL.read_text(), re.DOTALL)  # fmt: skip
    assert found is not None
    assert set(re.findall(r"'(\w+)'", found[1])) == {state.value for state in SessionState}


@pytest.mark.parametrize("state", SessionState)
def test_an_end_takes_nothing_and_everything_else_is_watched(state):
    leaving = [event for event in SessionEvent if target(state, event)]
    assert (state in ENDS) == (not leaving)
    assert (state in ENDS) == (state not in WATCHES)
    if state in ENDS:
        assert not any(capabilities(state))


def test_every_state_is_reached_from_draft():
    reached = {SessionState.DRAFT}
    while True:
        further = {to for (start, _), to in TRANSITIONS.items() if start in reached} - reached
        if not further:
            break
        reached |= further
    assert reached == set(SessionState)


def test_staff_kill_everything_that_lives():
    for state in set(SessionState) - ENDS:
        assert target(state, SessionEvent.KILL) is not None, state


@pytest.mark.anyio
async def test_every_pair_at_the_door(shop):
    """Allowed pairs move a row, its event and its audit row; all others change nothing."""
    session = await shop.draft()
    async with shop.scope() as scope:
        row = await sessions.read(scope, session.id)
    for state, event in product(SessionState, SessionEvent):
        if (state, event) in TRANSITIONS:
            continue
        async with shop.scope() as scope:
            pretended = row.__class__(**{
                **{name: getattr(row, name) for name in row.__struct_fields__}, "state": state,
            })  # fmt: skip
            with pytest.raises(StateConflict) as refused:
                await move_session(scope, pretended, event)
            assert refused.value.code == "not_in_state"
            assert refused.value.facts["state"] == state.value
            assert (await sessions.read(scope, session.id)).state_version == row.state_version


@pytest.mark.anyio
async def test_a_lost_compare_and_set_is_told(shop):
    session = await shop.draft()
    async with shop.scope() as scope:
        row = await sessions.read(scope, session.id)
        await move_session(scope, row, SessionEvent.DISCARD)
    async with shop.scope() as scope:
        with pytest.raises(StateConflict):
            await move_session(scope, row, SessionEvent.SUBMIT)
        events = await sessions.events(scope, session.id, 10)
    assert [event["event"] for event in events] == ["discard"]
