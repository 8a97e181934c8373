"""What the desk's statements read of 12,000 open and 100,000 decided cases: their page, no more.

Wall-clock figures are nobody's business here (`clearsend bench queue`); rows are.
"""

from typing import Any

import pytest

from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.moderation.prints import BANDS
from backend.moderation.queries import decisions, past_decisions, prints, queue, votes
from backend.moderation.queries.benchmark import fill_queue
from backend.moderation.schemas.past_decisions import PastDecisionSearch
from backend.moderation.states import CaseKind, Lane, Verdict
from tests.factories import make_tenant

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]
OPEN = 12_000
DECIDED = 100_000
PRINTS = 100_000 // BANDS
PAGE = 50
STATISTICS_TARGET = 1_000  # of which Postgres reads 300 rows each
TABLES = "'queue_rows', 'cases', 'queue_hidings', 'decisions', 'text_prints', 'text_bands'"
COUNTED = {"a word many have", "refused, with a word"}
READ = (
    "SELECT coalesce(sum(idx_tup_fetch), 0)::bigint + coalesce(sum(seq_tup_read), 0)::bigint"
    f" FROM pg_stat_xact_user_tables WHERE relname IN ({TABLES})"
)
# Every text has bands of its own, but for the last ten: those share theirs.
FILL_PRINTS = (
    (
        "INSERT INTO text_prints (tenant_id, content_hash, verdict, decision_id, case_id, title,"
        " signature, decided_at) SELECT $1, lpad(n::text, 64, '0'),"
        " CASE WHEN n % 2 = 0 THEN 'refuse' ELSE 'approve' END, d.id, d.case_id, 'Text ' || n,"
        " array_fill(n::bigint, ARRAY[64]), d.decided_at FROM (SELECT *, row_number() OVER () AS n"
        f" FROM decisions WHERE tenant_id = $1 LIMIT {PRINTS}) d"
    ),
    (
        "INSERT INTO text_bands (tenant_id, band, content_hash) SELECT $1,"
        f" least(n, {PRINTS} - 9) * {BANDS} + band, lpad(n::text, 64, '0')"
        f" FROM generate_series(1, {PRINTS}) n, generate_series(0, {BANDS} - 1) band"
    ),
)
SHARED = [(PRINTS - 9) * BANDS + band for band in range(BANDS)]


async def emptied(database, tables: str) -> None:
    connection = await database.connect()
    try:
        await connection.execute(f"TRUNCATE {tables} CASCADE")
    finally:
        await connection.close()


@pytest.fixture
async def filled(database):
    """(tenant, somebody who decided)"""
    # An index made over rows that were changed in place is no good to whoever sees what an older
    # transaction still might; other tests, in databases beside this one, have such transactions.
    await emptied(database, "queue_rows, cases, decisions")
    tenants = [await make_tenant() for _ in range(3)]
    deciders = [uuid7() for _ in range(5)]
    await fill_queue(database.owner_url, tenants, OPEN, DECIDED, deciders=deciders)
    connection = await database.connect()
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in FILL_PRINTS:
            await connection.execute(statement, tenants[0])
        # All cases are counted, not a sample by chance: one plan for every run.
        await connection.execute(f"SET default_statistics_target = {STATISTICS_TARGET}")
        await connection.execute(
            "ANALYZE cases, queue_rows, decisions, queue_hidings, text_prints, text_bands"
        )
    finally:
        await connection.close()
    return tenants[0], deciders[0]


async def rows_read(scope: Scope, ask) -> tuple[int, Any]:
    before = await scope.value(READ)
    found = await ask()
    return await scope.value(READ) - before, found


async def test_every_list_reads_its_page(filled):
    """One test: the rows take ten times as long to make as to ask for."""
    tenant_id, decider = filled
    async with platform_scope(system("plans"), "plans") as scope:
        await queue_pages(scope)
        await searches(scope, tenant_id, decider)
        await counting_stops_at_its_limit(scope)
        read, alike = await rows_read(
            scope, lambda: prints.refused_like(scope, SHARED, scope.now.replace(year=2000), 200)
        )
        # A band's rows, and the print of each: ten texts share all bands.
        assert (len(alike), read <= 20 * BANDS) == (5, True), f"refused alike: {read} rows"
    async with tenant_scope(system("plans", tenant_id)) as scope:
        read, countries = await rows_read(scope, lambda: decisions.known_countries(scope, PAGE))
        # Refusals and what was revoked lie between them: never the 100,000.
        assert (countries, read <= 8 * PAGE) == (["NO"], True), f"known countries: {read} rows"
        read, alike = await rows_read(scope, lambda: prints.approved_like(scope, SHARED, 200))
        assert (len(alike), read <= 20 * BANDS) == (5, True), f"approved alike: {read} rows"


async def queue_pages(scope: Scope) -> None:
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
        "held by oneself": lambda: queue.own_rows(scope, uuid7(), [], lanes, 20),
        "due votes": lambda: votes.due(scope, PAGE),
    }
    for name, ask in asked.items():
        read, _ = await rows_read(scope, ask)
        assert read <= 2 * PAGE, f"{name}: {read} rows"


async def searches(scope: Scope, tenant_id, decider) -> None:
    """History: what few have is found by its index, what many have by walking back in time."""
    newest = await past_decisions.page(scope, PastDecisionSearch(), [], None, PAGE)
    asked = {
        "newest": (PastDecisionSearch(), newest[-1]["id"], PAGE, 2),
        "refused": (PastDecisionSearch(verdict=Verdict.REFUSE), None, PAGE, 40),
        "of a person": (PastDecisionSearch(decided_by=decider), None, PAGE, 10),
        "of a tenant": (PastDecisionSearch(tenant_id=tenant_id), None, PAGE, 10),
        "of a kind many have": (PastDecisionSearch(kind=CaseKind.SENDER_ID), None, PAGE, 40),
        "of a kind nobody has": (PastDecisionSearch(kind=CaseKind.APPEAL), None, 0, 1),
        "revoked": (PastDecisionSearch(is_revoked=True), None, 0, 1),
        "one title": (PastDecisionSearch(text="parcel 81"), None, 1, 60),
        "a word many have": (PastDecisionSearch(text="parcel"), None, PAGE, 40),
        "a word nobody has": (PastDecisionSearch(text="zebra"), None, 0, 1),
        "refused, with a word": (
            PastDecisionSearch(text="autumn", verdict=Verdict.REFUSE),
            None,
            PAGE,
            100,
        ),
    }
    for name, (search, after, found_min, pages_max) in asked.items():
        read, found = await rows_read(
            scope,
            lambda s=search, a=after: past_decisions.page(scope, s, [], a, PAGE),
        )
        assert len(found) >= found_min, f"{name}: {len(found)} found"
        # A word is counted first, to a limit.
        counted = past_decisions.RARE_TITLES_MAX if name in COUNTED else 0
        assert read <= counted + pages_max * PAGE, f"{name}: {read} rows"


async def counting_stops_at_its_limit(scope: Scope) -> None:
    read, found = await rows_read(scope, lambda: queue.counts(scope, uuid7()))
    assert (found["open"], found["counted_max"]) == (queue.COUNTED_MAX, queue.COUNTED_MAX)
    # Open and overdue ones to the limit each, and never the 100,000 that are decided.
    assert read <= 3 * queue.COUNTED_MAX
