"""A person who is erased: texts, numbers and replies go, counts and credits stay."""

import msgspec
import pytest

from backend.audience.service import people
from backend.campaigns.queries.contents import insert_version
from backend.campaigns.schemas.content import FrozenContent, content_hash
from backend.campaigns.service.progress import session_progress
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.forgetting import forget_person
from backend.delivery.service.outcomes import Answered, record_outcomes
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.replies import count_replies
from backend.delivery.service.settling import finish_rows, settle_sessions
from backend.delivery.service.stopping import kill_session
from backend.kernel.principal import StaffRole, system
from backend.ledger.service.balance import balance
from tests.audience.factories import make_subscriber
from tests.delivery.factories import (
    ListedEvaluator,
    accepted,
    lease_of,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    use,
    window_of,
)
from tests.delivery.replying import SENDER, say, written
from tests.factories import member_of, staff
from tests.faults.oracle import broken_promises

pytestmark = pytest.mark.anyio
ADA = "+4791234999"
CANARY = ADA.removeprefix("+")


async def erasure_told():
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT payload FROM outbox WHERE topic = 'subscriber.erased' ORDER BY id"
        )
    return [row["payload"] for row in rows]


async def tables_with(database, needle: str) -> set[str]:
    """Every table in which it stands anywhere."""
    connection = await database.connect()
    try:
        found = await connection.fetch(
            "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p')"
            " AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition"
        )
        names = [row["relname"] for row in found]
        hit = [
            name
            for name in names
            if await connection.fetchval(
                f"SELECT EXISTS (SELECT 1 FROM {name} t WHERE position($1 IN t::text) > 0)", needle
            )
        ]
    finally:
        await connection.close()
    return set(hit)


async def test_nothing_tells_who_it_was_and_everything_still_adds_up(database):
    gateway_id, _ = await make_gateway(1)
    tenant_id = await make_paying_tenant(100)
    me = member_of(tenant_id)
    ada = await make_subscriber(me, ADA, name="Ada")
    texts = [recipient(n, body=f"Hello secret-{n}") for n in range(3)]
    texts[0] = msgspec.structs.replace(texts[0], phone=ADA, subscriber_id=ada.id)
    content = FrozenContent(body="Hello", sender=SENDER, audience={})
    approved = content_hash(content)
    session_id = await make_session(tenant_id, approved_hash=approved)
    async with tenant_scope(me) as scope:
        await insert_version(scope, session_id, 1, approved, content, None)
    use(ListedEvaluator(texts, content_hash=approved, sender=SENDER))
    assert await prepare_session(tenant_id, session_id) == "sending"
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease)
    await record_outcomes([Answered(lease, window, accepted(lease, window))])
    await say(gateway_id, written(0, "I moved to Bergen", source=CANARY), written(1, "Thanks"))
    async with tenant_scope(me) as scope:
        before = await session_progress(scope, session_id), await balance(scope)
    await people.erase_subscriber(me, ada.id)
    (told,) = await erasure_told()
    assert not await forget_person(tenant_id, told), "it is still on its way: come back"
    assert len(await erasure_told()) == 2
    # The reply goes at once; what may yet be delivered keeps its number for the receipt.
    assert not await tables_with(database, "Bergen")
    assert "messages" in await tables_with(database, CANARY)
    await kill_session(staff(StaffRole.LEAD), tenant_id, session_id, reason="over")
    await finish_rows(tenant_id, session_id)
    await settle_sessions()
    assert await forget_person(tenant_id, told)
    assert await forget_person(tenant_id, told), "twice is once"
    assert not await tables_with(database, "secret-0")
    assert "messages" in await tables_with(database, "secret-1")
    assert await tables_with(database, CANARY) <= {"outbox"}
    async with tenant_scope(me) as scope:
        after = await session_progress(scope, session_id), await balance(scope)
        states = await scope.rows("SELECT state FROM messages")
    assert (after[0].planned, after[0].credits_captured) == (before[0].planned, 3)
    assert len(states) == 3
    assert after[1].spent_total == before[1].spent_total
    assert (await count_replies(me, session_id)).others == 2
    assert await broken_promises() == []


async def test_what_somebody_else_wrote_and_got_stays(database):
    gateway_id, _ = await make_gateway(1)
    tenant_id = await make_paying_tenant(100)
    me = member_of(tenant_id)
    ada = await make_subscriber(me, "+4791299999", name="Ada")
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(0, body="Hello secret-0")], sender=SENDER))
    assert await prepare_session(tenant_id, session_id) == "sending"
    await say(gateway_id, written(0, "Not Ada"))
    await people.erase_subscriber(me, ada.id)
    (told,) = await erasure_told()
    assert await forget_person(tenant_id, told)
    assert "messages" in await tables_with(database, "secret-0")


async def test_what_we_answered_is_forgotten(database):
    gateway_id, _ = await make_gateway(1)
    tenant_id = await make_paying_tenant(100)
    me = member_of(tenant_id)
    ada = await make_subscriber(me, ADA, name="Ada")
    texts = [msgspec.structs.replace(recipient(0), phone=ADA, subscriber_id=ada.id)]
    session_id = await make_session(tenant_id)
    use(ListedEvaluator(texts, sender=SENDER))
    assert await prepare_session(tenant_id, session_id) == "sending"
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease)
    await record_outcomes([Answered(lease, window, accepted(lease, window))])
    await say(gateway_id, written(0, "HELP", source=CANARY))
    assert "system_messages" in await tables_with(database, CANARY)
    await kill_session(staff(StaffRole.LEAD), tenant_id, session_id, reason="over")
    await finish_rows(tenant_id, session_id)
    await settle_sessions()
    async with platform_scope(system("test"), "answered") as scope:
        await scope.execute("UPDATE system_messages SET state = 'accepted'")
    await people.erase_subscriber(me, ada.id)
    (told,) = await erasure_told()
    assert await forget_person(tenant_id, told)
    assert await forget_person(tenant_id, told), "twice is once"
    assert await tables_with(database, CANARY) <= {"outbox"}
