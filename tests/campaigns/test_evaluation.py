"""One place where a recipient becomes a message or an exclusion; the sums match."""

from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from backend.audience.schemas.rules import AudienceInput, AudienceRow
from backend.audience.service import contacts
from backend.audience.service.freezing import freeze
from backend.campaigns.schemas.content import FrozenContent
from backend.campaigns.schemas.evaluation import EvaluatedMessage, Exclusion
from backend.campaigns.schemas.prices import PriceMap
from backend.campaigns.service.evaluation import (
    Evaluation,
    evaluate_page,
    evaluate_row,
    evaluate_rows,
    open_evaluation,
)
from backend.campaigns.service.quotes import Tally
from backend.identity.schemas import TenantFacts
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import InvalidInput
from tests.campaigns.factories import phone, plain

PRICES = PriceMap(
    version=1, credits_per_segment={"NO": 1, "SE": 2}, margin_percent=5, margin_credits_min=1
)


def tenant(status="active", verified_phone="+4791200001"):
    return TenantFacts(
        id=UUID(int=1),
        name="Nordlys",
        status=status,
        default_country="NO",
        verified_phone=verified_phone,
        auto_validation=None,
    )


def row(number=1, **changes):
    facts = {
        "subscriber_id": UUID(int=number),
        "phone": phone(number),
        "country": "NO",
        "language": None,
        "time_zone": None,
        "attributes": {"name": "Ada", "first name": "Ada"},
        "group_ids": (),
        "opted_out": None,
        "has_consent": False,
        "require_consent": False,
        "is_deselected": False,
        "is_unreachable": False,
        "header": None,
        "footer": None,
    }
    return AudienceRow(**{**facts, **changes})


def evaluation(body="Hello", facts=None, properties=None, **parts):
    content = FrozenContent(body=body, sender="NORDLYS", audience={"all": True}, **parts)
    return Evaluation(content, PRICES, facts or tenant(), properties)


def reason(found):
    assert isinstance(found, Exclusion)
    return found.reason.value, found.evidence


def sent(found):
    assert isinstance(found, EvaluatedMessage), found
    return found


def text(found):
    return sent(found).body


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"opted_out": UUID(int=9)}, ("opted_out", f"opt_out:{UUID(int=9)}")),
        ({"is_deselected": True}, ("deselected", f"subscriber:{UUID(int=1)}")),
        ({"require_consent": True}, ("no_consent", f"subscriber:{UUID(int=1)}")),
        ({"is_unreachable": True}, ("invalid_number", "number:unreachable")),
        ({"country": "XX"}, ("blocked_country", "country:XX")),
    ],
)
def test_flags_of_the_audience_exclude_with_evidence(changes, expected):
    assert reason(evaluate_row(evaluation(), row(**changes))) == expected


def test_opt_out_is_named_before_anything_else():
    everything = row(opted_out=UUID(int=9), is_deselected=True, require_consent=True, country="XX")
    assert reason(evaluate_row(evaluation(), everything))[0] == "opted_out"


def test_consent_given_is_consent():
    assert text(evaluate_row(evaluation(), row(require_consent=True, has_consent=True)))


def test_a_message_counts_its_segments_and_its_price():
    found = sent(evaluate_row(evaluation("x" * 161), row(country="SE")))
    assert (found.segments, found.credits, found.encoding) == (2, 4, "gsm7")
    found = sent(evaluate_row(evaluation("’" + "x" * 70), row()))
    assert (found.segments, found.credits, found.encoding) == (2, 2, "ucs2")


def test_a_value_missing_for_one_row_excludes_that_row():
    """Row B35: an absent field, an empty one, a default."""
    wants = evaluation("Hi [first name]")
    assert reason(evaluate_row(wants, row(attributes={}))) == (
        "missing_property",
        "attribute:first name",
    )
    assert text(evaluate_row(wants, row(attributes={"first name": ""}))) == "Hi "
    optional = evaluation('Hi {{ first_name | default: "there" }}')
    assert text(evaluate_row(optional, row(attributes={}))) == "Hi there"
    assert text(evaluate_row(optional, row())) == "Hi Ada"


