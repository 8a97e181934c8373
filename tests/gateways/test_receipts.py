from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from backend.gateways import status_maps
from backend.gateways.port import Cause, Permanence, Receipt, ReceiptStatus
from backend.gateways.simulator.receipts import receipt_body
from backend.gateways.simulator.script import Script, parse
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.pdu import Message, read_message
from backend.gateways.smpp.receipts import (
    IdForm,
    id_from_receipt,
    is_receipt,
    normal_id,
    other_ids,
    read_receipt,
)
from backend.kernel.errors import NotFound

SMPP34 = status_maps.load("smpp34")


def _message(text: bytes, esm_class: int, /, **tlvs: bytes) -> Message:
    by_tag = {getattr(c, f"TAG_{name.upper()}"): value for name, value in tlvs.items()}
    return Message("4917", "Shop", esm_class, 0, 0, b"", text, by_tag)


def _read(text: bytes, *, offset: int = 0, form: IdForm = IdForm.SAME, **tlvs: bytes) -> Receipt:
    return read_receipt(
        _message(text, c.ESM_RECEIPT, **tlvs),
        text,
        status_map=SMPP34,
        id_form=form,
        utc_offset_minutes=offset,
    )


@pytest.mark.parametrize(
    "text",
    [
        (
            b"id:0123 sub:001 dlvrd:001 submit date:2503011159 done date:2503011200 "
            b"stat:DELIVRD err:000 text:Hi"
        ),
        (
            b"id:123 sub:001 dlvrd:001 submit date:250301115900 done date:250301120000 "
            b"stat:DELIVRD err:000"
        ),
        b"ID: 123  STAT: delivrd ERR: 000 Done Date: 2503011200",
        b"stat:DELIVRD done_date:20250301120000 id:00123",
        b"id:123,sub:1,stat:DELIVERED,done date:2503011200,err:0",
        b" id=123;stat=DELIVRD;done date=2503011200",
    ],
)
def test_one_receipt_in_the_spellings_of_many_carriers(text):
    receipt = _read(text)
    assert receipt.carrier_id == "123"
    assert receipt.status is ReceiptStatus.DELIVERED
    assert receipt.cause is Cause.NONE
    assert receipt.done_at == datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
    assert receipt.raw == text


@pytest.mark.parametrize(
    ("stat", "error_code", "status", "cause", "permanence"),
    [
        ("UNDELIV", "001", "undelivered", "number_not_in_service", "permanent"),
        ("UNDELIV", "027", "undelivered", "phone_off", "temporary"),
        ("UNDELIV", "32", "undelivered", "memory_full", "temporary"),
        ("UNDELIV", "013", "undelivered", "blocked_by_recipient", "permanent"),
        ("UNDELIV", "9A7", "undelivered", "unknown", "permanent"),
        ("UNDELIV", "", "undelivered", "unknown", "permanent"),
        ("EXPIRED", "027", "expired", "phone_off", "permanent"),
        ("EXPIRED", "000", "expired", "expired", "permanent"),
        ("REJECTD", "011", "rejected", "blocked_by_carrier", "permanent"),
        ("DELETED", "", "deleted", "unknown", "permanent"),
        ("ENROUTE", "", "enroute", "none", "permanent"),
        ("ACCEPTD", "", "accepted", "none", "permanent"),
        ("DELIVRD", "027", "delivered", "none", "permanent"),
        ("NONSENSE", "027", "unknown", "phone_off", "permanent"),
    ],
)
def test_only_a_listed_cause_of_an_undelivered_one_is_temporary(
    stat, error_code, status, cause, permanence
):
    receipt = _read(f"id:1 stat:{stat} err:{error_code} text:".encode())
    assert receipt.status == status
    assert receipt.cause == cause
    assert receipt.permanence == permanence


def test_optional_parameters_win_over_text():
    receipt = _read(
        b"id:1 stat:ENROUTE err:000",
        receipted_message_id=b"00AB\0",
        message_state=b"\x05",
        network_error_code=b"\x03\x00\x06",
        user_message_reference=b"\x01\x02",
    )
    assert receipt.carrier_id == "ab"
    assert receipt.status is ReceiptStatus.UNDELIVERED
    assert (receipt.error_code, receipt.cause) == ("6", Cause.PHONE_OFF)
    assert receipt.permanence is Permanence.TEMPORARY
    assert receipt.reference_number == 0x0102


