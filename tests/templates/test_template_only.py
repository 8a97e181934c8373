from typing import Any

import pytest

from backend.kernel.errors import Forbidden
from backend.templates.rendering.compose import compile_message
from backend.templates.rendering.template_only import (
    LEAST_FIXED_RATIO,
    MessageParts,
    check_template_only,
    fixed_text_ratio,
)

APPROVED = MessageParts(
    header="Clinic:",
    body="Dear [first name], your appointment number {{ code }} is confirmed for tomorrow morning. "
    "Please call the desk if you cannot come, so that another patient may take your place today.",
    footer="Reply STOP",
)


def check(wanted=APPROVED, approved=APPROVED, properties=None, attributes=None) -> None:
    check_template_only(
        approved=approved,
        wanted=wanted,
        message=compile_message(header=approved.header, body=approved.body, footer=approved.footer),
        properties=properties or {"code": "AB"},
        attributes=attributes or {"first name": "Ann"},
    )


def part_of(**changes: Any) -> str:
    with pytest.raises(Forbidden) as caught:
        check(**changes)
    assert caught.value.code == "template_only"
    part: str = caught.value.facts["part"]
    return part


def test_an_approved_template_with_plain_values_passes():
    check()
    check(properties={"code": ""}, attributes={"first name": "x" * 60})
    check(attributes={"first name": "Ann", "note": "not shown: 0612345678"})


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        (MessageParts(APPROVED.body, "Bank:", APPROVED.footer), "header"),
        (MessageParts(APPROVED.body, "", APPROVED.footer), "header"),
        (MessageParts(APPROVED.body, APPROVED.header, ""), "footer"),
        (MessageParts(APPROVED.body + ".", APPROVED.header, APPROVED.footer), "message"),
    ],
)
def test_what_differs_from_the_template_is_named(wanted, part):
    assert part_of(wanted=wanted) == part


@pytest.mark.parametrize(
    "value",
    [
        "x" * 61,
        "two\nlines",
        "line\n",
        "a\rb",
        "a\u2028b",
        "a\x85b",
        "call 0612345678",
        "see example.com",
    ],
)
def test_values_are_one_short_line_without_link_or_number(value):
    assert part_of(properties={"code": value}) == "property:code"
    assert part_of(attributes={"first name": value}) == "attribute:first name"


def test_the_template_says_at_least_half():
    approved = MessageParts("{{ text }}")
    assert part_of(approved=approved, wanted=approved) == "fixed_text"


@pytest.mark.parametrize(
    ("body", "ratio"),
    [
        ("x" * 60 + "{{ a }}", 60 / 120),
        ("x" * 59 + "{{ a }}", 59 / 119),
        ("x" * 60, 1.0),
        ("", 0.0),
        ("x" * 60 + "[a][b]", 60 / 180),
        ("x" * 60 + "{{ a | upcase }}", 60 / 240),
        ("x" * 60 + "{{ a | url_encode }}", 60 / 780),
        ("x" * 60 + "{{ a | truncate: 9, '12345' }}", 60 / 125),
        ("x" * 60 + "{{ a | default: b }}", 0.0),
        ("x" * 60 + "{{ a | date: '%F' }}", 0.0),
        ("x" * 60 + "{{ 'fixed' }}{% # note %}", 1.0),
        ("x" * 60 + "{% if a %}{{ a }}{% elsif b %}{{ b }}{{ b }}{% endif %}", 60 / 180),
        ("{% if a %}" + "x" * 60 + "{% else %}{{ b }}{% endif %}", 0.0),
        ("{% if a %}" + "x" * 60 + "{% else %}" + "y" * 90 + "{% endif %}", 1.0),
        ("x" * 60 + "{% unless a %}{{ a }}{% endunless %}", 60 / 120),
        ("x" * 60 + "{% for i in (1..9) %}{{ a }}{% endfor %}", 0.0),
        ("x" * 60 + "{% capture c %}{{ a }}{% endcapture %}{{ c }}", 0.0),
        ("x" * 60 + "{% assign c = a %}{{ c }}", 0.0),
    ],
)
def test_fixed_text_ratio_holds_for_the_worst_rendering(body, ratio):
    assert fixed_text_ratio(compile_message(body=body)) == pytest.approx(ratio)


def test_header_and_footer_count_as_the_templates_words():
    message = compile_message(header="x" * 30, body="{{ a }}", footer="y" * 30)
    assert fixed_text_ratio(message) == LEAST_FIXED_RATIO


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"code": "x" * 61}, "value_too_long"),
        ({"code": "see example.com"}, "value_has_link"),
        ({"code": "06 12 34 56 78"}, "value_has_phone_number"),
    ],
)
def test_the_refusal_says_why_a_value_is_not_plain(properties, reason):
    with pytest.raises(Forbidden) as caught:
        check(properties=properties)
    assert caught.value.facts == {"part": "property:code", "reason": reason}
