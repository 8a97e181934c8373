"""Imports move by the table alone; names of attributes have one spelling."""

import pytest

from backend.audience.states import (
    ATTRIBUTE_NAME_CHARACTERS_MAX,
    TRANSITIONS,
    ImportEvent,
    ImportState,
    attribute_key,
    is_attribute_name,
    refusal,
)


@pytest.mark.parametrize("event", list(ImportEvent))
def test_a_refusal_names_the_state_and_what_would_be_allowed(event: ImportEvent):
    allowed = [state.value for state in TRANSITIONS[event][0]]
    refused = refusal(event, ImportState.ACCEPTED)
    assert refused.code == "import_accepted"
    assert refused.facts["allowed"] == allowed
    assert "accepted" not in allowed


def test_an_attributes_name_has_one_spelling():
    assert attribute_key(" First  Name ") == attribute_key("first name") == "first name"
    assert attribute_key("CAFE\u0301") == attribute_key("caf\u00e9")


@pytest.mark.parametrize("name", ["first name", "postal-code", "größe_2", "имя"])
def test_names_that_stand_between_brackets(name: str):
    assert is_attribute_name(name)


@pytest.mark.parametrize(
    "name", ["", "  ", "a]b", "{{x}}", "a" * (ATTRIBUTE_NAME_CHARACTERS_MAX + 1)]
)
def test_names_that_do_not(name: str):
    assert not is_attribute_name(name)
