"""Content rules and trust: everybody at the desk reads, leads change."""

from typing import Final

from backend.api.authorization.access import ADMINS, LEADS, MODERATORS, Access, Rows

ROWS: Final[Rows] = {
    "list_rule_sets": Access(staff=MODERATORS),
    "read_rules_in_force": Access(staff=MODERATORS),
    "read_rule_set": Access(staff=MODERATORS),
    "create_rule_set": Access(staff=LEADS),
    "update_rule_set": Access(staff=LEADS),
    "discard_rule_set": Access(staff=LEADS),
    "switch_on_rule_set": Access(staff=LEADS),
    "try_rule_set": Access(staff=MODERATORS),
    "start_rule_test": Access(staff=LEADS),
    "list_rule_tests": Access(staff=MODERATORS),
    "read_rule_test": Access(staff=MODERATORS),
    "read_trust_policy": Access(staff=MODERATORS),
    "edit_trust_policy": Access(staff=LEADS),
    "read_trust": Access(staff=MODERATORS),
    "strike_tenant": Access(staff=LEADS),
    "lift_strike": Access(staff=LEADS),
    "record_complaint": Access(staff=MODERATORS),
    "list_complaints": Access(staff=MODERATORS),
    "list_suspension_proposals": Access(staff=LEADS | ADMINS),
    "decide_suspension_proposal": Access(staff=LEADS | ADMINS),
}
