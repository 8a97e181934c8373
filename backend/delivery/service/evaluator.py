"""How a preparation asks campaigns for its recipients, page by page."""

from typing import Any, Protocol
from uuid import UUID

import msgspec

from backend.campaigns.schemas.content import content_hash
from backend.campaigns.schemas.evaluation import EvaluatedPage
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.contents import find_withdrawn, read_content_version
from backend.campaigns.service.evaluation import evaluate_page, open_evaluation
from backend.campaigns.service.prices import price_version_of
from backend.db.scope import Scope
from backend.identity.service.tenants import read_tenant_facts


class OpenedEvaluation(msgspec.Struct, frozen=True):
    """What is the same for all recipients of one preparation."""

    content_hash: str
    """Recomputed from the frozen content, not read from its row."""
    sender: str
    state: Any
    """The evaluation's own; passed back to it with every page."""
    withdrawn: str | None = None
    """`sender` or `template` where what was approved as such no longer is."""


class Evaluator(Protocol):
    async def open(self, scope: Scope, session: SessionRow) -> OpenedEvaluation: ...

    async def page(
        self, scope: Scope, opened: OpenedEvaluation, after: UUID | None, rows_max: int
    ) -> EvaluatedPage: ...


class CampaignEvaluator:
    """The approved version, word for word, over the audience as it is now."""

    async def open(self, scope: Scope, session: SessionRow) -> OpenedEvaluation:
        number = session.approved_version or session.content_version
        version = await read_content_version(scope, session.id, number)
        found = content_hash(version.content)
        if found != session.approved_hash:
            # Nothing of it is trusted, not even that it names a sender and an audience there are.
            return OpenedEvaluation(found, version.content.sender, None)
        evaluation = await open_evaluation(
            scope,
            version.content,
            tenant=await read_tenant_facts(scope),
            price_version=price_version_of(session, scope.now),
            properties=version.properties,
            session=session,
        )
        return OpenedEvaluation(
            found,
            version.content.sender,
            evaluation,
            await find_withdrawn(scope, version.content),
        )

    async def page(
        self, scope: Scope, opened: OpenedEvaluation, after: UUID | None, rows_max: int
    ) -> EvaluatedPage:
        return await evaluate_page(scope, opened.state, after, rows_max)
