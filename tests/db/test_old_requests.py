"""Idempotency keys end: in pages, by any number of clocks, and not before their time."""

import asyncio
from datetime import timedelta

import pytest

from backend.db import old_requests
from backend.db.idempotency import IDEMPOTENCY_DAYS
from backend.db.old_requests import forget_old_requests
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel import clock
from backend.kernel.principal import system
from tests.factories import make_tenant

pytestmark = pytest.mark.anyio
KEYS = 25


async def asked(tenant_id) -> None:
    async with tenant_scope(system("test", tenant_id)) as scope:
        for number in range(KEYS):
            await scope.execute(
                "INSERT INTO idempotency_keys (tenant_id, actor, key, operation, request_hash)"
                " VALUES ($1, 'member:1', $2, 'create_campaign', 'x')",
                tenant_id,
                f"key-{number}",
            )


async def left(database):
    connection = await database.connect()
    try:
        return await connection.fetchval(
            "SELECT (SELECT count(*) FROM idempotency_keys) + (SELECT count(*) FROM staff_requests)"
        )
    finally:
        await connection.close()


async def test_keys_end_in_pages_after_their_days(database, monkeypatch):
    monkeypatch.setattr(old_requests, "KEYS_PER_PAGE_MAX", 10)
    one, other = await make_tenant(), await make_tenant("Bergen")
    await asked(one)
    await asked(other)
    async with platform_scope(system("test"), "test") as scope:
        await scope.execute(
            "INSERT INTO staff_requests (actor, key, operation, request_hash)"
            " VALUES ('staff:1', 'k', 'block_host', 'x')"
        )
    clock.set_offset(timedelta(days=IDEMPOTENCY_DAYS) - timedelta(minutes=5))
    assert await forget_old_requests() == 0
    clock.set_offset(timedelta(days=IDEMPOTENCY_DAYS, minutes=5))
    assert sum(await asyncio.gather(forget_old_requests(), forget_old_requests())) <= 2 * KEYS + 1
    while await forget_old_requests():
        pass
    assert await left(database) == 0
