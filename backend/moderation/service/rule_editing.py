"""Rule sets: drafts that leads write, try and test, and the one switch that puts one in force."""

from typing import Any

import msgspec

from backend.db.scope import Scope, platform_scope
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.principal import Principal
from backend.moderation.dry_run import EMPTY
from backend.moderation.queries import rule_sets, screenings
from backend.moderation.rule_book import (
    BUILT_IN_RULES,
    BUILT_IN_VERSION,
    book_of,
    check_rules,
    rules_hash,
)
from backend.moderation.rules import RuleSet, score_of, submission_rules
from backend.moderation.schemas.rules import (
    Rule,
    RuleChange,
    RuleSetBadge,
    RuleSetCreate,
    RuleSetState,
    RuleSetUpdate,
    RuleSetView,
    SwitchOn,
    TextTrial,
    TrialView,
)
from backend.moderation.schemas.screening import SubmissionContext
from backend.moderation.texts import hits_of, in_order

SETS_SHOWN_MAX = 100
BUILT_IN_HASH = rules_hash(BUILT_IN_RULES)


async def list_rule_sets(principal: Principal) -> list[RuleSetBadge]:
    """Newest first; the last one is what the product ships with."""
    async with platform_scope(principal, "content rules") as scope:
        rows = await rule_sets.listed(scope, SETS_SHOWN_MAX)
        is_built_in = await rule_sets.in_force(scope) is None
    built_in = _built_in(is_in_force=is_built_in)
    return [_badge(_stored(row)) for row in rows] + [_badge(built_in)]


async def read_rule_set(principal: Principal, version: int) -> RuleSetView:
    """Raises NotFound."""
    async with platform_scope(principal, "content rules") as scope:
        return await _view(scope, version)


async def read_rules_in_force(principal: Principal) -> RuleSetView:
    async with platform_scope(principal, "content rules") as scope:
        return await _view(scope, await version_in_force(scope))


async def version_in_force(scope: Scope) -> int:
    row = await rule_sets.in_force(scope)
    return row["version"] if row else BUILT_IN_VERSION


async def create_rule_set(principal: Principal, given: RuleSetCreate) -> RuleSetView:
    """A draft: nothing changes yet. Raises InvalidInput as `check_rules`."""
    if given.rules is not None:
        check_rules(given.rules)
    async with platform_scope(principal, "draft content rules", takes_key=True) as scope:
        await rule_sets.lock(scope)
        base = await version_in_force(scope)
        rules = given.rules or (await _read(scope, base))["rules"]
        stored, hashed = msgspec.to_builtins(rules), rules_hash(rules)
        version = await rule_sets.insert(scope, base, given.note, stored, hashed)
        view = await _view(scope, version)
        await scope.answer(view)
    return view


async def update_rule_set(principal: Principal, version: int, given: RuleSetUpdate) -> RuleSetView:
    """Raises NotFound, Conflict `rule_set_not_draft`, `stale_version`; InvalidInput."""
    check_rules(given.rules)
    reason = f"draft content rules {version}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        _require_draft(await _read(scope, version), given.row_version)
        stored, hashed = msgspec.to_builtins(given.rules), rules_hash(given.rules)
        if not await rule_sets.change(
            scope, version, given.row_version, given.note, stored, hashed
        ):
            _require_draft(await _read(scope, version), given.row_version)
        view = await _view(scope, version)
        await scope.answer(view, 200)
    return view


async def discard_rule_set(principal: Principal, version: int) -> None:
    """Raises NotFound, Conflict `rule_set_not_draft`."""
    reason = f"discard content rules {version}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        found = await _read(scope, version)
        if not await rule_sets.discard(scope, version):
            raise _not_draft(found)
        await scope.answer(None, 204)


async def switch_on_rule_set(principal: Principal, version: int, given: SwitchOn) -> RuleSetView:
    """In force for every screening and every text that leaves from now on. Raises NotFound,
    Conflict `rule_set_not_draft`, `stale_version`, `rule_set_not_tested`, `rule_set_outdated` for
    one that is based on another set than the one in force: it would undo what came between.
    """
    reason = f"switch on content rules {version}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        await rule_sets.lock(scope)
        found = await _read(scope, version)
        _require_draft(found, given.row_version)
        now = await version_in_force(scope)
        if found["base_version"] != now:
            text = "another set came in force since this draft was begun"
            raise Conflict("rule_set_outdated", text, in_force=now, based_on=found["base_version"])
        if not found["is_tested"]:
            text = "run these rules over past sessions first"
            raise Conflict("rule_set_not_tested", text, version=version)
        if not await rule_sets.switch_on(scope, version, given.row_version):
            raise _stale(found)
        view = await _view(scope, version)
        await scope.answer(view, 200)
    return view


