"""What one gateway needs to know; the same fields stand on its row."""

from typing import Annotated, Literal

import msgspec

from backend.gateways.smpp import commands as c
from backend.gateways.smpp.receipts import IdForm

_Positive = Annotated[float, msgspec.Meta(gt=0)]
_Ton = Annotated[int, msgspec.Meta(ge=0, le=6)]
_Npi = Annotated[int, msgspec.Meta(ge=0, le=18)]


class AddressRules(msgspec.Struct, frozen=True, kw_only=True):
    """Type of number and numbering plan (SMPP 3.4 §5.2.5, §5.2.6) by the shape of the address."""

    number_ton: _Ton = c.TON_INTERNATIONAL
    number_npi: _Npi = c.NPI_E164
    short_code_ton: _Ton = c.TON_NETWORK_SPECIFIC
    short_code_npi: _Npi = c.NPI_UNKNOWN
    alphanumeric_ton: _Ton = c.TON_ALPHANUMERIC
    alphanumeric_npi: _Npi = c.NPI_UNKNOWN


class GatewayConfig(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: Literal["smpp"] = "smpp"
    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)]
    has_tls: bool = False
    system_id: str
    password: str
    system_type: str = ""
    sessions_count: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    window_segments_max: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 256
    """Unanswered parts per session: what a crash leaves in doubt at most."""
    throughput_segments_per_second_max: _Positive | None = None
    addresses: AddressRules = AddressRules()
    connect_timeout_seconds: _Positive = 10.0
    response_timeout_seconds: _Positive = 10.0
    enquire_link_seconds: _Positive = 30.0
    rebind_seconds_min: _Positive = 1.0
    rebind_seconds_max: _Positive = 60.0
    throttle_pause_seconds_min: _Positive = 0.25
    throttle_pause_seconds_max: _Positive = 8.0
    status_map: str = "smpp34"
    receipt_id_form: IdForm = IdForm.SAME
    receipt_utc_offset_minutes: int = 0

    def __repr__(self) -> str:
        # The password must not reach a log by way of a traceback or an f-string.
        return f"GatewayConfig({self.name!r}, {self.system_id!r}@{self.host}:{self.port})"
