"""What delivery knows of a person who was erased: texts, numbers, replies.

Counts, states and credits stay: nobody is told by them. A message that is still on its way keeps
its number until its session is over; the erasure comes back for it every day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.campaigns.service.watching import sessions_over
from backend.db.scope import doorway_scope, platform_scope, tenant_scope
from backend.delivery.queries import forgetting as queries
from backend.kernel.principal import system
from backend.outbox.service import announce
from backend.outbox.topics import Topic

AGAIN_HOURS = 24


async def forget_person(tenant_id: UUID, told: dict[str, Any]) -> bool:
    """Consumer of `subscriber.erased`; False: something is left for the next time. Twice is once:
    what is forgotten is not found by its number again.
    """
    subscriber_id, phone = UUID(told["subscriber_id"]), told["phone"]
    erased_at = datetime.fromisoformat(told["erased_at"])
    async with tenant_scope(system("erasure", tenant_id)) as scope:
        sent = await queries.sessions_with(scope, subscriber_id, phone)
        left_out = await queries.sessions_excluding(scope, subscriber_id, phone)
        over = await sessions_over(scope, {*sent, *left_out})
        await queries.forget_messages(scope, subscriber_id, phone, sorted(over & set(sent)))
        running = sorted(set(left_out) - over)
        await queries.forget_exclusions(scope, subscriber_id, phone, running)
        inbound_ids = await queries.forget_replies(scope, phone, erased_at)
        is_done = over >= {*sent, *left_out}
        if not is_done:
            later = scope.now + timedelta(hours=AGAIN_HOURS)
            await announce(scope, Topic.SUBSCRIBER_ERASED, told, not_before=later)
    await _forget_inbound(inbound_ids)
    async with platform_scope(system("erasure"), "what we wrote to an erased number") as scope:
        await queries.forget_answers(scope, phone, erased_at)
    return is_done


async def _forget_inbound(inbound_ids: Sequence[UUID]) -> None:
    """Killed before this, the raw texts stay behind a pseudonym of nobody's reply: swept with the
    next erasure of that number, or with their day.
    """
    if not inbound_ids:
        return
    async with platform_scope(system("erasure"), "replies of several tenants") as scope:
        shared = set(await queries.still_somebodys(scope, inbound_ids))
    async with doorway_scope("receipt", system("erasure")) as scope:
        await queries.forget_inbound(scope, [one for one in inbound_ids if one not in shared])
