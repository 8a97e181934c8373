"""Setting up second factors of one's own: an authenticator app, a passkey."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope, doorway_scope
from backend.identity import passkeys, totp
from backend.identity.factor_schemas import (
    FactorRow,
    PasskeyAddition,
    PasskeyOffer,
    QrCodeView,
    TotpAddition,
    TotpOffer,
)
from backend.identity.queries import second_factors as factors
from backend.identity.service import ceremonies
from backend.identity.service.doors import Door
from backend.identity.service.factor_changes import (
    Changed,
    check_changeable,
    factors_view,
    locked,
    new_codes,
    tell,
)
from backend.identity.service.factor_secrets import open_sealed, seal_secret, site_here
from backend.identity.service.login import account_of, prove_session, session_now, who_is
from backend.identity.service.proving import refs_of
from backend.kernel.errors import Conflict, invalid_field
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal

FACTORS_PER_ACCOUNT_MAX: Final = 10
APPS_PER_ACCOUNT_MAX: Final = 2
"""The new telephone beside the old one; each more is a further code that would be right."""

Insert = Callable[[Scope, list[FactorRow]], Awaitable[None]]
"""Writes the new row beside those that stand."""


class _Begun(msgspec.Struct, frozen=True):
    factor_id: UUID
    sealed: bytes


async def begin_totp(door: Door, principal: Principal) -> TotpOffer:
    """A new secret, which replaces one that was offered and not confirmed."""
    account_id = account_of(principal)
    who = await who_is(account_id)
    check_changeable(door, who)
    factor_id, secret = uuid7(), totp.new_secret()
    begun = _Begun(factor_id, seal_secret(door, factor_id, secret))
    await ceremonies.remember(door, "totp", msgspec.json.encode(begun))
    address = totp.address_of(secret, who["email"])
    qr = totp.qr_code(address)
    return TotpOffer(
        secret=secret, address=address, qr=QrCodeView(modules=qr.modules, path=qr.path)
    )


async def add_totp(door: Door, principal: Principal, given: TotpAddition) -> Changed:
    """Raises Conflict `enrolment_expired`, `too_many_factors`; InvalidInput `code_wrong`."""
    account_id = account_of(principal)
    asked = await ceremonies.recall(door, "totp")
    if asked is None:
        raise _expired()
    begun = msgspec.json.decode(asked, type=_Begun)
    secret = open_sealed(door, begun.factor_id, begun.sealed)

    async def insert(scope: Scope, rows: list[FactorRow]) -> None:
        if sum(row.kind == "totp" for row in rows) >= APPS_PER_ACCOUNT_MAX:
            raise _too_many(APPS_PER_ACCOUNT_MAX)
        step = totp.matching_step(secret, given.code, scope.now)
        if step is None:
            raise invalid_field("/code", "code_wrong", "This code is not right.")
        await factors.insert_totp(
            scope, begun.factor_id, account_id, given.name, begun.sealed, step
        )

    changed = await _add(door, principal, insert, "totp", given.name)
    await ceremonies.take(door, "totp")
    return changed


async def begin_passkey(door: Door, principal: Principal) -> PasskeyOffer:
    """Raises Conflict `passkeys_need_a_name`."""
    account_id = account_of(principal)
    who = await who_is(account_id)
    check_changeable(door, who)
    site = site_here(door)
    async with doorway_scope("second_factor", principal) as scope:
        known = refs_of(await factors.factors_of(scope, account_id))
    challenge = secrets.token_bytes(passkeys.CHALLENGE_BYTES)
    await ceremonies.remember(door, "passkey_creation", challenge)
    return PasskeyOffer(
        challenge=passkeys.encode(challenge),
        rp_id=site.rp_id,
        rp_name=totp.ISSUER,
        user_id=passkeys.encode(account_id.bytes),
        user_name=who["email"],
        user_display_name=who["name"],
        algorithms=list(passkeys.ALGORITHMS),
        known=known,
        timeout_ms=passkeys.ASKING_MS,
    )


async def add_passkey(door: Door, principal: Principal, given: PasskeyAddition) -> Changed:
    """Raises Conflict `enrolment_expired`, `too_many_factors`, `passkey_taken`; InvalidInput
    `passkey_refused`.
    """
    account_id = account_of(principal)
    site = site_here(door)
    challenge = await ceremonies.take(door, "passkey_creation")
    if challenge is None:
        raise _expired()
    try:
        made = passkeys.check_creation(
            site, challenge, given.credential_id, given.client_data, given.attestation_object
        )
    except passkeys.PasskeyRefused:
        raise invalid_field(
            "/attestation_object", "passkey_refused", "This passkey cannot be used here."
        ) from None

    async def insert(scope: Scope, rows: list[FactorRow]) -> None:
        if len(rows) >= FACTORS_PER_ACCOUNT_MAX:
            raise _too_many(FACTORS_PER_ACCOUNT_MAX)
        await factors.insert_passkey(scope, uuid7(), account_id, given.name, made, given.transports)

    return await _add(door, principal, insert, "passkey", given.name)


async def _add(door: Door, principal: Principal, insert: Insert, kind: str, name: str) -> Changed:
    """The first factor brings the recovery codes."""
    account_id = account_of(principal)
    session = await session_now(door, account_id)
    codes: list[str] | None = None
    try:
        async with doorway_scope("second_factor", principal) as scope:
            account = await locked(scope, door, account_id, session.generation)
            before = await factors.factors_of(scope, account_id)
            await insert(scope, before)
            if not before:
                codes = await new_codes(scope, door, account_id)
            generation = await tell(scope, account_id, "factor_added", kind, name)
            rows = await factors.factors_of(scope, account_id)
            left = await factors.codes_left(scope, account_id)
    except asyncpg.UniqueViolationError:
        raise Conflict("factor_taken", "This one is set up already.") from None
    entered = await prove_session(door, account_id, generation)
    is_staff = account["is_staff"]
    return Changed(entered.token, factors_view(door, account, rows, left, codes, is_staff=is_staff))


def _expired() -> Conflict:
    return Conflict("enrolment_expired", "Too late, or done before. Begin again.")


def _too_many(limit: int) -> Conflict:
    return Conflict("too_many_factors", "No more of these: remove one first.", limit=limit)
