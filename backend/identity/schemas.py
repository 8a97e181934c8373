"""What identity takes in and gives out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from backend.identity.states import VerificationState
from backend.kernel.principal import KeyScope, MemberRole, StaffRole
from backend.kernel.views import Input, Moment, View

EMAIL_CHARACTERS_MAX = 254
PASSWORD_CHARACTERS_MIN = 10
PASSWORD_CHARACTERS_MAX = 1_024
NAME_CHARACTERS_MAX = 120

Email = Annotated[
    str, Meta(min_length=3, max_length=EMAIL_CHARACTERS_MAX, examples=["ingrid@nordlys.example"])
]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS_MAX)]
Reason = Annotated[str, Meta(min_length=3, max_length=500)]
Host = Annotated[str, Meta(min_length=1, max_length=253, examples=["nordlys.example"])]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", examples=["NO"])]
SendingWeight = Annotated[int, Meta(ge=1, le=1_000)]
Language = Literal["en", "fr"]
Secret = Annotated[str, Meta(min_length=1, max_length=200)]
"""What stands behind the # of a link in a mail."""
Password = Annotated[
    str, Meta(min_length=PASSWORD_CHARACTERS_MIN, max_length=PASSWORD_CHARACTERS_MAX)
]
Desk = Literal["workspace", "moderation", "finance", "platform"]
DemoTerms = Literal["trial", "prepaid", "auto"]
"""On trial, validated by people, auto-validated."""


class Login(Input, kw_only=True, frozen=True):
    email: Email
    password: Annotated[str, Meta(min_length=1, max_length=PASSWORD_CHARACTERS_MAX)]


class SignUp(Input, kw_only=True, frozen=True):
    name: Name
    email: Email
    password: Password
    tenant_name: Name
    country: Country | None = None
    language: Language = "en"


class TenantSwitch(Input, kw_only=True, frozen=True):
    tenant_id: UUID | None
    """Null: act as staff, in no tenant."""


class AccountView(View, kw_only=True, frozen=True):
    id: UUID
    email: str
    name: str
    is_email_confirmed: bool
    language: Language


class TenantBadge(View, kw_only=True, frozen=True):
    id: UUID
    name: str
    status: str
    is_confirmed: bool
    """False: nothing is submitted before its owner's address is confirmed."""


class MembershipView(View, kw_only=True, frozen=True):
    id: UUID
    name: str
    role: MemberRole


LoginStep = Literal["complete", "second_step", "enrolment"]
ProofWay = Literal["passkey", "totp", "recovery_code", "password"]


class LoginSessionView(View, kw_only=True, frozen=True):
    """Who is logged in, where, and what they see; `csrf_token` goes back on unsafe requests.

    `step`: at `second_step` nothing but one of the `ways` is open yet; at `enrolment` nothing of
    our own people's before a second factor is set up. `ways` are those to prove once more who one
    is, which `is_stepped_up` says was done lately; none where nobody is asked.
    """

    account: AccountView
    tenant: TenantBadge | None
    member_role: MemberRole | None
    staff_roles: list[StaffRole]
    tenants: list[MembershipView]
    desks: list[Desk]
    csrf_token: str
    is_demo: bool
    step: LoginStep
    ways: list[ProofWay]
    is_stepped_up: bool


class DemoRoleView(View, kw_only=True, frozen=True):
    """Of our own people `staff_role`; of a member the others, where they are in a tenant."""

    name: str
    staff_role: StaffRole | None
    member_role: MemberRole | None
    tenant_name: str | None
    terms: DemoTerms | None
    email: str
    password: str
    desk: Desk


class ApiKeyCreate(Input, kw_only=True, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    scopes: Annotated[list[KeyScope], Meta(min_length=1, max_length=20)]
    is_test: bool = False
    expires_at: Moment | None = None


class ApiKeyView(View, kw_only=True, frozen=True):
    id: UUID
    name: str
    prefix: str
    scopes: list[KeyScope]
    is_test: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class ApiKeyCreated(ApiKeyView, kw_only=True, frozen=True):
    secret: str
    """Shown this once; only its hash is kept."""


class MemberView(View, kw_only=True, frozen=True):
    account_id: UUID
    name: str
    email: str
    role: MemberRole
    created_at: datetime


class MemberUpdate(Input, kw_only=True, frozen=True):
    role: MemberRole


class AutoValidation(Input, kw_only=True, frozen=True):
    """The bounds of the privilege; outside them a session queues like any other."""

    recipients_max: Annotated[int, Meta(ge=1, le=10_000_000)]
    hosts: Annotated[list[Host], Meta(max_length=100)] = []
    countries: Annotated[list[Country], Meta(min_length=1, max_length=250)]


class AutoValidationGrant(Input, kw_only=True, frozen=True):
    bounds: AutoValidation | None
    """Null takes the privilege away."""
    reason: Reason


class NumberVerification(Input, kw_only=True, frozen=True):
    phone: Annotated[str, Meta(min_length=4, max_length=32, examples=["+4791234567"])]
    reason: Reason


class NumberRequest(Input, kw_only=True, frozen=True):
    phone: Annotated[str, Meta(min_length=4, max_length=32, examples=["+4791234567"])]


class NumberCode(Input, kw_only=True, frozen=True):
    code: Annotated[str, Meta(pattern=r"^[0-9]{6}$", examples=["012345"])]


class VerificationView(View, kw_only=True, frozen=True):
    id: UUID
    phone: str
    state: VerificationState
    tries_left: int
    failure: str | None
    created_at: datetime
    expires_at: datetime
    again_at: datetime
    """Before, no other code is sent."""


class NumberView(View, kw_only=True, frozen=True):
    verified_phone: str | None
    is_trial: bool
    """A trial sends approved templates only, to this number only, verified or not."""
    verification: VerificationView | None
    """The newest, whatever became of it."""


class TenantView(View, kw_only=True, frozen=True):
    id: UUID
    name: str
    status: str
    trial_ends_at: datetime | None
    default_country: str | None
    language: str
    verified_phone: str | None
    verified_reason: str | None
    auto_validation: AutoValidation | None
    auto_validation_lost_reason: str | None
    suspended_reason: str | None
    created_at: datetime


class Suspension(Input, kw_only=True, frozen=True):
    """Why a workspace stops sending, or may send again."""

    reason: Annotated[str, Meta(min_length=1, max_length=500, examples=["Complaints."])]


class TenantFacts(View, kw_only=True, frozen=True):
    """What sending depends on, read inside the tenant's scope."""

    id: UUID
    name: str
    status: str
    default_country: str | None
    verified_phone: str | None
    auto_validation: AutoValidation | None
    trial_ends_at: datetime | None = None
    is_confirmed: bool = True

    @property
    def is_template_only(self) -> bool:
        """Trial, or no verified number: approved templates only (DESIGN §3.2)."""
        return self.status == "trial" or self.verified_phone is None


class LanguageChoice(Input, kw_only=True, frozen=True):
    language: Language
    """Of the mails this account gets."""


class Proof(Input, kw_only=True, frozen=True):
    token: Secret


class ConfirmedView(View, kw_only=True, frozen=True):
    email: str


class PasswordResetRequest(Input, kw_only=True, frozen=True):
    email: Email


class PasswordReset(Input, kw_only=True, frozen=True):
    token: Secret
    password: Password


class Contact(Struct, kw_only=True, frozen=True):
    """A person a mail may go to, for the features above."""

    account_id: UUID
    email: str
    name: str
    language: Language
    is_demo: bool
    is_email_confirmed: bool


class MemberContact(Contact, kw_only=True, frozen=True):
    role: MemberRole
