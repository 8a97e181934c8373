"""What the desk knows of a person who was erased: the texts that a dry run showed of them.

A case keeps its figures, its hits and the digests of what its voters saw; the text itself is empty.
"""

from uuid import UUID

from backend.audience.service.people import hold_people
from backend.campaigns.service.forgetting import forget_problem_texts
from backend.db.scope import Scope, tenant_scope
from backend.kernel.principal import system
from backend.moderation.forgetting import screening_without, without_texts_of
from backend.moderation.queries import samples
from backend.moderation.queries.screenings import Screening, sampled

FORGOTTEN_AT_ONCE_MAX = 200


async def forget_person(tenant_id: UUID, subscriber_id: UUID) -> int:
    """Consumer of `subscriber.erased`: in how many screenings they stood. Twice is once, and what
    a killed one left is found by the next: each is a transaction of its own, and whoever comes
    first in a list stands in every campaign.
    """
    principal = system("erasure", tenant_id)
    forgotten = 0
    while True:
        async with tenant_scope(principal) as scope:
            found = await samples.shown_in(scope, subscriber_id, FORGOTTEN_AT_ONCE_MAX)
        if not found:
            return forgotten
        for session_id, content_version in found:
            async with tenant_scope(principal) as scope:
                await _forget_in(scope, subscriber_id, session_id, content_version)
            forgotten += 1


async def _forget_in(
    scope: Scope, subscriber_id: UUID, session_id: UUID, content_version: int
) -> None:
    """The session's row, the case, the screening: the order of whoever renders it again."""
    gone = {str(subscriber_id)}
    await forget_problem_texts(scope, session_id)
    for case in await samples.lock_cases(scope, session_id, content_version):
        emptied = without_texts_of(gone, case["dry_run"], case["hits"])
        if emptied != (case["dry_run"], case["hits"]):
            await samples.put_in_case(scope, case["id"], *emptied)
    row = await samples.lock_screening(scope, session_id, content_version)
    if row is not None:
        emptied = without_texts_of(gone, row["dry_run"], row["hits"])
        await samples.put_in_screening(scope, session_id, content_version, *emptied)
    await samples.forget(scope, subscriber_id, session_id, content_version)


async def without_erased(scope: Scope, found: Screening) -> Screening:
    """A step, before a dry run is stored: it took minutes, and somebody may be gone since."""
    shown = sampled(found)
    return screening_without(found, shown - await hold_people(scope, sorted(shown)))
