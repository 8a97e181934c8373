"""Accounts, login sessions, tenants, members, API keys."""

from typing import Final

from backend.api.authorization.access import (
    ADMINS,
    FINANCE,
    LEADS,
    MANAGERS,
    MODERATORS,
    OWNER,
    Access,
    Rows,
)

ROWS: Final[Rows] = {
    "login": Access(public=True),
    "sign_up": Access(public=True),
    "list_demo_roles": Access(public=True),
    # What proves somebody here is the secret of a mailed link.
    "confirm_email": Access(public=True),
    "request_password_reset": Access(public=True),
    "reset_password": Access(public=True),
    "read_invitation_offer": Access(public=True),
    "accept_invitation_as_new": Access(public=True),
    "accept_invitation": Access(account=True),
    "resend_confirmation": Access(account=True),
    "choose_language": Access(account=True),
    # Staff without a second factor yet must be able to see so, and to leave.
    "logout": Access(account=True),
    "read_session": Access(account=True),
    "switch_tenant": Access(account=True),
    # A key that makes keys would outlive its own revocation.
    "list_api_keys": Access(members=MANAGERS),
    "create_api_key": Access(members=MANAGERS),
    "revoke_api_key": Access(members=MANAGERS),
    "list_members": Access(members=MANAGERS),
    "list_invitations": Access(members=MANAGERS),
    "invite_member": Access(members=MANAGERS),
    "resend_invitation": Access(members=MANAGERS),
    "revoke_invitation": Access(members=MANAGERS),
    "read_number": Access(members=MANAGERS),
    "request_number_verification": Access(members=OWNER),
    "confirm_number_verification": Access(members=OWNER),
    "list_tenants": Access(staff=FINANCE | MODERATORS | ADMINS),
    "read_tenant": Access(staff=FINANCE | MODERATORS | ADMINS),
    "set_auto_validation": Access(staff=LEADS | ADMINS),
    "suspend_tenant": Access(staff=LEADS | ADMINS),
    "reactivate_tenant": Access(staff=LEADS | ADMINS),
    "verify_tenant_number": Access(staff=MODERATORS | ADMINS),
}
