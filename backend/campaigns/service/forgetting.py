"""What campaigns know of a person who was erased: the sample text of a quote may be theirs."""

from datetime import datetime
from uuid import UUID

from backend.campaigns.queries import contents
from backend.db.scope import Scope, tenant_scope
from backend.kernel.principal import system


async def forget_samples(tenant_id: UUID, erased_at: datetime) -> None:
    """Consumer of `subscriber.erased`. Numbers and prices stay; the dialog asks for a new quote
    where somebody wants to see the longest text again.
    """
    async with tenant_scope(system("erasure", tenant_id)) as scope:
        await contents.forget_sample_texts(scope, erased_at)


async def forget_problem_texts(scope: Scope, session_id: UUID) -> None:
    """A step of who screened it: the draft's list of problems quotes a text of somebody erased."""
    await contents.forget_problem_texts(scope, session_id)