def test_row_b36():
    """0 characters, 1,601 characters, 11 segments, for one recipient only."""
    named = evaluation("[name]")
    assert reason(evaluate_row(named, row(attributes={"name": " "}))) == (
        "missing_property",
        "message_empty",
    )
    assert reason(evaluate_row(named, row(attributes={"name": "x" * 1601}))) == (
        "over_segment_limit",
        "message_too_long",
    )
    assert reason(evaluate_row(named, row(attributes={"name": "x" * 1531}))) == (
        "over_segment_limit",
        "segments:11",
    )
    assert text(evaluate_row(named, row(attributes={"name": "x" * 1530})))


@pytest.mark.parametrize("character", ["\u202e", "\ue000", "\x1b", "\u0301" * 40])
def test_a_character_that_a_value_brings_in_is_refused(character):
    """Row B38, for what a template cannot know."""
    named = evaluation("Hi [name]")
    found = evaluate_row(named, row(attributes={"name": f"A{character}"}))
    assert reason(found)[0] == "unapproved_content"
    assert reason(found)[1].startswith("character:U+")
    assert text(evaluate_row(named, row(attributes={"name": "Ada"})))
    assert evaluate_row(named, row(attributes={"name": f"A{character}"})) == found


def test_the_campaigns_own_header_and_footer_win():
    settings_of_group = row(header="Group", footer="Stop: STOP")
    assert text(evaluate_row(evaluation("Hi"), settings_of_group)) == "Group\nHi Stop: STOP"
    own = evaluation("Hi", header="Own", footer="Bye")
    assert text(evaluate_row(own, settings_of_group)) == "Own\nHi Bye"


def test_a_groups_broken_footer_excludes_its_people_and_nobody_else():
    one = evaluation("Hi")
    found = reason(evaluate_row(one, row(footer="Stop {{ here")))
    assert found[0] == "unapproved_content"
    assert found[1].startswith("group_text:")
    assert text(evaluate_row(one, row(footer="Stop: STOP")))


def test_values_are_never_read_as_templates():
    found = evaluate_row(evaluation("Hi [name]"), row(attributes={"name": "{{ x }} [first name]"}))
    assert text(found) == "Hi {{ x }} [first name]"


def test_a_programs_properties_are_given_whole():
    """S3-18: with `properties` the subscriber's attributes are no substitute."""
    given = evaluation("Code {{ code }}", properties={phone(1): {"code": "A7"}})
    assert text(evaluate_row(given, row(1))) == "Code A7"
    assert reason(evaluate_row(given, row(2, attributes={"code": "x"}))) == (
        "missing_property",
        "property:code",
    )


class TestTemplateOnly:
    def test_a_trial_reaches_its_own_number_only(self):
        trial = evaluation("Hello there", tenant("trial"))
        assert text(evaluate_row(trial, row(1)))
        assert reason(evaluate_row(trial, row(2))) == ("unapproved_content", "trial_recipients")
        nobody = evaluation("Hello there", tenant("trial", None))
        assert reason(evaluate_row(nobody, row(1)))[1] == "trial_recipients"

    def test_groups_add_nothing_to_an_approved_template(self):
        unverified = evaluation("Hello there", tenant("active", None))
        found = evaluate_row(unverified, row(header="Call +47 22 33 44 55", footer="evil.example"))
        assert text(found) == "Hello there"

    @pytest.mark.parametrize(
        ("value", "why"),
        [
            ("go to evil.example", "value_has_link"),
            ("call 22 33 44 55 66", "value_has_phone_number"),
            (2233445566, "value_has_phone_number"),
            ("x" * 61, "value_too_long"),
            ("a\nb", "value_has_line_break"),
        ],
    )
    @pytest.mark.parametrize("place", ["[name]", "{{ name }}"])
    def test_a_value_is_plain(self, place, value, why):
        unverified = evaluation(f"Hello {place}, see you", tenant("active", None))
        found = reason(evaluate_row(unverified, row(attributes={"name": value})))
        kind = "attribute" if place.startswith("[") else "property"
        assert found == ("unapproved_content", f"template_only:{why}:{kind}:name")


