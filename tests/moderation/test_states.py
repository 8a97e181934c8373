"""A case is closed once and stays closed."""

import pytest

from backend.moderation.states import CaseEvent, CaseState, target


@pytest.mark.parametrize("event", list(CaseEvent))
def test_what_is_closed_takes_no_event(event: CaseEvent):
    reached = target(CaseState.OPEN, event)
    assert reached is not None
    assert target(reached, event) is None


def test_every_closed_state_is_reached():
    reached = {target(CaseState.OPEN, event) for event in CaseEvent}
    assert reached == set(CaseState) - {CaseState.OPEN}
