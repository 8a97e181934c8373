"""Invitations into a tenant: what is asked, stored and shown."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.identity.schemas import Email, Language, Name, Password, Secret
from backend.kernel.principal import MemberRole
from backend.kernel.views import Input, View


class InvitationCreate(Input, kw_only=True, frozen=True):
    email: Email
    role: MemberRole


class InvitationRow(Struct, kw_only=True, frozen=True):
    tenant_id: UUID
    id: UUID
    email: str
    role: MemberRole
    invited_by: UUID
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None


class InvitationView(View, kw_only=True, frozen=True):
    id: UUID
    email: str
    role: MemberRole
    created_at: datetime
    expires_at: datetime
    is_expired: bool
    revoked_at: datetime | None


class InvitationOffer(View, kw_only=True, frozen=True):
    """What the invited person decides about; `has_account` asks for a login first."""

    tenant_name: str
    inviter_name: str
    role: MemberRole
    email: str
    has_account: bool
    expires_at: datetime


class InvitationAcceptance(Input, kw_only=True, frozen=True):
    token: Secret
    name: Name
    password: Password
    language: Language = "en"
