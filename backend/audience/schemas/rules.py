"""Whom a campaign addresses: the rule as given, as frozen, and the rows it yields."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, field

from backend.audience.schemas.people import Ids
from backend.kernel.views import Input

GROUPS_PER_RULE_MAX = 100
AUDIENCE_PAGE_ROWS_MAX = 1_000


class AudienceInput(Input, frozen=True, kw_only=True):
    """`all` addresses every subscriber; else groups and single subscribers together."""

    all: bool = False
    group_ids: Annotated[list[UUID], Meta(max_length=GROUPS_PER_RULE_MAX)] = field(
        default_factory=list
    )
    subscriber_ids: Ids = field(default_factory=list)
    deselected_ids: Ids = field(default_factory=list)


class FrozenGroup(msgspec.Struct, frozen=True):
    """The name at the time of freezing, for those who read the version later."""

    id: UUID
    name: str


class AudienceRule(msgspec.Struct, frozen=True, kw_only=True):
    """Part of the hashed content: ids sorted and unique, so equal choices hash equally.

    Groups are named, not enumerated: members are those of the moment of sending.
    `target_group_rules` holds saved rules over subscriber data, copied whole.
    """

    all: bool = False
    groups: tuple[FrozenGroup, ...] = ()
    subscriber_ids: tuple[UUID, ...] = ()
    deselected_ids: tuple[UUID, ...] = ()
    target_group_rules: tuple[dict[str, Any], ...] = ()


class AudienceRow(msgspec.Struct, frozen=True, gc=False):
    """One candidate with everything that may exclude them, read in one statement.

    `attributes` are what a text may name, built-in properties included. `opted_out` is the
    opt-out's evidence. `header` and `footer` are the strictest group's; null where none applies.
    """

    subscriber_id: UUID
    phone: str
    country: str
    language: str | None
    time_zone: str | None
    attributes: dict[str, Any]
    group_ids: tuple[UUID, ...]
    opted_out: UUID | None
    has_consent: bool
    require_consent: bool
    is_deselected: bool
    is_unreachable: bool
    header: str | None
    footer: str | None

    @property
    def lacks_consent(self) -> bool:
        return self.require_consent and not self.has_consent
