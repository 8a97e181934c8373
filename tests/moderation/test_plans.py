"""What the queue's statements read of 20,000 open and 60,000 decided cases: their page, no more.

Wall-clock figures are nobody's business here (`clearsend bench queue`); rows are.
"""

import pytest

from backend.db.scope import platform_scope
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.moderation.queries import queue, votes
from backend.moderation.queries.benchmark import fill_queue
from backend.moderation.states import Lane
from tests.factories import make_tenant

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]
OPEN = 20_000
DECIDED = 60_000
PAGE = 50
READ = (
    "SELECT coalesce(sum(idx_tup_fetch), 0)::bigint + coalesce(sum(seq_tup_read), 0)::bigint"
    " FROM pg_stat_xact_user_tables WHERE relname IN ('queue_rows', 'cases', 'queue_hidings')"
)


@pytest.fixture
async def filled(database):
    tenant_id = await make_tenant()
    await fill_queue(database.owner_url, tenant_id, OPEN, DECIDED)
    return tenant_id


async def test_every_list_reads_its_page(filled):
    async with platform_scope(system("plans"), "plans") as scope:
        first = await queue.open_page(scope, None, None, None, None, PAGE)
        last = first[-1]
        after = (last["priority_at"], last["opened_at"], last["case_id"])
        lanes = [lane.value for lane in Lane]
        asked = {
            "first page": lambda: queue.open_page(scope, None, None, None, None, PAGE),
            "second page": lambda: queue.open_page(scope, None, None, None, after, PAGE),
            "a lane": lambda: queue.open_page(scope, None, None, "flagged", None, PAGE),
            "a kind": lambda: queue.open_page(scope, None, "sender_id", None, None, PAGE),
            "mine": lambda: queue.open_page(scope, uuid7(), None, None, None, PAGE),
            "closed": lambda: queue.closed_page(scope, "decided", None, None, PAGE),
            "closed of a kind": lambda: queue.closed_page(scope, "decided", "appeal", None, PAGE),
            "next": lambda: queue.free_rows(scope, uuid7(), [], lanes, 20),
            "due votes": lambda: votes.due(scope, PAGE),
        }
        for name, ask in asked.items():
            before = await scope.value(READ)
            await ask()
            read = await scope.value(READ) - before
            assert read <= 2 * PAGE, f"{name}: {read} rows"


async def test_counting_stops_at_its_limit(filled):
    async with platform_scope(system("plans"), "plans") as scope:
        before = await scope.value(READ)
        found = await queue.counts(scope, uuid7())
        read = await scope.value(READ) - before
    assert (found["open"], found["counted_max"]) == (queue.COUNTED_MAX, queue.COUNTED_MAX)
    # Open and overdue ones to the limit each, and never the 60,000 that are decided.
    assert read <= 3 * queue.COUNTED_MAX
