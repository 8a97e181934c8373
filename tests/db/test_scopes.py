"""No scope, no data; a forgotten filter is zero rows; a failed COMMIT gives everything back."""

import asyncio
import contextvars
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from backend.db.engine import DATABASE
from backend.db.scope import batch_scope, doorway_scope, platform_scope, tenant_scope
from backend.kernel.errors import Conflict, InvalidInput, NotFound
from backend.kernel.principal import Idempotency, Principal, PrincipalKind, StaffRole, system
from backend.kernel.replay import IdempotentReplay
from tests.database import CleanDatabase
from tests.factories import make_tenant, member_of, staff

pytestmark = pytest.mark.anyio


async def audit_rows(database: CleanDatabase) -> int:
    connection = await database.connect()
    try:
        return int(await connection.fetchval("SELECT count(*) FROM access_audit"))
    finally:
        await connection.close()


async def test_outside_a_scope_nothing_may_be_read(database):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await DATABASE._run_in_pool("SELECT * FROM tenants")


async def test_a_forgotten_filter_sees_only_its_own_tenant(database):
    first, second = await make_tenant("First"), await make_tenant("Second")
    async with tenant_scope(member_of(first)) as scope:
        assert [row["id"] for row in await scope.rows("SELECT id FROM tenants")] == [first]
        touched = await scope.execute("UPDATE tenants SET name = 'taken over'")
        assert touched == 1
    async with tenant_scope(member_of(second)) as scope:
        assert await scope.value("SELECT name FROM tenants") == "Second"


async def test_a_member_never_enters_another_tenant(database):
    first, second = await make_tenant(), await make_tenant()
    with pytest.raises(NotFound):
        async with tenant_scope(member_of(first), second):
            pass


async def test_tenants_people_and_programs_never_enter_the_platforms_scope(database):
    tenant_id = await make_tenant()
    program = Principal(kind=PrincipalKind.API_KEY, tenant_id=tenant_id)
    for who in (member_of(tenant_id), program):
        with pytest.raises(RuntimeError, match="tenant's scope"):
            async with platform_scope(who, "a look at everybody"):
                pass


async def test_a_row_for_another_tenant_is_refused(database):
    first, second = await make_tenant(), await make_tenant()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with tenant_scope(member_of(first)) as scope:
            await scope.execute(
                "INSERT INTO outbox (id, tenant_id, topic) VALUES ($1, $2, 'x')", uuid4(), second
            )


async def test_staff_leave_a_trace_before_they_read(database):
    tenant_id = await make_tenant()
    with pytest.raises(RuntimeError):
        async with tenant_scope(staff(StaffRole.LEAD), tenant_id):
            pass
    async with tenant_scope(staff(StaffRole.LEAD), tenant_id, reason="case") as scope:
        await scope.value("SELECT name FROM tenants")
    async with platform_scope(staff(StaffRole.FINANCE), "search") as scope:
        await scope.rows("SELECT id FROM tenants")
    assert await audit_rows(database) == 2


async def test_the_platform_reads_tenant_tables_and_writes_none(database):
    tenant_id = await make_tenant()
    async with platform_scope(system("test"), "read") as scope:
        assert await scope.rows("SELECT * FROM members") == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with platform_scope(system("test"), "write") as scope:
            await scope.execute(
                "INSERT INTO audit_log (tenant_id, id, actor, action, subject)"
                " VALUES ($1, $2, 'a', 'b', 'c')",
                tenant_id,
                uuid4(),
            )


async def test_the_doorway_reads_no_tenant_data(database):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with doorway_scope("login", system("test")) as scope:
            await scope.rows("SELECT * FROM audit_log")


async def test_scopes_do_not_nest(database):
    tenant_id = await make_tenant()
    with pytest.raises(RuntimeError, match="already open"):
        async with (
            tenant_scope(member_of(tenant_id)),
            platform_scope(system("test"), "nested"),
        ):
            pass


async def test_failed_commits_give_the_connection_back(database):
    await DATABASE.close()
    await DATABASE.open(database.login_url, connections_max=2)
    tenant_id = await make_tenant()
    for _ in range(4):
        with pytest.raises(RuntimeError, match="ROLLBACK"):
            async with tenant_scope(member_of(tenant_id)) as scope:
                with pytest.raises(asyncpg.PostgresError):
                    await scope.execute("SELECT 1/0")
    assert DATABASE.current_transaction.get() is None
    async with tenant_scope(member_of(tenant_id)) as scope:
        assert await scope.value("SELECT 1") == 1


async def test_a_cancelled_scope_gives_the_connection_back(database):
    await DATABASE.close()
    await DATABASE.open(database.login_url, connections_max=1)
    tenant_id = await make_tenant()

    async def slow() -> None:
        async with tenant_scope(member_of(tenant_id)) as scope:
            await scope.execute("SELECT pg_sleep(30)")

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with tenant_scope(member_of(tenant_id)) as scope:
        assert await scope.value("SELECT 1") == 1


async def test_many_tenants_on_a_small_pool_never_mix(database):
    await DATABASE.close()
    await DATABASE.open(database.login_url, connections_max=2)
    tenants = [await make_tenant(f"Tenant {n}") for n in range(10)]

    async def look(tenant_id) -> None:
        async with tenant_scope(member_of(tenant_id)) as scope:
            assert await scope.value("SELECT current_tenant()") == tenant_id
            assert await scope.value("SELECT id FROM tenants") == tenant_id

    await asyncio.gather(*(look(tenants[n % 10]) for n in range(200)))


