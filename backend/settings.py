"""Everything the environment may say, read once at the start and passed on as a value.

A variable is the field's name in capitals behind `CLEARSEND_`; the few names that every host and
every sibling program already knows (`PORT`, `DATABASE_URL`, …) stand without the prefix.
An empty variable counts as absent, because that is how compose files and CI write "no value".
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

_WITHOUT_PREFIX = frozenset(
    {
        "port",
        "database_url",
        "database_owner_url",
        "redis_url",
        "broker_url",
        "stripe_api_key",
        "stripe_webhook_secret",
    }
)


class SettingsError(Exception):
    """A variable that cannot be used; the message names it and never repeats its value."""

    def __init__(self, variable: str, problem: str) -> None:
        self.variable = variable
        super().__init__(f"{variable}: {problem}")


def variable_of(field: str) -> str:
    name = field.upper()
    return name if field in _WITHOUT_PREFIX else f"CLEARSEND_{name}"


def default_data_dir() -> Path:
    """Beside the sources in a checkout, else where the XDG rules put a user's data."""
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".data"
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "clearsend"


PostgresUrl = Annotated[str, Meta(pattern=r"^($|postgres(ql)?://.)")]
SmtpUrl = Annotated[str, Meta(pattern=r"^($|smtps?://[^/]+)")]
HttpUrl = Annotated[str, Meta(pattern=r"^($|https?://[^/]+)")]
RedisUrl = Annotated[str, Meta(pattern=r"^($|(rediss?|unix)://.)")]
BrokerUrl = Annotated[str, Meta(pattern=r"^($|(rediss?|amqps?)://.)")]
Port = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=1, le=1_000)]
Positive = Annotated[int, Meta(ge=1)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename=variable_of):
    """An empty URL means the embedded part, which `clearsend run` starts and passes on."""

    # The outside world
    database_url: PostgresUrl = ""
    database_owner_url: PostgresUrl = ""  # used by `migrate` only
    redis_url: RedisUrl = ""
    broker_url: BrokerUrl = ""
    stripe_api_key: str = ""  # empty: the payment simulator
    stripe_webhook_secret: str = ""
    stripe_base_url: HttpUrl = ""  # empty: Stripe's own address
    smtp_url: SmtpUrl = ""  # smtp://user:password@host:587?tls=required; empty: the mailbox
    mail_from: str = ""  # Name <address>; empty: Clearsend <no-reply@host of the public URL>
    # VAT ids are confirmed by the EU's register; `off` where nothing may be asked outside.
    vat_register_url: Annotated[str, Meta(pattern=r"^($|off$|https?://.)")] = ""
    trusted_proxy_hops: Annotated[int, Meta(ge=0, le=10)] = 0  # proxies of ours in front
    public_url: str = ""  # how a browser reaches us; empty: http://host:port

    # The platform's own messages: codes and answers
    platform_sender: Annotated[str, Meta(min_length=1, max_length=16)] = "Clearsend"
    test_phone: Annotated[str, Meta(pattern=r"^($|\+[1-9][0-9]{6,14}$)")] = ""  # hears of tests
    has_private_gateways: bool = False  # HTTP gateways may lie in our own network

    # This machine. Not `HOST`: csh and some shells export that as the machine's name.
    host: str = "127.0.0.1"
    port: Port = 8000
    data_dir: Path = msgspec.field(default_factory=default_data_dir)
    postgres_bin_dir: str = ""  # another build of the embedded Postgres than the wheel's
    secret_key: str = ""  # embedded: kept in the data directory
    demo: bool = False
    demo_data: bool = True  # in demo mode, on the first start
    simulator_smpp_port: Port = 0
    simulator_http_port: Port = 0
    simulator_payments_port: Port = 0

    # How many of each
    api_processes: Count = 1
    worker_processes: Count = 2
    worker_threads: Count = 8
    database_connections_per_process_max: Count = 8

    # Limits
    request_body_bytes_max: Positive = 10_000_000
    upload_bytes_max: Positive = 200_000_000
    import_rows_max: Positive = 1_000_000
    login_tries_max: Positive = 10
    login_tries_window_seconds: Positive = 900
    stop_grace_seconds: Positive = 10

    @property
    def may_reach_private(self) -> bool:
        """HTTP gateways in our own network: what the demo's simulator is."""
        return self.demo or self.has_private_gateways

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"


def _path(kind: type, value: Any) -> Any:
    return Path(value).expanduser() if kind is Path else value


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Raises `SettingsError` about the first variable that does not fit."""
    source = os.environ if environ is None else environ
    known = {variable_of(field) for field in Settings.__struct_fields__}
    given = {name: value for name, value in source.items() if name in known and value}
    try:
        return msgspec.convert(given, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$.")
        raise SettingsError(place.rstrip("`") or "environment", problem) from None


def require(settings: Settings, *fields: str) -> None:
    """For a process that cannot do without: `require(settings, "database_url", "redis_url")`."""
    for field in fields:
        if not getattr(settings, field):
            raise SettingsError(variable_of(field), "is not set, and nothing embedded stands in")


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make `load` answer these settings: what a child process is started with.

    Fields at their default are left out, so that a child's own environment may still say more.
    """
    default = Settings()
    said: dict[str, str] = {}
    for field in Settings.__struct_fields__:
        value = getattr(settings, field)
        if value != getattr(default, field):
            said[variable_of(field)] = str(int(value)) if isinstance(value, bool) else str(value)
    return said
