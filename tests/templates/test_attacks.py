"""Templates written to cost: each is refused with a code, or rendered within counted bounds.

No clock is read: Python calls are counted, and what C code may see at once is bounded by the
lengths in `limits`.
"""

import sys

import pytest

from backend.kernel.errors import InvalidInput
from backend.templates.rendering.analysis import analyse
from backend.templates.rendering.compile import compile_template
from backend.templates.rendering.limits import (
    MESSAGE_LIMIT_CHARS,
    OPERATION_LIMIT_STEPS,
    TEMPLATE_LIMIT_CHARS,
)
from backend.templates.rendering.problems import ProblemCode, RenderProblem

# Some 10 ms on the slowest machine we know: ~60 ns a call, most of them C.
CALL_BUDGET = 200_000

HOSTILE_VALUES = {
    "x": "w " * 800,
    "y": "é" * MESSAGE_LIMIT_CHARS,
    "n": "99999999999999999999",
    "z": "0",
}


def code_of(source: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        analyse(source)
    assert [error.pointer for error in caught.value.errors] == ["/message"]
    assert caught.value.errors[0].code == caught.value.code
    return caught.value.code


def wrapped(inner: str, levels: int, tag: str = "if x") -> str:
    name = tag.split(maxsplit=1)[0]
    return f"{{% {tag} %}}" * levels + inner + f"{{% end{name} %}}" * levels


def test_b30_nested_loops_over_long_ranges():
    loops = "{% for a in (1..10000) %}{% for b in (1..10000) %}x{% endfor %}{% endfor %}"
    assert code_of(loops) == "template_too_expensive"


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in (1..1001) %}{% endfor %}",
        "{% for a in (-9999999999..1) %}{% endfor %}",
        "{% for a in (1..30) %}{% for b in (1..30) %}x{% endfor %}{% endfor %}",
        "{% for a in (1..n) reversed %}x{% endfor %}",
        "{% for a in (n..5) %}x{% endfor %}",
        "{% assign r = (1..1000) %}{% for a in r %}x{% endfor %}",
        "{% if (1..99999999) contains 5 %}x{% endif %}",
        "{% cycle (1..99999999), 'b' %}",
        "{% for i in (1..500) %}{% endfor %}" * 70,
        "{% for i in (1..400) %}{% if x contains y %}{% endif %}{% endfor %}",
    ],
)
def test_b30_every_loop_is_counted_before_it_runs(source):
    assert code_of(source) == "template_too_expensive"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{{ (1..100000000) | join: ',' }}", "filter_not_allowed"),
        ("{{ (1..100000000) | size }}", "template_too_expensive"),
        ("{{ (1..30000000) | first }}", "template_too_expensive"),
        ("{{ (1..30000000) | last }}", "template_too_expensive"),
        ("{{ (1..5) }}", "template_too_expensive"),
    ],
)
def test_b31_filters_never_see_a_range(source, code):
    assert code_of(source) == code


@pytest.mark.parametrize(
    "name",
    [
        *("append", "prepend", "split", "join", "replace", "replace_first", "remove", "times"),
        *("concat", "map", "sort", "where", "uniq", "base64_encode", "base64_decode", "safe"),
        *("escape", "strip_html", "newline_to_br", "slice", "sum", "divided_by", "modulo"),
        *("nonsense", "__class__"),
    ],
)
def test_b32_filters_outside_the_list(name):
    assert code_of(f"{{{{ x | {name}: 'a' }}}}") == "filter_not_allowed"
    assert code_of(f"{{% assign a = x | {name} %}}") == "filter_not_allowed"


def test_b32_doubling_by_append_is_refused_and_by_truncatewords_bounded():
    doubling = "{% assign a = 'x' %}" + "{% assign a = a | append: a %}" * 40
    assert code_of(doubling) == "filter_not_allowed"
    # `truncatewords: 1, a` puts the whole of `a` after its only word.
    doubling = "{% assign a = 'x' %}" + "{% assign a = a | truncatewords: 1, a %}" * 40
    assert problem_of(doubling).code == ProblemCode.TEMPLATE_TOO_EXPENSIVE


def test_b32_doubling_by_capture():
    doubling = "{% capture a %}xxxxxxxxxx{% endcapture %}"
    doubling += "{% capture a %}{{ a }}{{ a }}{% endcapture %}" * 30
    assert problem_of(doubling).code == ProblemCode.TEMPLATE_TOO_EXPENSIVE


