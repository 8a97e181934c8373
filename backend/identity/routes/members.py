"""Members and invitations, confirmed addresses, forgotten passwords over HTTP.

A link's secret comes in a body, never in a path or a query: those are written into logs.
"""

from uuid import UUID

from litestar import Response, Router
from litestar.params import FromPath, JSONBody

from backend.api.routing import FromPrincipal, delete, get, patch, post, put
from backend.identity.invitation_schemas import (
    InvitationAcceptance,
    InvitationCreate,
    InvitationOffer,
    InvitationView,
)
from backend.identity.routes.doors import FromDoor, FromSettings, with_cookie
from backend.identity.schemas import (
    AccountView,
    ConfirmedView,
    LanguageChoice,
    LoginSessionView,
    MemberUpdate,
    MemberView,
    PasswordReset,
    PasswordResetRequest,
    Proof,
)
from backend.identity.service import invitations, joining, members, proofs, tenants


@get("/v1/members")
async def list_members(principal: FromPrincipal) -> list[MemberView]:
    return await tenants.list_members(principal)


@patch("/v1/members/{account_id:uuid}")
async def change_member(
    account_id: FromPath[UUID], data: JSONBody[MemberUpdate], principal: FromPrincipal
) -> MemberView:
    return await members.change_member(principal, account_id, data)


@delete("/v1/members/{account_id:uuid}", status_code=204)
async def remove_member(account_id: FromPath[UUID], principal: FromPrincipal) -> None:
    await members.remove_member(principal, account_id)


@get("/v1/invitations")
async def list_invitations(principal: FromPrincipal) -> list[InvitationView]:
    return await invitations.list_invitations(principal)


@post("/v1/invitations", status_code=201)
async def invite_member(
    data: JSONBody[InvitationCreate], principal: FromPrincipal, door: FromDoor
) -> InvitationView:
    return await invitations.invite_member(door, principal, data)


@post("/v1/invitations/{invitation_id:uuid}/resend", status_code=200)
async def resend_invitation(
    invitation_id: FromPath[UUID], principal: FromPrincipal, door: FromDoor
) -> InvitationView:
    return await invitations.resend_invitation(door, principal, invitation_id)


@delete("/v1/invitations/{invitation_id:uuid}", status_code=200)
async def revoke_invitation(
    invitation_id: FromPath[UUID], principal: FromPrincipal
) -> InvitationView:
    return await invitations.revoke_invitation(principal, invitation_id)


@post("/v1/invitation/offer", status_code=200)
async def read_invitation_offer(data: JSONBody[Proof]) -> InvitationOffer:
    return await joining.read_offer(data)


@post("/v1/invitation/accept-new", status_code=201)
async def accept_invitation_as_new(
    data: JSONBody[InvitationAcceptance], door: FromDoor, api_settings: FromSettings
) -> Response[LoginSessionView]:
    return with_cookie(api_settings, await joining.accept_as_new(door, data))


@post("/v1/invitation/accept", status_code=200)
async def accept_invitation(
    data: JSONBody[Proof], principal: FromPrincipal, door: FromDoor, api_settings: FromSettings
) -> Response[LoginSessionView]:
    return with_cookie(api_settings, await joining.accept_as_member(door, principal, data))


@post("/v1/email-confirmation", status_code=200)
async def confirm_email(data: JSONBody[Proof]) -> ConfirmedView:
    return await proofs.confirm_email(data)


@post("/v1/email-confirmation/resend", status_code=202)
async def resend_confirmation(principal: FromPrincipal, door: FromDoor) -> None:
    await proofs.resend_confirmation(door, principal)


@post("/v1/password-reset/request", status_code=202)
async def request_password_reset(data: JSONBody[PasswordResetRequest], door: FromDoor) -> None:
    await proofs.request_password_reset(door, data)


@post("/v1/password-reset", status_code=200)
async def reset_password(
    data: JSONBody[PasswordReset], door: FromDoor, api_settings: FromSettings
) -> Response[LoginSessionView]:
    return with_cookie(api_settings, await proofs.reset_password(door, data))


@put("/v1/account/language")
async def choose_language(data: JSONBody[LanguageChoice], principal: FromPrincipal) -> AccountView:
    return await proofs.choose_language(principal, data)


router = Router(
    "/",
    route_handlers=[
        list_members,
        change_member,
        remove_member,
        list_invitations,
        invite_member,
        resend_invitation,
        revoke_invitation,
        read_invitation_offer,
        accept_invitation_as_new,
        accept_invitation,
        confirm_email,
        resend_confirmation,
        request_password_reset,
        reset_password,
        choose_language,
    ],
)
