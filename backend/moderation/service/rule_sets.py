"""The lists the rules read: hosts that are blocked, written in the text, known for the tenant."""

from backend.campaigns.schemas.content import FrozenContent
from backend.db.scope import Scope, platform_scope
from backend.identity.schemas import AutoValidation
from backend.kernel.errors import NotFound, invalid_field
from backend.kernel.principal import Principal
from backend.moderation.checks import links_of
from backend.moderation.dry_run import fixed_text
from backend.moderation.queries import decisions, rule_sets, screenings
from backend.moderation.rule_book import BUILT_IN, RuleBook, book_of
from backend.moderation.rules import RuleSet, normal_hosts
from backend.moderation.schemas.hosts import BlockedHostView, HostBlock
from backend.sms.links import find

KNOWN_DECISIONS_MAX = 500


async def book_in_force(scope: Scope) -> RuleBook:
    """A step, in any scope: the rules as they are now, whatever they were at a screening."""
    row = await rule_sets.in_force(scope)
    if row is None:
        return BUILT_IN
    return book_of(row["version"], row["rules_hash"], row["rules"])


async def read_rules(
    scope: Scope, content: FrozenContent | None, privilege: AutoValidation | None = None
) -> RuleSet:
    """A step, for screening and for `checks.check_texts` before anything leaves."""
    links = links_of(fixed_text(content)) if content else []
    granted = normal_hosts(privilege.hosts) if privilege else frozenset[str]()
    return RuleSet(
        blocked_hosts=await screenings.blocked_hosts(scope),
        fixed_hosts=frozenset(link.host for link in links if link.host),
        known_hosts=granted | await decisions.known_hosts(scope, KNOWN_DECISIONS_MAX),
        book=await book_in_force(scope),
    )


async def list_blocked_hosts(principal: Principal) -> list[BlockedHostView]:
    async with platform_scope(principal, "blocked hosts") as scope:
        return [BlockedHostView(**row) for row in await screenings.list_blocked_hosts(scope)]


async def block_host(principal: Principal, given: HostBlock) -> BlockedHostView:
    """With every domain below it, at once, also for what is approved: texts are checked again
    before they leave. Raises InvalidInput `host_invalid`.
    """
    links = find(given.host)
    if len(links) != 1 or links[0].text != given.host or not links[0].host:
        raise invalid_field("/host", "host_invalid", "a host looks like name.example")
    reason = f"block host {links[0].host}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        row = await screenings.block_host(scope, links[0].host, given.reason)
        view = BlockedHostView(**row)
        await scope.answer(view)
        return view


async def unblock_host(principal: Principal, host: str) -> None:
    """Raises NotFound."""
    reason = f"unblock host {host}"[:500]
    async with platform_scope(principal, reason, takes_key=True) as scope:
        if not await screenings.unblock_host(scope, host):
            raise NotFound
        await scope.answer(None, 204)