def with_key(principal: Principal, key: str, request_hash: str = "h") -> Principal:
    asked = Idempotency(key=key, operation="op", request_hash=request_hash)
    return msgspec.structs.replace(principal, idempotency=asked)


async def test_the_same_key_gets_the_same_answer(database):
    me = member_of(await make_tenant())
    async with tenant_scope(with_key(me, "k")) as scope:
        await scope.answer({"id": 1}, 201)
    with pytest.raises(IdempotentReplay) as replay:
        async with tenant_scope(with_key(me, "k")):
            pass
    assert (replay.value.status, replay.value.body) == (201, b'{"id":1}')
    with pytest.raises(InvalidInput) as reused:
        async with tenant_scope(with_key(me, "k", "other")):
            pass
    assert reused.value.code == "idempotency_key_reused"


async def test_a_key_in_progress_is_a_conflict(database):
    me = with_key(member_of(await make_tenant()), "k")

    async def second() -> None:
        with pytest.raises(Conflict) as busy:
            async with tenant_scope(me):
                pass
        assert busy.value.code == "in_progress"

    async with tenant_scope(me):
        await asyncio.create_task(second(), context=contextvars.Context())


async def test_a_failed_request_leaves_no_key(database):
    me = with_key(member_of(await make_tenant()), "k")
    with pytest.raises(ZeroDivisionError):
        async with tenant_scope(me):
            raise ZeroDivisionError
    async with tenant_scope(me) as scope:
        await scope.answer("done", 200)


async def test_a_scope_in_no_tenant_has_no_tenant_id(database):
    async with platform_scope(system("test"), "a look") as scope:
        with pytest.raises(RuntimeError, match="in no tenant"):
            _ = scope.tenant_id


async def test_who_is_in_no_tenant_enters_none(database):
    with pytest.raises(NotFound):
        async with tenant_scope(staff(StaffRole.ADMIN), reason="a look at nobody"):
            pass


async def test_staff_name_a_reason_before_they_enter(database):
    tenant_id = await make_tenant()
    with pytest.raises(RuntimeError, match="with a reason"):
        async with tenant_scope(staff(StaffRole.ADMIN), tenant_id):
            pass
    assert await audit_rows(database) == 0


async def test_a_row_that_must_be_there_and_is_not(database):
    async with tenant_scope(member_of(await make_tenant())) as scope:
        assert (await scope.one("SELECT 1 AS n"))["n"] == 1
        assert await scope.row("SELECT 1 WHERE false") is None
        with pytest.raises(NotFound):
            await scope.one("SELECT 1 WHERE false")


async def test_many_rows_at_once_and_by_copy(database):
    async with tenant_scope(member_of(await make_tenant())) as scope:
        await scope.execute("CREATE TEMPORARY TABLE many (n int) ON COMMIT DROP")
        await scope.execute_many("INSERT INTO many VALUES ($1)", [(1,), (2,)])
        await scope.copy("many", ["n"], [(3,), (4,)])
        assert await scope.value("SELECT sum(n) FROM many") == 10


async def test_a_batch_visits_tenants_one_after_the_other_and_leaves_each(database):
    """What one visit sees is that tenant's; between visits, and after the last, nobody's."""
    first, second = await make_tenant("First"), await make_tenant("Second")
    async with batch_scope("gateway", system("receipts")) as scope:
        with pytest.raises(RuntimeError, match="in no tenant"):
            _ = scope.tenant_id
        for tenant_id in (first, second):
            await scope.enter(tenant_id)
            assert scope.tenant_id == tenant_id
            assert [row["id"] for row in await scope.rows("SELECT id FROM tenants")] == [tenant_id]
            assert await scope.execute("UPDATE tenants SET name = name") == 1
        await scope.leave()
        assert await scope.value("SELECT current_setting('app.tenant_id')") == ""
        with pytest.raises(RuntimeError, match="in no tenant"):
            _ = scope.tenant_id


async def test_a_batch_is_one_transaction(database):
    """A failure in the second tenant takes the first tenant's rows back too."""
    first, second = await make_tenant("First"), await make_tenant("Second")
    with pytest.raises(ZeroDivisionError):
        async with batch_scope("api", system("sends")) as scope:
            await scope.enter(first)
            await scope.execute("UPDATE tenants SET name = 'changed'")
            await scope.enter(second)
            raise ZeroDivisionError
    async with tenant_scope(member_of(first)) as scope:
        assert await scope.value("SELECT name FROM tenants") == "First"


async def test_an_answer_without_a_key_is_kept_nowhere(database):
    async with tenant_scope(member_of(await make_tenant())) as scope:
        await scope.answer({"id": 1})
        assert await scope.value("SELECT count(*) FROM idempotency_keys") == 0


async def test_an_act_at_no_tenant_is_answered_once_too(database):
    lead = with_key(staff(StaffRole.LEAD), "k")
    async with platform_scope(lead, "block a host", takes_key=True) as scope:
        await scope.answer({"host": "evil.example"})
    with pytest.raises(IdempotentReplay) as replay:
        async with platform_scope(lead, "block a host", takes_key=True):
            pass
    assert (replay.value.status, replay.value.body) == (201, b'{"host":"evil.example"}')
    async with platform_scope(lead, "a look beside the act"):
        pass
    other = with_key(staff(StaffRole.LEAD), "k")
    async with platform_scope(other, "somebody else's key", takes_key=True):
        pass
