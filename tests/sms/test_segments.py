import json
from pathlib import Path

import pytest
import smsutil
from hypothesis import given

from backend.sms import encoding, segments
from backend.sms.encoding import Encoding
from tests.sms.strategies import emoji_heavy, extension_heavy, gsm7_texts, texts, with_surrogates

VECTORS = json.loads(Path(__file__).with_name("segment_vectors.json").read_text("ascii"))


@pytest.mark.parametrize("vector", VECTORS, ids=[str(number) for number in range(len(VECTORS))])
def test_vectors_shared_with_the_counter_of_the_pages(vector):
    counted = segments.count(vector["text"])
    assert {
        "text": vector["text"],
        "encoding": counted.encoding,
        "units": counted.units,
        "segments": counted.segments,
    } == vector


def test_the_vectors_cover_the_edges():
    edges = {(vector["encoding"], vector["units"], vector["segments"]) for vector in VECTORS}
    assert len(VECTORS) >= 60
    assert edges >= {
        ("gsm7", 0, 0), ("gsm7", 160, 1), ("gsm7", 161, 2), ("gsm7", 306, 2), ("gsm7", 307, 3),
        ("ucs2", 70, 1), ("ucs2", 71, 2), ("ucs2", 134, 2), ("ucs2", 135, 3),
        ("gsm7", 306, 3),  # a pair moved off the boundary costs a segment
        ("ucs2", 134, 3),
    }  # fmt: skip


@given(texts | with_surrogates)
def test_counting_is_splitting(text):
    counted = segments.count(text)
    bodies = segments.split(text)
    assert len(bodies) == counted.segments
    width = 1 if counted.encoding is Encoding.GSM7 else 2
    assert sum(map(len, bodies)) == counted.units * width
    single, part = (160, 153) if width == 1 else (70, 67)
    limit = single if len(bodies) <= 1 else part
    assert all(len(body) <= limit * width for body in bodies)
    assert counted.units_left == limit - (len(bodies[-1]) // width if bodies else 0)


@given(texts)
def test_no_pair_straddles_a_boundary(text):
    bodies = segments.split(text)
    if encoding.choose(text) is Encoding.GSM7:
        assert "".join(map(encoding.decode_gsm7_unpacked, bodies)) == text
    else:
        assert "".join(body.decode("utf-16-be") for body in bodies) == text


@given(gsm7_texts | extension_heavy | emoji_heavy)
def test_an_independent_splitter_agrees(text):
    # smsutil takes an empty text for UCS-2 and a text's last line feed for its end: not asked.
    if not text or text.endswith("\n"):
        return
    theirs = smsutil.split(text)
    assert segments.count(text).segments == len(theirs.parts)
    assert b"".join(segments.split(text)) == text.encode(theirs.encoding)
    if len(theirs.parts) > 1:
        expected = [part.content.encode(theirs.encoding) for part in theirs.parts]
        assert segments.split(text) == expected


def test_lone_surrogates_are_counted_as_the_pages_count_them():
    assert segments.count("\ud83d").units == 1
    assert segments.count("\ud83d" * 67 + "a" * 4).segments == 2


def test_b36_an_empty_text_takes_no_segment():
    assert segments.count("") == segments.SegmentCount(Encoding.GSM7, 0, 0, 160)
    assert segments.split("") == []


def test_b36_eleven_segments_are_counted():
    assert segments.count("a" * 1_601).segments == 11


def test_b37_one_curly_quote_makes_three_segments_of_one():
    assert segments.count("It's " * 31).segments == 1
    assert segments.count("It’s " + "It's " * 30).segments == 3
