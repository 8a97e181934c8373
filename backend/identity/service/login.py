"""Logging in and out, switching tenant: each gives a new login session id."""

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from backend.api.authorization.access import STEP_UP_SECONDS
from backend.api.login_limit import check_login_try, remember_login
from backend.api.mail_limit import check_mail_request
from backend.db.scope import doorway_scope
from backend.identity import login_sessions
from backend.identity.login_sessions import LoginSession
from backend.identity.passwords import check_password, hash_password, needs_new_hash
from backend.identity.queries import directory
from backend.identity.schemas import (
    DemoRoleView,
    DemoTerms,
    Desk,
    Login,
    LoginSessionView,
    SignUp,
)
from backend.identity.service.doors import Door, LoggedIn
from backend.identity.service.tenants import normal_email, sign_up
from backend.identity.service.views import is_excused, login_session_view
from backend.kernel.errors import Conflict, Forbidden, NotFound, Unauthenticated
from backend.kernel.principal import MemberRole, Principal, StaffRole, system

DEMO_PASSWORD = "clearsend-demo"  # noqa: S105 - accounts of the demo data only, refused elsewhere


async def log_in(door: Door, data: Login) -> LoggedIn:
    """Raises Unauthenticated `login_failed` with one text and time for every reason.

    Raises TooManyRequests and Unavailable from the limiter of tries.
    """
    email = data.email.strip().lower()
    await check_login_try(door.redis, email, door.remote_address)
    async with doorway_scope("login", system("login")) as scope:
        account = await directory.account_by_email(scope, email)
    usable = account is not None and account["state"] == "active"
    if account is not None and account["is_demo"] and not door.is_demo_mode:
        usable = False
    stored = account["password_hash"] if account is not None and usable else None
    if not await check_password(stored, data.password) or account is None:
        if account is not None:
            async with doorway_scope("login", system("login")) as scope:
                await directory.note_failed_login(scope, account["id"])
        raise Unauthenticated("login_failed", "The e-mail address or the password is wrong.")
    fresh = await hash_password(data.password) if needs_new_hash(account["password_hash"]) else None
    async with doorway_scope("login", system("login")) as scope:
        await directory.note_login(scope, account["id"], fresh)
    return await start_session(door, account["id"], None)


async def start_session(door: Door, account_id: UUID, tenant_id: UUID | None) -> LoggedIn:
    """For whoever has just proved a password or an address: a session in the given tenant; in none
    given, staff as staff, others in their first. Whoever has a second factor gets half a session,
    which opens the second step and nothing else.
    """
    who = await who_is(account_id)
    awaits = bool(who["factor_kinds"]) and not is_excused(who, is_demo_mode=door.is_demo_mode)
    session = login_sessions.begun(
        account_id,
        None if awaits else tenant_id or _first_tenant(who),
        is_staff=bool(who["staff_roles"]),
        generation=who["login_generation"],
        awaits_second_step=awaits,
    )
    return await let_in(door, who, session)


async def let_in(door: Door, who: dict[str, Any], session: LoginSession) -> LoggedIn:
    """Under a new token, always: one that somebody chose for another opens nothing."""
    token = await login_sessions.start(door.redis, session, door.old_token)
    if not session.awaits_second_step:
        await remember_login(door.redis, who["email"], door.remote_address)
    view = login_session_view(
        who,
        session.tenant_id,
        session.csrf_token,
        awaits_second_step=session.awaits_second_step,
        is_stepped_up=login_sessions.is_fresh(session, STEP_UP_SECONDS),
        is_demo_mode=door.is_demo_mode,
    )
    return LoggedIn(token, view)


def _first_tenant(who: dict[str, Any]) -> UUID | None:
    if who["staff_roles"] or not who["tenants"]:
        return None
    return UUID(str(who["tenants"][0]["id"]))


async def session_now(door: Door, account_id: UUID) -> LoginSession:
    """Raises Unauthenticated: it ended while this request was on its way."""
    found = await login_sessions.find(door.redis, door.old_token) if door.old_token else None
    if found is None or found.account_id != account_id:
        raise Unauthenticated("login_ended", "This login has ended.")
    return found


async def prove_session(door: Door, account_id: UUID, generation: int | None = None) -> LoggedIn:
    """After a proof: half a session becomes a whole one, a whole one is fresh again. The page's
    token stays where the login stays, so that its other tabs go on. `generation` where the proof
    itself ended all others.
    """
    old, who = await session_now(door, account_id), await who_is(account_id)
    if old.awaits_second_step:
        session = login_sessions.begun(
            account_id,
            _first_tenant(who),
            is_staff=bool(who["staff_roles"]),
            generation=old.generation,
            awaits_second_step=False,
        )
    else:
        session = login_sessions.proved(old)
    if generation is not None:
        session = replace(session, generation=generation)
    return await let_in(door, who, session)


