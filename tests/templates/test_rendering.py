import pytest
from hypothesis import given, strategies as st

from backend.kernel.errors import InvalidInput
from backend.templates.rendering.analysis import analyse, check_attributes, check_properties
from backend.templates.rendering.brackets import attribute_key
from backend.templates.rendering.compile import compile_template
from backend.templates.rendering.compose import compile_message, compose
from backend.templates.rendering.limits import MESSAGE_LIMIT_CHARS
from backend.templates.rendering.problems import ProblemCode, RenderProblem


def rendered(source: str, properties=None, attributes=None) -> str | RenderProblem:
    return compile_template(source).render(properties or {}, attributes or {})


# --- properties -------------------------------------------------------------------------------


def test_b35_a_missing_property_names_itself_and_every_other():
    problem = RenderProblem(ProblemCode.MISSING_PROPERTY, ("code", "day"), ("First Name",))
    for source in (
        "Hi [First Name], {{ code }} on {{ day }}",
        "Hi [First Name], {{ code }} {% if yes %}on {{ day }}{% endif %}",
    ):
        assert rendered(source, {"yes": "1"}) == problem


def test_b35_an_empty_value_is_a_value():
    assert rendered("Hi {{ name }}!", {"name": ""}) == "Hi !"
    assert rendered("Hi [name]!", {}, {"name": ""}) == "Hi !"
    assert rendered("{% if name == '' %}Hi{% else %}Hi {{ name }}{% endif %}!", {"name": ""}) == (
        "Hi!"
    )


def test_b35_a_default_stands_in_for_missing_and_for_empty():
    for source in (
        "Hi {{ name | default: 'you' }}!",
        "Hi {{ name | default: 'you' | downcase }}!",
        "{% assign who = name | default: 'you' %}Hi {{ who }}!",
        "Hi {{ name | default: 'you' }}{% comment %}{% endcomment %}!",
    ):
        assert rendered(source) == "Hi you!"
        assert rendered(source, {"name": ""}) == "Hi you!"
        assert rendered(source, {"name": "ann"}) == "Hi ann!"


def test_b35_a_default_after_another_filter_comes_too_late():
    assert rendered("Hi {{ name | upcase | default: 'you' }}!") == RenderProblem(
        ProblemCode.MISSING_PROPERTY, properties=("name",)
    )
    assert rendered("{{ name | default: other }}", {"name": "a"}) == RenderProblem(
        ProblemCode.MISSING_PROPERTY, properties=("other",)
    )


def test_b35_one_use_without_a_default_makes_it_required():
    found = analyse("{{ a | default: 'x' }} {{ a }} {{ b | default: 'y' }}")
    assert found.properties == {"a", "b"}
    assert found.has_default_for == {"b"}
    check_properties(found, {"a"})
    with pytest.raises(InvalidInput) as caught:
        check_properties(found, set(), "/properties/+33612345678")
    assert [(e.pointer, e.code) for e in caught.value.errors] == [
        ("/properties/+33612345678/a", "missing_property")
    ]


def test_b35_a_name_assigned_in_a_branch_not_taken_is_missing():
    source = "{% if a == 'x' %}{% assign b = '1' %}{% endif %}{{ b }}"
    assert rendered(source, {"a": "x"}) == "1"
    assert rendered(source, {"a": "y"}) == RenderProblem(ProblemCode.MISSING_PROPERTY, ("b",))


def test_a_value_the_template_cannot_use_is_that_rows_problem():
    problem = rendered("{% if age > 17 %}adult{% endif %}", {"age": "x"})
    assert isinstance(problem, RenderProblem)
    assert problem.code == ProblemCode.VALUE_UNUSABLE
    source = "{% assign years = age | plus: 0 %}{% if years > 17 %}adult{% endif %}"
    assert rendered(source, {"age": "18"}) == "adult"


# --- attributes -------------------------------------------------------------------------------


def test_attributes_by_name_whatever_case_and_spaces():
    assert attribute_key(" First \u00a0Name ") == "first name"
    found = analyse("[First  Name] [first name] {{ code }} [sic]")
    assert found.attributes == {"first name": "First  Name", "sic": "sic"}
    assert rendered("Dear [First  Name]", {}, {"first name": "Ann"}) == "Dear Ann"


