"""What the database itself refuses: from tenants by grants, from anybody by its constraints."""

from uuid import uuid4

import asyncpg
import pytest

from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.principal import system
from backend.ledger.proof import prove_ledger
from backend.ledger.queries.proof import CHECKS
from tests.ledger.factories import TABLES, make_funded_tenant, make_hold, rows_of, violations_of

pytestmark = pytest.mark.anyio

TRANSFER = (
    "INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account,"
    " amount, lots, actor, created_at) VALUES ($1, $2, 'by hand', '{kind}', '{source}',"
    " '{target}', {amount}, '{{}}', 'hand', now())"
)


@pytest.fixture
async def owner(database):
    connection = await database.connect()
    yield connection
    await connection.close()


async def test_tenants_and_the_platform_cannot_rewrite_history(database):
    tenant = await make_funded_tenant()
    for table in ("ledger_transfers", "ledger_entries"):
        for statement in (f"UPDATE {table} SET amount = 1", f"DELETE FROM {table}"):
            for scope_of in (
                tenant_scope(system("test", tenant)),
                platform_scope(system("test"), "test"),
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with scope_of as scope:
                        await scope.execute(statement)


async def test_tenants_delete_nothing_of_the_ledger(database):
    tenant = await make_funded_tenant()
    for table in TABLES:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tenant_scope(system("test", tenant)) as scope:
                await scope.execute(f"DELETE FROM {table}")


async def test_a_tenant_cannot_write_into_anothers_ledger(database):
    first, second = await make_funded_tenant(), await make_funded_tenant()
    before = await rows_of(second)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with tenant_scope(system("test", first)) as scope:
            await scope.execute(
                TRANSFER.format(kind="granted", source="issued", target="available", amount=5),
                second,
                uuid4(),
            )
    async with tenant_scope(system("test", first)) as scope:
        for table in TABLES:
            assert (
                await scope.value(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", second) == 0
            )
    assert await rows_of(second) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfers SET amount = 1",
        "DELETE FROM ledger_transfers",
        "UPDATE ledger_entries SET amount = 1",
        "DELETE FROM ledger_entries",
        "UPDATE ledger_accounts SET balance = balance + 1 WHERE account = 'available'",
        "UPDATE ledger_accounts SET version = version + 1 WHERE account = 'available'",
        "DELETE FROM ledger_accounts WHERE account = 'frozen'",
        "UPDATE ledger_accounts SET account = 'lost' WHERE account = 'frozen'",
        "UPDATE ledger_accounts SET credit_line = 5 WHERE account = 'held'",
        "UPDATE ledger_accounts SET credit_line = -5 WHERE account = 'available'",
        "UPDATE ledger_lots SET available = available + 1",
        "UPDATE ledger_lots SET spent = spent + 1",
        "UPDATE ledger_lots SET kind = 'found'",
        "UPDATE ledger_lots SET priority = 0",
        "UPDATE ledger_lots SET dispute = 'won'",
        "UPDATE ledger_lots SET frozen = 1, available = available - 1",
        "UPDATE ledger_lots SET settled = -1, available = available + 1",
        "UPDATE ledger_lots SET charged_back = -1",
        "UPDATE ledger_lots SET repaid = -1, available = available + 1",
        "UPDATE ledger_lots SET kind = 'line', expires_at = now()",
        "UPDATE ledger_holds SET state = 'paused'",
        "UPDATE ledger_hold_lots SET position = 0",
        "UPDATE ledger_lots SET available = -1, spent = spent + available + 1",
        "UPDATE ledger_lots SET kind = 'line', repaid = 1, available = available - 1",
        "UPDATE ledger_holds SET captured = amount + 1",
        "UPDATE ledger_holds SET released = -1",
        "UPDATE ledger_holds SET returned = 1",
        "UPDATE ledger_holds SET state = 'closed'",
        "UPDATE ledger_hold_lots SET captured = reserved + 1",
        "UPDATE ledger_hold_lots SET returned = captured + 1",
    ],
)
async def test_even_the_superuser_cannot_bend_a_row(database, owner, statement):
    tenant = await make_funded_tenant(100)
    await make_hold(tenant, 40)
    before = await rows_of(tenant)
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.RestrictViolationError)):
        await owner.execute(statement)
    assert await rows_of(tenant) == before


