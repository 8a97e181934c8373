"""A tenant's number, verified by a code sent to it.

Asking is limited per number, company, address and operator range, and over everybody: each code
costs us a message, and pumping messages into ranges somebody is paid for is a trade. The code is
made when its message is (delivery), kept as a slow hash, and a try is spent before it is compared.
"""

import hashlib
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from backend.audit.service import record
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.passwords import check_password
from backend.identity.queries import tenants, verifications as queries
from backend.identity.schemas import (
    NumberCode,
    NumberRequest,
    NumberView,
    TenantFacts,
    VerificationView,
)
from backend.identity.states import VerificationState
from backend.kernel.errors import Conflict, Forbidden, TooManyRequests, invalid_field
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system
from backend.outbox.service import announce
from backend.outbox.topics import Topic
from backend.sms.phone import PhoneProblem, parse, range_prefix

CODE_MINUTES: Final = 10
TRIES_MAX: Final = 5
AGAIN_SECONDS: Final = 60
REQUESTS_PER_NUMBER_DAY_MAX: Final = 5
REQUESTS_PER_TENANT_DAY_MAX: Final = 10
REQUESTS_PER_ADDRESS_HOUR_MAX: Final = 10
REQUESTS_PER_RANGE_HOUR_MAX: Final = 20
REQUESTS_PER_DAY_MAX: Final = 2_000
BY_CODE: Final = "code"
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


async def read_number(principal: Principal) -> NumberView:
    async with tenant_scope(principal) as scope:
        return await _number_view(scope)


async def _number_view(scope: Scope) -> NumberView:
    tenant = await tenants.tenant_view(scope, scope.tenant_id)
    newest = await queries.newest(scope)
    return NumberView(
        verified_phone=tenant.verified_phone,
        is_trial=tenant.status == "trial",
        verification=_view(newest) if newest is not None else None,
    )


