"""Whom a campaign addresses: the rule as given, as frozen, and the rows it yields."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, field

from backend.audience.schemas.people import Ids
from backend.audience.schemas.sending import SendingHours
from backend.kernel.views import Input

GROUPS_PER_RULE_MAX = 100
TARGETS_PER_RULE_MAX = 10
AUDIENCE_PAGE_ROWS_MAX = 1_000
GroupIds = Annotated[list[UUID], Meta(max_length=GROUPS_PER_RULE_MAX)]
TargetIds = Annotated[list[UUID], Meta(max_length=TARGETS_PER_RULE_MAX)]


class AudienceInput(Input, frozen=True, kw_only=True):
    """`all` addresses every subscriber; else groups, target groups and single people together.

    Who is deselected, one by one, by a group or by a target group, is left out whoever names them.
    `hours` are the campaign's own and win over those of groups and tenant.
    """

    all: bool = False
    group_ids: GroupIds = field(default_factory=list)
    target_group_ids: TargetIds = field(default_factory=list)
    subscriber_ids: Ids = field(default_factory=list)
    deselected_ids: Ids = field(default_factory=list)
    deselected_group_ids: GroupIds = field(default_factory=list)
    deselected_target_group_ids: TargetIds = field(default_factory=list)
    hours: SendingHours | None = None


class FrozenGroup(msgspec.Struct, frozen=True):
    """The name at the time of freezing, for those who read the version later."""

    id: UUID
    name: str


class FrozenTarget(msgspec.Struct, frozen=True):
    """A target group's rule word for word, the rules it refers to written out."""

    id: UUID
    name: str
    rule: dict[str, Any]


class AudienceRule(msgspec.Struct, frozen=True, kw_only=True):
    """Part of the hashed content: ids sorted and unique, so equal choices hash equally.

    Groups are named, not enumerated: members are those of the moment of sending.
    """

    all: bool = False
    groups: tuple[FrozenGroup, ...] = ()
    subscriber_ids: tuple[UUID, ...] = ()
    deselected_ids: tuple[UUID, ...] = ()
    target_group_rules: tuple[FrozenTarget, ...] = ()
    deselected_groups: tuple[FrozenGroup, ...] = ()
    deselected_target_group_rules: tuple[FrozenTarget, ...] = ()
    hours: SendingHours | None = None


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
    deselected_by: str | None = None
    """Evidence where a group or a target group leaves the person out."""
    consent_by: str | None = None
    """The group that asks for consent."""
    number_problem: str | None = None
    """What the numbering plan says against it, as evidence."""
    is_country_blocked: bool = False
    """By the tenant's settings."""
    capped_by: str | None = None
    """The frequency cap that is reached, as evidence."""
    cap_left: int | None = None
    """Messages that the strictest cap still allows; null without a cap."""
    cap_evidence: str | None = None
    opens_at: datetime | None = None
    """Held until then; null: it may go at once."""
    closes_at: datetime | None = None
    """From then on it is held again; null: not within a day."""
    closed_by: str | None = None
    """Evidence where no window opens within the validity."""
    consent_source: str | None = None
    """Where the person's consent came from; empty where nobody noted it, null without consent."""

    @property
    def lacks_consent(self) -> bool:
        return self.require_consent and not self.has_consent
