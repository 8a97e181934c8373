"""Every kind of content rule, beside what is done to get past it, and what it must leave alone."""

import time
import unicodedata
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from backend.kernel.errors import InvalidInput
from backend.moderation.backtest import Backtest, PastSession
from backend.moderation.checks import check_texts
from backend.moderation.dry_run import EMPTY
from backend.moderation.lookalikes import Brands
from backend.moderation.prints import bands_of, signature_of, similar_percent
from backend.moderation.rule_book import BUILT_IN, BUILT_IN_RULES, RuleBook, check_rules
from backend.moderation.rules import RuleSet, submission_rules
from backend.moderation.schemas.rules import Brand, LinkForm, Rule, RuleKind
from backend.moderation.schemas.screening import (
    Hit,
    Rendering,
    Severity,
    SimilarText,
    SubmissionContext,
)
from backend.moderation.texts import SeenText, hits_of
from backend.sms.skeletons import plain_bytes, plain_places
from tests.moderation.test_checks import bounds

WORD = "casino"
# What reads as these letters: Cyrillic, Greek, mathematical, full width, with marks.
LOOK_ALIKES = {
    "a": "аα𝐚ａáåª@4",
    "c": "сϲ𝐜ｃç",
    "s": "ѕ𝐬ｓš5$",
    "i": "іι𝐢ｉíı1!|",
    "n": "ո𝐧ｎñ",
    "o": "оο𝐨ｏöø0",
}
INVISIBLE = "\u200b\u200c\u2060\u00ad\ufeff"
SEPARATORS = [" ", ".", "-", "_", "*", " . ", "🔥", "•"]


def rule(kind: str, severity: str = "flag", **fields: Any) -> Rule:
    facts = {"id": "tested", "kind": kind, "severity": severity, "points": 20, "message": "Tested."}
    return msgspec.convert(facts | fields, Rule)


def rules_of(*rules: Rule, **lists: Any) -> RuleSet:
    return RuleSet(book=RuleBook(1, rules), **lists)


def found(text: str, *rules: Rule, **lists: Any) -> list[Hit]:
    return hits_of(text, rules_of(*rules, **lists), has_values=True)


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """The word as somebody writes it who knows there are rules."""
    letters = []
    for letter in WORD:
        shown = draw(st.sampled_from([letter, letter.upper(), *LOOK_ALIKES[letter]]))
        hidden = draw(st.sampled_from(["", "", *INVISIBLE]))
        letters.append(shown + hidden)
    return draw(st.sampled_from(["", *SEPARATORS])).join(letters)


@given(disguised(), st.sampled_from(["Win at the {}!", "{} tonight", "På {} i kveld – €5", "({})"]))
def test_a_word_is_found_however_it_is_spelt(word: str, around: str):
    text = around.format(word)
    (hit,) = found(text, rule("words", words=[WORD]))
    assert hit.span is not None
    # What is marked is the word and nothing beside it, in the text as it was written.
    assert plain_bytes(hit.matched).decode().strip() == plain_bytes(word).decode().strip()
    assert hit.text[slice(*hit.span)] == hit.matched


@pytest.mark.parametrize(
    "text",
    [
        "Casinos of the world",
        "occasion",
        "Jones's ex wife",
        "buses exit here",
        "I can see a sign or two",
        "c a s",
    ],
)
def test_words_stand_alone(text: str):
    assert not found(text, rule("words", words=["casino", "sex"]))


def test_a_star_stands_for_whatever_follows():
    assert found("Gambling, g.a.m.b.l.i.n.g", rule("words", words=["gambl*"]))
    assert not found("Gambling", rule("words", words=["gambl"]))
    assert found("your unpaid\ncustoms — fee", rule("words", words=["customs fee"]))