def test_an_unknown_attribute_is_refused_with_its_name():
    found = analyse("Dear [first name] [sic]")
    check_attributes(found, ["First Name", "SIC"])
    with pytest.raises(InvalidInput) as caught:
        check_attributes(found, ["First Name"])
    assert caught.value.code == "unknown_attribute"
    assert caught.value.facts == {"names": ["sic"]}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\[sic]", "[sic]"),
        (r"[a]\[a][a]", "A[a]A"),
        ("[[a]]", "[A]"),
        ("[] [ ] ] [", "[] [ ] ] ["),
        ("[a\nb]", "[a\nb]"),
        ("[a{{ x }}b]", "[aXb]"),
        ("[first {% if x %}name]{% endif %}", "[first name]"),
        ("{% raw %}[a] {{ x }}{% endraw %}", "[a] {{ x }}"),
        ("{{ '[a]' }}", "[a]"),
        ("{% if x == 'X' %}[a]{% endif %}", "A"),
        ("{% for i in (1..2) %}[a]{% endfor %}", "AA"),
        ("{% capture y %}[a]{% endcapture %}{{ y | downcase }}", "a"),
        ("{{ x -}}  [a]  {{- x }}", "XAX"),
        ("a\r\nb\r{{ x }}\n\n", "a\r\nb\rX\n\n"),
    ],
)
def test_brackets_in_text_only(source, text):
    assert rendered(source, {"x": "X"}, {"a": "A"}) == text
    compiled = compile_template(source, flatten=False)
    assert compiled.render({"x": "X"}, {"a": "A"}) == text


hostile = st.one_of(
    st.sampled_from(
        [
            "{{ code }}",
            "[first name]",
            "{% for i in (1..9) %}",
            "[x]",
            "%s",
            "{0}",
            "\\[",
            "}}",
            "]",
        ]
    ),
    st.text(max_size=30),
)


@given(value=hostile, other=hostile)
def test_inserted_values_are_never_read_as_templates(value, other):
    properties = {"code": value, "first name": "wrong"}
    attributes = {"first name": other, "x": "wrong"}
    flat = "A {{ code }} B [first name] C {{ code }}"
    assert rendered(flat, properties, attributes) == f"A {value} B {other} C {value}"
    for source in (
        "{% if true %}" + flat + "{% endif %}",
        "{% capture t %}" + flat + "{% endcapture %}{{ t }}",
        "{% assign c = code %}A {{ c }} B [first name] C {{ code }}",
    ):
        assert rendered(source, properties, attributes) == f"A {value} B {other} C {value}"


# --- analysis ---------------------------------------------------------------------------------


def test_analysis_lists_what_a_template_uses():
    found = analyse(
        "{% if vip == 'yes' %}{{ name | upcase | default: 'x' }}{% endif %}"
        "{% for i in (1..2) %}{{ i }}{{ forloop.index }}{% endfor %}{{ ['order number'] }}"
    )
    assert found.properties == {"vip", "name", "order number"}
    assert found.tags == {"if", "for"}
    assert found.filters == {"upcase", "default"}
    assert not found.is_flat
    assert analyse("Hi {{ name | upcase }} [first name]{% # note %}").is_flat


@pytest.mark.parametrize(
    ("source", "code", "line", "column"),
    [
        ("Hi {{ name", "template_syntax", 1, 4),
        ("Hi\nyou {{ name | }}", "template_syntax", None, None),
        ("Hi\n\n  {% foo %}", "tag_not_allowed", 3, 6),
        ("Hi\n{{ x | foo }}", "filter_not_allowed", 2, 8),
        ("{{ x | upcase: 1 }}", "filter_arguments", 1, 8),
        ("{{ x | plus }}", "filter_arguments", 1, 8),
        ("{{ x | default: 'a', b: 1 }}", "filter_arguments", 1, 8),
        ("{% break %}", "template_syntax", 1, 4),
        ("{% endif %}", "template_syntax", 1, 4),
        ("{% if x %}", "template_syntax", None, None),
        ("{{ }}", "template_syntax", None, None),
        ("{% %}", "template_syntax", 1, 1),
        ("{% doc %}", "template_syntax", 1, 1),
        ("x" * 10_001, "template_too_long", None, None),
    ],
)
def test_refusals_carry_code_and_place(source, code, line, column):
    with pytest.raises(InvalidInput) as caught:
        analyse(source, "/footer")
    assert caught.value.code == code
    assert caught.value.errors[0].pointer == "/footer"
    if line is not None:
        assert caught.value.facts == {"line": line, "column": column}


