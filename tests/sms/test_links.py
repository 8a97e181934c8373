import sys
import time
import unicodedata

import pytest
from hypothesis import given, strategies as st

from backend.sms import folding, links


def seen(text):
    return [(link.text, link.host, set(map(str, link.flags))) for link in links.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Hi see https://Example.com/a?b=1.",
            [("https://Example.com/a?b=1", "example.com", set())],
        ),
        ("go to example.com!", [("example.com", "example.com", set())]),
        ("(https://a.no)", [("https://a.no", "a.no", set())]),
        ("a.no,b.no", [("a.no", "a.no", set()), ("b.no", "b.no", set())]),
        ("http://localhost:80/x", [("http://localhost:80/x", "localhost", set())]),
        ("example.com:8080/x", [("example.com:8080/x", "example.com", set())]),
        ("example.com- buy", [("example.com", "example.com", set())]),
        ("example.com现在", [("example.com", "example.com", set())]),
        ("x_y.example.com", [("x_y.example.com", "x_y.example.com", set())]),
        ("Example.Com now", [("Example.Com", "example.com", set())]),
        ("www.Example.Museum", [("www.Example.Museum", "www.example.museum", set())]),
        ("SEE EXAMPLE.NO", [("EXAMPLE.NO", "example.no", set())]),
        ("example.com.Thanks", [("example.com", "example.com", set())]),
        ("mail info@example.com.", [("info@example.com", "example.com", {"email"})]),
    ],
)
def test_what_a_handset_links(text, expected):
    assert seen(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "Hi Kari", "Done.Thanks a lot", "Hi.Again.Thanks", "kl. 10.30, kr 1.000,-", "e.g. this",
        "1.2.3.4.5", "999.1.1.1", "Your data: 5", "Today. Net price", "polka dot dress",
        "你好。谢谢大家",
        "https://.", "http://", "привет.как дела", "..", "a.b", "Tel: 22 33 44 55", "Time: 10:30",
    ],
)  # fmt: skip
def test_what_is_no_link(text):
    assert links.find(text) == []


@pytest.mark.parametrize(
    ("text", "host", "flags"),
    [
        ("https://user:pw@evil.example/x", "evil.example", {"userinfo"}),
        ("good.com@evil.example/", "evil.example", {"userinfo"}),
        ("https://good.com\\@evil.example", "good.com", {"userinfo"}),
        ("http://0x7f000001/", "127.0.0.1", {"ip_host"}),
        ("http://0177.0.0.1", "127.0.0.1", {"ip_host"}),
        ("http://2130706433", "127.0.0.1", {"ip_host"}),
        ("http://127.1/", "127.0.0.1", {"ip_host"}),
        ("http://0x/", "0.0.0.0", {"ip_host"}),
        ("http://09.1.1.1", "9.1.1.1", {"ip_host"}),
        ("http://[::1]:80/x", "[::1]", {"ip_host"}),
        ("10.0.0.1/x", "10.0.0.1", {"ip_host"}),
        ("me:pw@10.0.0.1/x", "10.0.0.1", {"ip_host", "userinfo"}),
        ("http://256.1.1.1", "256.1.1.1", set()),
        ("http://1.2.3.256", "1.2.3.256", set()),
        ("javascript:alert(1)", "", {"bad_scheme"}),
        ("data:text/html,x", "", {"bad_scheme"}),
        ("file:///etc/passwd", "", {"bad_scheme"}),
        ("ftp://x.no", "x.no", {"bad_scheme"}),
        ("hxxps://evil[.]example/x", "evil.example", {"disguised"}),
        ("example[.]com", "example.com", {"disguised"}),
        ("example (dot) com/x", "example.com", {"disguised"}),
        ("example dot com", "example.com", {"disguised"}),
        ("example . com", "example.com", {"disguised"}),
        ("example. com", "example.com", {"disguised"}),
        ("example。com", "example.com", set()),
        ("example｡com", "example.com", set()),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com", set()),
        ("exa\u200bmple.com", "example.com", {"zero_width"}),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai", {"punycode"}),
        ("xn--e1afmkfd.com", "xn--e1afmkfd.com", {"punycode"}),
        ("аpple.com", "xn--pple-43d.com", {"mixed_script", "punycode"}),
        ("👉example.com", "xn--example-ut94f.com", {"punycode"}),
        ("https://bit.ly/abc", "bit.ly", {"shortener"}),
        ("www.TinyURL.com/x", "www.tinyurl.com", {"shortener"}),
        ("t.co/x", "t.co", {"shortener"}),
    ],
)
def test_disguises_have_flags(text, host, flags):
    ((found, found_host, found_flags),) = seen(text)
    assert (found_host, found_flags) == (host, flags)
    assert found in text


def test_a_disguise_with_two_readings_names_both_hosts():
    assert [host for _, host, _ in seen("www.example (dot) com/x")] == [
        "www.example",
        "www.example.com",
    ]
    assert seen("See example.com. net price")[0][1] == "example.com"


def test_links_come_in_order():
    text = "a[.]com https://b.no/c.no?d=e@f.no then 10.0.0.1 and g.no"
    found = links.find(text)
    assert [link.host for link in found] == ["a.com", "b.no", "10.0.0.1", "g.no"]
    assert [text[slice(*link.span)] for link in found] == [link.text for link in found]


@pytest.mark.parametrize("host", ["bit.ly", "www.bit.ly", "x.tinyurl.com"])
def test_shorteners_and_their_subdomains(host):
    assert links.is_shortener(host)
    assert not links.is_shortener(f"{host}.example.no")


def test_canonical_host():
    assert links.canonical_host("EXAMPLE.com.") == "example.com"
    assert links.canonical_host("Blåbær.no") == "xn--blbr-roah.no"
    assert links.canonical_host("a\ud800.no").startswith("xn--")


labels = st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True)


@given(
    labels, st.sampled_from(["com", "no", "io", "shop"]), st.text("abc \n!?🎉中\u200b", max_size=20)
)
def test_a_host_among_other_text_is_always_found(label, tld, around):
    text = f"{around} {label}.{tld} {around}"
    assert f"{label}.{tld}" in {link.host for link in links.find(text)}


@given(st.text("ab1.:/@[]() dotcmhxp。\u200b٣é-_", max_size=80) | st.text(max_size=80))
def test_any_text_answers_with_spans_of_the_original(text):
    for link in links.find(text):
        start, end = link.span
        assert link.text == text[start:end]
        assert start < end


@pytest.mark.parametrize(
    "piece", ["a", "a.", "@", "a@", "(", "dot ", ". ", "a:", "1.1.1.", "\u200b", "a-", "x [.] "]
)
def test_hostile_texts_take_linear_time(piece):
    text = piece * (1_600 // len(piece))
    began = time.process_time()
    links.find(text)
    assert time.process_time() - began < 1


def test_folding_keeps_positions():
    folded = folding.fold("a\u200bﬁ。")
    assert folded.text == "afi."
    assert folded.span(1, 3) == (2, 3)
    assert folded.hidden == {1}


def test_every_format_character_is_hidden():
    formats = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf"]
    assert len(formats) > 150
    assert [c for c in formats if folding.fold(f"a{c}b").hidden != {1}] == []


@given(st.text(max_size=40), st.text(alphabet="aéﬁ。①łЖ\u200b\u0301", max_size=40))
def test_a_text_folds_as_its_characters_do(anything, likely):
    for text in (anything, likely):
        assert folding.fold(text).text == "".join(folding.fold(c).text for c in text)
