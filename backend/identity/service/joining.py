"""Accepting an invitation, as a new person or as one with an account; and what its mail says."""

from uuid import UUID

import asyncpg
import msgspec

from backend.audit.service import record
from backend.db.scope import Scope, doorway_scope, tenant_scope
from backend.identity.invitation_schemas import InvitationAcceptance, InvitationOffer, InvitationRow
from backend.identity.passwords import hash_password
from backend.identity.queries import directory, invitations, proofs
from backend.identity.schemas import Proof
from backend.identity.service.doors import Door, LoggedIn
from backend.identity.service.login import account_of, move_session, start_session, who_is
from backend.identity.service.mail_tokens import Purpose, check_token
from backend.identity.service.tenants import is_member
from backend.kernel.errors import ClearsendError, Conflict, NotFound
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, Principal, system


class MailedInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """What the worker writes the mail from."""

    email: str
    language: str
    tenant_name: str
    inviter_name: str
    role: MemberRole
    is_demo: bool


async def read_offer(given: Proof) -> InvitationOffer:
    """Raises NotFound `invitation_unknown`, Conflict `invitation_accepted`, `invitation_revoked`,
    `invitation_expired`.
    """
    async with doorway_scope("invitation", system("invitation")) as scope:
        row = await _invited(scope, given.token)
        names = await invitations.invitation_names(scope, row)
    return InvitationOffer(
        tenant_name=names["tenant_name"],
        inviter_name=names["inviter_name"],
        role=row.role,
        email=row.email,
        has_account=names["has_account"],
        expires_at=row.expires_at,
    )


async def accept_as_new(door: Door, given: InvitationAcceptance) -> LoggedIn:
    """A new account, its address proven by the link, and a member. Raises Conflict
    `account_exists` beside what `read_offer` does.
    """
    async with doorway_scope("invitation", system("invitation")) as scope:
        row = await _invited(scope, given.token)
        if (await invitations.invitation_names(scope, row))["has_account"]:
            raise _account_exists()
    password_hash = await hash_password(given.password)
    account_id = uuid7()
    try:
        async with doorway_scope("invitation", system("invitation")) as scope:
            row = await _invited(scope, given.token)
            await directory.insert_account(
                scope,
                account_id,
                row.email,
                given.name,
                password_hash,
                language=given.language,
                is_confirmed=True,
            )
    except asyncpg.UniqueViolationError as error:
        raise _account_exists() from error
    # A death here leaves an account in no tenant; its link still works, as an existing account's.
    point("identity.invited_account_made")
    await _join(row, account_id)
    return await start_session(door, account_id, row.tenant_id)


def _account_exists() -> Conflict:
    return Conflict("account_exists", "This address has an account: log in to accept.")


async def accept_as_member(door: Door, principal: Principal, given: Proof) -> LoggedIn:
    """Raises Conflict `other_account` for an invitation to another address, beside what
    `read_offer` does. A new login session, in the tenant joined.
    """
    account_id = account_of(principal)
    who = await who_is(account_id)
    async with doorway_scope("invitation", system("invitation")) as scope:
        row = await _invited(scope, given.token)
        if row.email != who["email"]:
            raise Conflict(
                "other_account",
                "This invitation is for another address: log in with that one.",
                email=row.email,
            )
        await proofs.confirm_address(scope, account_id)
    await _join(row, account_id)
    return await move_session(door, account_id, row.tenant_id)


async def _join(row: InvitationRow, account_id: UUID) -> None:
    """In the tenant's own scope: the invitation ends as the membership begins."""
    async with tenant_scope(system("invitation", row.tenant_id)) as scope:
        locked = await invitations.lock(scope, row.id)
        _check_alive(scope, locked)
        if not await is_member(scope, account_id):
            await directory.insert_member(scope, row.tenant_id, account_id, locked.role.value)
        await invitations.accept(scope, row.id, account_id)
        await record(
            scope,
            "member.joined",
            f"account:{account_id}",
            role=locked.role.value,
            invitation_id=str(row.id),
        )


async def _invited(scope: Scope, secret: str) -> InvitationRow:
    """The invitation decides, not the link: accepted, revoked and renewed are its states."""
    try:
        invitation_id = await check_token(scope, secret, Purpose.INVITATION)
    except ClearsendError as error:
        if error.code == "token_expired":
            raise Conflict("invitation_expired", "This invitation is too old.") from error
        raise NotFound("invitation_unknown", "There is no such invitation.") from error
    row = await invitations.by_id(scope, invitation_id)
    if row is None:
        raise NotFound("invitation_unknown", "There is no such invitation.")
    _check_alive(scope, row)
    return row


def check_open(row: InvitationRow) -> None:
    if row.accepted_at is not None:
        raise Conflict("invitation_accepted", "This invitation was accepted already.")
    if row.revoked_at is not None:
        raise Conflict("invitation_revoked", "This invitation was taken back.")


def _check_alive(scope: Scope, row: InvitationRow) -> None:
    check_open(row)
    if row.expires_at <= scope.now:
        raise Conflict("invitation_expired", "This invitation is too old.")


async def invitation_to_mail(invitation_id: UUID) -> MailedInvitation | None:
    """For the worker: None where it was accepted, revoked or is too old."""
    async with doorway_scope("invitation", system("mail")) as scope:
        row = await invitations.by_id(scope, invitation_id)
        if row is None or row.accepted_at or row.revoked_at or row.expires_at <= scope.now:
            return None
        names = await invitations.invitation_names(scope, row)
    return MailedInvitation(
        email=row.email,
        language=names["language"],
        tenant_name=names["tenant_name"],
        inviter_name=names["inviter_name"],
        role=row.role,
        is_demo=names["is_demo"],
    )
