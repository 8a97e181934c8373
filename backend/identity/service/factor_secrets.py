"""What the server's own key and address are for here."""

from typing import Final
from uuid import UUID

from backend.identity.factor_schemas import FactorRow
from backend.identity.passkeys import Site, site_of
from backend.identity.service.doors import Door
from backend.identity.totp import hash_recovery_code
from backend.kernel.errors import Conflict, Unavailable
from backend.kernel.sealing import DoesNotOpen, seal, unseal

_SECRET: Final = "second_factors.secret_sealed"  # noqa: S105 - the name of a column


def _key(door: Door) -> str:
    """Sealing under an empty key would look like sealing and be none."""
    if not door.secret_key:
        raise Unavailable("secret_key_missing", "CLEARSEND_SECRET_KEY is not set on this server.")
    return door.secret_key


def seal_secret(door: Door, factor_id: UUID, secret: str) -> bytes:
    return seal(_key(door), _SECRET, factor_id, secret)


def open_sealed(door: Door, factor_id: UUID, sealed: bytes) -> str:
    """Raises Unavailable `factor_sealed` where the key is another one."""
    try:
        return unseal(_key(door), _SECRET, factor_id, sealed)
    except DoesNotOpen:
        raise Unavailable(
            "factor_sealed", "The secret key is not the one this factor was sealed with."
        ) from None


def open_secret(door: Door, row: FactorRow) -> str:
    return open_sealed(door, row.id, row.secret_sealed or b"")


def code_hash(door: Door, account_id: UUID, code: str) -> bytes:
    return hash_recovery_code(_key(door), account_id.bytes, code)


def site_here(door: Door) -> Site:
    """Raises Conflict `passkeys_need_a_name`: browsers bind passkeys to names, not to addresses."""
    site = site_of(door.url)
    if site is None:
        raise Conflict(
            "passkeys_need_a_name", "This installation's public URL is an address, not a name."
        )
    return site
