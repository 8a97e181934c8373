"""The fast look before the search for links misses nothing; unapproved hosts stay inside."""

from typing import Any

from hypothesis import given, settings, strategies as st

from backend.campaigns.schemas.sessions import ApprovalBounds
from backend.moderation.checks import check_texts, may_hold_link
from backend.moderation.rules import RuleSet
from backend.sms.links import find

PIECES = st.sampled_from(
    [
        "Hei Ingrid", " ", "  ", "\n", "\t", ".", ". ", " .", " . ", "com", "net", "evil", "org",
        "example", "dot", " DOT ", "[", "]", "(", ")", "{", "punkt", "poınt", "point", "。", "｡",
        "://", ":", "http", "hxxp", "javascript", "javascrıpt", "data", "ſ", "\u212a", "İ", "ı",
        "１２７", "127.0.0.1", "0.0.1", "20.00", "12.5", "@", "/", "\u200b", "\xa0", "\xad", "ª",
        "é", "xn--", "пример", "рф", "\ufe0f", "\x1c", "\x85", "\u2028", "ﬁle", "ŀ", "½", "…", "—",
    ]
)  # fmt: skip
ASCII = st.text(
    st.sampled_from(" \t\n\x0b\x1c\x1f\x00\x7f...::/[](){}@-_09aAdDoOtTcCmMpPuUnNkKiI%,"),
    max_size=40,
)
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60) | ASCII


@given(TEXTS)
@settings(max_examples=3000)
def test_what_holds_no_link_at_a_glance_holds_none(text):
    if not may_hold_link(text):
        assert find(text) == []


def test_ordinary_texts_are_let_through_at_a_glance():
    for text in (
        "Hei Ingrid! Din ordre 4711 er klar. Svar STOPP for å slutte.",
        "Åpent til kl. 20.00, tilbud 12,50 € — velkommen. Ring 22 33 44 55.",
        "Dear Zoë: your code is 991 122. Reply STOP to end.",
    ):
        assert not may_hold_link(text), text


def bounds(**changes):
    given: dict[str, Any] = {
        "hosts": ["nordlys.example.com"],
        "countries": ["NO"],
        "recipients_max": 100,
        "segments_max": 2,
    }
    return ApprovalBounds(**given | changes)


def test_a_host_nobody_approved_and_a_rule_that_blocks():
    texts = [
        "Se https://nordlys.example.com/tilbud",
        "Se https://evil.example.org/tilbud",
        "Se https://bit.ly/abc",
        "Uten lenke.",
        "Se http://bank@nordlys.example.com/",
        "Skriv til oss: post@nordlys.example.com",
    ]
    found = check_texts(texts, bounds(hosts=["nordlys.example.com", "bit.ly"]), RuleSet())
    assert [problem and problem.evidence for problem in found] == [
        None,
        "host:evil.example.org",
        "rule:url_shortener_not_allowed",
        None,
        "rule:url_user_not_allowed",
        None,
    ]
    assert [problem and problem.code for problem in found][1:3] == [
        "unapproved_host",
        "blocked_content",
    ]


def test_what_was_clean_when_approved_stays_clean():
    text = "Se nordlys.example[.]com"
    # a disguise has two readings: both were approved
    hosts = ["nordlys.example.com", "nordlys.example"]
    assert check_texts([text], bounds(hosts=hosts), RuleSet()) == [None]
    (found,) = check_texts([text], bounds(hosts=hosts, clean_rules=["host_disguised"]), RuleSet())
    assert found is not None
    assert found.evidence == "rule:host_disguised"


def test_a_blocked_host_blocks_its_subdomains():
    rules = RuleSet(blocked_hosts=frozenset({"evil.example"}))
    hosts = ["a.evil.example", "notevil.example"]
    texts = ["a.evil.example/x https://a.evil.example/", "https://notevil.example/"]
    found = check_texts(texts, bounds(hosts=hosts), rules)
    assert found[0] is not None
    assert found[1] is None
