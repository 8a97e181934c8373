import pytest
from hypothesis import given, strategies as st

from backend.sms.plain_values import contains_phone_number, is_plain_value


@pytest.mark.parametrize(
    "value",
    [
        "", "Kari Nordmann", "x" * 60, "12.05.2026 14:30", "12.05.2026 kl 14.30-15.30 rom 214",
        "2026-05-12", "31/12/2026", "10:00-12:30", "123456", "kr 1.000,-", "Dr. Åse Ødegård", "Æ½",
    ],
)  # fmt: skip
def test_plain(value):
    assert is_plain_value(value) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("x" * 61, "value_too_long"),
        ("a\nb", "value_has_line_break"),
        ("a\u2028b", "value_has_line_break"),
        ("see example.com", "value_has_link"),
        ("example [.] com", "value_has_link"),
        ("hxxp://x", "value_has_link"),
        ("example dot com", "value_has_link"),
        ("ｅｘａｍｐｌｅ。com", "value_has_link"),
        ("91 23 45 28", "value_has_phone_number"),
        ("+47 (912) 34-528", "value_has_phone_number"),
        ("9.1.2.3.4.5.2.8", "value_has_phone_number"),
        ("٩١٢٣٤٥٢٨", "value_has_phone_number"),
        ("９１２３４５２８", "value_has_phone_number"),
        ("⑨①②③④⑤②⑧", "value_has_phone_number"),
        ("9\u200b1\u200b2345281", "value_has_phone_number"),
        ("1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣", "value_has_phone_number"),
        ("06.12 34.56 78", "value_has_phone_number"),
        ("12.05.2026 call 91234528", "value_has_phone_number"),
        ("45.12.2026", "value_has_phone_number"),
    ],
)
def test_not_plain(value, code):
    assert is_plain_value(value) == code


def test_the_limit_is_the_callers():
    assert is_plain_value("abc", limit_characters=2) == "value_too_long"


@given(
    st.lists(st.sampled_from("0123456789٣３"), min_size=10, max_size=15),
    st.sampled_from(["", " ", "-", " - ", "\u200b", "\u00a0", "_", "·", ") ("]),
)
def test_ten_digits_are_found_however_they_are_spaced(digits, separator):
    assert contains_phone_number(f"ring {separator.join(digits)} nå")
