"""How the simulated carrier behaves: rates and delays, drawn from one seed, so that the same
numbers meet the same fate in every run.
"""

from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from backend.kernel.errors import InvalidInput

_Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=86_400_000)]
_Count = Annotated[int, msgspec.Meta(ge=0)]


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seed: int = 0
    has_magic_numbers: bool = True
    """Last four digits choose the fate, see `fates.MAGIC`."""

    undelivered_permanent_rate: _Rate = 0.0
    undelivered_temporary_rate: _Rate = 0.0
    """The next message to the same number is delivered."""
    expired_rate: _Rate = 0.0
    receipt_rejected_rate: _Rate = 0.0
    no_receipt_rate: _Rate = 0.0
    refused_rate: _Rate = 0.0
    """Of submissions, for good (ESME_RINVDSTADR)."""
    throttled_rate: _Rate = 0.0
    queue_full_rate: _Rate = 0.0
    system_error_rate: _Rate = 0.0
    """Of submissions, each time anew (ESME_RSYSERR): the carrier's own fault."""
    early_receipt_rate: _Rate = 0.0
    """The receipt leaves before the submit_sm_resp."""
    late_response_rate: _Rate = 0.0
    lost_response_rate: _Rate = 0.0
    """Accepted, never answered."""
    drop_rate: _Rate = 0.0
    """Accepted, then the connection is dropped instead of answering."""
    duplicate_receipt_rate: _Rate = 0.0
    late_receipt_rate: _Rate = 0.0

    response_delay_ms_min: _Milliseconds = 0
    response_delay_ms_max: _Milliseconds = 0
    late_response_ms: _Milliseconds = 15_000
    receipt_delay_ms_min: _Milliseconds = 0
    """Different delays are what puts receipts out of order."""
    receipt_delay_ms_max: _Milliseconds = 0
    late_receipt_ms: _Milliseconds = 60_000
    redelivery_ms: _Milliseconds = 500
    """A deliver_sm refused by the client comes again after this."""

    drop_after_accepted: _Count | None = None
    """Each connection is dropped once it has accepted so many, the last of them unanswered."""
    throughput_segments_per_second_max: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Per system id; above it ESME_RTHROTTLED."""
    binds_max: _Count | None = None
    """Per system id; above it ESME_RALYBND."""
    is_silent: bool = False
    """After the bind nothing is answered any more, and nothing is accepted: a black hole."""
    stop_reply_share: _Rate = 0.0
    """Of the texts that reach a handset and asked for a receipt: it writes STOP. What asked for
    none (our own confirmations) is not answered, or two machines would talk for ever."""
    help_reply_share: _Rate = 0.0
    text_reply_share: _Rate = 0.0
    """It writes `reply_text`."""
    reply_text: Annotated[str, msgspec.Meta(min_length=1, max_length=127)] = "Thanks, see you!"
    reply_delay_ms_min: _Milliseconds = 1_000
    """After the last receipt of the text is due."""
    reply_delay_ms_max: _Milliseconds = 8_000

    http_fault: Literal[
        "none",
        "hang",
        "half_answer",
        "error_after_accepting",
        "not_json",
        "throttle",
        "throttle_unsaid",
        "redirect",
    ] = "none"
    """Of requests over HTTP. The last three accept nothing; `throttle` says so, the others leave
    the client to guess."""
    http_fault_requests_max: _Count | None = None
    """So many requests meet it, from the moment the script is set; nothing: all of them."""
    has_wrong_signatures: bool = False
    """Callbacks are signed with another secret."""
    has_hex_ids: bool = False
    receipt_id_form: Literal["same", "decimal", "hex", "upper", "zero_padded"] = "same"
    has_receipt_tlvs: bool = False
    has_broken_receipts: bool = False
    """Fields missing, reordered and in the wrong case, as some carriers write them."""

    @property
    def has_replies(self) -> bool:
        return self.stop_reply_share + self.help_reply_share + self.text_reply_share > 0

    @property
    def is_plain(self) -> bool:
        """Nothing to draw: everything is accepted and delivered."""
        return not self.has_magic_numbers and not any(
            getattr(self, name) for name in self.__struct_fields__ if name.endswith("_rate")
        )


PRESETS: Final[dict[str, Script]] = {
    "perfect": Script(has_magic_numbers=False),
    "demo": Script(
        undelivered_permanent_rate=0.03, receipt_delay_ms_min=300, receipt_delay_ms_max=2_000
    ),
    "faulty": Script(
        undelivered_permanent_rate=0.03,
        undelivered_temporary_rate=0.05,
        expired_rate=0.02,
        receipt_rejected_rate=0.02,
        no_receipt_rate=0.01,
        refused_rate=0.02,
        throttled_rate=0.02,
        queue_full_rate=0.01,
        early_receipt_rate=0.05,
        late_response_rate=0.005,
        lost_response_rate=0.005,
        drop_rate=0.002,
        duplicate_receipt_rate=0.05,
        late_receipt_rate=0.02,
        response_delay_ms_max=50,
        receipt_delay_ms_max=2_000,
        late_response_ms=3_000,
        late_receipt_ms=8_000,
        has_hex_ids=True,
    ),
}


def parse(text: str) -> Script:
    """A preset, a JSON file, a JSON object, or `preset,name=value,…`. Raises `InvalidInput`."""
    text = text.strip()
    if text.startswith("{"):
        return changed(Script(), text.encode())
    if text.endswith(".json"):
        return changed(Script(), Path(text).read_bytes())
    script = Script()
    changes: dict[str, object] = {}
    for item in filter(None, text.split(",")):
        name, equals, value = item.partition("=")
        if equals:
            changes[name.strip()] = None if value == "none" else value
        elif name in PRESETS:
            script = PRESETS[name]
        else:
            raise InvalidInput("script_unknown", "no such preset", name=name)
    return _merged(script, changes)


def changed(script: Script, body: bytes) -> Script:
    """`{"preset": …, field: value}` over the script as it stands."""
    try:
        changes = msgspec.json.decode(body, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise InvalidInput("script_invalid", str(error)) from None
    preset = changes.pop("preset", None)
    if preset is not None:
        if preset not in PRESETS:
            raise InvalidInput("script_unknown", "no such preset", name=str(preset))
        script = PRESETS[str(preset)]
    return _merged(script, changes)


def _merged(script: Script, changes: dict[str, object]) -> Script:
    try:
        return msgspec.convert(msgspec.to_builtins(script) | changes, Script, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput("script_invalid", str(error)) from None