def _view(row: asyncpg.Record) -> VerificationView:
    return VerificationView(
        id=row["id"],
        phone=row["phone"],
        state=VerificationState(row["state"]),
        tries_left=TRIES_MAX - row["tries"],
        failure=row["failure"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        again_at=row["created_at"] + timedelta(seconds=AGAIN_SECONDS),
    )


async def request_verification(principal: Principal, data: NumberRequest) -> VerificationView:
    """Raises Forbidden `email_unconfirmed`, `tenant_suspended`; InvalidInput with the number's
    problem; TooManyRequests `verification_limited` that names the limit.
    """
    async with tenant_scope(principal) as scope:
        facts = await tenants.tenant_facts(scope)
    phone = _usable_phone(facts, data.phone)
    prefix = range_prefix(phone)
    address = hashlib.sha256(principal.remote_address.encode()).digest()
    async with platform_scope(system("verification"), "limits of verification") as scope:
        day, hour = scope.now - _DAY, scope.now - _HOUR
        used = await queries.requests_since(scope, phone, prefix, address, day, hour)
    _check("number", used["number"], REQUESTS_PER_NUMBER_DAY_MAX, _DAY)
    _check("range", used["range"], REQUESTS_PER_RANGE_HOUR_MAX, _HOUR)
    _check("address", used["address"], REQUESTS_PER_ADDRESS_HOUR_MAX, _HOUR)
    _check("everybody", used["everybody"], REQUESTS_PER_DAY_MAX, _HOUR)
    verification_id = uuid7()
    async with tenant_scope(principal) as scope:
        await queries.lock_tenant(scope)
        own = await queries.own_since(scope, scope.now - _DAY)
        _check("tenant", own["requests"], REQUESTS_PER_TENANT_DAY_MAX, _DAY)
        if own["newest_at"] is not None:
            wait = timedelta(seconds=AGAIN_SECONDS) - (scope.now - own["newest_at"])
            _check("pause", int(wait > timedelta(0)), 1, wait)
        await queries.replace_open(scope)
        expires_at = scope.now + timedelta(minutes=CODE_MINUTES)
        await queries.insert(scope, verification_id, phone, prefix, address, expires_at)
        await record(scope, "tenant.number_code_requested", f"verification:{verification_id}")
        told = {"verification_id": str(verification_id)}
        await announce(scope, Topic.VERIFICATION_REQUESTED, told)
        view = _view(await queries.one(scope, verification_id))
        await scope.answer(view, 202)
    return view


def _usable_phone(facts: TenantFacts, given: str) -> str:
    if facts.status == "suspended":
        raise Forbidden("tenant_suspended", "sending is suspended for this workspace")
    if not facts.is_confirmed:
        raise Forbidden("email_unconfirmed", "the owner's e-mail address is not confirmed yet")
    try:
        return parse(given, facts.default_country).e164
    except PhoneProblem as problem:
        raise invalid_field("/phone", problem.code, problem.detail) from None


def _check(limit: str, used: int, used_max: int, wait: timedelta) -> None:
    if used >= used_max:
        raise TooManyRequests(
            "verification_limited",
            "too many codes were asked for",
            limit=limit,
            retry_after_seconds=max(1, round(wait.total_seconds())),
        )


async def confirm_verification(
    principal: Principal, verification_id: UUID, data: NumberCode
) -> NumberView:
    """Raises NotFound; Conflict `verification_expired`, `verification_spent`,
    `verification_closed`; InvalidInput `code_wrong` with the tries left.
    """
    async with tenant_scope(principal) as scope:
        spent = await queries.spend_try(scope, verification_id, TRIES_MAX)
        standing = await queries.one(scope, verification_id)
        now = scope.now
    if spent is None:
        raise _closed(standing, is_expired=standing["expires_at"] <= now)
    is_right = await check_password(spent["code_hash"], data.code)
    async with tenant_scope(principal) as scope:
        if not is_right:
            tries_left = TRIES_MAX - spent["tries"]
            if not tries_left:
                await queries.move(scope, verification_id, VerificationState.SPENT)
                await record(scope, "tenant.number_code_spent", f"verification:{verification_id}")
        elif await queries.move(scope, verification_id, VerificationState.VERIFIED):
            await tenants.set_verified_number(scope, spent["phone"], BY_CODE)
            subject = f"tenant:{scope.tenant_id}"
            await record(scope, "tenant.number_verified", subject, reason=BY_CODE)
        else:
            standing = await queries.one(scope, verification_id)
            raise _closed(standing, is_expired=False)
        view = await _number_view(scope)
        if is_right:
            await scope.answer(view, 200)
    if not is_right:
        raise invalid_field("/code", "code_wrong", "this is not the code", tries_left=tries_left)
    return view


def _closed(row: asyncpg.Record, *, is_expired: bool) -> Conflict:
    state = VerificationState(row["state"])
    if state is VerificationState.SPENT or row["tries"] >= TRIES_MAX:
        return Conflict("verification_spent", "too many wrong codes: ask for another")
    if state is VerificationState.SENT and is_expired:
        return Conflict("verification_expired", "the code is over: ask for another")
    return Conflict("verification_closed", "no code is awaited here", state=state.value)


# -- steps of whoever sends the code


async def waiting_phone(scope: Scope, verification_id: UUID) -> str | None:
    """None: somebody made its code already, or it is over."""
    row = await queries.one(scope, verification_id)
    is_waiting = row["state"] == VerificationState.REQUESTED.value and row["expires_at"] > scope.now
    return row["phone"] if is_waiting else None


async def note_code(scope: Scope, verification_id: UUID, code_hash: str) -> bool:
    return await queries.move(scope, verification_id, VerificationState.SENT, code_hash=code_hash)


async def note_not_sent(scope: Scope, verification_id: UUID, failure: str) -> bool:
    return await queries.move(scope, verification_id, VerificationState.NOT_SENT, failure=failure)
