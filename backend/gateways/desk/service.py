"""Adding, changing, draining and switching off gateways; how they fare.

Sending processes look at the rows every few seconds: the rows decide, nothing is restarted.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope, platform_scope
from backend.gateways import status_maps
from backend.gateways.config import AnyConfig, read_config, stored_config
from backend.gateways.desk import queries
from backend.gateways.desk.schemas import (
    Figures,
    GatewayCreate,
    GatewayDetail,
    GatewayFields,
    GatewaySettings,
    GatewayUpdate,
    GatewayView,
    HttpJsonSettings,
    LinkView,
    MinuteView,
    SecretUpdate,
    SmppSettings,
    StateUpdate,
)
from backend.gateways.hosts import require_public
from backend.gateways.service import WORKING_SECONDS_MAX, seal, unseal
from backend.gateways.states import GatewayState
from backend.gateways.status_maps import StatusMap
from backend.kernel.errors import Conflict, InvalidInput, NotFound, Unavailable, invalid_field
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system

LINK_SEEN_SECONDS_MAX: Final = 60
RECENT_MINUTES: Final = 15
HISTORY_MINUTES: Final = 120
PREVIOUS_SECRET_HOURS: Final = 24
SMPP_PASSWORD_CHARACTERS_MAX: Final = 64
"""SMPP 3.4 §5.2.2 says 8; carriers give out longer ones."""
CALLBACK_PATH: Final = "/v1/gateways/{}/callbacks"
_SETTINGS: Final[dict[str, type[SmppSettings | HttpJsonSettings]]] = {
    "smpp": SmppSettings,
    "http_json": HttpJsonSettings,
}


class Setup(msgspec.Struct, frozen=True):
    """Of this installation."""

    secret_key: str
    url: str
    may_reach_private: bool
    platform_sender: str = "Clearsend"
    """From whom messages of our own come."""
    test_phone: str = ""
    """The operator's own number; hears of tests."""


# -- looking


async def list_gateways(principal: Principal) -> list[GatewayView]:
    async with platform_scope(principal, "gateways") as scope:
        return await _views(scope, await queries.everything(scope))


async def read_gateway(principal: Principal, gateway_id: UUID) -> GatewayDetail:
    """Raises NotFound."""
    async with platform_scope(principal, f"gateway {gateway_id}") as scope:
        [view] = await _views(scope, [await queries.one(scope, gateway_id)])
        since = scope.now - timedelta(minutes=HISTORY_MINUTES)
        rows = await queries.minutes(scope, gateway_id, since)
    return GatewayDetail(
        **{name: getattr(view, name) for name in view.__struct_fields__},
        minutes=[MinuteView(minute=row["minute"], **_figures(row)) for row in rows],
    )


def _figures(row: asyncpg.Record) -> dict[str, Any]:
    return {name: row[name] for name in Figures.__struct_fields__}


async def _views(scope: Scope, rows: list[asyncpg.Record]) -> list[GatewayView]:
    links = await queries.links(scope, scope.now - timedelta(seconds=LINK_SEEN_SECONDS_MAX))
    since = scope.now - timedelta(minutes=RECENT_MINUTES)
    recent = {row["gateway_id"]: row for row in await queries.recent(scope, since)}
    return [
        _view(
            row,
            scope.now,
            [link for link in links if link["gateway_id"] == row["id"]],
            recent.get(row["id"]),
        )
        for row in rows
    ]


def _view(
    row: asyncpg.Record, now: datetime, links: list[asyncpg.Record], recent: asyncpg.Record | None
) -> GatewayView:
    given = dict(row)
    working_at = given["working_at"]
    is_recent = working_at is not None and now - working_at <= timedelta(
        seconds=WORKING_SECONDS_MAX
    )
    shown = [
        LinkView(
            **{name: link[name] for name in LinkView.__struct_fields__ if name != "is_current"},
            is_current=link["version"] == row["version"],
        )
        for link in links
    ]
    return msgspec.convert(
        {
            **given,
            "settings": _settings_of(row["kind"], row["config"]),
            "is_working": is_recent and row["state"] != GatewayState.DISABLED.value,
            "links": shown,
            "recent": Figures(**_figures(recent)) if recent else Figures(),
        },
        GatewayView,
        from_attributes=True,
    )


