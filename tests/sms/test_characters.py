import unicodedata

import pytest
from hypothesis import given, strategies as st

from backend.kernel.errors import InvalidInput
from backend.sms import characters


@pytest.mark.parametrize(
    ("character", "reason"),
    [
        ("\x00", "control"),
        ("\x1b", "control"),
        ("\t", "control"),
        ("\x7f", "control"),
        ("\x85", "control"),
        ("\ud83d", "lone_surrogate"),
        ("\ue000", "private_use"),
        ("\U0010fffd", "private_use"),
        ("\ufdd0", "noncharacter"),
        ("\uffff", "noncharacter"),
        ("\U0010fffe", "noncharacter"),
        ("\u202e", "bidi_control"),
        ("\u2066", "bidi_control"),
        ("\ufeff", "invisible_format"),
        ("\U000e0041", "invisible_format"),
    ],
)
def test_b38_refused_with_its_position(character, reason):
    (problem,) = characters.check_text(f"Hi {character}!")
    assert tuple(problem) == (3, character, reason, "character_not_allowed")
    assert f"U+{ord(character):04X} at position 3" in characters.describe(problem)


def test_b38_two_hundred_combining_marks():
    (problem,) = characters.check_text("Hi Z" + "\u0301" * 200)
    assert (problem.position, problem.reason) == (14, "too_many_combining_marks")


@pytest.mark.parametrize(
    "text",
    [
        "Hi Kari,\nsee you. 12 € [x]",
        "Line\r\nline\rline",
        "שלום\u200f 12 ₪",
        "👨‍👩‍👧‍👦 ❤️ 1️⃣",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "Z" + "\u0301" * characters.MAX_COMBINING_MARKS_IN_A_ROW,
        "",
    ],
)
def test_what_people_write_passes(text):
    assert characters.check_text(text) == []


def test_problems_come_in_order_and_their_number_is_limited():
    text = "\x00" + "Z" + "\u0301" * 20 + "\x00" * 100
    problems = characters.check_text(text)
    assert len(problems) == characters.MAX_PROBLEMS_LISTED
    assert [problem.position for problem in problems] == [0, 12, *range(22, 40)]


def test_b38_require_text_points_at_the_field_and_every_position():
    with pytest.raises(InvalidInput) as refused:
        characters.require_text("a\x00b\x1b", "/body")
    assert refused.value.code == "character_not_allowed"
    assert refused.value.facts == {"positions": [1, 3]}
    assert {error.pointer for error in refused.value.errors} == {"/body"}
    assert "\x00" not in str(refused.value)


def test_require_text_answers_the_normalised_text():
    assert characters.require_text("Cafe\u0301\r\nde\rla paix", "/body") == "Café\nde\nla paix"


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn", "Cf", "Mn", "Me"))))
def test_letters_of_every_script_pass_and_normalising_is_stable(text):
    assert characters.check_text(text) == []
    once = characters.normalise_text(text)
    assert characters.normalise_text(once) == once == unicodedata.normalize("NFC", text)


@given(st.text(st.characters(categories=("Cc", "Cs", "Co")), min_size=1))
def test_controls_surrogates_and_private_use_never_pass(text):
    wrong = [position for position, character in enumerate(text) if character not in "\r\n"]
    listed = [problem.position for problem in characters.check_text(text)]
    assert listed == wrong[: characters.MAX_PROBLEMS_LISTED]