@pytest.mark.parametrize(
    "trigger",
    [
        (
            "CREATE FUNCTION pg_temp.pull() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN UPDATE ledger_accounts SET balance = balance + 1; RETURN new; END $$"
        ),
        (
            "CREATE TRIGGER pull AFTER INSERT ON lever"
            " FOR EACH ROW EXECUTE FUNCTION ledger_write_entries()"
        ),
    ],
)
async def test_nobody_brings_a_trigger_along(database, trigger):
    """Only what a transfer's triggers do is taken for a posting."""
    tenant = await make_funded_tenant(100)
    for scope_of in (
        tenant_scope(system("test", tenant)),
        platform_scope(system("test"), "test"),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with scope_of as scope:
                await scope.execute("CREATE TEMPORARY TABLE lever (n int) ON COMMIT DROP")
                await scope.execute(trigger)


@pytest.mark.parametrize(
    "transfer",
    [
        ("captured", "available", "spent", 1),  # not a way a capture may go
        ("granted", "issued", "available", 0),
        ("granted", "issued", "available", -5),
        ("granted", "issued", "available", 10**12 + 1),
        ("held", "available", "held", 1),  # without a hold
        ("adjusted", "issued", "available", 1),  # without a reason
        ("refunded", "available", "refunded", 61),  # more than there is
        ("minted", "issued", "available", 1),
    ],
)
async def test_a_hand_made_transfer_must_be_a_real_one(database, owner, transfer):
    kind, source, target, amount = transfer
    tenant = await make_funded_tenant(100)
    await make_hold(tenant, 40)
    before = await rows_of(tenant)
    sql = TRANSFER.format(kind=kind, source=source, target=target, amount=amount)
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(sql, tenant, uuid4())
    assert await rows_of(tenant) == before


@pytest.mark.parametrize(
    ("legs", "constraint"),
    [
        ({"spent": 1}, "ledger_entries_of_transfers"),
        ({"held": 1, "spent": 1}, "ledger_entries_of_transfers"),
        ({"held": 1, "spent": 1, "frozen": -2}, "ledger_entries_of_transfers"),
        ({"held": -1, "spent": 1}, "ledger_entries_of_transfers"),
        ({"issued": -100, "available": 100}, "ledger_entries_tenant_id_transfer_id_account_key"),
    ],
)
async def test_hand_made_entries_are_refused(database, owner, legs, constraint):
    tenant = await make_funded_tenant(100)
    before = await rows_of(tenant)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await owner.execute(
            "INSERT INTO ledger_entries (tenant_id, transfer_id, account, amount, balance_after,"
            " account_version) SELECT a.tenant_id, t.id, a.account, l.amount,"
            " a.balance + l.amount, a.version + 1"
            " FROM unnest($2::text[], $3::bigint[]) l (account, amount)"
            " JOIN ledger_accounts a ON a.tenant_id = $1 AND a.account = l.account"
            " JOIN ledger_transfers t ON t.tenant_id = $1",
            tenant,
            list(legs),
            list(legs.values()),
        )
    assert refused.value.constraint_name == constraint
    assert await rows_of(tenant) == before


async def test_a_transfer_that_cannot_be_posted_is_refused(database, owner):
    """Of a tenant without accounts, or without one of the two."""
    sql = TRANSFER.format(kind="granted", source="issued", target="available", amount=5)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await owner.execute(sql, uuid4(), uuid4())
    assert refused.value.constraint_name == "ledger_entries_zero_sum"
    tenant = await make_funded_tenant(100)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("DELETE FROM ledger_accounts WHERE account = 'issued'")
    await owner.execute("SET session_replication_role = origin")
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await owner.execute(sql, tenant, uuid4())
    assert refused.value.constraint_name == "ledger_entries_zero_sum"


async def test_an_entry_is_written_by_its_transfer_and_by_nobody_else(database, owner):
    tenant = await make_funded_tenant(100)
    await owner.execute("ALTER TABLE ledger_transfers DISABLE TRIGGER write_entries")
    try:
        transfer = uuid4()
        sql = TRANSFER.format(kind="expired", source="available", target="expired", amount=5)
        await owner.execute(sql, tenant, transfer)
        with pytest.raises(asyncpg.CheckViolationError, match="written with its transfer"):
            await owner.execute(
                "INSERT INTO ledger_entries VALUES ($1, $2, 'available', -5, 95, 7),"
                " ($1, $2, 'expired', 5, 5, 1)",
                tenant,
                transfer,
            )
    finally:
        await owner.execute("ALTER TABLE ledger_transfers ENABLE TRIGGER write_entries")


async def test_an_account_opens_empty(database, owner):
    tenant = await make_funded_tenant(100)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("DELETE FROM ledger_accounts WHERE account = 'frozen'")
    await owner.execute("SET session_replication_role = origin")
    with pytest.raises(asyncpg.CheckViolationError, match="opens empty"):
        await owner.execute(
            "INSERT INTO ledger_accounts (tenant_id, account, balance) VALUES ($1, 'frozen', 5)",
            tenant,
        )


BENT = {
    "zero_sum": "UPDATE ledger_accounts SET balance = balance + 1 WHERE account = 'spent'",
    "credits_conserved": "UPDATE ledger_accounts SET balance = balance + 1 WHERE account = 'spent'",
    "transfers_have_two_legs": "DELETE FROM ledger_entries WHERE account = 'held'",
    "entries_chain": "UPDATE ledger_entries SET balance_after = balance_after + 1",
    "balances_follow_entries": "UPDATE ledger_accounts SET version = version + 1",
    "lots_match_accounts": "UPDATE ledger_lots SET available = available - 1, spent = spent + 1",
    "transfers_name_lots": "UPDATE ledger_transfers SET lots = '{}' || jsonb_build_object("
    "gen_random_uuid(), amount)",
    "holds_match_lots_and_transfers": "UPDATE ledger_holds SET captured = captured + 1",
    "held_is_open_holds": "UPDATE ledger_holds SET released = released + 1",
}


@pytest.mark.parametrize("check", BENT)
async def test_the_proof_finds_what_was_bent_behind_every_constraint(database, owner, check):
    whole, bent = await make_funded_tenant(100), await make_funded_tenant(100)
    await make_hold(bent, 40)
    await owner.execute("SET session_replication_role = replica")
    statement = BENT[check]
    glue = " AND " if " WHERE " in statement else " WHERE "
    await owner.execute(f"{statement}{glue}tenant_id = '{bent}'")
    assert check in {violation.check for violation in await violations_of(bent)}
    found = [violation async for violation in prove_ledger(system("test"), tenants_per_page=1)]
    assert check in {violation.check for violation in found}
    assert {violation.tenant_id for violation in found} == {bent}
    assert await violations_of(whole) == []


async def test_never_negative_is_kept_by_a_check_the_proof_repeats(database, owner):
    tenant = await make_funded_tenant(100)
    definition = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ledger_accounts_sign'"
    )
    await owner.execute("ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_sign")
    try:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("UPDATE ledger_accounts SET balance = -1 WHERE account = 'held'")
        assert "never_negative" in {v.check for v in await violations_of(tenant)}
    finally:
        await owner.execute("DELETE FROM ledger_accounts WHERE account = 'held'")
        await owner.execute(
            f"ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_sign {definition}"
        )
    assert set(BENT) | {"never_negative"} == set(CHECKS)


async def test_the_proof_finds_a_transfer_whose_lots_are_not_told(database, owner):
    tenant = await make_funded_tenant(100)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("UPDATE ledger_transfers SET lots = '{}' WHERE tenant_id = $1", tenant)
    found = [v for v in await violations_of(tenant) if v.check == "transfers_name_lots"]
    assert [(v.expected, v.found) for v in found] == [(100, 0)]
