"""Freezing a rule: the copy of an audience that a content version carries."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from backend.audience.queries import groups, subscribers
from backend.audience.schemas.rules import AudienceInput, AudienceRule, FrozenGroup
from backend.audience.service.sending import require_open_hours
from backend.audience.service.targets import freeze_targets
from backend.db.scope import Scope
from backend.kernel.errors import FieldError, NotFound, invalid_field


async def freeze(scope: Scope, given: AudienceInput) -> AudienceRule:
    """The copy a content version carries. Raises NotFound with a pointer to each unknown id,
    InvalidInput `audience_ambiguous`, `audience_empty`, `hours_never_open`.
    """
    chosen = (given.group_ids, given.target_group_ids, given.subscriber_ids)
    if given.all and any(chosen):
        raise invalid_field("/all", "audience_ambiguous", "everybody, or a choice, not both")
    if not (given.all or any(chosen)):
        raise invalid_field("", "audience_empty", "nobody is addressed")
    if given.hours is not None:
        require_open_hours(given.hours, "/hours")
    named = {*given.group_ids, *given.deselected_group_ids}
    names = {row["id"]: row["name"] for row in await groups.known_groups(scope, sorted(named))}
    errors = []
    for field in ("group_ids", "deselected_group_ids"):
        errors += _unknown(field, getattr(given, field), names)
    for field in ("subscriber_ids", "deselected_ids"):
        ids: list[UUID] = getattr(given, field)
        known = await subscribers.known_subscribers(scope, ids) if ids else set()
        errors += _unknown(field, ids, known)
    if errors:
        raise NotFound("not_found", "the audience names what is not there", errors=errors)
    out = given.deselected_target_group_ids
    return AudienceRule(
        all=given.all,
        groups=_frozen_groups(given.group_ids, names),
        subscriber_ids=tuple(sorted(set(given.subscriber_ids))),
        deselected_ids=tuple(sorted(set(given.deselected_ids))),
        target_group_rules=await freeze_targets(scope, given.target_group_ids, "/target_group_ids"),
        deselected_groups=_frozen_groups(given.deselected_group_ids, names),
        deselected_target_group_rules=await freeze_targets(
            scope, out, "/deselected_target_group_ids"
        ),
        hours=given.hours,
    )


def _frozen_groups(ids: Iterable[UUID], names: dict[UUID, str]) -> tuple[FrozenGroup, ...]:
    return tuple(FrozenGroup(one, names[one]) for one in sorted(set(ids)))


def _unknown(field: str, ids: Iterable[UUID], known: Any) -> list[FieldError]:
    return [
        FieldError(f"/{field}/{at}", "not_found", "There is none with this id.")
        for at, given in enumerate(ids)
        if given not in known
    ]


async def missing_groups(scope: Scope, rule: AudienceRule) -> list[FrozenGroup]:
    """Groups deleted since the rule was frozen: they reach nobody, which somebody should know."""
    named = (*rule.groups, *rule.deselected_groups)
    found = await groups.known_groups(scope, [group.id for group in named])
    known = {row["id"] for row in found}
    return [group for group in named if group.id not in known]
