"""One row of the table, and the sets of roles its modules are written with."""

from typing import Final

import msgspec

from backend.kernel.principal import KeyScope, MemberRole, Principal, PrincipalKind, StaffRole

NOBODY: Final[frozenset[MemberRole]] = frozenset()
EVERY_MEMBER: Final = frozenset(MemberRole)
OWNER: Final = frozenset({MemberRole.OWNER})
MANAGERS: Final = frozenset({MemberRole.OWNER, MemberRole.MANAGER})
SENDERS: Final = MANAGERS | {MemberRole.SENDER}
EDITORS: Final = SENDERS | {MemberRole.EDITOR}
READERS: Final = EDITORS | {MemberRole.VIEWER}
PAYERS: Final = frozenset({MemberRole.OWNER, MemberRole.BILLING})
ACCOUNTANTS: Final = MANAGERS | {MemberRole.BILLING}

EVERY_STAFF: Final = frozenset(StaffRole)
OUTSIDE: Final[frozenset[MemberRole | StaffRole]] = frozenset({StaffRole.EXTERNAL})
MODERATORS: Final = frozenset({StaffRole.MODERATOR, StaffRole.LEAD})
# The desk itself; what else moderators see and stop is not for people from outside.
DESK: Final = MODERATORS | {StaffRole.EXTERNAL}
LEADS: Final = frozenset({StaffRole.LEAD})
FINANCE: Final = frozenset({StaffRole.FINANCE})
ADMINS: Final = frozenset({StaffRole.ADMIN})

STEP_UP_SECONDS: Final = 600
"""How long a proof is fresh enough for what cannot be taken back."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Who may call one operation. What is not said is refused.

    `account`: any logged-in person, whatever the role. `key`: any API key, whatever its scopes.
    `masked`: these see phone numbers masked; a key does wherever anybody is, without `pii:read`.
    `staff_second_factor` is switched off only where a second factor is being set up.
    `step_up`: a person proves again who they are, unless they did in the last STEP_UP_SECONDS.
    `sends`: what it starts reaches a carrier, so a test key may not.
    `second_step`: open to whoever gave the password and not yet the second factor.
    """

    members: frozenset[MemberRole] = frozenset()
    staff: frozenset[StaffRole] = frozenset()
    scope: KeyScope | None = None
    account: bool = False
    key: bool = False
    public: bool = False
    masked: frozenset[MemberRole | StaffRole] = frozenset()
    staff_second_factor: bool = True
    step_up: bool = False
    sends: bool = False
    second_step: bool = False


Rows = dict[str, Access]


def is_masked(access: Access, principal: Principal) -> bool:
    """Whether this caller of this operation sees phone numbers masked."""
    if not access.masked:
        return False
    if principal.kind is PrincipalKind.API_KEY:
        return KeyScope.PII_READ not in principal.key_scopes
    if principal.member_role is not None and principal.member_role in access.members:
        return principal.member_role in access.masked
    return not (principal.staff_roles & (access.staff - access.masked))
