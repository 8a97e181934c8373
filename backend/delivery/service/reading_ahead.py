"""Pages of a preparation, each evaluated while the one before it is written.

Rendering is this process's work and writing the database's: one after the other, one of them always
waits.
"""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

from backend.campaigns.schemas.evaluation import EVALUATION_ROWS_MAX, EvaluatedPage
from backend.db.scope import tenant_scope
from backend.delivery.service.evaluator import Evaluator, OpenedEvaluation
from backend.delivery.service.steps import CheckTexts
from backend.kernel.principal import system

CheckedPage = tuple[EvaluatedPage, dict[int, str]]
"""A page and what of it may not leave, by its place in the page."""


async def read_ahead(
    tenant_id: UUID, evaluator: Evaluator, check: CheckTexts, opened: OpenedEvaluation
) -> AsyncGenerator[CheckedPage, None]:
    """All pages in order, the last of them without a key. Who stops early ends what is read ahead.

    A page is a transaction older than its rows: what the person said in between is asked again by
    the claim.
    """

    async def evaluate(after: UUID | None) -> CheckedPage:
        async with tenant_scope(system("prepare", tenant_id)) as scope:
            page = await evaluator.page(scope, opened, after, EVALUATION_ROWS_MAX)
        return page, check(page.messages)

    coming: asyncio.Task[CheckedPage] | None = asyncio.create_task(evaluate(None))
    try:
        while coming is not None:
            page, hits = await coming
            after = page.next_after
            coming = None if after is None else asyncio.create_task(evaluate(after))
            yield page, hits
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
