"""The happy path and its small deviations, on the real protocol."""

import pytest

from backend.campaigns.service.progress import session_progress
from backend.db.scope import tenant_scope
from backend.delivery.service.announcing import due_batches
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.sending import send_batch
from backend.delivery.service.settling import settle_session
from backend.kernel.principal import system
from backend.ledger.service.balance import balance
from tests.delivery.factories import (
    ListedEvaluator,
    make_paying_tenant,
    make_session,
    recipient,
    sending,
    until,
    use,
)

pytestmark = pytest.mark.anyio


async def progress_of(tenant_id, session_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        return await session_progress(scope, session_id)


async def states_of(tenant_id, session_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        rows = await scope.rows(
            "SELECT state, count(*)::int AS c FROM messages WHERE session_id = $1 GROUP BY 1",
            session_id,
        )
    return {row["state"]: row["c"] for row in rows}


async def send_all(carriers):
    for item in await due_batches(100):
        await send_batch(carriers, *item.key)


async def test_one_message_goes_the_whole_way(database, tmp_path):
    tenant_id = await make_paying_tenant(10)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(1)]))
    async with sending(tmp_path) as way:
        assert await prepare_session(tenant_id, session_id) == "sending"
        await send_all(way.carriers)

        async def delivered():
            return (await progress_of(tenant_id, session_id)).delivered == 1

        await until(delivered)
        assert await settle_session(tenant_id, session_id)
        assert await settle_session(tenant_id, session_id)
        truth = [record for record in way.simulator.truth() if record.kind == "accepted"]
        assert [record.message for record in truth] == [b"Your parcel arrives today"]
    async with tenant_scope(system("test", tenant_id)) as scope:
        view = await balance(scope)
        row = await scope.one("SELECT state FROM campaign_sessions WHERE id = $1", session_id)
    assert row["state"] == "completed"
    assert (view.available, view.held, view.spent_total) == (9, 0, 1)
    assert (await progress_of(tenant_id, session_id)).percent == 100