async def try_rule_set(principal: Principal, version: int, given: TextTrial) -> TrialView:
    """What a set says to one text and its sender; nothing is kept. Raises NotFound."""
    async with platform_scope(principal, f"try content rules {version}") as scope:
        found = await _read(scope, version)
        blocked = await screenings.blocked_hosts(scope)
    book = book_of(version, found["rules_hash"], found["rules"])
    hits = hits_of(given.text, RuleSet(book=book, blocked_hosts=blocked), has_values=True)
    context = SubmissionContext(sender=given.sender, largest_approved=0)
    hits += [hit for _, hit in submission_rules(EMPTY, context, book)]
    return TrialView(score=score_of(hits), hits=in_order(hits))


def _built_in(*, is_in_force: bool) -> dict[str, Any]:
    return {
        "version": BUILT_IN_VERSION,
        "state": RuleSetState.IN_FORCE if is_in_force else RuleSetState.REPLACED,
        "base_version": BUILT_IN_VERSION,
        "note": "what the product ships with",
        "rules": list(BUILT_IN_RULES),
        "rules_hash": BUILT_IN_HASH,
        "row_version": 0,
        "changed_by": "system",
        "changed_at": None,
        "switched_by": None,
        "switched_at": None,
        "is_tested": True,
    }


def _stored(row: Any) -> dict[str, Any]:
    return {**row, "rules": msgspec.convert(row["rules"], list[Rule])}


async def _read(scope: Scope, version: int) -> dict[str, Any]:
    if version == BUILT_IN_VERSION:
        return _built_in(is_in_force=await version_in_force(scope) == BUILT_IN_VERSION)
    if not 0 < version < 2**31:
        raise NotFound
    return _stored(await rule_sets.read(scope, version))


def _require_draft(found: dict[str, Any], row_version: int) -> None:
    if found["state"] != RuleSetState.DRAFT:
        raise _not_draft(found)
    if found["row_version"] != row_version:
        raise _stale(found)


def _not_draft(found: dict[str, Any]) -> Conflict:
    text = "rules that were switched on stand as they are: begin another draft"
    return Conflict("rule_set_not_draft", text, version=found["version"], state=str(found["state"]))


def _stale(found: dict[str, Any]) -> Conflict:
    text = "somebody changed the draft meanwhile"
    return Conflict("stale_version", text, row_version=found["row_version"])


def _badge(found: dict[str, Any]) -> RuleSetBadge:
    facts = {name: found[name] for name in RuleSetBadge.__struct_fields__ if name in found}
    facts["rules_on"] = sum(rule.is_on for rule in found["rules"])
    return msgspec.convert(facts, RuleSetBadge)


async def _view(scope: Scope, version: int) -> RuleSetView:
    found = await _read(scope, version)
    base = await _read(scope, found["base_version"])
    badge = _badge(found)
    return RuleSetView(
        **{name: getattr(badge, name) for name in RuleSetBadge.__struct_fields__},
        rules=found["rules"],
        changes=changes_between(base["rules"], found["rules"]),
    )


def changes_between(before: list[Rule], after: list[Rule]) -> list[RuleChange]:
    """Pure: by rule id."""
    old, new = {rule.id: rule for rule in before}, {rule.id: rule for rule in after}
    found = []
    for rule_id in sorted(old.keys() | new.keys()):
        one, other = old.get(rule_id), new.get(rule_id)
        if one is None or other is None:
            what = "added" if one is None else "removed"
            found.append(RuleChange(rule=rule_id, what=what, fields=[]))
        elif one != other:
            fields = [n for n in Rule.__struct_fields__ if getattr(one, n) != getattr(other, n)]
            found.append(RuleChange(rule=rule_id, what="changed", fields=fields))
    return found