@given(st.text(max_size=300))
def test_a_text_reads_the_same_twice_and_every_byte_has_its_place(text: str):
    plain = plain_bytes(text)
    assert plain_bytes(plain.decode("utf-8", "replace")) == plain
    places = plain_places(text)
    assert len(places) == len(plain) + 1
    assert places == sorted(places)
    assert places[-1] == len(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_judged_and_marked_inside_itself(text: str):
    seen = SeenText(text, RuleSet(), has_values=True)
    for hit in seen.shown_hits(len(text)):
        assert 0 <= hit.span[0] <= hit.span[1] <= len(text)
    for link in seen.shown_links(len(text)):
        assert text[slice(*link.span)]
    assert hits_of(text, RuleSet()) == hits_of(text, RuleSet())


def test_a_pattern_reads_what_a_person_reads():
    (hit,) = found("Call ＋４７ 815-12345 now", rule("pattern", pattern=r"\+47[ ]?[0-9-]{5,9}"))
    assert hit.matched == "＋４７ 815-12345"
    assert found("UPPER Case", rule("pattern", pattern="upper CASE"))


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("(a", "pattern_invalid"),
        (r"(a)\1", "pattern_invalid"),
        ("(?=a)a", "pattern_invalid"),
        ("(x{900}){900}", "pattern_invalid"),
        ("a*", "pattern_matches_everything"),
        ("", "rule_field_missing"),
    ],
)
def test_patterns_that_cannot_stand_are_refused(pattern: str, code: str):
    with pytest.raises(InvalidInput) as caught:
        check_rules([rule("pattern", pattern=pattern)])
    assert caught.value.code == code


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){12}x", r"([a-z]+)*\d"])
def test_no_pattern_makes_a_text_slow(pattern: str):
    """Each of these takes a backtracking engine longer than anybody lives."""
    book = RuleBook(1, [rule("pattern", pattern=pattern)])
    start = time.process_time()
    book.matcher.names(plain_bytes("a" * 2_000 + "!"))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("bit.ly/x", {"kind": "shortener"}),
        ("see go.nordlys.example/x", {"kind": "shortener", "hosts": ["go.nordlys.example"]}),
        ("javascript:alert(1)", {"kind": "link_form", "forms": ["bad_scheme"]}),
        ("http://bank@evil.example", {"kind": "link_form", "forms": ["user"]}),
        ("http://192.0.2.1/x", {"kind": "link_form", "forms": ["address"]}),
        ("at 192.0.2.1 now", {"kind": "link_form", "forms": ["bare_address"]}),
        ("https://nord\u200blys.example", {"kind": "link_form", "forms": ["hidden_characters"]}),
        ("pаypal.com", {"kind": "link_form", "forms": ["mixed_script"]}),
        ("xn--pypal-4ve.com", {"kind": "link_form", "forms": ["punycode"]}),
        ("nordlys[.]example.com", {"kind": "link_form", "forms": ["disguised"]}),
    ],
)
def test_forms_of_links(text: str, fields: dict[str, Any]):
    (hit,) = found(text, rule(**fields))
    assert hit.rule == "tested"
    assert not found("See https://nordlys.example.com/sale", rule(**fields))


BRANDS = [{"name": "PayPal"}, {"name": "Postnord", "hosts": ["postnord.no"]}]


@given(st.sampled_from(["paypal", "postnord"]), st.data())
def test_names_that_imitate_are_found_in_hosts_and_senders(name: str, data: st.DataObject):
    brands = Brands([Brand(name="PayPal"), Brand(name="Postnord")])
    at = data.draw(st.integers(0, len(name) - 1))
    swap = {"a": "аα4", "l": "1I", "o": "0о", "p": "р", "s": "5ѕ", "t": "7", "d": "cl"}
    other = data.draw(st.sampled_from(swap.get(name[at], "") or [name[at] * 2]))
    imitation = name[:at] + other + name[at + 1 :]
    if unicodedata.normalize("NFKC", imitation).lower() == name:
        return
    assert brands.resembled_by_sender(imitation)
    assert brands.resembled_by_host(f"{imitation.lower()}.example")
    assert not brands.resembled_by_host(f"{name}.example")
    assert not brands.resembled_by_sender(name.upper())


@pytest.mark.parametrize("sender", ["NORDLYS", "PayPal", "Opera", "Pay", "48 hours"])
def test_honest_senders_imitate_nobody(sender: str):
    assert not Brands([Brand(name="PayPal"), Brand(name="Postnord")]).resembled_by_sender(sender)


def test_a_brand_in_the_text_whose_link_leads_elsewhere():
    about = rule("brand_elsewhere", brands=BRANDS)
    (hit,) = found("P0stnord: pay at https://my-parcel.example/x", about)
    assert hit.host == "my-parcel.example"
    assert not found("Postnord: https://track.postnord.no/1", about)
    assert not found("Postnord: https://postnord.se/1", about)
    assert not found("Postnord brings it today", about)
    known = frozenset({"my-parcel.example"})
    assert not found("Postnord: https://my-parcel.example/x", about, known_hosts=known)


