"""A tenant's number verified by a code: the whole way, its limits, and what it lifts."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.system_messages import send_system_messages
from backend.delivery.service.verifying import new_code, send_code
from backend.identity.passwords import hash_password
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel import clock
from backend.kernel.principal import StaffRole, system
from tests.browserless import Person, World
from tests.campaigns.test_http import drafted
from tests.delivery.factories import keep_working, make_gateway, sending

pytestmark = pytest.mark.anyio
PHONE = "+4791000001"


def later(**time: float) -> None:
    clock.set_offset(clock.offset() + timedelta(**time))


async def asked(owner: Person, phone: str = PHONE, **options: Any) -> dict[str, Any]:
    answer = await owner.post("/v1/number/verifications", {"phone": phone}, **options)
    assert answer.status_code == 202, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def coded(owner: Person, view: dict[str, Any]) -> str:
    """The code, as its message has it before it leaves; whatever the clock says, its way works."""
    await keep_working()
    assert await send_code(UUID(owner.tenant_id), UUID(view["id"]), "Clearsend")
    async with platform_scope(system("test"), "test") as scope:
        body = await scope.value(
            "SELECT body FROM system_messages WHERE reference = $1", f"verification:{view['id']}"
        )
    found = re.search(r"\b\d{6}\b", body)
    assert found, body
    return found[0]


async def entered(owner: Person, view: dict[str, Any], code: str, **options: Any) -> httpx.Response:
    return await owner.post(
        f"/v1/number/verifications/{view['id']}/confirm", {"code": code}, **options
    )


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def messages() -> list[tuple[str, str]]:
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows("SELECT state, body FROM system_messages ORDER BY created_at, id")
    return [(row["state"], row["body"]) for row in rows]


async def test_a_code_arrives_and_the_number_is_verified(world: World, tmp_path):
    owner = await world.tenant()
    async with sending(tmp_path) as out:
        view = await asked(owner, "910 00 001", headers={"idempotency-key": "ask"})
        again = await asked(owner, "910 00 001", headers={"idempotency-key": "ask"})
        assert again == view
        assert (view["state"], view["phone"], view["tries_left"]) == ("requested", PHONE, 5)
        tenant_id, verification_id = UUID(owner.tenant_id), UUID(view["id"])
        assert await send_code(tenant_id, verification_id, "Clearsend")
        assert not await send_code(tenant_id, verification_id, "Clearsend"), "made once"
        assert await send_system_messages(out.carriers) == 1
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{out.simulator.http_port}/handsets.json"
            [shown] = (await client.get(url)).json()
    assert (shown["sender"], shown["number"]) == ("Clearsend", PHONE[1:])
    found = re.search(r"\b\d{6}\b", shown["text"])
    assert found
    assert await messages() == [("accepted", "(code)")], "nobody reads it here any more"
    async with platform_scope(system("test"), "test") as scope:
        stored = await scope.value("SELECT code_hash FROM number_verifications")
    assert stored.startswith("$argon2id$")
    wrong = await entered(owner, view, other_than(found[0]))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "code_wrong")
    assert wrong.json()["tries_left"] == 4
    assert wrong.json()["errors"][0]["pointer"] == "/code"
    key = {"idempotency-key": "enter"}
    right = await entered(owner, view, found[0], headers=key)
    assert (right.status_code, right.json()["verified_phone"]) == (200, PHONE), right.text
    assert (await entered(owner, view, found[0], headers=key)).content == right.content
    assert right.json()["verification"]["state"] == "verified"
    over = await entered(owner, view, found[0])
    assert (over.status_code, over.json()["code"]) == (409, "verification_closed")
    assert (await owner.get("/v1/number")).json()["verified_phone"] == PHONE
    lead = await world.staff(StaffRole.LEAD)
    seen = (await lead.get(f"/v1/tenants/{owner.tenant_id}")).json()
    assert (seen["verified_phone"], seen["verified_reason"]) == (PHONE, "code")


async def test_five_wrong_codes_and_it_is_over(world: World):
    await make_gateway(1)
    owner = await world.tenant()
    view = await asked(owner)
    code = await coded(owner, view)
    answers = await asyncio.gather(*(entered(owner, view, other_than(code)) for _ in range(8)))
    said = sorted(answer.json()["code"] for answer in answers)
    assert said == ["code_wrong"] * 5 + ["verification_spent"] * 3, "side by side as well"
    right = await entered(owner, view, code)
    assert (right.status_code, right.json()["code"]) == (409, "verification_spent")
    assert (await owner.get("/v1/number")).json()["verified_phone"] is None
    later(minutes=2)
    fresh = await asked(owner)
    assert (await entered(owner, fresh, await coded(owner, fresh))).status_code == 200


async def test_a_code_ends_after_ten_minutes(world: World):
    await make_gateway(1)
    owner = await world.tenant()
    view = await asked(owner)
    code = await coded(owner, view)
    later(minutes=10, seconds=1)
    over = await entered(owner, view, code)
    assert (over.status_code, over.json()["code"]) == (409, "verification_expired")


async def test_a_newer_code_replaces_the_older(world: World):
    await make_gateway(1)
    owner = await world.tenant()
    first = await asked(owner)
    old = await coded(owner, first)
    soon = await owner.post("/v1/number/verifications", {"phone": PHONE})
    assert (soon.status_code, soon.json()["code"]) == (429, "verification_limited")
    assert soon.json()["limit"] == "pause"
    assert 0 < int(soon.headers["retry-after"]) <= 60
    later(seconds=61)
    second = await asked(owner, "+4791000002")
    assert (await entered(owner, first, old)).json()["code"] == "verification_closed"
    done = await entered(owner, second, await coded(owner, second))
    assert done.json()["verified_phone"] == "+4791000002"


async def test_a_request_replaced_before_its_code_sends_nothing(world: World):
    await make_gateway(1)
    owner = await world.tenant()
    first = await asked(owner)
    later(seconds=61)
    await asked(owner)
    assert not await send_code(UUID(owner.tenant_id), UUID(first["id"]), "Clearsend")
    assert await messages() == []


async def test_without_a_way_out_it_says_so(world: World):
    owner = await world.tenant()
    view = await asked(owner)
    assert not await send_code(UUID(owner.tenant_id), UUID(view["id"]), "Clearsend")
    shown = (await owner.get("/v1/number")).json()["verification"]
    assert (shown["state"], shown["failure"]) == ("not_sent", "no_gateway")
    wrong = await entered(owner, view, "123456")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "verification_closed")


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("+4722334455", "phone_not_mobile"),
        ("+18005551234", "destination_not_allowed"),
        ("+881612345678", "destination_not_allowed"),
        ("+4791", ""),
        ("call me", ""),
        ("+4791000001, +4791000002", ""),
    ],
)
async def test_a_number_that_hears_no_texts_is_refused(world: World, phone, code):
    owner = await world.tenant()
    answer = await owner.post("/v1/number/verifications", {"phone": phone})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/phone"
    assert answer.json()["code"] == code or not code
    assert (await owner.get("/v1/number")).json()["verification"] is None


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "", "１２３４５６", "123 456"])
async def test_what_is_no_code_spends_no_try(world: World, code):
    await make_gateway(1)
    owner = await world.tenant()
    view = await asked(owner)
    await coded(owner, view)
    answer = await entered(owner, view, code)
    assert answer.status_code == 422, answer.text
    shown = (await owner.get("/v1/number")).json()["verification"]
    assert (shown["state"], shown["tries_left"]) == ("sent", 5)


async def test_another_companys_code_is_not_there(world: World):
    await make_gateway(1)
    owner, other = await world.tenant(), await world.tenant("Other")
    view = await asked(owner)
    code = await coded(owner, view)
    answer = await entered(other, view, code)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await entered(owner, view, code)).status_code == 200


async def test_a_suspended_company_asks_for_no_codes(world: World):
    owner = await world.tenant()
    lead = await world.staff(StaffRole.LEAD)
    await lead.post(f"/v1/tenants/{owner.tenant_id}/suspend", {"reason": "complaints"})
    answer = await owner.post("/v1/number/verifications", {"phone": PHONE})
    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")


async def test_the_limits_of_an_unverified_company_lift_by_themselves(world: World):
    await make_gateway(1)
    owner = await world.tenant()

    async def facts() -> Any:
        async with tenant_scope(system("test", UUID(owner.tenant_id))) as scope:
            return await read_tenant_facts(scope)

    async def quoted() -> str:
        answer = await owner.post(f"/v1/sessions/{session['id']}/quotes")
        return str(answer.json().get("code", "quoted"))

    session = await drafted(owner, body="Hello", audience={"all": True})
    assert (await facts()).is_template_only
    assert await quoted() == "template_only"
    view = await asked(owner)
    await entered(owner, view, await coded(owner, view))
    assert not (await facts()).is_template_only
    assert await quoted() != "template_only"


async def test_codes_are_six_digits_and_slow_to_guess():
    assert {len(new_code()) for _ in range(200)} == {6}
    assert (await hash_password("012345")).startswith("$argon2id$")
