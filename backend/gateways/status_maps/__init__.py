"""What carriers' codes mean, as data: one JSON file per dialect, chosen by the gateway's row.

A code may license a second submission (`temporary`) only by standing here as such; what is not
listed is permanent (DESIGN promise 2: "a cause the status map calls temporary").
"""

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from backend.gateways.port import Cause, Permanence, ReceiptStatus
from backend.kernel.errors import NotFound

_FOLDER: Final = Path(__file__).parent


class CodeMeaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    cause: Cause
    permanence: Permanence


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: str
    receipt_statuses: dict[str, ReceiptStatus]
    delivery_errors: dict[str, CodeMeaning]
    command_statuses: dict[str, CodeMeaning] = {}
    message_states: dict[str, ReceiptStatus] = {}
    refusal_codes: dict[str, CodeMeaning] = {}
    http_statuses: dict[str, CodeMeaning] = {}


class StatusMap(msgspec.Struct, frozen=True):
    command_statuses: dict[int, CodeMeaning]
    receipt_statuses: dict[str, ReceiptStatus]
    message_states: dict[int, ReceiptStatus]
    delivery_errors: dict[str, CodeMeaning]
    refusal_codes: dict[str, CodeMeaning]
    http_statuses: dict[int, CodeMeaning]

    def command_status(self, status: int) -> CodeMeaning:
        known = self.command_statuses.get(status)
        if known is not None:
            return known
        return CodeMeaning(f"0x{status:08X}", Cause.UNKNOWN, Permanence.PERMANENT)

    def refusal(self, code: str, http_status: int) -> CodeMeaning:
        """Of an HTTP provider: its own code, else the status it came with; neither listed proves
        nothing.
        """
        known = self.refusal_codes.get(code)
        if known is None and not code:
            known = self.http_statuses.get(http_status)
        return known or CodeMeaning(
            code or f"http_{http_status}", Cause.UNKNOWN, Permanence.PERMANENT
        )

    def delivery_error(self, status: ReceiptStatus, error_code: str) -> CodeMeaning:
        """The code decides only about failures: a delivered receipt with a leftover code stays
        delivered, and an expired one is over whatever held it up.
        """
        # By identity and not in a set: an enum's hash is a call into Python.
        if status is _DELIVERED or status is _ENROUTE or status is _ACCEPTED:
            return _NO_CAUSE
        known = self.delivery_errors.get(error_code.lstrip("0") or "0")
        if known is None:
            return _EXPIRED if status is ReceiptStatus.EXPIRED else _UNLISTED
        if status is ReceiptStatus.UNDELIVERED:
            return known
        return CodeMeaning(known.name, known.cause, Permanence.PERMANENT)


_DELIVERED: Final = ReceiptStatus.DELIVERED
_ENROUTE: Final = ReceiptStatus.ENROUTE
_ACCEPTED: Final = ReceiptStatus.ACCEPTED
_NO_CAUSE: Final = CodeMeaning("none", Cause.NONE, Permanence.PERMANENT)
_EXPIRED: Final = CodeMeaning("expired", Cause.EXPIRED, Permanence.PERMANENT)
_UNLISTED: Final = CodeMeaning("unlisted", Cause.UNKNOWN, Permanence.PERMANENT)


@cache
def load(name: str) -> StatusMap:
    if not name.isidentifier() or not (_FOLDER / f"{name}.json").is_file():
        raise NotFound("status_map_not_found", "there is no status map of this name", name=name)
    file = msgspec.json.decode((_FOLDER / f"{name}.json").read_bytes(), type=_File)
    return StatusMap(
        command_statuses={
            int(code, 16): meaning for code, meaning in file.command_statuses.items()
        },
        receipt_statuses=file.receipt_statuses,
        message_states={int(state): status for state, status in file.message_states.items()},
        delivery_errors=file.delivery_errors,
        refusal_codes=file.refusal_codes,
        http_statuses={int(status): meaning for status, meaning in file.http_statuses.items()},
    )