def _settings_of(kind: str, config: dict[str, object]) -> GatewaySettings:
    wanted = _SETTINGS[kind]
    known = {name: config[name] for name in wanted.__struct_fields__ if name in config}
    found: GatewaySettings = msgspec.convert({**known, "kind": kind}, GatewaySettings)
    return found


# -- writing


async def create_gateway(principal: Principal, setup: Setup, data: GatewayCreate) -> GatewayView:
    """Raises InvalidInput with a pointer per field, Conflict `gateway_exists`."""
    gateway_id = uuid7()
    config = _config(data, setup, gateway_id, data.secret, {})
    await _check_host(config, setup)
    stored, secret = stored_config(config)
    fields = _fields(data, stored)
    reason = f"gateway {gateway_id} added: {data.reason}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        sealed = seal(_key(setup), gateway_id, secret)
        if not await queries.insert(scope, gateway_id, config.kind, sealed, fields):
            raise _taken(data.name)
        [view] = await _views(scope, [await queries.one(scope, gateway_id)])
        await scope.answer(view, 201)
    return view


async def update_gateway(
    principal: Principal, setup: Setup, gateway_id: UUID, data: GatewayUpdate
) -> GatewayView:
    """Raises NotFound, Conflict `version_changed` with the version that stands, `gateway_exists`,
    InvalidInput: its kind stays what it is.
    """
    async with platform_scope(system("gateways"), "edit gateway") as scope:
        known = await queries.one(scope, gateway_id)
    if _kind_of(data.settings) != known["kind"]:
        raise invalid_field("/settings/kind", "kind_fixed", "a gateway keeps its kind")
    config = _config(data, setup, gateway_id, "unchanged", known["config"])
    await _check_host(config, setup)
    stored, _ = stored_config(config)
    reason = f"gateway {gateway_id} changed: {data.reason}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        if await queries.is_name_taken(scope, gateway_id, data.name):
            raise _taken(data.name)
        fields = _fields(data, stored)
        if not await queries.update(scope, gateway_id, data.version, fields):
            raise await _version_changed(scope, gateway_id)
        [view] = await _views(scope, [await queries.one(scope, gateway_id)])
        await scope.answer(view, 200)
    return view


async def rotate_secret(
    principal: Principal, setup: Setup, gateway_id: UUID, data: SecretUpdate
) -> GatewayView:
    """Raises NotFound, Conflict `version_changed`, InvalidInput `secret_invalid`."""
    async with platform_scope(system("gateways"), "rotate secret") as scope:
        known = await queries.one(scope, gateway_id)
    _check_secret(known["kind"], data.secret)
    reason = f"gateway {gateway_id} has a new secret: {data.reason}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        sealed = seal(_key(setup), gateway_id, data.secret)
        until = scope.now + timedelta(hours=PREVIOUS_SECRET_HOURS)
        if not await queries.update_secret(scope, gateway_id, data.version, sealed, until):
            raise await _version_changed(scope, gateway_id)
        [view] = await _views(scope, [await queries.one(scope, gateway_id)])
        await scope.answer(view, 200)
    return view


async def change_state(principal: Principal, gateway_id: UUID, data: StateUpdate) -> GatewayView:
    """Drain, disable or resume; the same state again changes nothing. Raises NotFound and, unless
    forced, Conflict `gateway_last_working`: afterwards nothing could be sent at all.
    """
    reason = f"gateway {gateway_id} {data.state.value}: {data.reason}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        await queries.lock_all(scope)
        everything = await _views(scope, await queries.everything(scope))
        found = next((one for one in everything if one.id == gateway_id), None)
        if found is None:
            raise NotFound
        if data.state is not GatewayState.ACTIVE and not data.is_forced:
            _check_not_last(found, everything)
        if found.state is not data.state:
            await queries.change_state(
                scope, gateway_id, found.state.value, data.state.value, data.reason
            )
            [found] = await _views(scope, [await queries.one(scope, gateway_id)])
        await scope.answer(found, 200)
    return found


def _check_not_last(mine: GatewayView, everything: list[GatewayView]) -> None:
    active = [one for one in everything if one.state is GatewayState.ACTIVE and one.is_working]
    if mine in active and len(active) == 1:
        raise Conflict(
            "gateway_last_working",
            "no other gateway works: nothing could be sent",
            gateways_working=1,
            gateways_active=sum(one.state is GatewayState.ACTIVE for one in everything),
        )