ROWS = st.builds(
    row,
    number=st.integers(1, 10_000),
    country=st.sampled_from(["NO", "SE", "XX"]),
    opted_out=st.none() | st.just(UUID(int=5)),
    is_deselected=st.booleans(),
    require_consent=st.booleans(),
    has_consent=st.booleans(),
    is_unreachable=st.booleans(),
    footer=st.none() | st.text(max_size=5).filter(lambda t: "{" not in t and "[" not in t),
    attributes=st.dictionaries(st.sampled_from(["name", "code"]), st.text(max_size=300)),
)


@settings(max_examples=80)
@given(st.lists(ROWS, max_size=30), st.sampled_from(["Hello", "Hi [name]", "{{ code }} €", "Æ’"]))
def test_every_recipient_is_explained_once_and_the_sums_match(rows, body):
    one = evaluation(body)
    page = evaluate_rows(one, rows)
    assert len(page.messages) + len(page.exclusions) == len(rows)
    assert all(message.segments >= 1 and message.credits >= 1 for message in page.messages)
    tally = Tally()
    tally.add(page)
    figures = tally.figures(one, len(rows), is_exact=True)
    assert figures.recipients == len(page.messages)
    assert sum(figures.excluded.values()) == len(page.exclusions)
    assert figures.candidates == figures.recipients + sum(figures.excluded.values())
    assert figures.segments == sum(message.segments for message in page.messages)
    assert figures.credits == sum(message.credits for message in page.messages)
    assert figures.gsm7_messages + figures.ucs2_messages == figures.recipients
    assert figures.segments_min <= figures.segments_typical <= figures.segments_max
    # The order of rows and the remembered last text change nothing.
    again = evaluate_rows(evaluation(body), reversed(rows))
    assert sorted(map(str, again.messages)) == sorted(map(str, page.messages))


@pytest.mark.anyio
async def test_pages_over_real_people(shop):
    ids = await shop.people(7)
    group_id = await shop.group("Strict", ids[:3], require_consent=True, footer="Stop: STOP")
    await shop.opt_out(5)
    async with shop.scope() as scope:
        audience = AudienceInput(group_ids=[group_id], subscriber_ids=ids, deselected_ids=[ids[6]])
        content = FrozenContent(
            body="Hi [name]", sender="NORDLYS", audience=plain(await freeze(scope, audience))
        )
        one = await open_evaluation(scope, content, tenant=await read_tenant_facts(scope))
        pages = []
        after = None
        while True:
            page = await evaluate_page(scope, one, after, rows_max=2)
            if page.next_after is None:
                break
            pages.append(page)
            after = page.next_after
        assert not page.messages
        assert not page.exclusions
    excluded = [one.reason.value for page in pages for one in page.exclusions]
    assert sorted(excluded) == ["deselected", *["no_consent"] * 3, "opted_out"]
    assert [one.body for page in pages for one in page.messages] == ["Hi Person 4", "Hi Person 6"]


@pytest.mark.anyio
async def test_an_opt_out_of_another_sender_does_not_count(shop):
    (only,) = await shop.people(1)
    async with shop.scope() as scope:
        await contacts.opt_out(scope, phone(1), "OTHER", evidence="STOP")
        found = []
        for sender in ("NORDLYS", "OTHER"):
            rule = await freeze(scope, AudienceInput(subscriber_ids=[only]))
            content = FrozenContent(body="Hi", sender=sender, audience=plain(rule))
            one = await open_evaluation(scope, content, tenant=await read_tenant_facts(scope))
            page = await evaluate_page(scope, one)
            found.append((len(page.messages), [e.reason.value for e in page.exclusions]))
    assert found == [(1, []), (0, ["opted_out"])]


@pytest.mark.anyio
async def test_a_text_that_is_no_template_is_refused_before_any_row(shop):
    with pytest.raises(InvalidInput):
        evaluation("Hi {% for %}")