def test_a_link_that_came_with_data_and_a_host_that_is_new():
    text = "See nordlys.example.com"
    assert found(text, rule("link_in_data"))
    assert not found(text, rule("link_in_data"), fixed_hosts=frozenset({"nordlys.example.com"}))
    assert found(text, rule("new_host"))
    assert not found(text, rule("new_host"), known_hosts=frozenset({"nordlys.example.com"}))
    blocked = frozenset({"example.com"})
    assert found(text, rule("blocked_host"), blocked_hosts=blocked)
    assert not found(text, rule("blocked_host"))


@pytest.mark.parametrize("text", ["Reply STOP", "svar ｓｔｏｐｐ", "Ѕtop to end", "Désabonner: 1"])
def test_how_to_stop_is_found_in_every_spelling(text: str):
    assert "no_opt_out" not in {hit.rule for hit in hits_of(text, RuleSet())}


def test_texts_that_do_not_say_how_to_stop():
    for text in ("Come tomorrow", "unstoppable offers", ""):
        assert "no_opt_out" in {hit.rule for hit in hits_of(text, RuleSet())}, text


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from(["aA", "åÅ", "яЯ"]))
def test_shouting_is_counted_in_every_alphabet(small: int, large: int, letters: str):
    text = letters[0] * small + letters[1] * large
    hit = found(text, rule("all_capitals", letters_min=20, capitals_percent_max=70))
    assert bool(hit) == (small + large >= 20 and large * 100 > (small + large) * 70)


@pytest.mark.parametrize("text", ["Hi , welcome", "Hi  there", "for ( )", ", come", "a\n. b"])
def test_holes_are_found(text: str):
    assert found(text, rule("empty_field"))
    assert not found("Hi Kari, welcome (today).", rule("empty_field"))


def said(context: SubmissionContext, *rules: Rule, **dry_run: Any) -> list[Hit]:
    facts = {"recipients": 1_000, "countries": {"NO": 1_000}} | dry_run
    seen = msgspec.structs.replace(EMPTY, **facts)
    return [hit for _, hit in submission_rules(seen, context, RuleBook(1, rules))]


def test_what_is_unusual_for_this_tenant():
    usual = SubmissionContext(largest_approved=200, countries_approved=["NO"])
    size = rule("unusual_size", recipients_min=500, times_max=4)
    assert said(usual, size)
    assert not said(msgspec.structs.replace(usual, largest_approved=250), size)
    assert not said(SubmissionContext(), size)
    (hit,) = said(usual, rule("unusual_country"), countries={"NO": 5, "SE": 7})
    assert (hit.matched, hit.messages) == ("SE", 7)
    assert not said(usual, rule("unusual_country"))
    assert not said(SubmissionContext(), rule("unusual_country"))
    assert said(SubmissionContext(), rule("first_submission"))
    assert not said(usual, rule("first_submission"))
    assert said(usual, rule("too_many_hosts"), hosts_left_out=3)
    assert said(SubmissionContext(is_lead_only=True), rule("strikes"))
    assert not said(usual, rule("strikes"))
    (hit,) = said(SubmissionContext(sender="PAYPA1"), rule("confusable_sender", brands=BRANDS))
    assert hit.matched == "PAYPA1"


def test_nearly_a_refused_text():
    similar = SimilarText(
        percent=84, tenant_id=uuid4(), case_id=uuid4(), title="x", decided_at=datetime.now(UTC)
    )
    context = SubmissionContext(similar_refused=similar, fixed_text="Pay the fee")
    (hit,) = said(context, rule("near_duplicate", similar_percent_min=80))
    assert hit.similar == similar
    assert not said(context, rule("near_duplicate", similar_percent_min=85))


PHISH = "Your parcel is waiting. Pay the customs fee of 29 kr today or it goes back to the sender"


@pytest.mark.parametrize(
    "text",
    [
        PHISH.upper(),
        PHISH.replace("29", "34"),
        PHISH.replace("a", "а").replace("e", "е"),
        "\u200b".join(PHISH),
        PHISH.replace("today", "now"),
    ],
)
def test_texts_nearly_alike_share_a_band(text: str):
    one, other = signature_of(PHISH), signature_of(text)
    assert one is not None
    assert other is not None
    assert similar_percent(one, other) >= 60
    assert set(bands_of(one)) & set(bands_of(other))


