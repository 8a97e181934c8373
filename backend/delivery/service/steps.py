"""What delivery asks of features that stand beside it, named in one place and given by `app`.

Each field is one step of another feature in the shape delivery calls it; a process gives them once
at its start with `give`, tests give their own.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from backend.campaigns.schemas.evaluation import EvaluatedMessage, EvaluatedPage
from backend.campaigns.schemas.sessions import SessionRow
from backend.db.scope import Scope


class OpenedEvaluation(msgspec.Struct, frozen=True):
    """What is the same for all recipients of one preparation."""

    content_hash: str
    """Recomputed from the frozen content, not read from its row."""
    sender: str
    state: Any
    """The evaluation's own; passed back to it with every page."""


class Evaluator(Protocol):
    async def open(self, scope: Scope, session: SessionRow) -> OpenedEvaluation: ...

    async def page(
        self, scope: Scope, opened: OpenedEvaluation, after: UUID | None, rows_max: int
    ) -> EvaluatedPage: ...


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
    evaluator: Evaluator
    check_texts: CheckTexts = _no_hits
    withdraw_case: WithdrawCase = _no_case
    returns_undelivered: ReturnsUndelivered = _keeps_charges


_given: list[Steps] = []


def give(steps: Steps) -> None:
    _given[:] = [steps]


def given() -> Steps:
    if not _given:
        raise RuntimeError("the process was started without delivery's steps")
    return _given[0]
