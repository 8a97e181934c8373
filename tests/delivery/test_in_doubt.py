"""A carrier that takes a message and drops the line: it is never submitted again (promise 2)."""

from collections import Counter
from datetime import timedelta

import pytest

from backend.db.scope import tenant_scope
from backend.delivery.service.announcing import due_batches
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.returning import return_due
from backend.delivery.service.sending import send_batch
from backend.gateways.service import note_working
from backend.kernel import clock
from backend.kernel.principal import system
from tests.delivery.factories import (
    ListedEvaluator,
    make_paying_tenant,
    make_session,
    recipient,
    sending,
    use,
)

pytestmark = pytest.mark.anyio


async def test_what_the_carrier_may_have_never_goes_again(database, tmp_path):
    tenant_id = await make_paying_tenant(10)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(1)]))
    async with sending(tmp_path, "perfect,drop_rate=1") as way:
        assert await prepare_session(tenant_id, session_id) == "sending"
        for _ in range(3):
            for batch in await due_batches(10):
                assert await way.carriers.gateways[way.gateway_id].ready(timeout_seconds=10)
                await send_batch(way.carriers, *batch.key)
            clock.set_offset(clock.offset() + timedelta(minutes=2))
            await note_working([way.gateway_id])
            await return_due()
        accepted = Counter(r.destination for r in way.simulator.truth() if r.kind == "accepted")
    assert list(accepted.values()) == [1]
    async with tenant_scope(system("test", tenant_id)) as scope:
        states = await scope.rows("SELECT state FROM messages WHERE session_id = $1", session_id)
    assert [row["state"] for row in states] == ["unconfirmed"]
