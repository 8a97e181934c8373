"""reliability S6: codes are not to be pumped out of us, by one company or by many."""

import hashlib
from datetime import timedelta
from uuid import UUID

import pytest

from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.verifying import send_code
from backend.identity.queries import verifications as queries
from backend.identity.service import verifications
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.sms.phone import range_prefix
from tests.browserless import World
from tests.delivery.factories import make_gateway
from tests.identity.test_number_codes import PHONE, asked, later, messages

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("limit", "used"),
    [
        ("number", {"number": verifications.REQUESTS_PER_NUMBER_DAY_MAX}),
        ("range", {"range": verifications.REQUESTS_PER_RANGE_HOUR_MAX}),
        ("address", {"address": verifications.REQUESTS_PER_ADDRESS_HOUR_MAX}),
        ("tenant", {"tenant": verifications.REQUESTS_PER_TENANT_DAY_MAX}),
    ],
)
async def test_s6_pumping_meets_a_limit(world: World, limit, used):
    others = [await world.tenant(f"Other {n}") for n in range(2)]
    owner = await world.tenant()
    [(what, count)] = used.items()
    for n in range(count):
        tenant = owner if what == "tenant" else others[n % 2]
        phone = {"number": PHONE, "range": f"+479100{n:04d}"}.get(what, f"+479{n:03d}0000")
        address = b"a" * 32 if what != "address" else _address("127.0.0.1")
        await _note(UUID(tenant.tenant_id), phone, address)
    later(minutes=2)
    answer = await owner.post("/v1/number/verifications", {"phone": PHONE})
    assert (answer.status_code, answer.json()["code"]) == (429, "verification_limited")
    assert answer.json()["limit"] == limit
    assert await messages() == []


def _address(remote: str) -> bytes:
    return hashlib.sha256(remote.encode()).digest()


async def _note(tenant_id: UUID, phone: str, address: bytes) -> None:
    async with tenant_scope(system("test", tenant_id)) as scope:
        await queries.replace_open(scope)
        ends = scope.now + timedelta(minutes=10)
        await queries.insert(scope, uuid7(), phone, range_prefix(phone), address, ends)


async def test_the_range_is_counted_again_where_the_message_is_written(world: World):
    """Requests side by side pass the first count together; messages do not."""
    await make_gateway(1)
    owners = [await world.tenant(f"Company {n}") for n in range(3)]
    asked_for = [
        (owner, await asked(owner, f"+479100000{n}")) for n, owner in enumerate(owners, start=1)
    ]
    async with platform_scope(system("test"), "test") as scope:
        gateway_id = await scope.value("SELECT id FROM gateways")
        for n in range(verifications.REQUESTS_PER_RANGE_HOUR_MAX - 1):
            await scope.execute(
                "INSERT INTO system_messages (id, kind, reference, gateway_id, phone, sender, body,"
                " state, created_at, due_at, expires_at) VALUES (gen_random_uuid(), 'verification',"
                " $1, $2, $3, 'x', 'x', 'accepted', $4, $4, $4)",
                f"verification:other {n}",
                gateway_id,
                f"+47910009{n:02d}",
                scope.now,
            )
    sent = [
        await send_code(UUID(owner.tenant_id), UUID(view["id"]), "Clearsend")
        for owner, view in asked_for
    ]
    assert sent == [True, False, False]
    shown = (await owners[1].get("/v1/number")).json()["verification"]
    assert (shown["state"], shown["failure"]) == ("not_sent", "limited")
