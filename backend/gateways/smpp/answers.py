"""What a frame from the carrier means, in the words of the port."""

from typing import Final

from backend.gateways.config import GatewayConfig
from backend.gateways.port import InboundMessage, Outcome, OutcomeKind, Receipt, Submission
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.concatenation import part_of
from backend.gateways.smpp.pdu import Frame, MalformedPdu, read_message, read_message_id
from backend.gateways.smpp.receipts import is_receipt, normal_id, read_receipt
from backend.gateways.status_maps import StatusMap

# Looked up once: Python 3.11 makes every `OutcomeKind.X` a call, as dear as reading a field.
ACCEPTED: Final = OutcomeKind.ACCEPTED
REFUSED: Final = OutcomeKind.REFUSED


def read_answer(
    frame: Frame, written: tuple[Submission, int, int], status_map: StatusMap
) -> Outcome:
    """A submit_sm_resp, or a generic_nack of the submit_sm (always a refusal, set D)."""
    submission, part, _ = written
    command_id, status, _, body = frame
    if status == c.STATUS_OK and command_id == c.SUBMIT_SM_RESP:
        try:
            carrier_id = normal_id(read_message_id(body))
        except MalformedPdu:
            # Accepted, it seems, but under no id we could match a receipt to.
            return Outcome(submission.key, part, OutcomeKind.IN_DOUBT, code="malformed_response")
        return Outcome(submission.key, part, ACCEPTED, carrier_id)
    meaning = status_map.command_status(status)
    return Outcome(
        submission.key,
        part,
        REFUSED,
        "",
        meaning.name,
        meaning.cause,
        meaning.permanence,
    )


def read_delivery(
    body: bytes, config: GatewayConfig, status_map: StatusMap
) -> Receipt | InboundMessage:
    """A deliver_sm. Raises `MalformedPdu`."""
    message = read_message(body)
    if is_receipt(message):
        return read_receipt(
            message,
            body,
            status_map=status_map,
            id_form=config.receipt_id_form,
            utc_offset_minutes=config.receipt_utc_offset_minutes,
        )
    part, text = part_of(message)
    return InboundMessage(
        source=message.source,
        destination=message.destination,
        data_coding=message.data_coding,
        body=text,
        part_reference=part.reference if part else None,
        part_number=part.number if part else 1,
        parts_total=part.total if part else 1,
        raw=body,
    )
