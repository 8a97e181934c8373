"""B59 and the second person, as a clerk's browser meets them."""

import pytest

from backend.billing.states import GRANT_CREDITS_MAX, SINGLE_CLERK_TOP_UP_CREDITS_MAX
from backend.kernel.principal import StaffRole
from tests.browserless import World

pytestmark = pytest.mark.anyio
BODY = {
    "amount_credits": 500,
    "method": "bank_transfer",
    "reference": "bank-1",
    "reason": "invoice 77",
}


@pytest.mark.parametrize(
    "changed",
    [
        {"amount_credits": 0},
        {"amount_credits": -5},
        {"amount_credits": 0.001},
        {"amount_credits": 10**15},
        {"currency": "XXX"},
        {"reason": ""},
    ],
)
async def test_b59_no_money_out_of_nothing(world: World, changed):
    owner = await world.tenant()
    finance = await world.staff(StaffRole.FINANCE)
    answer = await finance.post(f"/v1/tenants/{owner.tenant_id}/top-ups", json=BODY | changed)
    assert answer.status_code == 422, answer.text
    assert (await owner.get("/v1/balance")).json()["available"] == 0


async def test_b59_the_same_request_twice_is_one_top_up(world: World):
    owner = await world.tenant()
    finance = await world.staff(StaffRole.FINANCE)
    path, key = f"/v1/tenants/{owner.tenant_id}/top-ups", {"idempotency-key": "tab-1"}
    first = await finance.post(path, json=BODY, headers=key)
    again = await finance.post(path, json=BODY, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other_tab = await finance.post(path, json=BODY, headers={"idempotency-key": "tab-2"})
    assert (other_tab.status_code, other_tab.json()["code"]) == (409, "reference_reused")
    assert (await owner.get("/v1/balance")).json()["available"] == 500


async def test_a_large_top_up_takes_two_people(world: World):
    owner = await world.tenant()
    first = await world.staff(StaffRole.FINANCE, email="first@staff.example.com")
    second = await world.staff(StaffRole.FINANCE, email="second@staff.example.com")
    large = BODY | {"amount_credits": SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1}
    asked = await first.post(f"/v1/tenants/{owner.tenant_id}/top-ups", json=large)
    assert (asked.status_code, asked.json()["code"]) == (409, "second_person_required")
    path = f"/v1/top-ups/{asked.json()['top_up_id']}/approve"
    own = await first.post(path)
    assert (own.status_code, own.json()["code"]) == (403, "second_person_must_differ")
    assert (await owner.get("/v1/balance")).json()["available"] == 0
    assert (await second.post(path)).status_code == 200
    expected = SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1
    assert (await owner.get("/v1/balance")).json()["available"] == expected


async def test_a_grant_is_for_finance_alone(world: World):
    owner = await world.tenant()
    finance = await world.staff(StaffRole.FINANCE)
    path = f"/v1/tenants/{owner.tenant_id}/grants"
    body = {"amount_credits": 10, "reference": "sorry-1", "reason": "our outage"}
    assert (await finance.post(path, json=body)).status_code == 201
    assert (await owner.post(path, json=body)).status_code in (403, 404)
    assert (await owner.get("/v1/balance")).json()["available"] == 10


async def test_grants_above_one_clerks_limit_take_two_people(world: World):
    owner = await world.tenant()
    first = await world.staff(StaffRole.FINANCE, email="first@staff.example.com")
    second = await world.staff(StaffRole.FINANCE, email="second@staff.example.com")
    path = f"/v1/tenants/{owner.tenant_id}/grants"
    for amount, reference, status in ((GRANT_CREDITS_MAX, "sorry-1", 201), (1, "sorry-2", 409)):
        body = {"amount_credits": amount, "reference": reference, "reason": "our outage"}
        answer = await first.post(path, json=body)
        assert answer.status_code == status
    problem = answer.json()
    assert problem["code"] == "second_person_required"
    approve = f"/v1/corrections/{problem['correction_id']}/approve"
    assert (await first.post(approve)).status_code == 403
    approved = (await second.post(approve)).json()
    assert (approved["kind"], approved["grant_reference"]) == ("grant", "sorry-2")
    assert (await owner.get("/v1/balance")).json()["available"] == GRANT_CREDITS_MAX + 1