def test_the_words_of_the_message_are_not_the_receipt():
    receipt = _read(b"id:5 err:001 text:stat:DELIVRD id:6")
    assert receipt.carrier_id == "5"
    assert receipt.status is ReceiptStatus.UNKNOWN
    assert _read(b"id:5 stat:UNDELIV err:001 Text:stat:DELIVRD id:6").carrier_id == "5"


def test_a_handset_cannot_forge_a_receipt():
    text = b"id:5 sub:001 dlvrd:001 submit date:0 done date:0 stat:DELIVRD err:000 text:"
    assert not is_receipt(_message(text, 0))
    assert is_receipt(_message(text, c.ESM_RECEIPT))
    assert is_receipt(_message(text, c.ESM_INTERMEDIATE))
    assert is_receipt(_message(b"", 0, receipted_message_id=b"5\0"))


@given(st.binary(max_size=300))
def test_a_receipt_of_garbage_is_kept_raw(text):
    receipt = _read(text)
    assert receipt.raw == text
    assert len(receipt.carrier_id) <= 64


@pytest.mark.parametrize(
    ("one", "other"),
    [("00AbC", "abc"), ("0007", "7"), ("000", "0"), ("A1-B2", "a1-b2"), (" 12 ", "12")],
)
def test_spellings_of_one_id_are_one_id(one, other):
    assert normal_id(one) == normal_id(other)


def test_ids_of_other_alphabets_keep_their_case():
    assert normal_id("0xYz") != normal_id("0XyZ")


@given(st.integers(0, 2**63))
def test_hexadecimal_and_decimal_meet(number):
    decimal, hexadecimal = str(number), f"{number:X}"
    assert id_from_receipt(decimal, IdForm.RESPONSE_HEX_RECEIPT_DECIMAL) == normal_id(hexadecimal)
    assert id_from_receipt(hexadecimal, IdForm.RESPONSE_DECIMAL_RECEIPT_HEX) == decimal
    if normal_id(hexadecimal) != decimal:
        assert normal_id(hexadecimal) in other_ids(decimal)
        assert decimal in other_ids(hexadecimal)


def test_the_carriers_clock_is_told_by_its_offset():
    done = _read(b"id:1 stat:DELIVRD done date:2503011200", offset=120).done_at
    assert done == datetime(2025, 3, 1, 10, 0, tzinfo=UTC)
    assert _read(b"id:1 stat:DELIVRD done date:2502301200").done_at is None
    assert _read(b"id:1 stat:DELIVRD done date:soon").done_at is None


@pytest.mark.parametrize(
    "script",
    ["", "has_broken_receipts=true", "has_receipt_tlvs=true", "receipt_id_form=zero_padded"],
)
def test_we_read_what_our_own_carrier_writes(script):
    message = Message("Shop", "4917", 0, 0, 1, b"", b"Hello", {})
    made: Script = parse(script)
    body = receipt_body(message, "4711", "UNDELIV", "027", script=made)
    receipt = read_receipt(read_message(body), body, status_map=SMPP34)
    assert receipt.carrier_id == "4711"
    assert receipt.status is ReceiptStatus.UNDELIVERED
    assert receipt.cause is Cause.PHONE_OFF
    assert (receipt.source, receipt.destination) == ("4917", "Shop")


def test_an_unlisted_command_status_is_permanent():
    meaning = SMPP34.command_status(0x0400)
    assert (meaning.name, meaning.permanence) == ("0x00000400", Permanence.PERMANENT)
    assert SMPP34.command_status(c.STATUS_THROTTLED).cause is Cause.THROTTLED
    assert SMPP34.command_status(c.STATUS_QUEUE_FULL).permanence is Permanence.TEMPORARY


@pytest.mark.parametrize("name", ["../smpp34", "none", ""])
def test_a_status_map_is_chosen_by_name_only(name):
    with pytest.raises(NotFound):
        status_maps.load(name)
