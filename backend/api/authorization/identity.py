"""Accounts, login sessions, tenants, members, API keys."""

from typing import Final

from backend.api.authorization.access import (
    ADMINS,
    FINANCE,
    LEADS,
    MANAGERS,
    MODERATORS,
    Access,
    Rows,
)

ROWS: Final[Rows] = {
    "login": Access(public=True),
    "sign_up": Access(public=True),
    "list_demo_roles": Access(public=True),
    # Staff without a second factor yet must be able to see so, and to leave.
    "logout": Access(account=True),
    "read_session": Access(account=True),
    "switch_tenant": Access(account=True),
    # A key that makes keys would outlive its own revocation.
    "list_api_keys": Access(members=MANAGERS),
    "create_api_key": Access(members=MANAGERS),
    "revoke_api_key": Access(members=MANAGERS),
    "list_members": Access(members=MANAGERS),
    "list_tenants": Access(staff=FINANCE | MODERATORS | ADMINS),
    "read_tenant": Access(staff=FINANCE | MODERATORS | ADMINS),
    "set_auto_validation": Access(staff=LEADS | ADMINS),
    "suspend_tenant": Access(staff=LEADS | ADMINS),
    "reactivate_tenant": Access(staff=LEADS | ADMINS),
    "verify_tenant_number": Access(staff=MODERATORS | ADMINS),
}
