"""Gateways as rows: which stand, which work, and their throughput, granted many at a time."""

from datetime import timedelta
from uuid import UUID

from backend.db.scope import Scope, platform_scope
from backend.gateways import queries
from backend.gateways.config import AnyConfig, read_config, stored_config
from backend.gateways.schemas import StandingGateway
from backend.gateways.states import GatewayState, Health
from backend.kernel import sealing
from backend.kernel.errors import Conflict, NotFound, Unavailable
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system

WORKING_SECONDS_MAX = 30
"""A worker process says every few seconds that a link is bound; older is as good as down."""
_SEALED_AS = "gateways.password"


def seal(secret_key: str, gateway_id: UUID, password: str) -> bytes:
    return sealing.seal(secret_key, _SEALED_AS, gateway_id, password)


def unseal(secret_key: str, gateway_id: UUID, sealed: bytes) -> str:
    """Raises Unavailable `gateway_password_sealed` where the key is another one."""
    try:
        return sealing.unseal(secret_key, _SEALED_AS, gateway_id, sealed)
    except sealing.DoesNotOpen:
        raise Unavailable(
            "gateway_password_sealed", "the secret key is not the one it was sealed with"
        ) from None


async def create_gateway(
    principal: Principal, secret_key: str, config: AnyConfig, gateway_id: UUID | None = None
) -> UUID:
    """The secret goes into its own sealed column, never into the config."""
    gateway_id = gateway_id or uuid7()
    stored, secret = stored_config(config)
    async with platform_scope(principal, "create gateway") as scope:
        is_new = await queries.insert(
            scope,
            gateway_id,
            config.name,
            config.kind,
            stored,
            seal(secret_key, gateway_id, secret),
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


async def standing_gateways(
    scope: Scope, secret_key: str = "", *, sender: str | None = None
) -> list[StandingGateway]:
    """Step in a platform scope: active and draining ones, in the order of their names, with the
    limits of `sender`. Without the key the passwords stay empty.
    """
    found = []
    for row in await queries.standing(scope, sender):
        sealed = row["password_sealed"]
        password = unseal(secret_key, row["id"], sealed) if secret_key else ""
        working_at = row["working_at"]
        found.append(
            StandingGateway(
                id=row["id"],
                config=read_config(row["config"], password),
                throughput_segments_per_second_max=row["throughput_segments_per_second_max"],
                is_working=working_at is not None
                and scope.now - working_at <= timedelta(seconds=WORKING_SECONDS_MAX),
                state=GatewayState(row["state"]),
                weight=row["weight"],
                countries=None if row["countries"] is None else frozenset(row["countries"]),
                sender_segments_per_second_max=row["sender_rate"],
                health=Health(row["health"]),
                version=row["version"],
            )
        )
    return found


async def set_gateway_state(principal: Principal, gateway_id: UUID, state: GatewayState) -> None:
    """Raises NotFound `gateway_not_found`. What waits at it is chosen anew by the clock."""
    async with platform_scope(principal, f"gateway {state.value}") as scope:
        if not await queries.set_state(scope, gateway_id, state.value):
            raise NotFound("gateway_not_found", "there is no such gateway")


async def note_working(gateway_ids: list[UUID]) -> None:
    async with platform_scope(system("gateways"), "health") as scope:
        await queries.note_working(scope, gateway_ids)


async def limit_sender(
    principal: Principal, gateway_id: UUID, sender: str, per_second: float | None
) -> None:
    """A rate of its own for one sender; None: the gateway's."""
    async with platform_scope(principal, "limit sender") as scope:
        await queries.limit_sender(scope, gateway_id, sender, per_second)


async def grant_throughput(
    gateway_id: UUID, segments: float, per_second: float, wait_seconds_max: float
) -> float | None:
    """Seconds to wait before these segments may leave: over all processes the gateway's rate.
    None: longer than `wait_seconds_max`, and nothing was granted.
    """
    async with platform_scope(system("gateways"), "grant throughput") as scope:
        begins = await queries.grant(
            scope,
            gateway_id,
            timedelta(seconds=segments / per_second),
            timedelta(seconds=wait_seconds_max),
        )
        return None if begins is None else max(0.0, (begins - scope.now).total_seconds())


async def grant_sender_throughput(
    gateway_id: UUID, sender: str, segments: float, per_second: float, wait_seconds_max: float
) -> float | None:
    """As `grant_throughput`, of one sender at one gateway, whichever tenant sends from it."""
    async with platform_scope(system("gateways"), "grant sender throughput") as scope:
        begins = await queries.grant_sender(
            scope,
            gateway_id,
            sender,
            timedelta(seconds=segments / per_second),
            timedelta(seconds=wait_seconds_max),
        )
        return None if begins is None else max(0.0, (begins - scope.now).total_seconds())
