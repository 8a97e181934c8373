"""The steps of other features that a dispatch calls, in one place.

This is where a feature is plugged into dispatch: its step becomes the default of its field. A test
gives others with `give`.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import msgspec

from backend.campaigns.schemas.evaluation import EvaluatedMessage
from backend.campaigns.schemas.sessions import SessionRow
from backend.db.scope import Scope
from backend.delivery.service.evaluator import CampaignEvaluator, Evaluator

CheckTexts = Callable[[Scope, SessionRow, Sequence[EvaluatedMessage]], Awaitable[dict[int, str]]]
"""Index → rule that blocks the rendered text."""
WithdrawCase = Callable[[Scope, UUID], Awaitable[None]]
"""The case of a session that was taken back is closed as withdrawn."""
ReturnsUndelivered = Callable[[Scope, SessionRow], Awaitable[bool]]
"""Whether the session's price list gives undelivered messages back (off by default)."""


async def _no_hits(
    _scope: Scope, _session: SessionRow, _messages: Sequence[EvaluatedMessage]
) -> dict[int, str]:
    return {}


async def _no_case(_scope: Scope, _session_id: UUID) -> None:
    return


async def _keeps_charges(_scope: Scope, _session: SessionRow) -> bool:
    return False


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    evaluator: Evaluator = CampaignEvaluator()
    check_texts: CheckTexts = _no_hits
    withdraw_case: WithdrawCase = _no_case
    returns_undelivered: ReturnsUndelivered = _keeps_charges


_given = [Steps()]


def give(steps: Steps) -> None:
    _given[0] = steps


def given() -> Steps:
    return _given[0]
