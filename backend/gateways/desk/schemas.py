"""What the platform desk writes of gateways, and what it sees. A secret goes in and never out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from backend.gateways.smpp.receipts import IdForm
from backend.gateways.states import GatewayState, Health
from backend.kernel.views import Input, RowVersion, View

REASON_CHARACTERS_MAX = 500
COUNTRIES_MAX = 250

GatewayName = Annotated[str, Meta(min_length=1, max_length=60, examples=["Nordic carrier"])]
Reason = Annotated[str, Meta(min_length=3, max_length=REASON_CHARACTERS_MAX, examples=["Agreed."])]
GatewaySecret = Annotated[str, Meta(min_length=1, max_length=200, examples=["s3cr3t-1"])]
Host = Annotated[str, Meta(min_length=1, max_length=253, examples=["smpp.carrier.example"])]
Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$",
        max_length=500,
        examples=["https://sms.carrier.example/v1"],
    ),
]
CallbackUrl = Annotated[str, Meta(pattern=r"^($|https?://[^/?#@\s]+(/[^?#\s]*)?$)", max_length=500)]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", examples=["NO"])]
Rate = Annotated[float, Meta(gt=0, le=1_000_000, examples=[100.0])]


class SmppSettings(Input, frozen=True, kw_only=True, tag_field="kind", tag="smpp"):
    host: Host
    port: Annotated[int, Meta(ge=1, le=65_535, examples=[2775])]
    has_tls: bool = False
    system_id: Annotated[str, Meta(min_length=1, max_length=64, examples=["clearsend"])]
    system_type: Annotated[str, Meta(max_length=12, examples=[""])] = ""
    sessions_count: Annotated[int, Meta(ge=1, le=64)] = 1
    window_segments_max: Annotated[int, Meta(ge=1, le=10_000)] = 256
    receipt_id_form: IdForm = IdForm.SAME
    receipt_utc_offset_minutes: Annotated[int, Meta(ge=-840, le=840)] = 0


class HttpJsonSettings(Input, frozen=True, kw_only=True, tag_field="kind", tag="http_json"):
    url: Url
    callback_url: CallbackUrl = ""
    """Empty: our own address, as the provider sees it."""
    messages_per_request_max: Annotated[int, Meta(ge=1, le=1_000)] = 100
    requests_in_flight_max: Annotated[int, Meta(ge=1, le=64)] = 4
    has_request_lookup: bool = True


GatewaySettings = SmppSettings | HttpJsonSettings


class GatewayFields(Input, frozen=True, kw_only=True):
    name: GatewayName
    settings: GatewaySettings
    weight: Annotated[int, Meta(ge=1, le=1_000)] = 100
    countries: Annotated[list[Country], Meta(min_length=1, max_length=COUNTRIES_MAX)] | None = None
    """Null: every country."""
    throughput_segments_per_second_max: Rate | None = None
    sender_segments_per_second_max: Rate | None = None
    reason: Reason


class GatewayCreate(GatewayFields, frozen=True, kw_only=True):
    secret: GatewaySecret


class GatewayUpdate(GatewayFields, frozen=True, kw_only=True):
    version: RowVersion


class SecretUpdate(Input, frozen=True, kw_only=True):
    secret: GatewaySecret
    version: RowVersion
    reason: Reason


class StateUpdate(Input, frozen=True, kw_only=True):
    state: GatewayState
    reason: Reason
    is_forced: bool = False
    """Also where nothing else works: what waits then waits."""


class LinkView(View, frozen=True, kw_only=True):
    """One sending process."""

    process: str
    seen_at: datetime
    links: int
    links_bound: int
    outstanding: int
    receipts_waiting: int
    segments_per_second: float | None
    last_error: str
    is_current: bool
    """Runs with the settings as they stand."""


class Figures(View, frozen=True, kw_only=True):
    """Parts, of one minute or of the last minutes together."""

    submitted: int = 0
    accepted: int = 0
    refused: int = 0
    throttled: int = 0
    errors: int = 0
    in_doubt: int = 0
    not_written: int = 0
    receipts: int = 0
    receipts_timed: int = 0
    receipts_slow: int = 0
    receipt_delay_ms_mean: int | None = None


class HealthMinute(Figures, frozen=True, kw_only=True):
    minute: datetime


class GatewayView(View, frozen=True, kw_only=True):
    id: UUID
    name: str
    state: GatewayState
    state_reason: str | None
    version: int
    weight: int
    countries: list[str] | None
    throughput_segments_per_second_max: float | None
    sender_segments_per_second_max: float | None
    settings: GatewaySettings
    secret_changed_at: datetime | None
    is_working: bool
    working_at: datetime | None
    health: Health
    health_cause: str | None
    out_until: datetime | None
    changed_at: datetime
    links: list[LinkView]
    recent: Figures
    """Of the last 15 minutes."""


class GatewayDetail(GatewayView, frozen=True, kw_only=True):
    minutes: list[HealthMinute]
    """Of the last two hours, oldest first; a minute without anything is not there."""


class SenderLimit(Input, kw_only=True, frozen=True):
    """What one sender may send a second through this gateway; null: what every sender may."""

    sender: Annotated[str, Meta(min_length=1, max_length=16, examples=["NORDLYS"])]
    segments_per_second_max: Rate | None
    reason: Reason


class SenderLimitView(View, kw_only=True, frozen=True):
    sender: str
    segments_per_second_max: float
