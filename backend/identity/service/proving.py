"""Proving who one is: the second step of a login, and the same again for what asks for it fresh.

A refusal is written down before it is raised: a transaction that ends in an error counts nothing.
"""

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.api.login_limit import check_login_try
from backend.audit.service import record_of_account
from backend.db.scope import Scope, doorway_scope
from backend.identity import passkeys, totp
from backend.identity.factor_schemas import (
    CodeProof,
    FactorRow,
    PasskeyProof,
    PasskeyRef,
    PasskeyRequest,
    PasswordProof,
    RecoveryProof,
)
from backend.identity.passwords import check_password
from backend.identity.queries import directory, second_factors as factors
from backend.identity.service import ceremonies
from backend.identity.service.doors import Door, LoggedIn
from backend.identity.service.factor_secrets import code_hash, open_secret, site_here
from backend.identity.service.login import account_of, prove_session, who_is
from backend.kernel.errors import ClearsendError, Conflict, TooManyRequests, Unauthenticated
from backend.kernel.principal import Principal
from backend.outbox.service import announce
from backend.outbox.topics import Topic

CODE_TRIES_MAX: Final = 5
CODE_WAIT_SECONDS: Final = 30
CODE_WAIT_SECONDS_MAX: Final = 6 * 3600
"""Three codes of a million fit at any moment: at four tries a day one is guessed in 200 years."""


def wait_seconds(tries: int) -> int:
    """After so many wrong codes in a row: none for the first four, then 30 s, doubling to 6 h."""
    if tries < CODE_TRIES_MAX:
        return 0
    return min(CODE_WAIT_SECONDS << min(tries - CODE_TRIES_MAX, 20), CODE_WAIT_SECONDS_MAX)


async def confirm_code(door: Door, principal: Principal, given: CodeProof) -> LoggedIn:
    """Raises Unauthenticated `code_wrong`, `code_used`; TooManyRequests `code_tries_spent`;
    Conflict `no_authenticator`.
    """
    account_id = account_of(principal)
    async with doorway_scope("second_factor", principal) as scope:
        refusal = await _try_code(scope, door, account_id, given.code)
    if refusal is not None:
        raise refusal
    return await prove_session(door, account_id)


async def _try_code(scope: Scope, door: Door, account_id: UUID, code: str) -> ClearsendError | None:
    account = await factors.lock_account(scope, account_id)
    until = account["factor_wait_until"]
    if until is not None and until > scope.now:
        return TooManyRequests(
            "code_tries_spent",
            "Too many wrong codes. Wait, or use a passkey or a recovery code.",
            retry_after_seconds=int((until - scope.now).total_seconds()) + 1,
        )
    apps = [row for row in await factors.factors_of(scope, account_id) if row.kind == "totp"]
    if not apps:
        return Conflict("no_authenticator", "This account has no authenticator app.")
    verdict = [await _fits(scope, door, row, code) for row in apps]
    if True in verdict:
        await factors.note_tries(scope, account_id, 0, None)
        return None
    if False in verdict:
        # Right, and seen before: no guess, so it is not counted as one.
        return Unauthenticated("code_used", "This code was used. Wait for the next one.")
    tries = account["factor_failed_tries"] + 1
    seconds = wait_seconds(tries)
    wait_until = scope.now + timedelta(seconds=seconds) if seconds else None
    await factors.note_tries(scope, account_id, tries, wait_until)
    if tries == CODE_TRIES_MAX:
        await _tell(scope, account_id, "codes_guessed")
    return Unauthenticated(
        "code_wrong", "This code is not right.", tries_left=max(0, CODE_TRIES_MAX - tries)
    )


async def _fits(scope: Scope, door: Door, row: FactorRow, code: str) -> bool | None:
    """None: not its code. False: its code, and used."""
    step = totp.matching_step(open_secret(door, row), code, scope.now)
    return None if step is None else await factors.take_step(scope, row.id, step)


async def confirm_recovery_code(door: Door, principal: Principal, given: RecoveryProof) -> LoggedIn:
    """Raises Unauthenticated `code_wrong`, `code_used`. Not slowed like codes of six digits: there
    is nothing to guess, and it is the way out for whose tries somebody else has spent.
    """
    account_id = account_of(principal)
    hashed = code_hash(door, account_id, given.code)
    async with doorway_scope("second_factor", principal) as scope:
        await factors.lock_account(scope, account_id)
        is_used = await factors.use_code(scope, account_id, hashed)
        is_known = is_used or await factors.is_known_code(scope, account_id, hashed)
        if is_used:
            left = await factors.codes_left(scope, account_id)
            await factors.note_tries(scope, account_id, 0, None)
            await _tell(scope, account_id, "recovery_code_used", left=left)
    if not is_known:
        raise Unauthenticated("code_wrong", "This code is not right.")
    if not is_used:
        raise Unauthenticated("code_used", "This recovery code was used. Take another one.")
    return await prove_session(door, account_id)