@pytest.mark.parametrize(
    ("value", "wanted", "text"),
    [
        ("2026-03-29", "%d/%m/%Y", "29/03/2026"),
        ("2026-03-29T18:05:00+02:00", "%-d %B, %H:%M", "29 March, 18:05"),
        ("1774807500", "%F %T", "2026-03-29 18:05:00"),
        ("01/02/2026", "%F", "01/02/2026"),
        ("tomorrow", "%F", "tomorrow"),
        ("", "%F", ""),
        (None, "%F", ""),
        ("2026-03-29", "100%%", "100%"),
    ],
)
def test_dates_are_iso_or_unix_and_need_no_clock(value, wanted, text):
    assert rendered(f"{{{{ d | date: '{wanted}' }}}}", {"d": value}) == text


# --- messages ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "body", "footer", "text"),
    [
        ("Brand:", "Hello", "Reply STOP", "Brand:\nHello Reply STOP"),
        ("", "Hello", "Reply STOP", "Hello Reply STOP"),
        ("Brand:", "Hello", "", "Brand:\nHello"),
        ("", "Hello", "", "Hello"),
        ("Brand:", "", "STOP", "Brand:\nSTOP"),
        ("Brand:", "", "", "Brand:"),
        ("", "", "", ""),
    ],
)
def test_s3_22_newline_after_header_space_before_footer(header, body, footer, text):
    assert compose(header, body, footer) == text
    message = compile_message(body=body, header=header, footer=footer)
    assert message.render({}, {}) == (text if body else RenderProblem(ProblemCode.MESSAGE_EMPTY))


def test_header_and_footer_are_templates_of_their_own():
    message = compile_message(header="[brand]", body="Hi {{ x }}", footer="{{ y | default: '' }}")
    assert message.render({"x": "1", "y": "2"}, {"brand": "B"}) == "B\nHi 1 2"
    assert message.render({"x": "1"}, {"brand": ""}) == "Hi 1"
    assert message.render({}, {}) == RenderProblem(
        ProblemCode.MISSING_PROPERTY, properties=("x",), attributes=("brand",)
    )
    missing = RenderProblem(ProblemCode.MISSING_PROPERTY, attributes=("brand",))
    assert message.render({"x": "1"}, {}) == missing
    unusable = compile_message(body="a", footer="{% if x < 5 %}b{% endif %}").render({"x": "y"}, {})
    assert isinstance(unusable, RenderProblem)
    assert unusable.code == ProblemCode.VALUE_UNUSABLE
    assert sorted(message.properties) == ["x", "y"]
    assert sorted(message.required) == ["x"]
    with pytest.raises(InvalidInput) as caught:
        compile_message(header="{% if x %}", body="a{% endif %}")
    assert caught.value.errors[0].pointer == "/header"


def test_b36_nothing_to_say_and_too_much_for_one_recipient():
    message = compile_message(header="Brand", body="{{ x }}", footer="STOP")
    empty = RenderProblem(ProblemCode.MESSAGE_EMPTY)
    assert message.render({"x": ""}, {}) == empty
    assert message.render({"x": " \n"}, {}) == empty
    frame = len("Brand\n STOP")
    longest = "é" * (MESSAGE_LIMIT_CHARS - frame)
    assert message.render({"x": longest}, {}) == f"Brand\n{longest} STOP"
    for value in (longest + "é", "x" * (MESSAGE_LIMIT_CHARS + 1)):
        problem = message.render({"x": value}, {})
        assert isinstance(problem, RenderProblem)
        assert problem.code == ProblemCode.MESSAGE_TOO_LONG


def test_b36_the_limit_is_in_characters_of_any_width():
    emoji = "😀" * MESSAGE_LIMIT_CHARS
    for source in ("{{ x }}", "{% if true %}{{ x }}{% endif %}"):
        assert rendered(source, {"x": emoji}) == emoji