async def move_session(door: Door, account_id: UUID, tenant_id: UUID | None) -> LoggedIn:
    """The same person in another tenant: no younger and no more proved than before."""
    old, who = await session_now(door, account_id), await who_is(account_id)
    fresh_token = secrets.token_urlsafe(login_sessions.TOKEN_BYTES)
    return await let_in(door, who, replace(old, tenant_id=tenant_id, csrf_token=fresh_token))


async def switch_tenant(door: Door, principal: Principal, tenant_id: UUID | None) -> LoggedIn:
    """Raises NotFound for a tenant one is no member of, Forbidden for no tenant without staff."""
    account_id = account_of(principal)
    who = await who_is(account_id)
    if tenant_id is None and not who["staff_roles"]:
        raise Forbidden("role_missing", "Only staff act outside a tenant.")
    if tenant_id is not None and str(tenant_id) not in {str(t["id"]) for t in who["tenants"]}:
        raise NotFound
    return await move_session(door, account_id, tenant_id)


async def read_login_session(door: Door, principal: Principal, csrf_token: str) -> LoginSessionView:
    return login_session_view(
        await who_is(account_of(principal)),
        principal.tenant_id,
        csrf_token,
        awaits_second_step=principal.awaits_second_step,
        is_stepped_up=principal.has_stepped_up,
        is_demo_mode=door.is_demo_mode,
    )


async def sign_up_and_in(door: Door, data: SignUp) -> LoggedIn:
    """A new person is logged in at once; the address is confirmed later.

    Sent again with its idempotency key it is a login: the answer's cookie is a secret that is kept
    nowhere, and the password proves who asks. Raises Conflict `email_taken`, and TooManyRequests:
    each one sends a mail.
    """
    await check_mail_request(door.redis, normal_email(data.email), door.remote_address)
    try:
        account_id, tenant_id = await sign_up(data)
    except Conflict:
        again = await _signed_up_before(door, data) if door.has_key else None
        if again is None:
            raise
        return again
    return await start_session(door, account_id, tenant_id)


async def _signed_up_before(door: Door, data: SignUp) -> LoggedIn | None:
    """None where anything differs; tries are limited as every login's."""
    try:
        found = await log_in(door, Login(email=data.email, password=data.password))
    except Unauthenticated:
        return None
    opened = found.view.tenant.name if found.view.tenant else None
    if (found.view.account.name, opened) == (data.name, data.tenant_name):
        return found
    await login_sessions.end(door.redis, found.token)
    return None


async def log_out(door: Door) -> None:
    if door.old_token:
        await login_sessions.end(door.redis, door.old_token)


async def demo_roles(is_demo_mode: bool) -> list[DemoRoleView]:
    """The accounts of the demo data, to try as; NotFound outside demo mode."""
    if not is_demo_mode:
        raise NotFound
    async with doorway_scope("login", system("demo")) as scope:
        rows = await directory.demo_accounts(scope)
    return [_demo_role(row) for row in rows]


_DESK_OF_STAFF: Final[dict[str, Desk]] = {"finance": "finance", "admin": "platform"}


def _demo_role(row: dict[str, Any]) -> DemoRoleView:
    tenant = next(iter(row["tenants"] or ()), None)
    staff_role = row["staff_role"] and StaffRole(row["staff_role"])
    return DemoRoleView(
        name=row["name"],
        staff_role=staff_role,
        member_role=tenant and MemberRole(tenant["role"]),
        tenant_name=tenant and tenant["name"],
        terms=tenant and _terms(tenant),
        email=row["email"],
        password=DEMO_PASSWORD,
        desk=_DESK_OF_STAFF.get(staff_role, "moderation") if staff_role else "workspace",
    )


def _terms(tenant: Mapping[str, Any]) -> DemoTerms:
    if tenant["auto"]:
        return "auto"
    return "trial" if tenant["status"] == "trial" else "prepaid"


def account_of(principal: Principal) -> UUID:
    if principal.account_id is None:
        raise Forbidden("role_missing", "Only a person has a login session.")
    return principal.account_id


async def who_is(account_id: UUID) -> dict[str, Any]:
    async with doorway_scope("login", system("login")) as scope:
        row = await directory.who_is(scope, account_id)
    if row is None or row["state"] != "active":
        raise Unauthenticated
    return dict(row)
