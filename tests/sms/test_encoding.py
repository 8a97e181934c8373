import pytest
from hypothesis import given, strategies as st
from smsutil import codecs as smsutil_codecs

from backend.sms import encoding
from backend.sms.encoding import Encoding, Offending
from tests.sms.strategies import GSM7, any_text, gsm7_texts


@given(gsm7_texts)
def test_gsm7_bytes_are_those_of_an_independent_codec_and_come_back(text):
    septets = encoding.encode_gsm7_unpacked(text)
    assert septets == text.encode("gsm0338")
    assert encoding.decode_gsm7_unpacked(septets) == text
    assert encoding.choose(text) is Encoding.GSM7


@given(any_text)
def test_ucs2_comes_back_and_choose_agrees_with_the_encoder(text):
    assert encoding.decode_ucs2(encoding.encode_ucs2(text)) == text
    if encoding.choose(text) is Encoding.UCS2:
        with pytest.raises(UnicodeEncodeError) as refused:
            encoding.encode_gsm7_unpacked(text)
        assert refused.value.start == encoding.offending(text)[0].position
    else:
        assert encoding.offending(text) == []


def test_the_alphabet_is_the_independent_one():
    assert smsutil_codecs.GSM_BASIC_CHARSET == encoding.BASIC_CHARACTERS
    assert set(smsutil_codecs.GSM_EXT_CHARSET) == set(encoding.EXTENSION_CHARACTERS)


@pytest.mark.parametrize("text", ["\x1b", "a\x1be", "\x1be€"])
def test_the_escape_itself_is_no_character_of_a_text(text):
    assert encoding.choose(text) is Encoding.UCS2
    with pytest.raises(UnicodeEncodeError):
        encoding.encode_gsm7_unpacked(text)


def test_every_character_alone_is_the_septets_of_the_independent_codec():
    for character in GSM7:
        assert encoding.encode_gsm7_unpacked(character) == character.encode("gsm0338")


@pytest.mark.parametrize(
    ("septets", "text"),
    [
        (b"\x1b\x65", "€"),
        (b"\x1b\x61", "a"),  # unknown extension: the basic table's character
        (b"\x1b\x1bA", " A"),  # reserved for another extension table
        (b"A\x1b", "A "),
        (b"\x80\xc1", "@A"),  # a carrier that leaves the eighth bit set
        (bytes(range(0x80)).replace(b"\x1b", b""), encoding.BASIC_CHARACTERS.replace("\x1b", "")),
    ],
)
def test_decoding_tolerates_what_carriers_send(septets, text):
    assert encoding.decode_gsm7_unpacked(septets) == text


@given(st.binary(max_size=300))
def test_decoders_never_fail(body):
    assert isinstance(encoding.decode_gsm7_unpacked(body), str)
    assert isinstance(encoding.decode_ucs2(body), str)


def test_ucs2_half_a_character_and_lone_surrogates_show_as_replacements():
    assert encoding.decode_ucs2(b"\x00A\x00") == "A\ufffd"
    assert encoding.encode_ucs2("\ud83d") == b"\xd8\x3d"


def test_b37_the_character_that_makes_it_ucs2_is_named_with_what_could_stand_for_it():
    assert encoding.offending("It’s ☺") == [
        Offending(2, "’", "'"),
        Offending(5, "☺", None),
    ]


@pytest.mark.parametrize(
    ("character", "suggestion"),
    [
        ("“", '"'), ("”", '"'), ("‘", "'"), ("–", "-"), ("—", "-"), ("…", "..."), ("\u00a0", " "),
        ("\t", " "), ("\u200b", ""), ("\u0301", ""), ("ê", "e"), ("ç", "c"), ("Ő", "O"),
        ("ﬁ", "fi"), ("½", "1/2"), ("Α", "A"), ("ł", "l"), ("Ж", None), ("😀", None), ("中", None),
        ("\ufe0f", ""), ("\x00", None), ("２", "2"),
    ],
)  # fmt: skip
def test_b37_suggestions(character, suggestion):
    assert encoding.suggest(character) == suggestion


@given(any_text)
def test_b37_every_suggestion_fits_gsm7(text):
    for offender in encoding.offending(text):
        assert offender.character not in GSM7
        assert text[offender.position] == offender.character
        assert encoding.choose(offender.suggestion or "") is Encoding.GSM7
