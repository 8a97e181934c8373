"""Proving an address: confirming it after a sign-up, and a forgotten password."""

from uuid import UUID

from backend.api.mail_limit import check_mail_request
from backend.db.scope import doorway_scope
from backend.identity.passwords import hash_password
from backend.identity.queries import proofs
from backend.identity.schemas import (
    AccountView,
    ConfirmedView,
    Contact,
    LanguageChoice,
    PasswordReset,
    PasswordResetRequest,
    Proof,
)
from backend.identity.service.doors import Door, LoggedIn
from backend.identity.service.login import account_of, start_session, who_is
from backend.identity.service.mail_tokens import Purpose, check_token, use_token
from backend.identity.service.tenants import normal_email
from backend.identity.service.views import account_view
from backend.kernel.errors import Conflict
from backend.kernel.faults import point
from backend.kernel.principal import Principal, system
from backend.outbox.service import announce
from backend.outbox.topics import Topic


async def confirm_email(given: Proof) -> ConfirmedView:
    """Raises MalformedInput `token_unknown`, `token_used`, `token_expired`. No login is needed:
    the mail is often read on another device than the one that signed up.
    """
    async with doorway_scope("sign_up", system("confirm")) as scope:
        account_id = await use_token(scope, given.token, Purpose.CONFIRM_EMAIL)
        email = await proofs.confirm_address(scope, account_id)
        point("identity.confirmed")
    return ConfirmedView(email=email)


async def resend_confirmation(door: Door, principal: Principal) -> None:
    """Raises Conflict `already_confirmed`, TooManyRequests."""
    account_id = account_of(principal)
    who = await who_is(account_id)
    if who["is_email_confirmed"]:
        raise Conflict("already_confirmed", "This address is confirmed.")
    await check_mail_request(door.redis, who["email"], door.remote_address)
    async with doorway_scope("sign_up", system("confirm")) as scope:
        await announce(scope, Topic.CONFIRMATION_REQUESTED, {"account_id": str(account_id)})


async def request_password_reset(door: Door, given: PasswordResetRequest) -> None:
    """Nobody looks here whether there is such an account, so neither the answer nor its time can
    tell: a worker does, where nobody is waiting. Raises InvalidInput, TooManyRequests.
    """
    email = normal_email(given.email)
    await check_mail_request(door.redis, email, door.remote_address)
    async with doorway_scope("reset", system("reset")) as scope:
        await announce(scope, Topic.PASSWORD_RESET_REQUESTED, {"email": email})


async def reset_password(door: Door, given: PasswordReset) -> LoggedIn:
    """Every login session of the account ends and a new one begins. The link proves the address.

    Raises MalformedInput `token_unknown`, `token_used`, `token_expired`.
    """
    async with doorway_scope("reset", system("reset")) as scope:
        await check_token(scope, given.token, Purpose.RESET_PASSWORD)
    # Between two scopes: hashing takes tens of milliseconds, and only for a link that is alive.
    password_hash = await hash_password(given.password)
    async with doorway_scope("reset", system("reset")) as scope:
        account_id = await use_token(scope, given.token, Purpose.RESET_PASSWORD)
        await proofs.change_password(scope, account_id, password_hash)
        await proofs.confirm_address(scope, account_id)
        await announce(scope, Topic.PASSWORD_CHANGED, {"account_id": str(account_id)})
        point("identity.password_changed")
    return await start_session(door, account_id, None)


async def choose_language(principal: Principal, given: LanguageChoice) -> AccountView:
    account_id = account_of(principal)
    async with doorway_scope("login", system("language")) as scope:
        await proofs.set_language(scope, account_id, given.language)
    return account_view(await who_is(account_id))


async def account_to_reset(email: str) -> Contact | None:
    """For the worker: the active account of this address. Demo accounts keep their password: it
    stands on the login page.
    """
    async with doorway_scope("reset", system("reset")) as scope:
        found = await proofs.contact_by_email(scope, email)
    return None if found is None or found.is_demo else found


async def account_to_write_to(account_id: UUID) -> Contact | None:
    """For the worker: None for an account that is not active."""
    async with doorway_scope("reset", system("mail")) as scope:
        return await proofs.contact(scope, account_id)
