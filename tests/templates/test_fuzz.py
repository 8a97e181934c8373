"""Whatever is written, it is refused with a code or renders to a text or a coded problem."""

from hypothesis import example, given, settings, strategies as st

from backend.kernel.errors import InvalidInput
from backend.templates.rendering.compile import Compiled, compile_template
from backend.templates.rendering.limits import MESSAGE_LIMIT_CHARS, OPERATION_LIMIT_STEPS
from backend.templates.rendering.problems import RenderProblem

CODES = {
    *("template_syntax", "template_nesting", "template_too_expensive", "template_too_long"),
    *("tag_not_allowed", "filter_not_allowed", "filter_arguments", "property_path"),
}

fragments = st.one_of(
    st.sampled_from(
        [
            *("{{", "}}", "{%", "%}", "-", "[", "]", "|", ":", ",", ".", "..", "(", ")", "\\["),
            *("{{ x }}", "{{ x | ", "{% if x %}", "{% endif %}", "{% else %}", "{% elsif y %}"),
            *("{% for i in (1..3) %}", "{% endfor %}", "{% break %}", "{% continue %}"),
            *("{% case x %}", "{% when '1' %}", "{% endcase %}", "{% unless y %}"),
            *("{% endunless %}", "{% capture c %}", "{% endcapture %}", "{{ c }}", "{{ i }}"),
            *("{% assign a = x %}", "{{ a }}", "{% cycle x, y %}", "{% raw %}", "{% endraw %}"),
            *("{% comment %}", "{% endcomment %}", "{% doc %}", "{% enddoc %}", "{% # a %}"),
            *("{{ x | date: y }}", "{{ x | round: y }}", "{{ x | truncate: y }}", "{{ y.size }}"),
            *("{{ x | plus: y }}", "{{ x | at_least: y | minus: 1.5 }}", "{{ x | first }}"),
            *("{{ forloop.index }}", "{{ forloop.parentloop.index }}", "{% if x contains y %}"),
            *("{% for i in x limit: y %}", "{% for j in forloop reversed %}", "{% if x < y %}"),
            *(
                "default",
                "upcase",
                "x",
                "y",
                "'",
                '"',
                "==",
                "and",
                "or",
                "nil",
                "empty",
                "1",
                "\n",
            ),
        ]
    ),
    st.text(max_size=4),
)
values = st.one_of(
    st.sampled_from(["", "inf", "nan", "-1", "1e400", "9" * 400, "2026-01-01", "%Y", "continue"]),
    st.text(max_size=8),
)


@settings(max_examples=500)
@given(pieces=st.lists(fragments, max_size=14), x=values, y=values)
@example(pieces=["{{ x | round: y }}"], x="inf", y="nan")
@example(pieces=["{{ x | plus: y }}"], x="inf", y="-inf")
@example(pieces=["{{ x | plus: y }}"], x="9" * 1_600, y="1e400")
@example(pieces=["{% for i in x limit: y %}", "{% endfor %}"], x="a", y="-1")
@example(pieces=["{{ x | date: y }}"], x="0001-01-01T00:00:00+14:00", y="%Y %Z %z")
@example(pieces=["{{ x | date: y }}"], x="2026-01-01", y="\ud800")
@example(pieces=["\ud800{% if true %}{% endif %}"], x="", y="")
def test_s15_any_source_and_value_ends_in_a_text_or_a_code(pieces, x, y):
    compiled = compiled_or_refused("".join(pieces))
    if isinstance(compiled, InvalidInput):
        assert compiled.code in CODES
        assert [error.code for error in compiled.errors] == [compiled.code]
        return
    assert compiled.analysis.operations <= OPERATION_LIMIT_STEPS
    brackets = dict.fromkeys(compiled.analysis.attributes, y)
    outcome = compiled.render({"x": x, "y": y, "a": x, "c": y, "i": x}, brackets)
    assert isinstance(outcome, RenderProblem) or len(outcome) <= MESSAGE_LIMIT_CHARS


def compiled_or_refused(source: str) -> Compiled | InvalidInput:
    try:
        return compile_template(source)
    except InvalidInput as error:
        return error
