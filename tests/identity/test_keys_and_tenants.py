"""API keys are shown once and end; staff find tenants and grant privileges, with a reason."""

from datetime import timedelta

import pytest

from backend.kernel import clock
from backend.kernel.principal import StaffRole
from tests.browserless import World

pytestmark = pytest.mark.anyio


async def test_a_key_works_until_it_is_revoked(world: World):
    owner = await world.tenant()
    made = await owner.post("/v1/api-keys", {"name": "ci", "scopes": ["reports:read"]})
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    bearer = {"authorization": f"Bearer {secret}"}
    known = await world.client().get("/v1/session", headers=bearer)
    assert (known.status_code, known.json()["code"]) == (403, "scope_missing")
    listed = (await owner.get("/v1/api-keys")).json()
    assert "secret" not in listed[0]
    revoked = await owner.delete(f"/v1/api-keys/{made.json()['id']}")
    assert revoked.status_code == 200
    answer = await world.client().get("/v1/session", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (401, "key_revoked")


async def test_b57_a_changed_or_truncated_key_is_unknown(world: World):
    owner = await world.tenant()
    made = await owner.post("/v1/api-keys", {"name": "ci", "scopes": ["reports:read"]})
    secret = made.json()["secret"]
    another = "0" if secret[-1] != "0" else "1"
    for wrong in (secret[:-1], secret[:-1] + another, secret.split("_")[0], "x", secret.upper()):
        answer = await world.client().get(
            "/v1/session", headers={"authorization": f"Bearer {wrong}"}
        )
        assert answer.status_code == 401, wrong


async def test_an_idempotent_key_is_made_once(world: World):
    owner = await world.tenant()
    body = {"name": "ci", "scopes": ["reports:read"]}
    first = await owner.post("/v1/api-keys", body, headers={"idempotency-key": "one"})
    second = await owner.post("/v1/api-keys", body, headers={"idempotency-key": "one"})
    assert first.json()["id"] == second.json()["id"]
    assert second.headers["idempotency-replayed"] == "true"
    assert second.json()["secret"] == ""
    other = await owner.post(
        "/v1/api-keys", {**body, "name": "other"}, headers={"idempotency-key": "one"}
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_another_tenants_key_is_not_there(world: World):
    owner, other = await world.tenant("First"), await world.tenant("Other")
    made = await owner.post("/v1/api-keys", {"name": "ci", "scopes": ["reports:read"]})
    answer = await other.delete(f"/v1/api-keys/{made.json()['id']}")
    missing = await other.delete("/v1/api-keys/01890a5d-ac96-774b-bcce-b302099a8057")
    assert answer.status_code == missing.status_code == 404
    assert answer.json()["code"] == missing.json()["code"]


async def test_staff_find_a_tenant_and_leave_a_trace(world: World):
    await world.tenant("Nordlys Retail")
    await world.tenant("Café Milan")
    lead = await world.staff(StaffRole.LEAD)
    found = (await lead.get("/v1/tenants", params={"search": "milan"})).json()
    assert [tenant["name"] for tenant in found["items"]] == ["Café Milan"]
    nothing = (await lead.get("/v1/tenants", params={"search": "%"})).json()
    assert nothing["items"] == []
    connection = await world.database.connect()
    assert await connection.fetchval("SELECT count(*) FROM access_audit") == 2
    await connection.close()


async def test_pages_of_tenants_follow_the_cursor(world: World):
    names = [f"Tenant {n}" for n in range(5)]
    for name in names:
        await world.tenant(name)
    lead = await world.staff(StaffRole.LEAD)
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await lead.get("/v1/tenants", params=params)).json()
        seen += [tenant["name"] for tenant in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == names[::-1]


async def test_b9_wrong_parameters_are_named(world: World):
    lead = await world.staff(StaffRole.LEAD)
    for params in ({"limit": 10**9}, {"limit": -1}, {"cursor": "!!"}, {"sort": "password"}):
        answer = await lead.get("/v1/tenants", params=params)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter"), params


async def test_auto_validation_is_granted_and_taken(world: World):
    owner = await world.tenant()
    lead = await world.staff(StaffRole.LEAD)
    path = f"/v1/tenants/{owner.tenant_id}/auto-validation"
    bounds = {"recipients_max": 1000, "hosts": ["nordlys.example"], "countries": ["NO"]}
    granted = await lead.put(path, {"bounds": bounds, "reason": "two years of good sends"})
    assert granted.json()["auto_validation"] == bounds
    taken = await lead.put(path, {"bounds": None, "reason": "complaints"})
    assert taken.json()["auto_validation"] is None
    assert taken.json()["auto_validation_lost_reason"] == "complaints"


async def test_a_moderator_grants_no_privilege(world: World):
    owner = await world.tenant()
    moderator = await world.staff(StaffRole.MODERATOR)
    answer = await moderator.put(
        f"/v1/tenants/{owner.tenant_id}/auto-validation", {"bounds": None, "reason": "because"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_a_number_is_verified_with_a_reason(world: World):
    owner = await world.tenant(status="trial")
    lead = await world.staff(StaffRole.LEAD)
    path = f"/v1/tenants/{owner.tenant_id}/number-verification"
    wrong = await lead.post(path, {"phone": "+1800FLOWERS", "reason": "called them"})
    assert wrong.status_code == 422
    right = await lead.post(path, {"phone": "912 34 567", "reason": "called them"})
    assert right.json()["verified_phone"] == "+4791234567"


async def test_members_are_listed_with_their_names_and_are_the_tenants_own(world: World):
    mine, other = await world.tenant(), await world.tenant("Sorlys")
    (one,) = (await mine.get("/v1/members")).json()
    (two,) = (await other.get("/v1/members")).json()
    assert one["role"] == two["role"] == "owner"
    assert one["email"] != two["email"]
    assert one["name"]


async def test_a_keys_last_use_is_noted_at_most_once_a_minute(world: World):
    owner = await world.tenant()
    made = (await owner.post("/v1/api-keys", {"name": "CI", "scopes": ["reports:read"]})).json()
    bearer = {"authorization": f"Bearer {made['secret']}"}

    async def last_used() -> str | None:
        [key] = (await owner.get("/v1/api-keys")).json()
        value: str | None = key["last_used_at"]
        return value

    assert await last_used() is None
    assert (await world.client().get("/v1/campaigns", headers=bearer)).status_code == 200
    first = await last_used()
    assert first is not None
    await world.client().get("/v1/campaigns", headers=bearer)
    assert await last_used() == first
    clock.set_offset(timedelta(minutes=2))
    try:
        await world.client().get("/v1/campaigns", headers=bearer)
    finally:
        clock.set_offset(timedelta())
    later = await last_used()
    assert later is not None
    assert later > first