@pytest.mark.parametrize(
    "source",
    [
        wrapped("a", 450),
        wrapped("a", 11),
        "{% if x %}" * 1_000,
        wrapped("a", 4, "for a in (1..2)"),
        "{% if " + " and ".join(["x"] * 80) + " %}a{% endif %}",
        wrapped("a", 40, "case x %}{% when 'a'"),
        wrapped("a", 40, "capture a"),
    ],
)
def test_b33_deep_nesting(source):
    assert code_of(source) == "template_nesting"


def test_b33_three_thousand_levels_are_too_long_to_be_looked_at():
    assert code_of(wrapped("a", 3_000)) == "template_too_long"


def test_b33_depth_within_the_limit_renders():
    text = compile_template(wrapped("deep", 10)).render({"x": "1"}, {})
    assert text == "deep"
    text = compile_template(wrapped("x", 3, "for a in (1..2)")).render({}, {})
    assert text == "x" * 8


@pytest.mark.parametrize(
    "tag",
    [
        *("render 'x'", "include 'x'", "layout 'x'", "extends 'x'", "block x", "liquid echo x"),
        *("tablerow i in (1..3)", "increment x", "decrement x", "echo x", "ifchanged", "nonsense"),
        *("macro x", "call x", "with x: 1", "translate"),
    ],
)
def test_b33_tags_outside_the_list(tag):
    assert code_of(f"a {{% {tag} %}} b") == "tag_not_allowed"
    assert code_of(f"{{% if x %}}{{% {tag} %}}{{% endif %}}") == "tag_not_allowed"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{{ ''.__class__.__mro__ }}", "template_syntax"),
        ("{{ x.__class__ }}", "property_path"),
        ("{{ contact.tenant }}", "property_path"),
        ("{{ x['__class__'] }}", "property_path"),
        ("{{ x[0] }}", "property_path"),
        ("{{ [x] }}", "property_path"),
        ("{{ x[y] }}", "property_path"),
        ("{{ " + "[" * 240 + "x" + "]" * 240 + " }}", "property_path"),
    ],
)
def test_b34_there_is_nothing_inside_a_value(source, code):
    assert code_of(source) == code


def test_b34_the_clock_is_not_in_scope():
    for name in ("now", "today"):
        problem = problem_of("{{ " + name + " }}")
        assert problem == RenderProblem(ProblemCode.MISSING_PROPERTY, properties=(name,))
        assert compile_template("{{ '" + name + "' | date: '%Y' }}").render({}, {}) == name
        defaulted = "{% if true %}{{ " + name + " | default: 'soon' }}{% endif %}"
        assert compile_template(defaulted).render({}, {}) == "soon"
        assigned = "{% if x == '' %}{% assign " + name + " = 'a' %}{% endif %}{{ " + name + " }}"
        assert problem_of(assigned).code == ProblemCode.MISSING_PROPERTY


def test_b34_a_method_of_a_value_is_never_called():
    class Drop(str):
        __slots__ = ()

        def tenant(self):
            raise AssertionError

    assert compile_template("{{ x.size }}").render({"x": Drop("abc")}, {}) == "3"


