"""Inviting people into a tenant: by mail, for a week, with a role no higher than one's own."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from backend.api.mail_limit import check_mail_request
from backend.audit.service import record
from backend.db.scope import Scope, doorway_scope, tenant_scope
from backend.identity.invitation_schemas import InvitationCreate, InvitationRow, InvitationView
from backend.identity.queries import invitations
from backend.identity.service.doors import Door
from backend.identity.service.joining import check_open
from backend.identity.service.login import account_of
from backend.identity.service.mail_tokens import LIFETIMES, Purpose
from backend.identity.service.members import check_may_give
from backend.identity.service.tenants import normal_email
from backend.kernel.errors import Conflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, Principal, system
from backend.outbox.service import announce
from backend.outbox.topics import Topic

INVITATIONS_OPEN_MAX = 100
LIFETIME: timedelta = LIFETIMES[Purpose.INVITATION]


async def list_invitations(principal: Principal) -> list[InvitationView]:
    async with tenant_scope(principal) as scope:
        found = await invitations.all_open(scope, INVITATIONS_OPEN_MAX)
        return [_view(scope, one) for one in found]


async def invite_member(
    door: Door, principal: Principal, given: InvitationCreate
) -> InvitationView:
    """Raises Conflict `already_member`, `already_invited`, `too_many_invitations`; Forbidden
    `role_too_high`; InvalidInput `email_invalid`; TooManyRequests.
    """
    email = normal_email(given.email)
    check_may_give(principal, given.role)
    async with tenant_scope(principal):
        pass  # the same request again is answered here: it is no mail that counts
    if await _is_member(email, principal):
        raise Conflict("already_member", "This person is a member already.")
    await check_mail_request(door.redis, email, f"tenant:{principal.tenant_id}")
    try:
        async with tenant_scope(principal) as scope:
            await _check_room(scope, email)
            row = await make_invitation(scope, email, given.role)
            view = _view(scope, row)
            await scope.answer(view, 201)
    except asyncpg.UniqueViolationError as error:
        raise _already_invited() from error
    return view


def _already_invited() -> Conflict:
    return Conflict("already_invited", "An invitation to this address is open: send it again.")


async def _check_room(scope: Scope, email: str) -> None:
    found = await invitations.open_to(scope, email)
    if found is not None and found.expires_at > scope.now:
        raise _already_invited()
    if len(await invitations.all_open(scope, INVITATIONS_OPEN_MAX)) >= INVITATIONS_OPEN_MAX:
        raise Conflict(
            "too_many_invitations", "Revoke one first.", invitations_max=INVITATIONS_OPEN_MAX
        )


async def _is_member(email: str, principal: Principal) -> bool:
    assert principal.tenant_id is not None, "the authorisation table lets members in only"
    async with doorway_scope("invitation", system("invite")) as scope:
        return await invitations.is_member_by_email(scope, email, principal.tenant_id)


async def make_invitation(scope: Scope, email: str, role: MemberRole) -> InvitationRow:
    """A step; one to this address that ended by itself makes room."""
    stale = await invitations.open_to(scope, email)
    if stale is not None and stale.expires_at <= scope.now:
        await invitations.revoke(scope, stale.id)
    row = InvitationRow(
        tenant_id=scope.tenant_id,
        id=uuid7(),
        email=email,
        role=role,
        invited_by=account_of(scope.principal),
        created_at=scope.now,
        expires_at=scope.now + LIFETIME,
    )
    await invitations.insert(scope, row)
    await record(scope, "invitation.made", f"invitation:{row.id}", role=role.value)
    await announce(scope, Topic.INVITATION_MADE, {"invitation_id": str(row.id)})
    return row


async def resend_invitation(
    door: Door, principal: Principal, invitation_id: UUID
) -> InvitationView:
    """A week from now. Raises NotFound, Conflict `invitation_accepted`, `invitation_revoked`;
    Forbidden `role_too_high`; TooManyRequests.
    """
    # Looks, to know whom; the same request again is answered here: it is no mail that counts.
    async with tenant_scope(principal) as scope:
        row = await invitations.lock(scope, invitation_id)
        check_open(row)
        check_may_give(principal, row.role)
    await check_mail_request(door.redis, row.email, f"tenant:{principal.tenant_id}")
    async with tenant_scope(principal) as scope:
        check_open(await invitations.lock(scope, invitation_id))
        row = await invitations.renew(scope, invitation_id, scope.now + LIFETIME)
        await announce(scope, Topic.INVITATION_MADE, {"invitation_id": str(row.id)})
        view = _view(scope, row)
        await scope.answer(view, 200)
    return view


async def revoke_invitation(principal: Principal, invitation_id: UUID) -> InvitationView:
    """Twice is once. Raises NotFound, Conflict `invitation_accepted`."""
    async with tenant_scope(principal) as scope:
        row = await invitations.lock(scope, invitation_id)
        if row.accepted_at is not None:
            raise Conflict("invitation_accepted", "This person is a member already.")
        row = await invitations.revoke(scope, invitation_id)
        await record(scope, "invitation.revoked", f"invitation:{row.id}")
        view = _view(scope, row)
        await scope.answer(view, 200)
    return view


def _view(scope: Scope, row: InvitationRow) -> InvitationView:
    return InvitationView(
        id=row.id,
        email=row.email,
        role=row.role,
        created_at=row.created_at,
        expires_at=row.expires_at,
        is_expired=row.expires_at <= scope.now,
        revoked_at=row.revoked_at,
    )
