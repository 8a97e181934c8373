"""What one gateway needs to know; the same fields stand on its row, the secret sealed apart."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

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


class HttpJsonConfig(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: Literal["http_json"] = "http_json"
    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$", max_length=500)]
    """Without its last slash; `/messages`, `/requests/…` and `/status` follow."""
    secret: str
    """Bearer of our requests, key of the signatures of theirs."""
    callback_url: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """Where receipts are posted to; said with every request, unless empty."""
    messages_per_request_max: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 100
    """What one lost answer leaves in doubt."""
    requests_in_flight_max: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    has_request_lookup: bool = True
    """`GET /requests/{key}` tells what became of a request whose answer was lost."""
    throughput_segments_per_second_max: _Positive | None = None
    connect_timeout_seconds: _Positive = 10.0
    response_timeout_seconds: _Positive = 10.0
    status_seconds: _Positive = 15.0
    """So often the provider is asked whether it is there."""
    throttle_pause_seconds_min: _Positive = 0.25
    throttle_pause_seconds_max: _Positive = 60.0
    status_map: str = "http_json"

    def __repr__(self) -> str:
        return f"HttpJsonConfig({self.name!r}, {self.url})"


AnyConfig = GatewayConfig | HttpJsonConfig
SECRET_FIELDS: Final = {"smpp": "password", "http_json": "secret"}
_STRUCTS: Final[dict[str, type[AnyConfig]]] = {"smpp": GatewayConfig, "http_json": HttpJsonConfig}


def read_config(stored: Mapping[str, object], secret: str) -> AnyConfig:
    """From a row. Raises msgspec.ValidationError."""
    kind = str(stored.get("kind", "smpp"))
    return msgspec.convert({**stored, SECRET_FIELDS[kind]: secret}, _STRUCTS[kind])


def stored_config(config: AnyConfig) -> tuple[dict[str, object], str]:
    """What the row keeps in the clear, and the secret."""
    stored: dict[str, object] = msgspec.to_builtins(config)
    return stored, str(stored.pop(SECRET_FIELDS[config.kind]))