def _kind_of(settings: GatewaySettings) -> str:
    return "smpp" if isinstance(settings, SmppSettings) else "http_json"


def _config(
    data: GatewayFields, setup: Setup, gateway_id: UUID, secret: str, known: dict[str, object]
) -> AnyConfig:
    """What is not asked at the desk stays as the row has it."""
    kind = _kind_of(data.settings)
    _check_secret(kind, secret)
    given: dict[str, object] = msgspec.to_builtins(data.settings)
    if isinstance(data.settings, HttpJsonSettings):
        own = setup.url.rstrip("/") + CALLBACK_PATH.format(gateway_id)
        given["callback_url"] = data.settings.callback_url or own
    elif not data.settings.system_id.isascii() or not data.settings.system_type.isascii():
        raise invalid_field("/settings/system_id", "not_ascii", "SMPP carries ASCII only")
    merged = {
        **known,
        **given,
        "name": data.name,
        "throughput_segments_per_second_max": data.throughput_segments_per_second_max,
    }
    try:
        return read_config(merged, secret)
    except msgspec.ValidationError as error:
        raise InvalidInput("settings_invalid", str(error)) from None


def _check_secret(kind: str, secret: str) -> None:
    is_usable = secret.isascii() and secret.isprintable()
    if not is_usable or (kind == "smpp" and len(secret) > SMPP_PASSWORD_CHARACTERS_MAX):
        detail = "printable ASCII, as long as the protocol carries"
        raise invalid_field("/secret", "secret_invalid", detail)


async def _check_host(config: AnyConfig, setup: Setup) -> None:
    """Outside of any scope: it asks DNS. Carriers over SMPP are often reached by a private line."""
    if config.kind == "smpp" or setup.may_reach_private:
        return
    parts = urlsplit(config.url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or ""
        host.encode("idna")
    except ValueError:
        raise invalid_field("/settings/url", "host_unknown", "this is no host") from None
    if parts.scheme != "https":
        detail = "the secret travels with every request: https only"
        raise invalid_field("/settings/url", "https_required", detail)
    try:
        await require_public(host, port)
    except InvalidInput as error:
        raise invalid_field("/settings/url", error.code, error.detail) from None


def _fields(data: GatewayFields, stored: dict[str, object]) -> queries.Fields:
    return queries.Fields(
        data.name,
        stored,
        data.weight,
        data.countries,
        data.throughput_segments_per_second_max,
        data.sender_segments_per_second_max,
    )


def _key(setup: Setup) -> str:
    if not setup.secret_key:
        raise Unavailable("secret_key_missing", "without a secret key nothing can be sealed")
    return setup.secret_key


def _taken(name: str) -> Conflict:
    return Conflict("gateway_exists", "there is a gateway of this name", name=name)


async def _version_changed(scope: Scope, gateway_id: UUID) -> Conflict:
    row = await queries.one(scope, gateway_id)
    return Conflict(
        "version_changed", "somebody changed it meanwhile", current_version=row["version"]
    )


# -- for what arrives and for tests of a connection


class Callee(msgspec.Struct, frozen=True):
    """Whose callbacks these are, and by what they are proven."""

    secrets: tuple[str, ...]
    status_map: StatusMap


async def callee_of(setup: Setup, gateway_id: UUID) -> Callee | None:
    """None: nobody who posts callbacks. A disabled gateway's receipts are still receipts."""
    async with platform_scope(system("gateways"), "callback") as scope:
        row = await queries.secrets(scope, gateway_id)
        now = scope.now
    if row is None or row["kind"] != "http_json":
        return None
    sealed = [row["password_sealed"]]
    if row["previous_secret_sealed"] is not None and row["previous_secret_until"] > now:
        sealed.append(row["previous_secret_sealed"])
    secrets = tuple(unseal(_key(setup), gateway_id, one) for one in sealed)
    return Callee(secrets, status_maps.load(row["config"].get("status_map", "http_json")))


async def config_of(principal: Principal, setup: Setup, gateway_id: UUID) -> AnyConfig:
    """With its secret. Raises NotFound."""
    async with platform_scope(principal, f"gateway {gateway_id} tested") as scope:
        row = await queries.secrets(scope, gateway_id)
    if row is None:
        raise NotFound
    return read_config(row["config"], unseal(_key(setup), gateway_id, row["password_sealed"]))
