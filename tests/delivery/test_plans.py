"""What the hot statements read on a session of 20,000 rows that nothing has analysed yet.

Wall-clock figures are nobody's business here; the work is: tuples read through the indexes of the
messages, counted by Postgres itself.
"""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from backend.campaigns.service.watching import lock_sessions
from backend.db.engine import DATABASE
from backend.db.scope import tenant_scope
from backend.delivery.queries import claims, outcomes as rows, preparing as queries
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.changes import Change, MessageKey, write_changes
from backend.delivery.service.preparing import PARTITION_DAYS_AHEAD, prepare_session
from backend.delivery.states import MessageRow
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from tests.delivery.factories import (
    ListedEvaluator,
    lease_of,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    use,
    window_of,
)

pytestmark = pytest.mark.anyio

MESSAGES = 20_000
WINDOW = 200
READ = (
    "SELECT coalesce(sum(idx_tup_fetch), 0)::bigint + coalesce(sum(seq_tup_read), 0)::bigint"
    " FROM pg_stat_xact_user_tables WHERE relname LIKE 'messages\\_%'"
)
"""Since the connection last told the statistics, so only differences mean something."""


async def plan_when_empty(tenant_id):
    """As a sending process does that starts before anything is prepared: its one plan is made where
    nothing speaks for an index.
    """
    async with tenant_scope(system("plans", tenant_id)) as scope:
        nobodys = SessionKey(scope.now.date(), uuid7())
        for ahead in range(PARTITION_DAYS_AHEAD):  # a new one would have all planned again
            await queries.make_partitions(scope, nobodys.session_day + timedelta(days=ahead))
        await claims.claim(scope, nobodys, [1], "Nordlys", uuid7())
        await rows.lock_rows(scope, [nobodys.session_day], [nobodys.session_id], [1])
        await rows.expect_many(scope)
        await rows.write_verdicts(scope, nobodys, [(1, 1, 1, "accepted", 0, 1, 1, None, None)])
        nothing: list[list[object]] = [[None]] * 5
        await rows.write_rows(scope, nobodys, [1], [["queued"], [0], [0], [0], [0], *nothing])


@pytest.fixture(params=["planned each time", "planned once", "planned once, when empty"])
async def key(database, request):
    """As in most processes, and as in those that send."""
    await make_gateway(1)
    tenant_id = await make_paying_tenant(MESSAGES)
    session_id = await make_session(tenant_id)
    if request.param == "planned once, when empty":
        await DATABASE.close()
        # One connection, so that what is asked later meets the plans of now.
        await DATABASE.open(database.login_url, plans_once=True, connections_max=1)
        await plan_when_empty(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(MESSAGES)]))
    await prepare_session(tenant_id, session_id)
    lease = await lease_of(tenant_id, session_id)
    if request.param == "planned once":
        await DATABASE.close()
        await DATABASE.open(database.login_url, plans_once=True)
    return tenant_id, SessionKey(lease.session_day, session_id), lease


async def test_a_claim_reads_its_window_wherever_it_lies(key):
    tenant_id, session, lease = key
    for first in (1, MESSAGES // 2, MESSAGES - WINDOW):
        async with tenant_scope(system("plans", tenant_id)) as scope:
            ns = range(first, first + WINDOW)
            before = await scope.value(READ)
            claimed = await claims.claim(scope, session, ns, "Nordlys", lease.gateway_id)
            read = await scope.value(READ) - before
        assert len(claimed) == WINDOW
        assert read <= 2 * WINDOW


async def test_a_claim_of_scattered_messages_reads_little_more(key):
    tenant_id, session, lease = key
    async with tenant_scope(system("plans", tenant_id)) as scope:
        ns = list(range(5, MESSAGES, MESSAGES // 20))
        before = await scope.value(READ)
        claimed = await claims.claim(scope, session, ns, "Nordlys", lease.gateway_id)
        read = await scope.value(READ) - before
    assert [row["n"] for row in claimed] == ns
    assert read <= 2 * len(ns)


async def test_outcomes_read_their_window(key):
    tenant_id, session, lease = key
    window = await window_of(lease, 0, WINDOW)
    async with tenant_scope(system("plans", tenant_id)) as scope:
        await rows.expect_many(scope)
        verdicts = [(m.n, 1, 1, "accepted", 0, 1, 1, None, None) for m in window.messages]
        before = await scope.value(READ)
        written = await rows.write_verdicts(scope, session, verdicts)
        read = await scope.value(READ) - before
    assert written == WINDOW
    assert read <= 2 * WINDOW


@pytest.mark.parametrize("step", [1, 40, 1_000])
async def test_receipts_read_the_rows_they_change_and_few_between(key, step):
    tenant_id, session, _ = key
    ns = list(range(3, MESSAGES, step))[:500]
    between = ns[-1] - ns[0] + 1 if step <= rows.READ_OVER_MAX else len(ns)
    async with tenant_scope(system("plans", tenant_id)) as scope:
        before = await scope.value(READ)
        found = await rows.lock_rows(
            scope, [session.session_day] * len(ns), [session.session_id] * len(ns), ns
        )
        locked = await scope.value(READ) - before
        nothing: list[list[object]] = [[None] * len(ns) for _ in range(5)]
        values: list[Sequence[object]] = [
            ["queued"] * len(ns),
            *([0] * len(ns) for _ in range(4)),
            *nothing,
        ]
        await rows.expect_many(scope)
        written = await rows.write_rows(scope, session, [row["n"] for row in found], values)
        read = await scope.value(READ) - before
    assert len(found) == len(ns) == written
    assert locked <= 2 * len(ns)
    assert read <= locked + 2 * between  # once to lock it, once to write it


async def test_changes_told_in_any_order_are_all_written(key):
    tenant_id, session, _ = key
    ns = [500, 7, 499, 8, 19_000, 1]
    async with tenant_scope(system("plans", tenant_id)) as scope:
        sessions = await lock_sessions(scope, [session.session_id])
        found = await rows.lock_rows(
            scope, [session.session_day] * len(ns), [session.session_id] * len(ns), ns
        )
        changes = []
        for record in found:
            before = msgspec.convert(dict(record), MessageRow)
            after = msgspec.structs.replace(before, cause="told")
            which = MessageKey(session.session_day, session.session_id, before.n)
            changes.append(Change(which, record["phone"], before, after))
        await write_changes(scope, sessions, changes)
        told = await scope.rows("SELECT n FROM messages WHERE cause = 'told' ORDER BY n")
    assert [row["n"] for row in told] == sorted(ns)


def test_numbers_that_do_not_ascend_are_no_runs():
    with pytest.raises(AssertionError, match="ascend"):
        claims.runs_of([3, 1, 2])
