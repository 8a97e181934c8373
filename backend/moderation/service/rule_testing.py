"""A draft of content rules run over past sessions, in a worker; the result is a row."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog

from backend.db.scope import Scope, platform_scope
from backend.kernel.errors import Conflict
from backend.kernel.faults import point
from backend.kernel.principal import Principal, system
from backend.moderation.backtest import Backtest, PastSession
from backend.moderation.queries import rule_sets, screenings
from backend.moderation.rule_book import BUILT_IN_VERSION, book_of
from backend.moderation.schemas.rules import (
    RuleSetState,
    RuleTestCreate,
    RuleTestState,
    RuleTestView,
)
from backend.moderation.schemas.screening import DryRun
from backend.moderation.service.rule_sets import book_in_force
from backend.outbox.service import announce
from backend.outbox.topics import Topic

TESTS_SHOWN_MAX = 50
PAGE_SESSIONS = 50
"""Of one transaction: a stored dry run is tens of kilobytes."""
LEASE_SECONDS = 60
TRIES_MAX = 3
_log = structlog.get_logger("clearsend.moderation")


async def start_rule_test(
    principal: Principal, version: int, given: RuleTestCreate
) -> RuleTestView:
    """Raises NotFound, Conflict `rule_set_not_draft`: what is in force has been tested."""
    async with platform_scope(principal, f"test content rules {version}", takes_key=True) as scope:
        found = await rule_sets.read(scope, min(max(version, 0), 2**31 - 1))
        if found["state"] != RuleSetState.DRAFT:
            raise Conflict(
                "rule_set_not_draft", "drafts are tested", version=version, state=found["state"]
            )
        test_id = await rule_sets.insert_test(
            scope, version, found["rules_hash"], given.days, given.sessions_max
        )
        await announce(scope, Topic.RULES_TEST_REQUESTED, {"test_id": str(test_id)})
        view = _view(await rule_sets.read_test(scope, test_id))
        await scope.answer(view, 202)
    return view


async def list_rule_tests(principal: Principal, version: int) -> list[RuleTestView]:
    """Raises NotFound. What the product ships with is not tested."""
    async with platform_scope(principal, "tests of content rules") as scope:
        if version == BUILT_IN_VERSION:
            return []
        await rule_sets.read(scope, min(max(version, 0), 2**31 - 1))
        return [_view(row) for row in await rule_sets.tests_of(scope, version, TESTS_SHOWN_MAX)]


async def read_rule_test(principal: Principal, test_id: UUID) -> RuleTestView:
    """Raises NotFound."""
    async with platform_scope(principal, "a test of content rules") as scope:
        return _view(await rule_sets.read_test(scope, test_id))


def _view(row: Any) -> RuleTestView:
    facts = {name: row[name] for name in RuleTestView.__struct_fields__}
    # Identifiers and times of the result are stored as JSON has them.
    return msgspec.convert(facts, RuleTestView, strict=False)


async def run_rule_test(test_id: UUID) -> None:
    """Consumer of `rules.test_requested`; twice is once. Raises Conflict `test_leased` while
    another works on it.
    """
    principal = system("rules")
    async with platform_scope(principal, "run a test of content rules") as scope:
        row = await rule_sets.read_test(scope, test_id)
        if row["state"] not in {RuleTestState.QUEUED, RuleTestState.RUNNING}:
            return
        if row["tries"] >= TRIES_MAX:
            await rule_sets.finish_test(scope, test_id, RuleTestState.FAILED.value, None)
            return
        until = scope.now + timedelta(seconds=LEASE_SECONDS)
        if not await rule_sets.lease_test(scope, test_id, until):
            raise Conflict("test_leased", "another worker runs it")
    try:
        await _run(principal, row)
    except Exception:
        _log.exception("a test of content rules failed", test_id=str(test_id))
        async with platform_scope(principal, "give a test back") as scope:
            await rule_sets.release_test(scope, test_id)
        raise


async def _run(principal: Principal, row: Any) -> None:
    async with platform_scope(principal, "content rules") as scope:
        draft = await rule_sets.read(scope, row["rules_version"])
        if draft["rules_hash"] != row["rules_hash"]:
            await rule_sets.finish_test(scope, row["id"], RuleTestState.FAILED.value, None)
            return
        tested = book_of(draft["version"], draft["rules_hash"], draft["rules"])
        blocked = await screenings.blocked_hosts(scope)
        backtest = Backtest(await book_in_force(scope), tested, blocked, row["days"])
        since = scope.now - timedelta(days=row["days"])
    before: tuple[datetime, UUID] | None = None
    left = row["sessions_max"]
    while left > 0:
        async with platform_scope(principal, "past sessions for a test of rules") as scope:
            page = await rule_sets.past_screenings(scope, since, before, min(left, PAGE_SESSIONS))
            await _keep_lease(scope, row["id"])
        for past in page:
            backtest.add(_past(past))
        point("moderation.test_page")
        left -= len(page)
        if len(page) < PAGE_SESSIONS:
            break
        before = (page[-1]["screened_at"], page[-1]["session_id"])
    async with platform_scope(principal, "result of a test of rules") as scope:
        result = msgspec.to_builtins(backtest.result())
        await rule_sets.finish_test(scope, row["id"], RuleTestState.DONE.value, result)


async def _keep_lease(scope: Scope, test_id: UUID) -> None:
    until = scope.now + timedelta(seconds=LEASE_SECONDS)
    await rule_sets.renew_test(scope, test_id, until)


def _past(row: Any) -> PastSession:
    return PastSession(
        tenant_id=row["tenant_id"],
        session_id=row["session_id"],
        content_version=row["content_version"],
        dry_run=msgspec.convert(row["dry_run"], DryRun, strict=False),
        decided=row["verdict"] or row["outcome"],
        screened_at=row["screened_at"],
    )
