"""The rules of the desk: read by every step that needs one, changed by leads, never edited."""

from typing import Any

import msgspec

from backend.db.scope import Scope, platform_scope
from backend.kernel.errors import Conflict
from backend.kernel.principal import Principal
from backend.moderation.queries import desk
from backend.moderation.schemas.desk import DeskRules, DeskRulesEdit, DeskRulesView

FIRST_VERSION = 1
VERSIONS_SHOWN_MAX = 100
# What a new installation begins with; the versions in the table come after it.
_FIRST = DeskRulesView(
    version=FIRST_VERSION, rules=DeskRules(), note="as delivered", made_by="system", made_at=None
)


async def rules_in_force(scope: Scope) -> DeskRulesView:
    """A step, in any scope."""
    row = await desk.newest_rules(scope)
    return _view(row) if row else _FIRST


async def read_desk_rules(principal: Principal) -> DeskRulesView:
    async with platform_scope(principal, "rules of the desk") as scope:
        return await rules_in_force(scope)


async def list_desk_rules(principal: Principal) -> list[DeskRulesView]:
    """Newest first."""
    async with platform_scope(principal, "versions of the rules of the desk") as scope:
        rows = await desk.all_rules(scope, VERSIONS_SHOWN_MAX)
    return [*map(_view, rows), _FIRST]


async def change_desk_rules(principal: Principal, given: DeskRulesEdit) -> DeskRulesView:
    """A new version, in force at once. Raises Conflict `rules_changed` with the version that is."""
    reason = f"change the rules of the desk: {given.note}"
    async with platform_scope(principal, reason[:500], takes_key=True) as scope:
        now = await rules_in_force(scope)
        version = now.version + 1
        body = msgspec.to_builtins(given.rules)
        is_ours = now.version == given.based_on and await desk.insert_rules(
            scope, version, body, given.note
        )
        if not is_ours:
            raise changed_meanwhile((await rules_in_force(scope)).version)
        view = await rules_in_force(scope)
        await scope.answer(view, 200)
    return view


def changed_meanwhile(version: int) -> Conflict:
    return Conflict("rules_changed", "somebody changed them: read them again", version=version)


def _view(row: Any) -> DeskRulesView:
    rules = msgspec.convert(row["body"], DeskRules)
    facts = {name: row[name] for name in ("version", "note", "made_by", "made_at")}
    return DeskRulesView(rules=rules, **facts)
