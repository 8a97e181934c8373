"""What this installation seals secrets with, and who may have them opened."""

from uuid import UUID

import msgspec

from backend.db.scope import platform_scope
from backend.gateways import status_maps
from backend.gateways.config import AnyConfig, read_config
from backend.gateways.desk import queries
from backend.gateways.service import unseal
from backend.gateways.status_maps import StatusMap
from backend.kernel.errors import NotFound, Unavailable
from backend.kernel.principal import Principal, system


class Setup(msgspec.Struct, frozen=True):
    """Of this installation."""

    secret_key: str
    url: str
    may_reach_private: bool
    platform_sender: str = "Clearsend"
    """From whom messages of our own come."""
    test_phone: str = ""
    """The operator's own number; hears of tests."""


def key_of(setup: Setup) -> str:
    if not setup.secret_key:
        raise Unavailable("secret_key_missing", "without a secret key nothing can be sealed")
    return setup.secret_key


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
    secrets = tuple(unseal(key_of(setup), gateway_id, one) for one in sealed)
    return Callee(secrets, status_maps.load(row["config"].get("status_map", "http_json")))


async def config_of(principal: Principal, setup: Setup, gateway_id: UUID) -> AnyConfig:
    """With its secret. Raises NotFound."""
    async with platform_scope(principal, f"gateway {gateway_id} tested") as scope:
        row = await queries.secrets(scope, gateway_id)
    if row is None:
        raise NotFound
    return read_config(row["config"], unseal(key_of(setup), gateway_id, row["password_sealed"]))
