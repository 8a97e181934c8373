"""Target groups: rules that are saved, counted, written out and frozen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET

from backend.audience.queries import candidates, groups, targets
from backend.audience.schemas.rules import FrozenTarget
from backend.audience.schemas.targets import (
    CountView,
    RuleCount,
    TargetGroupCreate,
    TargetGroupUpdate,
    TargetGroupView,
)
from backend.audience.states import AttributeKind
from backend.audience.targeting.reading import read_rule
from backend.audience.targeting.terms import (
    DEPTH_MAX,
    TERMS_MAX,
    AllOf,
    AnyOf,
    GroupTerm,
    NotOf,
    TargetTerm,
    Term,
    depth_of,
    read_frozen,
    target_ids,
    walk,
)
from backend.audit.service import record
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import (
    Conflict,
    FieldError,
    NotFound,
    StateConflict,
    invalid_field,
)
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.sms.characters import require_text

TARGETS_PER_TENANT_MAX = 500
SAMPLED_SUBSCRIBERS_MAX = 20_000
"""Where all of them cannot be counted in time: the first ones, scaled."""


async def create_target_group(principal: Principal, given: TargetGroupCreate) -> TargetGroupView:
    """Raises Conflict `target_group_name_taken`, InvalidInput for the rule."""
    _check_texts(given)
    async with tenant_scope(principal) as scope:
        await targets.lock_targets(scope)
        if await targets.count_targets(scope) >= TARGETS_PER_TENANT_MAX:
            raise Conflict("too_many_target_groups", limit=TARGETS_PER_TENANT_MAX)
        target_id = uuid7()
        term = await _checked_rule(scope, given.rule, target_id)
        stored = msgspec.to_builtins(term)
        if not await targets.add_target(scope, target_id, given.name, given.description, stored):
            raise _name_taken(given.name)
        await record(scope, "target_group.created", f"target_group:{target_id}")
        view = _view(await targets.target(scope, target_id))
        await scope.answer(view)
        return view


async def list_target_groups(
    principal: Principal, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[TargetGroupView]:
    check_limit(limit)
    after = cursor_id(cursor)
    async with tenant_scope(principal) as scope:
        rows = await targets.targets_page(scope, after, limit)
    return Page(items=[_view(row) for row in rows], next_cursor=next_cursor(rows, limit, "id"))


async def read_target_group(principal: Principal, target_id: UUID) -> TargetGroupView:
    async with tenant_scope(principal) as scope:
        return _view(await targets.target(scope, target_id))


async def update_target_group(
    principal: Principal, target_id: UUID, given: TargetGroupUpdate
) -> TargetGroupView:
    """What is frozen keeps its copy. Raises StateConflict `version_conflict`, Conflict
    `target_group_name_taken`, InvalidInput for the rule, also `circular_reference`.
    """
    _check_texts(given)
    try:
        async with tenant_scope(principal) as scope:
            await targets.lock_targets(scope)
            row = await targets.target(scope, target_id)
            rule = row["rule"]
            if given.rule is not UNSET:
                rule = msgspec.to_builtins(await _checked_rule(scope, given.rule, target_id))
            name = row["name"] if given.name is UNSET else given.name
            about = row["description"] if given.description is UNSET else given.description
            values = (name, about, rule)
            if not await targets.update_target(scope, target_id, given.version, *values):
                raise StateConflict("version_conflict", "changed meanwhile", version=row["version"])
            await record(scope, "target_group.changed", f"target_group:{target_id}", name=name)
            view = _view(await targets.target(scope, target_id))
            await scope.answer(view, 200)
            return view
    except asyncpg.UniqueViolationError as error:
        raise _name_taken(given.name) from error


async def delete_target_group(principal: Principal, target_id: UUID) -> None:
    """Raises Conflict `target_group_in_use` while the rule of another one names it."""
    async with tenant_scope(principal) as scope:
        await targets.lock_targets(scope)
        row = await targets.target(scope, target_id)
        await require_unreferenced(scope, "target_group", target_id)
        await targets.delete_target(scope, target_id)
        facts = {"name": row["name"]}
        await record(scope, "target_group.deleted", f"target_group:{target_id}", **facts)
        await scope.answer(None, 204)


async def count_target_group(principal: Principal, given: RuleCount) -> CountView:
    """Whom the rule means at this moment, before anybody is left out."""
    try:
        async with tenant_scope(principal) as scope:
            term = await _counted(scope, given)
            await targets.limit_count_time(scope)
            row = await targets.count_meant(scope, term)
            return CountView(**row, is_exact=True)
    except asyncpg.QueryCanceledError:
        async with tenant_scope(principal) as scope:
            term = await _counted(scope, given)
            of = await candidates.count_everybody(scope)
            row = await targets.count_among_first(scope, term, SAMPLED_SUBSCRIBERS_MAX)
            looked_at = max(row["looked_at"], 1)
            return CountView(
                subscribers=row["subscribers"] * of // looked_at,
                with_consent=row["with_consent"] * of // looked_at,
                is_exact=of <= looked_at,
            )


async def _counted(scope: Scope, given: RuleCount) -> Term:
    own = given.target_group_id
    term = await _checked_rule(scope, given.rule, own)
    return await write_out(scope, term, "/rule", own)


async def freeze_targets(
    scope: Scope, given: Sequence[UUID], pointer: str
) -> tuple[FrozenTarget, ...]:
    """A step: copies of the rules, sorted and each once. Raises NotFound with a pointer to each
    unknown id, InvalidInput where a rule has grown over the limits through one it refers to.
    """
    rows = {row["id"]: row for row in await targets.known_targets(scope, given)}
    errors = [
        FieldError(f"{pointer}/{at}", "not_found", "There is none with this id.")
        for at, one in enumerate(given)
        if one not in rows
    ]
    if errors:
        raise NotFound("not_found", "no such target group", errors=errors)
    frozen = []
    for target_id, row in sorted(rows.items()):
        place = f"{pointer}/{given.index(target_id)}"
        term = await write_out(scope, read_frozen(row["rule"]), place, target_id, is_inside=True)
        frozen.append(FrozenTarget(target_id, row["name"], msgspec.to_builtins(term)))
    return tuple(frozen)


async def require_unreferenced(scope: Scope, kind: str, named: UUID | str) -> None:
    """A step: what a saved rule names is not deleted, or NOT would come to mean everybody.

    Raises Conflict `group_in_use`, `target_group_in_use`, `attribute_in_use`.
    """
    naming = await targets.naming_targets(scope, kind, str(named))
    if naming:
        names = [row["name"] for row in naming]
        raise Conflict(f"{kind}_in_use", "target groups name it", target_groups=names)


async def _checked_rule(scope: Scope, given: Mapping[str, Any], own: UUID | None) -> Term:
    """Read, and everything it names found; the references stay as they are."""
    kinds = {row["name"]: AttributeKind(row["kind"]) for row in await groups.attributes(scope)}
    term = read_rule(given, kinds)
    named = [one.id for one in walk(term) if isinstance(one, GroupTerm)]
    known = {row["id"] for row in await groups.known_groups(scope, named)} if named else set()
    known |= {row["id"] for row in await targets.known_targets(scope, sorted(target_ids(term)))}
    if own is not None:
        known.add(own)  # a circle is told as such
    errors = [
        FieldError(f"{place}/id", "not_found", "There is none with this id.")
        for place, one in _places(term, "/rule")
        if isinstance(one, GroupTerm | TargetTerm) and one.id not in known
    ]
    if errors:
        raise NotFound("not_found", "the rule names what is not there", errors=errors)
    await write_out(scope, term, "/rule", own)
    return term


def _places(term: Term, pointer: str) -> Iterator[tuple[str, Term]]:
    yield pointer, term
    if isinstance(term, AllOf | AnyOf):
        for at, part in enumerate(term.of):
            yield from _places(part, f"{pointer}/of/{at}")
    elif isinstance(term, NotOf):
        yield from _places(term.of, f"{pointer}/of")


async def write_out(
    scope: Scope, term: Term, pointer: str, own: UUID | None, *, is_inside: bool = False
) -> Term:
    """The term with every reference replaced by the rule it names. Raises InvalidInput
    `circular_reference`, `rule_too_deep`, `rule_too_long`, pointing at the reference; with
    `is_inside` at `pointer`, which is where the caller names the whole term.
    """
    rules = await _rules_below(scope, term)
    whole = _Inliner(rules).inlined(
        term, pointer, frozenset({own} if own else ()), is_inside=is_inside
    )
    if depth_of(whole) > DEPTH_MAX:
        raise invalid_field(pointer, "rule_too_deep", f"at most {DEPTH_MAX} levels, all written")
    return whole


async def _rules_below(scope: Scope, term: Term) -> dict[UUID, Term]:
    found: dict[UUID, Term] = {}
    wanted = target_ids(term)
    while wanted:
        rows = await targets.known_targets(scope, sorted(wanted))
        new = {row["id"]: read_frozen(row["rule"]) for row in rows}
        found |= new
        wanted = {one for rule in new.values() for one in target_ids(rule)} - found.keys()
    return found


class _Inliner:
    """Counts as it goes: rules that refer to each other grow by multiplying."""

    def __init__(self, rules: Mapping[UUID, Term]) -> None:
        self._rules = rules
        self._left = TERMS_MAX

    def inlined(self, term: Term, pointer: str, above: frozenset[UUID], *, is_inside: bool) -> Term:
        self._left -= 1
        if self._left < 0:
            detail = f"at most {TERMS_MAX} conditions, all written"
            raise invalid_field(pointer, "rule_too_long", detail)
        if isinstance(term, TargetTerm):
            if term.id in above:
                raise invalid_field(pointer, "circular_reference", "it comes back to itself")
            if term.id not in self._rules:
                raise invalid_field(pointer, "not_found", "a rule it refers to is gone")
            self._left += 1  # the reference itself gives its place to what it names
            above |= {term.id}
            return self.inlined(self._rules[term.id], pointer, above, is_inside=True)
        below = pointer if is_inside else f"{pointer}/of"
        if isinstance(term, NotOf):
            return NotOf(self.inlined(term.of, below, above, is_inside=is_inside))
        if isinstance(term, AllOf | AnyOf):
            parts = tuple(
                self.inlined(
                    part, below if is_inside else f"{below}/{at}", above, is_inside=is_inside
                )
                for at, part in enumerate(term.of)
            )
            return type(term)(parts)
        return term


def _check_texts(given: TargetGroupCreate | TargetGroupUpdate) -> None:
    for field in ("name", "description"):
        text = getattr(given, field)
        if text:
            require_text(text, f"/{field}")


def _name_taken(name: Any) -> Conflict:
    return Conflict("target_group_name_taken", "a target group has this name", name=name)


def _view(row: Any) -> TargetGroupView:
    return msgspec.convert(dict(row), TargetGroupView)