# Beside the rows above: what the lexer, the parser and single filters could be made to cost.
CORPUS = {
    "openings without an end": "{{" * 5_000,
    "raw without an end": "{% raw %}" * 1_000,
    "blanks without an end": "{{" + " " * 9_000,
    "blanks in an output": "{{" + " " * 9_000 + "}}",
    "blanks in a tag": "{% if" + " " * 9_000 + "x %}{% endif %}",
    "many tags": "{% assign a = 1 %}" * 500,
    "many names": "".join(f"{{% assign a{i} = 1 %}}" for i in range(100)),
    "many outputs": "{{x}}" * 1_900,
    "a long output": "{{ x" + " | upcase" * 1_000 + "}}",
    "chained filters": ("{{ x" + " | truncatewords: 700, x" * 10 + " }}") * 30,
    "splitting in a loop": "{% for i in (1..180) %}{% assign q = x | truncatewords: 790 %}"
    "{% endfor %}",
    "growth by URL": "{% for i in (1..180) %}{% assign q = y | url_encode %}{% endfor %}",
    "captures in a loop": "{% for i in (1..150) %}{% capture q %}{{ y }}{{ y }}{% endcapture %}"
    "{% endfor %}",
    "whens": "{% case x %}" + "{% when 'a' %}A" * 600 + "{% endcase %}",
    "elsifs": "{% if x %}" + "{% elsif y %}" * 600 + "{% endif %}",
    "comments": "{% comment %}" * 700,
    "nested comments": "{% comment %}" * 70 + "{% endcomment %}" * 70,
    "parentheses": "{{ " + "(" * 400 + " }}",
    "quotes": "{{ " + "['" * 200 + " }}",
    "a long integer": "{{ " + "9" * 480 + " | plus: 1 }}",
    "a longer integer": "{{ " + "9" * 5_000 + " }}",
    "dates by width": "{{ z | date: '%100000000d' }}",
    "a date format": "{{ z | date: '" + "%A" * 200 + "' }}",
    "a date format in a value": "{{ z | date: x }}",
    "a far date": "{{ n | date: '%Y' }}",
    "huge truncate": "{{ x | truncate: 99999999999999999999 }}{{ x | truncate: n }}",
    "negative truncate": "{{ x | truncate: -99999999999999999999 }}",
    "infinite round": "{{ 'inf' | round }}",
    "infinite truncate": "{{ x | truncate: 'inf' }}",
    "nan": "{{ 'nan' | round }}{{ 'nan' | plus: 'inf' }}",
    "huge round": "{{ 1.5 | round: 99999999999999 }}",
    "cycle": "{% for i in (1..100) %}{% cycle i, x, y %}{% endfor %}",
    "a loop over its loop": "{% for i in (1..3) %}{% for j in forloop %}{{ j }}{% endfor %}"
    "{% endfor %}",
    "a parent loop": "{% for i in (1..3) %}{% assign f = forloop %}{% endfor %}"
    "{% for j in f %}{{ j }}{% endfor %}",
    "a negative limit": "{% for i in (1..10) limit: -5 %}a{% endfor %}",
    "a huge offset": "{% for i in (1..10) offset: 99999999999999999999999 %}a{% endfor %}",
    "an output stream": "{% for i in (1..400) %}0123456789{% endfor %}",
    "opening brackets": "[" * TEMPLATE_LIMIT_CHARS,
    "escaped brackets": "\\[" * 5_000,
    "an endless bracket": "[" + "a" * 9_990,
    "a long text": "x" * TEMPLATE_LIMIT_CHARS,
    "too long a text": "x" * (TEMPLATE_LIMIT_CHARS + 1),
    "text less than number": "{% if x < 5 %}a{% endif %}",
}


@pytest.mark.parametrize("name", CORPUS)
def test_every_attack_is_refused_or_bounded(name):
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in {"call", "c_call"}

    previous = sys.getprofile()
    sys.setprofile(count)
    try:
        outcome = outcome_of(CORPUS[name])
    finally:
        sys.setprofile(previous)
    assert calls < CALL_BUDGET
    if isinstance(outcome, str):
        assert len(outcome) <= MESSAGE_LIMIT_CHARS


def outcome_of(source: str) -> str | RenderProblem | InvalidInput:
    try:
        compiled = compile_template(source)
    except InvalidInput as error:
        return error
    assert compiled.analysis.operations <= OPERATION_LIMIT_STEPS
    return compiled.render(HOSTILE_VALUES, {})


def problem_of(source: str) -> RenderProblem:
    outcome = compile_template(source).render(HOSTILE_VALUES, {})
    assert isinstance(outcome, RenderProblem)
    return outcome


def test_too_long_a_value_reaches_no_filter():
    value = {"x": "a" * (MESSAGE_LIMIT_CHARS + 1)}
    for source in ("{{ x | truncate: 5 }}", "{{ x | size }}", "{% if x %}a{% endif %}", "{{ x }}"):
        outcome = compile_template(source).render(value, {})
        assert isinstance(outcome, RenderProblem)
        assert outcome.code == ProblemCode.MESSAGE_TOO_LONG


def test_a_deep_stack_is_a_coded_refusal():
    def descend(levels: int) -> str:
        return descend(levels - 1) if levels else code_of(f"{{{{ {'[' * 200}x{']' * 200} }}}}")

    frames = 0
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]  # ends with None
        frames += 1
    assert descend(sys.getrecursionlimit() - frames - 150) == "template_nesting"
