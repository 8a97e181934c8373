import itertools
import time

import pytest
from hypothesis import given, settings, strategies as st

from backend.gateways.smpp import commands as c
from backend.gateways.smpp.concatenation import Part, part_of, split_udh, udh
from backend.gateways.smpp.pdu import (
    HEADER,
    PDU_BYTES_MAX,
    SHORT_MESSAGE_BYTES_MAX,
    Framer,
    MalformedPdu,
    Message,
    address_prefix,
    message_body,
    pdu,
    read_bind,
    read_message,
    read_message_id,
    read_relative_time,
    read_tlvs,
    relative_time,
    timing_fields,
    tlv,
)

UINT32 = st.integers(0, 0xFFFF_FFFF)
FRAMES = st.lists(st.tuples(UINT32, UINT32, UINT32, st.binary(max_size=300)), max_size=20)
ADDRESS = st.text("0123456789ABCabc", min_size=1, max_size=20)


def _stream(frames: list[tuple[int, int, int, bytes]]) -> bytes:
    return b"".join(
        pdu(command_id, sequence, body, status=status)
        for command_id, status, sequence, body in frames
    )


def _chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


@given(FRAMES, st.lists(st.integers(0, 10_000), max_size=30))
def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(frames, cuts):
    framer = Framer()
    out = [frame for chunk in _chunks(_stream(frames), cuts) for frame in framer.feed(chunk)]
    assert out == frames
    assert framer.fault is None


@given(FRAMES)
def test_a_stream_may_arrive_byte_by_byte(frames):
    framer = Framer()
    out = [frame for octet in _stream(frames) for frame in framer.feed(bytes((octet,)))]
    assert out == frames


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=500), max_size=40))
def test_garbage_never_holds_more_than_one_pdu(chunks):
    framer = Framer()
    for chunk in chunks:
        framer.feed(chunk)
        assert len(framer._rest) <= PDU_BYTES_MAX + len(chunk)


@pytest.mark.parametrize("length", [0, 15, PDU_BYTES_MAX + 1, 16 * 1024 * 1024, 0xFFFF_FFFF])
def test_an_impossible_length_is_a_fault_behind_the_good_frames(length):
    good = pdu(c.ENQUIRE_LINK, 7)
    framer = Framer()
    frames = framer.feed(good + HEADER.pack(length, c.SUBMIT_SM, 0, 8))
    assert frames == [(c.ENQUIRE_LINK, 0, 7, b"")]
    assert framer.fault is not None
    assert framer.fault.code == "pdu_length"
    assert framer.feed(good) == []


def test_the_longest_pdu_byte_by_byte_costs_no_quadratic_time():
    body = bytes(PDU_BYTES_MAX - 16)
    framer = Framer()
    began = time.process_time()
    out = [frame for octet in pdu(1, 1, body) for frame in framer.feed(bytes((octet,)))]
    assert len(out) == 1
    assert time.process_time() - began < 5  # a copy per byte takes minutes


@given(
    addresses=st.tuples(ADDRESS, ADDRESS),
    text=st.binary(max_size=SHORT_MESSAGE_BYTES_MAX),
    numbers=st.tuples(*[st.integers(0, 255)] * 6),
    validity=st.none() | st.integers(0, 86_400 * 14),
    tags=st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=50), max_size=8),
)
def test_a_message_reads_as_it_was_written(addresses, text, numbers, validity, tags):
    source, destination = addresses
    ton, npi, dest_ton, dest_npi, esm_class, data_coding = numbers
    fields = address_prefix(source.encode() + b"\0", ton, npi, dest_ton, dest_npi)
    body = message_body(
        fields + destination.encode() + b"\0",
        esm_class,
        timing_fields(validity, 1, data_coding),
        text,
        b"".join(tlv(tag, value) for tag, value in tags.items()),
    )
    message = read_message(body)
    assert (message.source, message.destination) == (source, destination)
    assert (message.esm_class, message.data_coding) == (esm_class, data_coding)
    assert message.registered_delivery == 1
    assert message.body == (text or tags.get(c.TAG_MESSAGE_PAYLOAD, b""))
    assert dict(message.tlvs) == tags
    assert read_relative_time(message.validity) == validity


@pytest.mark.parametrize("read", [read_message, read_bind, read_message_id])
@settings(max_examples=300)
@given(body=st.binary(max_size=400))
def test_a_body_of_garbage_is_read_or_refused_with_a_code(read, body):
    try:
        read(body)
    except MalformedPdu as malformed:
        assert malformed.code.startswith("pdu_")  # noqa: PT017  # both ends are fine


@given(st.integers(0, 200), st.binary(min_size=1, max_size=254))
def test_a_message_cut_anywhere_is_refused_or_shorter(cut, text):
    body = message_body(
        address_prefix(b"Shop\0", 5, 0, 1, 1) + b"4917\0", 0, timing_fields(None, 1, 0), text
    )
    with pytest.raises(MalformedPdu):
        read_message(body[: min(cut, len(body) - 1)])


@given(st.binary(max_size=200))
def test_optional_parameters_of_garbage_are_read_or_refused(data):
    try:
        read_tlvs(data, 0)
    except MalformedPdu as malformed:
        assert malformed.code == "pdu_tlv"  # noqa: PT017  # both ends are fine


def test_a_flood_of_optional_parameters_is_refused():
    with pytest.raises(MalformedPdu, match="pdu_tlv"):
        read_tlvs(b"".join(tlv(tag, b"") for tag in range(1_000)), 0)


def test_a_message_over_254_octets_is_refused_before_it_is_written():
    with pytest.raises(MalformedPdu, match="pdu_message_length"):
        message_body(b"", 0, b"", bytes(255))


@given(st.integers(0, 255), st.integers(1, 255), st.integers(1, 255), st.binary(max_size=140))
def test_user_data_headers_round_trip_and_insane_ones_are_no_part(reference, total, number, text):
    part = Part(reference, total, number)
    assert split_udh(udh(part) + text) == (part if number <= total else None, text)


@given(st.binary(max_size=160))
def test_a_user_data_header_of_garbage_never_raises(body):
    part, text = split_udh(body)
    assert len(text) <= len(body)
    assert part is None or 1 <= part.number <= part.total


@pytest.mark.parametrize(
    ("number", "part"), [(b"\x02", Part(0x0102, 3, 2)), (b"\x04", None), (b"", None)]
)
def test_parts_may_also_be_told_by_optional_parameters(number, part):
    sar = {
        c.TAG_SAR_REFERENCE: b"\x01\x02",
        c.TAG_SAR_TOTAL: b"\x03",
        c.TAG_SAR_NUMBER: number,
    }
    message = Message("1", "2", 0, 0, 0, b"", b"text", sar)
    assert part_of(message) == (part, b"text")
    assert part_of(Message("1", "2", 0, 0, 0, b"", b"text", {})) == (None, b"text")


def test_sixteen_bit_references_are_read_too():
    assert split_udh(b"\x06\x08\x04\x01\x02\x03\x01Hi") == (Part(0x0102, 3, 1), b"Hi")


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, b"000000000000000R"), (61, b"000000000101000R"), (90_000, b"000001010000000R")],
)
def test_validity_is_a_relative_time(seconds, written):
    assert relative_time(seconds) == written
