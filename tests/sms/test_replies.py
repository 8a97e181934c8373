"""What handsets write, out of whatever bytes a carrier made of it, and read as a word."""

import pytest
from hypothesis import given, strategies as st

from backend.sms.encoding import encode_gsm7_unpacked, encode_ucs2
from backend.sms.replies import TEXT_CHARACTERS_MAX, WORD_CHARACTERS_MAX, decode_reply, reply_word


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("STOP", "stop"),
        ("  stop.\r\n", "stop"),
        ("“Stop!!” 🙏", "stop"),
        ("ＳＴＯＰ", "stop"),
        ("S\u200bT\u200bOP", "stop"),
        ("stop\ufe0f", "stop"),
        ("Opt-Out", "opt out"),
        ("STOP   ALL", "stop all"),
        ("ARRÊT", "arrêt"),
        ("ARRE\u0302T", "arrêt"),
        ("Stop please", "stop please"),
        ("Don't stop", "don t stop"),
        ("🛑", ""),
        ("", ""),
        ("stop " * 20, ""),
    ],
)
def test_a_word_is_the_whole_message_without_its_looks(written, word):
    assert reply_word(written) == word


@pytest.mark.parametrize(
    ("data_coding", "body", "text"),
    [
        (0, encode_gsm7_unpacked("Ja, på [fredag] €5"), "Ja, på [fredag] €5"),
        (0, b"\x00 sign", "@ sign"),
        (0, "Arrêt".encode("latin-1"), "Arrêt"),
        (0, "Arrêt".encode(), "Arrêt"),
        (1, b"STOP", "STOP"),
        (3, "Arrêt".encode("latin-1"), "Arrêt"),
        (3, b"nul\0led", "nulled"),
        (4, b"\xff\xfe", "ÿþ"),
        (8, encode_ucs2("Стоп 👍"), "Стоп 👍"),
        (8, encode_ucs2("Да")[:-1], "Д\ufffd"),
        (8, b"\xd8\x3d", "\ufffd"),
        (0x18, encode_ucs2("Да"), "Да"),
        (0xF1, b"STOP", "STOP"),
        (0xF5, "é".encode("latin-1"), "é"),
        (0, b"", ""),
    ],
)
def test_any_coding_is_read(data_coding, body, text):
    assert decode_reply(data_coding, body) == text


@given(st.integers(0, 255), st.binary(max_size=300))
def test_no_bytes_are_refused(data_coding, body):
    text = decode_reply(data_coding, body)
    assert "\0" not in text
    assert len(text) <= TEXT_CHARACTERS_MAX
    text.encode()  # what the database takes
    word = reply_word(text)
    assert len(word) <= WORD_CHARACTERS_MAX
    assert reply_word(word) == word
