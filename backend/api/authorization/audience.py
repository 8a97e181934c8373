"""Subscribers, attributes, groups, target groups, hours, opt-outs, imports."""

from typing import Final

from backend.api.authorization.access import (
    EDITORS,
    EVERY_STAFF,
    MANAGERS,
    READERS,
    Access,
    Rows,
)
from backend.kernel.principal import KeyScope, MemberRole, StaffRole

_VIEWER: Final[frozenset[MemberRole]] = frozenset({MemberRole.VIEWER})
_READ: Final = Access(members=READERS, scope=KeyScope.SUBSCRIBERS_READ, masked=_VIEWER)
_ADD: Final = Access(members=EDITORS, scope=KeyScope.SUBSCRIBERS_WRITE)
# Senders add people; who is there already is changed by those who keep the lists.
_CHANGE: Final = Access(members=MANAGERS | {MemberRole.EDITOR}, scope=KeyScope.SUBSCRIBERS_WRITE)
# Who keeps the legal table: those who answer for rules, and the operator.
_LEGAL: Final = frozenset({StaffRole.LEAD, StaffRole.ADMIN})

ROWS: Final[Rows] = {
    "list_subscribers": _READ,
    "read_subscriber": _READ,
    "create_subscriber": _ADD,
    "update_subscriber": _CHANGE,
    "erase_subscriber": _CHANGE,
    "list_attributes": _READ,
    "create_attribute": _ADD,
    "delete_attribute": _CHANGE,
    "list_groups": _READ,
    "read_group": _READ,
    "create_group": _ADD,
    "update_group": _CHANGE,
    "delete_group": _CHANGE,
    "add_to_group": _ADD,
    "remove_from_group": _CHANGE,
    "list_target_groups": _READ,
    "read_target_group": _READ,
    "count_target_group": _READ,
    "create_target_group": _ADD,
    "update_target_group": _CHANGE,
    "delete_target_group": _CHANGE,
    "read_sending_settings": _READ,
    "update_sending_settings": Access(members=MANAGERS),
    "list_legal_hours": Access(members=READERS, staff=EVERY_STAFF, key=True),
    "put_legal_hours": Access(staff=_LEGAL),
    "delete_legal_hours": Access(staff=_LEGAL),
    "list_imports": _READ,
    "read_import": _READ,
    "list_import_problems": _READ,
    "upload_import": _ADD,
    "remap_import": _ADD,
    "accept_import": _ADD,
    "discard_import": _ADD,
    # No row deletes one: only the person's own START lifts an opt-out.
    "list_opt_outs": _READ,
    "create_opt_out": Access(members=EDITORS, scope=KeyScope.OPTOUTS_WRITE),
}