async def ask_for_passkey(door: Door, principal: Principal) -> PasskeyRequest:
    """Raises Conflict `no_passkey`, `passkeys_need_a_name`."""
    account_id = account_of(principal)
    site = site_here(door)
    async with doorway_scope("second_factor", principal) as scope:
        known = refs_of(await factors.factors_of(scope, account_id))
    if not known:
        raise Conflict("no_passkey", "This account has no passkey.")
    challenge = secrets.token_bytes(passkeys.CHALLENGE_BYTES)
    await ceremonies.remember(door, "passkey_assertion", challenge)
    return PasskeyRequest(
        challenge=passkeys.encode(challenge),
        rp_id=site.rp_id,
        known=known,
        timeout_ms=passkeys.ASKING_MS,
    )


def refs_of(rows: list[FactorRow]) -> list[PasskeyRef]:
    return [
        PasskeyRef(id=passkeys.encode(row.credential_id), transports=row.transports)
        for row in rows
        if row.credential_id is not None
    ]


async def confirm_passkey(door: Door, principal: Principal, given: PasskeyProof) -> LoggedIn:
    """Raises Unauthenticated `challenge_expired`, `passkey_unknown`, `passkey_refused`,
    `passkey_copied`.
    """
    account_id = account_of(principal)
    site = site_here(door)
    challenge = await ceremonies.take(door, "passkey_assertion")
    if challenge is None:
        raise Unauthenticated("challenge_expired", "Too late, or answered before. Ask again.")
    async with doorway_scope("second_factor", principal) as scope:
        rows = await factors.factors_of(scope, account_id)
    row = next((r for r in rows if _is(r, given.credential_id)), None)
    if row is None or row.public_key is None:
        # Somebody else's and nobody's are the same.
        raise Unauthenticated("passkey_unknown", "This passkey is not one of this account's.")
    try:
        count = passkeys.check_assertion(
            site,
            challenge,
            row.public_key,
            given.credential_id,
            given.client_data,
            given.authenticator_data,
            given.signature,
        )
    except passkeys.PasskeyRefused:
        raise _refused() from None
    async with doorway_scope("second_factor", principal) as scope:
        await factors.lock_account(scope, account_id)
        is_next = await factors.count_use(scope, row.id, count)
        if is_next:
            await factors.note_tries(scope, account_id, 0, None)
        else:
            await record_of_account(scope, account_id, "passkey.count_fell", factor=str(row.id))
    if not is_next:
        raise Unauthenticated("passkey_copied", "This passkey was used elsewhere since.")
    return await prove_session(door, account_id)


def _is(row: FactorRow, credential_id: str) -> bool:
    return row.credential_id is not None and passkeys.encode(row.credential_id) == credential_id


def _refused() -> Unauthenticated:
    return Unauthenticated("passkey_refused", "This passkey does not prove who you are here.")


async def confirm_password(door: Door, principal: Principal, given: PasswordProof) -> LoggedIn:
    """For whoever has nothing stronger. Raises Conflict `second_factor_expected`, Unauthenticated
    `password_wrong`, TooManyRequests as every login.
    """
    account_id = account_of(principal)
    who = await who_is(account_id)
    if who["factor_kinds"]:
        raise Conflict("second_factor_expected", "Confirm with your second factor.")
    await check_login_try(door.redis, who["email"], door.remote_address)
    async with doorway_scope("second_factor", principal) as scope:
        account = await directory.account_by_email(scope, who["email"])
    stored = account["password_hash"] if account is not None else None
    if not await check_password(stored, given.password):
        raise Unauthenticated("password_wrong", "The password is wrong.")
    return await prove_session(door, account_id)


async def _tell(scope: Scope, account_id: UUID, change: str, **facts: int) -> None:
    await record_of_account(scope, account_id, change, **facts)
    await announce(
        scope,
        Topic.SECOND_FACTOR_CHANGED,
        {"account_id": str(account_id), "change": change, "factor": None, **facts},
    )
