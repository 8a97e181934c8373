"""A flat program writes the same bytes as python-liquid, whatever the template and the values."""

import liquid
from hypothesis import assume, example, given, settings, strategies as st

from backend.kernel.errors import InvalidInput
from backend.templates.rendering.compile import Compiled, compile_template
from backend.templates.rendering.flatten import FlatProgram
from backend.templates.rendering.problems import RenderProblem

STOCK = liquid.Environment(undefined=liquid.StrictUndefined, strict_filters=True)

NAMES = ["a", "b_c", "naïve", "order-no", "first name", "x?"]
FILTERS = [
    *("upcase", "downcase", "capitalize", "strip", "lstrip", "rstrip"),
    *("default: 'none'", "default: 7", "default", "truncate: 5", "truncate: 3, '~'"),
    *("truncatewords: 2", "truncatewords: 1, '…'", "truncate: -3"),
]

texts = st.text(
    alphabet=st.one_of(
        st.sampled_from("%{}[]\\s\r\n \t\u00a0\u2028'\"|aBß"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=12,
)
outputs = st.builds(
    lambda name, filters, before, after: (
        "{{"
        + before
        + (name if " " not in name else f"['{name}']")
        + "".join(f" | {one}" for one in filters)
        + after
        + "}}"
    ),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(FILTERS), max_size=3),
    st.sampled_from([" ", "", "- ", "\n"]),
    st.sampled_from([" ", "", " -"]),
)
others = st.sampled_from(
    [
        *("{{ 'text %s [a]' }}", "{% comment %}{{ a }}[a]{% endcomment %}", "{% # note %}"),
        *("{% raw %}{{ a }} [a] %{% endraw %}", "{% doc %} {{ {% enddoc %}", "{{ '' }}"),
    ]
)
attributes = st.sampled_from(["[first name]", "[A]", "[ a ]", r"\[a]", "[]", "[[a]]", "[ ]"])
values = st.one_of(
    texts,
    st.sampled_from(["{{ a }}", "[a]", "%s%d%%", "{% raw %}", "  x  ", "ΐ ß ŉ", "İ"]),
    st.none(),
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False),
)
scopes = st.fixed_dictionaries(dict.fromkeys(NAMES, values))
bracket_values = st.fixed_dictionaries({"a": values, "first name": values})


def compiled(source: str, *, flatten: bool) -> Compiled:
    try:
        return compile_template(source, flatten=flatten)
    except InvalidInput:
        assume(False)
        raise


@settings(max_examples=300)
@given(pieces=st.lists(st.one_of(texts, outputs, others), max_size=8), scope=scopes)
@example(pieces=["a\r\nb\r", "{{ a }}", "\n"], scope=dict.fromkeys(NAMES, "\n%s"))
@example(pieces=["{{ a }}", "{{ a | default: 7 }}"], scope=dict.fromkeys(NAMES))
def test_flat_equals_stock_liquid(pieces, scope):
    source = "".join(pieces)
    assume("[" not in source.replace("['", "").replace("[a]", ""))
    assume(r"\[" not in source)
    assume("[a]" not in "".join(piece for piece in pieces if "{" not in piece))
    program = compiled(source, flatten=True)
    assume(program.analysis.is_flat)
    expected = STOCK.from_string(source).render(**scope)
    assert program.render(scope, {"a": "wrong"}) == expected


@settings(max_examples=300)
@given(
    pieces=st.lists(st.one_of(texts, outputs, others, attributes), max_size=8),
    scope=scopes,
    subscriber=bracket_values,
    left_out=st.sets(st.sampled_from([*NAMES, "first name"]), max_size=2),
)
def test_flat_equals_our_liquid_with_attributes_and_missing_values(
    pieces, scope, subscriber, left_out
):
    source = "".join(pieces)
    flat, whole = compiled(source, flatten=True), compiled(source, flatten=False)
    assume(flat.analysis.is_flat)
    assume(flat.analysis.attributes.keys() <= subscriber.keys())
    scope = {name: value for name, value in scope.items() if name not in left_out}
    assert flat.render(scope, subscriber) == whole.render(scope, subscriber)
    assert flat.render(scope, {}) == whole.render(scope, {})


def test_long_values_end_alike():
    for source in ("{{ a }}", "{{ a }}{{ a }}", "{{ a | upcase }}", "{{ a | truncate: 5 }}"):
        for size in (100, 801, 1_600, 1_601, 9_000):
            scope = {"a": "ß" * size}
            flat = compile_template(source).render(scope, {})
            whole = compile_template(source, flatten=False).render(scope, {})
            assert (flat.code if isinstance(flat, RenderProblem) else flat) == (
                whole.code if isinstance(whole, RenderProblem) else whole
            )


def test_what_is_flat_has_a_program_of_as_few_parts_as_it_has_places():
    template = compile_template("Hi {{ a }}, \\[x] {{ 'and' }} [first name]!").template
    program = FlatProgram(template.nodes)
    assert program._parts == ["Hi ", "", ", [x] and ", "", "!"]
