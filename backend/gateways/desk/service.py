"""Adding, changing, draining and switching off gateways; how they fare.

Sending processes look at the rows every few seconds: the rows decide, nothing is restarted.
"""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from backend.db.scope import Scope, platform_scope
from backend.gateways import queries as limits
from backend.gateways.config import AnyConfig, read_config, stored_config
from backend.gateways.desk import queries
from backend.gateways.desk.credentials import Setup, key_of
from backend.gateways.desk.looking import views_of
from backend.gateways.desk.schemas import (
    GatewayCreate,
    GatewayFields,
    GatewaySettings,
    GatewayUpdate,
    GatewayView,
    HttpJsonSettings,
    SecretUpdate,
    SenderLimit,
    SenderLimitView,
    SmppSettings,
    StateUpdate,
)
from backend.gateways.hosts import require_public
from backend.gateways.service import seal
from backend.gateways.states import GatewayState
from backend.kernel.errors import Conflict, InvalidInput, NotFound, invalid_field
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system

PREVIOUS_SECRET_HOURS: Final = 24
SMPP_PASSWORD_CHARACTERS_MAX: Final = 64
"""SMPP 3.4 §5.2.2 says 8; carriers give out longer ones."""
SENDER_LIMITS_MAX: Final = 500
CALLBACK_PATH: Final = "/v1/gateways/{}/callbacks"


async def create_gateway(principal: Principal, setup: Setup, data: GatewayCreate) -> GatewayView:
    """Raises InvalidInput with a pointer per field, Conflict `gateway_exists`."""
    gateway_id = uuid7()
    config = _config(data, setup, gateway_id, data.secret, {})
    await _check_host(config, setup)
    stored, secret = stored_config(config)
    fields = _fields(data, stored)
    reason = f"gateway {gateway_id} added: {data.reason}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        sealed = seal(key_of(setup), gateway_id, secret)
        if not await queries.insert(scope, gateway_id, config.kind, sealed, fields):
            raise _taken(data.name)
        [view] = await views_of(scope, [await queries.one(scope, gateway_id)])
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
        [view] = await views_of(scope, [await queries.one(scope, gateway_id)])
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
        sealed = seal(key_of(setup), gateway_id, data.secret)
        until = scope.now + timedelta(hours=PREVIOUS_SECRET_HOURS)
        if not await queries.update_secret(scope, gateway_id, data.version, sealed, until):
            raise await _version_changed(scope, gateway_id)
        [view] = await views_of(scope, [await queries.one(scope, gateway_id)])
        await scope.answer(view, 200)
    return view


async def change_state(principal: Principal, gateway_id: UUID, data: StateUpdate) -> GatewayView:
    """Drain, disable or resume; the same state again changes nothing. Raises NotFound and, unless
    forced, Conflict `gateway_last_working`: afterwards nothing could be sent at all.
    """
    reason = f"gateway {gateway_id} {data.state.value}: {data.reason}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        await queries.lock_all(scope)
        everything = await views_of(scope, await queries.everything(scope))
        found = next((one for one in everything if one.id == gateway_id), None)
        if found is None:
            raise NotFound
        if data.state is not GatewayState.ACTIVE and not data.is_forced:
            _check_not_last(found, everything)
        if found.state is not data.state:
            await queries.change_state(
                scope, gateway_id, found.state.value, data.state.value, data.reason
            )
            [found] = await views_of(scope, [await queries.one(scope, gateway_id)])
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


def _taken(name: str) -> Conflict:
    return Conflict("gateway_exists", "there is a gateway of this name", name=name)


async def _version_changed(scope: Scope, gateway_id: UUID) -> Conflict:
    row = await queries.one(scope, gateway_id)
    return Conflict(
        "version_changed", "somebody changed it meanwhile", current_version=row["version"]
    )


async def limit_sender(
    principal: Principal, gateway_id: UUID, data: SenderLimit
) -> list[SenderLimitView]:
    """The limits that stand afterwards. Raises NotFound."""
    rate = data.segments_per_second_max
    reason = f"gateway {gateway_id}, sender {data.sender}: {rate} a second: {data.reason}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        await queries.one(scope, gateway_id)
        await limits.limit_sender(scope, gateway_id, data.sender, rate)
        view = await queries.sender_limits(scope, gateway_id, SENDER_LIMITS_MAX)
        await scope.answer(view, 200)
    return view


async def list_sender_limits(principal: Principal, gateway_id: UUID) -> list[SenderLimitView]:
    """Raises NotFound."""
    async with platform_scope(principal, f"limits of senders at gateway {gateway_id}") as scope:
        await queries.one(scope, gateway_id)
        return await queries.sender_limits(scope, gateway_id, SENDER_LIMITS_MAX)
