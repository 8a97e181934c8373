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

_SECOND_STEP: Final = Access(account=True, second_step=True)
_OWN_FACTORS: Final = Access(account=True, step_up=True)

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
    # The second step of a login, and the same proof once more for what asks for a fresh one.
    "confirm_code": _SECOND_STEP,
    "confirm_recovery_code": _SECOND_STEP,
    "ask_for_passkey": _SECOND_STEP,
    "confirm_passkey": _SECOND_STEP,
    "confirm_password": Access(account=True),
    # Anybody's own. Whoever has found an open screen does not change them.
    "read_second_factors": Access(account=True),
    "list_security_events": Access(account=True),
    "begin_totp": _OWN_FACTORS,
    "add_totp": _OWN_FACTORS,
    "begin_passkey": _OWN_FACTORS,
    "add_passkey": _OWN_FACTORS,
    "rename_second_factor": _OWN_FACTORS,
    "remove_second_factor": _OWN_FACTORS,
    "renew_recovery_codes": _OWN_FACTORS,
    # Staff without a second factor yet must be able to see so, and to leave.
    "logout": Access(account=True, second_step=True),
    "read_session": Access(account=True, second_step=True),
    "switch_tenant": Access(account=True),
    # A key that makes keys would outlive its own revocation.
    "list_api_keys": Access(members=MANAGERS),
    "create_api_key": Access(members=MANAGERS, step_up=True),
    "revoke_api_key": Access(members=MANAGERS, step_up=True),
    "list_members": Access(members=MANAGERS),
    "change_member": Access(members=MANAGERS, step_up=True),
    "remove_member": Access(members=MANAGERS, step_up=True),
    "list_invitations": Access(members=MANAGERS),
    "invite_member": Access(members=MANAGERS, step_up=True),
    "resend_invitation": Access(members=MANAGERS, step_up=True),
    "revoke_invitation": Access(members=MANAGERS, step_up=True),
    "read_number": Access(members=MANAGERS),
    "request_number_verification": Access(members=OWNER),
    "confirm_number_verification": Access(members=OWNER),
    "list_tenants": Access(staff=FINANCE | MODERATORS | ADMINS),
    "read_tenant": Access(staff=FINANCE | MODERATORS | ADMINS),
    "set_auto_validation": Access(staff=LEADS | ADMINS),
    "suspend_tenant": Access(staff=LEADS | FINANCE | ADMINS),
    "reactivate_tenant": Access(staff=LEADS | FINANCE | ADMINS),
    "verify_tenant_number": Access(staff=MODERATORS | ADMINS),
}