def test_other_texts_are_not_alike():
    one = signature_of(PHISH)
    other = signature_of("Doors open at nine tomorrow, coffee is on us. Reply STOP to end.")
    assert one is not None
    assert other is not None
    assert similar_percent(one, other) < 20
    assert signature_of("Hi there") is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "words"}, "rule_field_missing"),
        ({"kind": "words", "words": ["!!"]}, "rule_word_empty"),
        ({"kind": "words", "words": ["fee"], "pattern": "x"}, "rule_field_unused"),
        ({"kind": "link_form"}, "rule_field_missing"),
        ({"kind": "shortener", "hosts": ["no host"]}, "host_invalid"),
        ({"kind": "confusable_host"}, "rule_field_missing"),
        ({"kind": "first_submission", "times_max": 3}, "rule_field_unused"),
    ],
)
def test_rules_that_cannot_stand_are_refused(fields: dict[str, Any], code: str):
    with pytest.raises(InvalidInput) as caught:
        check_rules([rule(**fields)])
    assert caught.value.code == code


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(InvalidInput, match="rule_id_taken"):
        check_rules([rule("first_submission"), rule("strikes")])


def test_what_the_product_ships_with_stands():
    check_rules(BUILT_IN_RULES)
    assert {one.kind for one in BUILT_IN_RULES} == set(RuleKind) - {RuleKind.PATTERN}
    forms = {form for one in BUILT_IN_RULES for form in one.forms}
    assert forms == set(LinkForm)


def test_a_rule_acts_by_itself_only_where_it_says_so():
    text = "Win at the casino"
    for severity, stops in (("info", False), ("flag", False), ("block", True)):
        rules = rules_of(rule("words", severity, words=[WORD]))
        (problem,) = check_texts([text], bounds(), rules)
        assert bool(problem) == stops, severity
        if problem:
            assert problem.evidence == "rule:tested"
    flagged = rules_of(rule("words", words=[WORD]))
    # It was clean when a person approved: the word came with a recipient's data.
    (problem,) = check_texts([text], bounds(clean_rules=["tested"]), flagged)
    assert problem is not None


@given(st.lists(st.sampled_from(["casino", "a fee", "hello", "STOP"]), max_size=12))
@settings(max_examples=50)
def test_a_back_test_counts_what_the_rules_say(texts: list[str]):
    now = RuleBook(0, [rule("words", words=["fee"], id="fee_rule")])
    tested = RuleBook(
        1,
        [
            rule("words", words=["fee"], id="fee_rule", is_on=False),
            rule("words", "block", words=[WORD], id="casino_rule"),
        ],
    )
    backtest = Backtest(now, tested, frozenset(), 30)
    for text in texts:
        shown = Rendering(
            why="first", text=text, segments=1, credits=1, encoding="gsm7", country="NO"
        )
        dry_run = msgspec.structs.replace(EMPTY, renderings=[shown], context=SubmissionContext())
        past = PastSession(uuid4(), uuid4(), 1, dry_run, "approve", datetime.now(UTC))
        backtest.add(past)
    result = backtest.result()
    casinos, fees = texts.count("casino"), texts.count("a fee")
    assert result.fates_before == {
        "blocked": 0,
        "flagged": fees,
        "clean": len(texts) - fees,
    }
    assert result.fates_after == {
        "blocked": casinos,
        "flagged": 0,
        "clean": len(texts) - casinos,
    }
    assert sum(result.moved.values()) == len(result.flips) == casinos + fees
    assert result.overruled.get("approve>blocked", 0) == casinos
    assert {one.rule: one.hit for one in result.rules} == {"casino_rule": casinos}


def test_hits_are_marked_where_they_stand_and_links_are_shown_twice():
    seen = SeenText("Go to http://pаypal.com now", RuleSet(book=BUILT_IN), has_values=False)
    (link,) = seen.shown_links(600)
    assert (link.host.startswith("xn--"), link.shown) == (True, "pаypal.com")
    worst = seen.shown_hits(600)[0]
    assert worst.severity is Severity.FLAG
    assert seen.text[slice(*worst.span)] == "http://pаypal.com"
