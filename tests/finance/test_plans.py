"""What finance's statements read of a filled ledger: what they show, and not all there is.

Wall-clock figures are nobody's business here (`clearsend bench ledger`); rows are.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.finance.queries import desk, explorer, reports
from backend.finance.queries.journal import JOURNAL
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.ledger.queries import trace
from backend.ledger.queries.benchmark import TRANSFERS_PER_HOLD, fill_ledger
from backend.ledger.schemas import StatementFilter
from backend.ledger.states import LedgerAccount, TransferKind
from tests.database import CleanDatabase
from tests.factories import make_tenant

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]
HOLDS = 150
TRANSFERS = HOLDS * TRANSFERS_PER_HOLD
"""75,000 of the tenant that is looked at; of another, that never bought, as many."""
NAMED = 30_000
"""Top-ups, and documents."""
PURCHASES = 20_000
LATER_HOLDS = 20_000
"""Of the same lot, without transfers."""
PAGE = 50
READ = (
    "SELECT coalesce(sum(idx_tup_fetch), 0)::bigint + coalesce(sum(seq_tup_read), 0)::bigint"
    " FROM pg_stat_xact_user_tables WHERE schemaname = 'public'"
)
FILL = (
    # A minute from one to the next: ids are in the order of time.
    (
        "WITH n AS (SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id"
        " ORDER BY id DESC) AS n FROM ledger_transfers) UPDATE ledger_transfers t"
        " SET created_at = t.created_at - n.n * interval '1 minute' FROM n"
        " WHERE n.tenant_id = t.tenant_id AND n.id = t.id"
    ),
    (
        "INSERT INTO top_ups (tenant_id, id, amount_credits, method, reference, reason, state,"
        " created_by, created_at) SELECT $1, gen_random_uuid(), 10, 'bank_transfer',"
        " 'REF-' || lpad(n::text, 6, '0') || CASE n % 1000 WHEN 0 THEN '-ACME' ELSE '' END,"
        f" 'x', 'credited', 'x', now() FROM generate_series(1, {NAMED}) n"
    ),
    (
        "INSERT INTO documents (tenant_id, id, legal_entity, series, seq, number, kind, state,"
        " source, issued_at, issued_on, supplied_on, paid_at, paid_by, currency, credits,"
        " net_minor, tax_minor, gross_minor, seller, buyer, notes, is_specimen, created_by)"
        " SELECT $1, gen_random_uuid(), 'default', 'invoice', n, 'INV-' || lpad(n::text, 6, '0'),"
        " 'invoice', 'paid', 'x:' || n, now(), now(), now(), now(), 'x:' || n, 'EUR', 10, 65, 0,"
        " 65, '{}', '{}', '{}', true, 'x'"
        f" FROM generate_series(1, {NAMED}) n"
    ),
    (
        "INSERT INTO purchases (tenant_id, id, source, state, credits, tariff_version, tier_no,"
        " unit_price_micro, currency, net_minor, tax_rate_permille, tax_minor, is_reverse_charge,"
        " tax_category, tax_note, gross_minor, payment_id, created_by, created_at, expires_at,"
        " paid_at) SELECT $1, gen_random_uuid(), 'checkout', 'failed', 10, 1, 1, 1, 'EUR', 65, 0,"
        " 0, false, 'O', '', 65, 'pi_' || n, 'x', now(), now(), NULL"
        f" FROM generate_series(1, {PURCHASES}) n"
    ),
    (
        "INSERT INTO ledger_holds (tenant_id, id, amount, captured, state, created_at)"
        " SELECT $1, gen_random_uuid(), 10, 10, 'closed', now()"
        f" FROM generate_series(1, {LATER_HOLDS})"
    ),
    (
        "INSERT INTO ledger_hold_lots (tenant_id, hold_id, position, lot_id, reserved, captured)"
        " SELECT h.tenant_id, h.id, 1, l.id, 10, 10 FROM ledger_holds h JOIN ledger_lots l"
        " ON l.tenant_id = h.tenant_id WHERE h.tenant_id = $1 AND h.amount = 10"
    ),
    # The one lot of the tenant was bought, long ago.
    (
        "WITH bought AS (UPDATE purchases SET state = 'paid', paid_at = now() - interval '1 year',"
        " net_minor = 900000000, gross_minor = 900000000,"
        " credits = (SELECT amount FROM ledger_lots WHERE tenant_id = $1)"
        " WHERE tenant_id = $1 AND payment_id = 'pi_7' RETURNING id)"
        " UPDATE ledger_transfers SET reference = 'purchase:' || bought.id FROM bought"
        " WHERE tenant_id = $1 AND kind = 'topped_up'"
    ),
)
TABLES = (
    "ledger_transfers, ledger_entries, ledger_holds, ledger_hold_lots, top_ups, documents,"
    " purchases, refunds"
)


class Filled(NamedTuple):
    tenant_id: UUID
    lot_id: UUID
    purchase_id: UUID


@pytest.fixture
async def filled(database: CleanDatabase) -> Filled:
    tenant_id, other = await make_tenant("Nordlys"), await make_tenant("Kargo24")
    await fill_ledger(database.owner_url, [tenant_id, other], HOLDS)
    connection = await database.connect()
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in FILL:
            given = [tenant_id] if "$1" in statement else []
            await connection.execute(statement, *given)
        await connection.execute(f"VACUUM (ANALYZE) {TABLES}")
        lot_id = await connection.fetchval(
            "SELECT id FROM ledger_lots WHERE tenant_id = $1", tenant_id
        )
        bought = await connection.fetchval("SELECT id FROM purchases WHERE state = 'paid'")
    finally:
        await connection.close()
    return Filled(tenant_id, lot_id, bought)


async def rows_read(scope: Scope, ask: Callable[[], Awaitable[Any]]) -> tuple[int, Any]:
    before = await scope.value(READ)
    found = await ask()
    return await scope.value(READ) - before, found


async def test_statements_read_what_they_show(filled: Filled) -> None:
    """One test: the rows take ten times as long to make as to ask for."""
    async with platform_scope(system("plans"), "plans") as scope:
        await searches(scope, filled)
        await the_journal(scope)
        await explained(scope, filled)
    async with tenant_scope(system("plans", filled.tenant_id)) as scope:
        await traced(scope, filled)


async def searches(scope: Scope, filled: Filled) -> None:
    """Kinds that only grow are read to their limit, by a piece; else what is found is read."""
    pieces = 2 * desk.NEWEST_SEARCHED_MAX
    asked: dict[str, tuple[str, int]] = {
        "a top-up by its beginning": ("REF-000077", 1),
        "top-ups by a piece": ("acme", 1),
        "a document by its number": ("INV-000123", 1),
        "a purchase by its payment": ("pi_4711", 1),
        "a purchase by its id": (str(filled.purchase_id), 1),
        "a transfer by its reference": (f"purchase:{filled.purchase_id}", 1),
        "nothing": ("zebra", 0),
        "a beginning that all have": ("ref-", PAGE),
    }
    for name, (words, found_min) in asked.items():
        some_id = UUID(words) if "purchase by its id" in name else None

        async def ask(text: str = words, one: UUID | None = some_id) -> list[Any]:
            return await desk.hits(scope, text.lower(), text, some_id=one, after=None, limit=PAGE)

        read, found = await rows_read(scope, ask)
        assert len(found) >= found_min, f"{name}: {len(found)} found"
        # Tenants and members are few beside what they do; each kind is cut to its hits.
        assert read <= pieces + 2 * desk.KIND_HITS_MAX + 100, f"{name}: {read} rows"


async def the_journal(scope: Scope) -> None:
    """Once through what moved, for a lot's parts are cumulated, and never once for each sale:
    what is read is every transfer, and the documents of each kind of entry.
    """
    today = scope.now.date()
    for first in (today - timedelta(days=7), today - timedelta(days=60)):

        async def ask(day: Any = first) -> Any:
            return await reports.figures(scope, JOURNAL, day, today, 100_000)

        read, (_, found) = await rows_read(scope, ask)
        assert {row["entry"] for row in found} == {"revenue"}
        assert read <= 2 * TRANSFERS + 6 * NAMED + PURCHASES, f"{read} rows"


async def explained(scope: Scope, filled: Filled) -> None:
    rows = await scope.rows(
        "SELECT id FROM pub_ledger_transfers WHERE tenant_id = $1 AND kind = 'captured' LIMIT 1",
        filled.tenant_id,
    )
    charge = rows[0]["id"]
    asked: dict[str, Callable[[], Awaitable[Any]]] = {
        "transfer": lambda: explorer.transfer(scope, filled.tenant_id, charge),
        "entries": lambda: explorer.entries(scope, filled.tenant_id, charge),
        "lots": lambda: explorer.lots(scope, filled.tenant_id, charge),
    }
    for name, ask in asked.items():
        read, found = await rows_read(scope, ask)
        assert found, name
        assert read <= 10, f"{name}: {read} rows"


async def traced(scope: Scope, filled: Filled) -> None:
    """A page of anything about one lot or account, at any instant."""
    past = scope.now - timedelta(minutes=TRANSFERS // 2)
    # Back to the last hold and the one before it, each with its captures.
    two_holds = 2 * TRANSFERS_PER_HOLD + PAGE
    before_all = scope.now - timedelta(days=4_000)
    every = StatementFilter(account=LedgerAccount.SPENT)
    captured = StatementFilter(account=LedgerAccount.SPENT, kind=TransferKind.CAPTURED)
    rare = StatementFilter(account=LedgerAccount.AVAILABLE, kind=TransferKind.TOPPED_UP)
    newest = await trace.newest_version(scope, LedgerAccount.SPENT, scope.now)
    available = await trace.newest_version(scope, LedgerAccount.AVAILABLE, scope.now)
    asked: dict[str, tuple[Callable[[], Awaitable[Any]], int]] = {
        "newest version": (
            lambda: trace.newest_version(scope, LedgerAccount.SPENT, past),
            PAGE,
        ),
        "newest version of an account that sending never moves": (
            lambda: trace.newest_version(scope, LedgerAccount.ISSUED, past),
            PAGE,
        ),
        "balances now": (lambda: trace.balances_at(scope, scope.now), two_holds),
        "balances at an instant": (lambda: trace.balances_at(scope, past), two_holds),
        "balances before all": (lambda: trace.balances_at(scope, before_all), PAGE),
        "statement": (lambda: trace.statement(scope, every, 1, newest, PAGE), 2 * PAGE),
        "statement, older": (
            lambda: trace.statement(scope, every, 1, newest // 2, PAGE),
            2 * PAGE,
        ),
        "statement of a kind": (
            lambda: trace.statement(scope, captured, 1, newest, PAGE),
            3 * PAGE,
        ),
        "statement of a rare kind": (
            lambda: trace.statement(scope, rare, 1, available, PAGE),
            10,
        ),
        "lots": (lambda: trace.lots(scope, None, PAGE, is_open=False), PAGE),
        "one lot": (lambda: trace.lot(scope, filled.lot_id), 2),
        "decisions": (lambda: trace.decisions(scope, filled.lot_id, PAGE), PAGE),
        "uses": (lambda: trace.uses(scope, filled.lot_id, None, PAGE), 2 * PAGE),
        "moves": (lambda: trace.moves(scope, filled.lot_id, None, PAGE), 4 * PAGE),
        "moves, older": (
            lambda: trace.moves(scope, filled.lot_id, uuid7(), PAGE),
            4 * PAGE,
        ),
    }
    for name, (ask, most) in asked.items():
        read, found = await rows_read(scope, ask)
        assert found is not None, name
        assert read <= most, f"{name}: {read} rows"
