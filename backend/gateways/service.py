"""Gateways as rows: which stand, which work, and their throughput, granted many at a time."""

import os
from datetime import timedelta
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.db.scope import Scope, platform_scope
from backend.gateways import queries
from backend.gateways.config import GatewayConfig
from backend.kernel.errors import Conflict, Unavailable
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system

WORKING_SECONDS_MAX = 30
"""A worker process says every few seconds that a link is bound; older is as good as down."""
_NONCE_BYTES = 12


class StandingGateway(msgspec.Struct, frozen=True):
    id: UUID
    config: GatewayConfig
    throughput_segments_per_second_max: float | None
    is_working: bool


def _cipher(secret_key: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"clearsend gateways.password")
    return AESGCM(derive.derive(secret_key.encode()))


def _bound_to(gateway_id: UUID) -> bytes:
    """A sealed password moved to another row does not open."""
    return b"gateways|password|" + gateway_id.bytes


def seal(secret_key: str, gateway_id: UUID, password: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(secret_key).encrypt(nonce, password.encode(), _bound_to(gateway_id))
    return nonce + sealed


def unseal(secret_key: str, gateway_id: UUID, sealed: bytes) -> str:
    """Raises Unavailable `gateway_password_sealed` where the key is another one."""
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return _cipher(secret_key).decrypt(nonce, rest, _bound_to(gateway_id)).decode()
    except InvalidTag:
        raise Unavailable(
            "gateway_password_sealed", "the secret key is not the one it was sealed with"
        ) from None


async def create_gateway(principal: Principal, secret_key: str, config: GatewayConfig) -> UUID:
    """The password goes into its own sealed column, never into the config."""
    gateway_id = uuid7()
    stored = msgspec.to_builtins(config)
    del stored["password"]
    async with platform_scope(principal, "create gateway") as scope:
        is_new = await queries.insert(
            scope,
            gateway_id,
            config.name,
            stored,
            seal(secret_key, gateway_id, config.password),
            config.throughput_segments_per_second_max,
        )
    if not is_new:
        raise Conflict("gateway_exists", "there is a gateway of this name", name=config.name)
    return gateway_id


async def has_gateways(scope: Scope) -> bool:
    """Step in a platform scope: any, switched on or off."""
    return await queries.count(scope) > 0


async def every_gateway(scope: Scope) -> list[UUID]:
    """Step in a platform scope: also those switched off."""
    return await queries.every(scope)


async def standing_gateways(scope: Scope, secret_key: str = "") -> list[StandingGateway]:
    """Step in a platform scope. Without the key the passwords stay empty."""
    found = []
    for row in await queries.enabled(scope):
        sealed = row["password_sealed"]
        password = unseal(secret_key, row["id"], sealed) if secret_key else ""
        working_at = row["working_at"]
        found.append(
            StandingGateway(
                id=row["id"],
                config=msgspec.convert({**row["config"], "password": password}, GatewayConfig),
                throughput_segments_per_second_max=row["throughput_segments_per_second_max"],
                is_working=working_at is not None
                and scope.now - working_at <= timedelta(seconds=WORKING_SECONDS_MAX),
            )
        )
    return found


async def enable_gateway(principal: Principal, gateway_id: UUID, *, is_enabled: bool) -> None:
    async with platform_scope(principal, "enable gateway") as scope:
        await queries.enable(scope, gateway_id, is_enabled=is_enabled)


async def note_working(gateway_ids: list[UUID]) -> None:
    async with platform_scope(system("gateways"), "health") as scope:
        await queries.note_working(scope, gateway_ids)


async def grant_throughput(gateway_id: UUID, segments: int, per_second: float) -> float:
    """Seconds to wait before these segments may leave: over all processes the gateway's rate."""
    async with platform_scope(system("gateways"), "grant throughput") as scope:
        span = timedelta(seconds=segments / per_second)
        begins = await queries.grant(scope, gateway_id, span)
        return 0.0 if begins is None else max(0.0, (begins - scope.now).total_seconds())
