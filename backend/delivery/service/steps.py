"""The steps of other features that a dispatch calls, in one place.

This is where a feature is plugged into dispatch: its step becomes the default of its field. A test
gives others with `give`.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import msgspec

from backend.campaigns.schemas.evaluation import EvaluatedMessage
from backend.campaigns.schemas.sessions import ApprovalBounds, SessionRow
from backend.campaigns.service.contents import read_content_version
from backend.db.scope import Scope
from backend.delivery.service.evaluator import CampaignEvaluator, Evaluator
from backend.identity.service.tenants import read_tenant_facts
from backend.moderation.checks import check_texts
from backend.moderation.rules import RuleSet
from backend.moderation.service import cases
from backend.moderation.service.rule_sets import read_rules

CheckTexts = Callable[[Sequence[EvaluatedMessage]], dict[int, str]]
"""Index → why the rendered text may not leave, `host:…` or `rule:…`. Pure."""
OpenCheck = Callable[[Scope, SessionRow], Awaitable[CheckTexts]]
"""What the check compares with, read once per preparation."""
WithdrawCase = Callable[[Scope, UUID, str], Awaitable[None]]
"""The case of a session that was taken back is closed: `withdrawn` or `killed`."""
ReopenCase = Callable[[Scope, SessionRow, str], Awaitable[None]]
"""A session back in validation gets a case that says what changed."""
ReturnsUndelivered = Callable[[Scope, SessionRow], Awaitable[bool]]
"""Whether the session's price list gives undelivered messages back (off by default)."""


async def _content_rules(scope: Scope, session: SessionRow) -> CheckTexts:
    number = session.approved_version or session.content_version
    version = await read_content_version(scope, session.id, number)
    tenant = await read_tenant_facts(scope)
    return check_against(
        session.bounds, await read_rules(scope, version.content, tenant.auto_validation)
    )


def check_against(bounds: ApprovalBounds | None, rules: RuleSet) -> CheckTexts:
    """None: a test to one's own numbers, which nobody approves."""

    def check(messages: Sequence[EvaluatedMessage]) -> dict[int, str]:
        if bounds is None:
            return {}
        problems = check_texts((message.body for message in messages), bounds, rules)
        return {n: problem.evidence for n, problem in enumerate(problems) if problem}

    return check


async def _close_case(scope: Scope, session_id: UUID, reason: str) -> None:
    await cases.withdraw_case(scope, session_id, reason)


async def _reopen_case(scope: Scope, session: SessionRow, cause: str) -> None:
    await cases.reopen_case(scope, session, cause)


async def _keeps_charges(_scope: Scope, _session: SessionRow) -> bool:
    return False


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    evaluator: Evaluator = CampaignEvaluator()
    open_check: OpenCheck = _content_rules
    withdraw_case: WithdrawCase = _close_case
    reopen_case: ReopenCase = _reopen_case
    returns_undelivered: ReturnsUndelivered = _keeps_charges


_given = [Steps()]


def give(steps: Steps) -> None:
    _given[0] = steps


def given() -> Steps:
    return _given[0]
