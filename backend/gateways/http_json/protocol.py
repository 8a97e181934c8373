"""The words of the HTTP JSON dialect (docs/http_gateway.md): what we post, what comes back."""

from typing import Annotated, Final, Literal

import msgspec

from backend.gateways.port import Submission
from backend.sms.replies import decode_reply

MESSAGES_PATH: Final = "/messages"
REQUESTS_PATH: Final = "/requests/"
STATUS_PATH: Final = "/status"
RESPONSE_BYTES_MAX: Final = 1_048_576
PARTS_MAX: Final = 255
CARRIER_ID_CHARACTERS_MAX: Final = 64
CODE_CHARACTERS_MAX: Final = 64
_UCS2_CODING: Final = 8

CarrierId = Annotated[str, msgspec.Meta(min_length=1, max_length=CARRIER_ID_CHARACTERS_MAX)]


class MessageOut(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    ref: str
    """Position in the request; the answer names it."""
    to: str
    sender: str = msgspec.field(name="from")
    parts: list[str]
    """One per segment, cut by us: the price was counted by it."""
    encoding: Literal["gsm7", "ucs2"]
    reference: str | None = None
    """Comes back in receipts."""
    validity_seconds: int | None = None
    wants_receipt: bool = True


class RequestOut(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    messages: list[MessageOut]
    callback_url: str = ""


class AnswerOf(msgspec.Struct, frozen=True, gc=False):
    """Of one message. Accepted: `ids`, one per part, in order. Refused: `code`."""

    ref: str
    status: str
    ids: list[CarrierId] = []
    code: str = ""


class Answer(msgspec.Struct, frozen=True, gc=False):
    messages: list[AnswerOf]


class Problem(msgspec.Struct, frozen=True, gc=False):
    """Of a whole request. `accepted` false: the provider says it has none of it."""

    code: str = ""
    accepted: bool | None = None


def message_out(ref: int, submission: Submission) -> MessageOut:
    coding = submission.data_coding
    return MessageOut(
        ref=str(ref),
        to=submission.destination,
        sender=submission.sender,
        parts=[decode_reply(coding, part) for part in submission.body_parts],
        encoding="ucs2" if coding == _UCS2_CODING else "gsm7",
        reference=submission.reference,
        validity_seconds=submission.validity_seconds,
        wants_receipt=submission.wants_receipt,
    )
