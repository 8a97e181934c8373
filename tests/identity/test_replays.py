"""Answers without a body, repeated; addresses that grow; who listens to what."""

import pytest

from tests.browserless import World

pytestmark = pytest.mark.anyio


async def test_b10_a_deletion_repeated_with_its_key_is_the_same_answer(world: World):
    owner = await world.tenant()
    made = await owner.post("/v1/attributes", {"label": "Shoe size"})
    assert made.status_code == 201
    key = {"idempotency-key": "delete-once"}
    first = await owner.delete("/v1/attributes/shoe size", headers=key)
    again = await owner.delete("/v1/attributes/shoe size", headers=key)
    assert (first.status_code, first.content) == (204, b"")
    assert (again.status_code, again.content) == (204, b"")
    assert again.headers["idempotency-replayed"] == "true"


async def test_b10_a_key_with_another_request_is_422(world: World):
    owner = await world.tenant()
    key = {"idempotency-key": "one-key"}
    assert (await owner.post("/v1/campaigns", {"name": "A"}, headers=key)).status_code == 201
    other = await owner.post("/v1/campaigns", {"name": "B"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    listed = await owner.get("/v1/campaigns")
    assert [campaign["name"] for campaign in listed.json()["items"]] == ["A"]


@pytest.mark.parametrize("local", ["İ" * 130, "ẞ" * 64, "K" * 60])
async def test_b7_an_address_that_grows_in_lower_case_is_no_error_of_ours(world: World, local: str):
    given = {
        "name": "A",
        "email": f"{local}@example.com",
        "password": "long enough for us",
        "tenant_name": "T",
    }
    answer = await world.client().post("/v1/signup", json=given)
    assert answer.status_code in {201, 422}, answer.text


@pytest.mark.parametrize("country", ["ZZ", "XX"])
async def test_b4_a_country_nobody_has(world: World, country: str):
    given = {
        "name": "A",
        "email": "a@example.com",
        "password": "long enough for us",
        "tenant_name": "T",
        "country": country,
    }
    answer = await world.client().post("/v1/signup", json=given)
    assert answer.status_code in {201, 422}, answer.text


async def test_b10_a_sign_up_sent_again_is_the_same_workspace(world: World):
    given = {
        "name": "A",
        "email": "again@example.com",
        "password": "long enough for us",
        "tenant_name": "T",
    }
    key = {"idempotency-key": "sign-up"}
    first = await world.client().post("/v1/signup", json=given, headers=key)
    again = await world.client().post("/v1/signup", json=given, headers=key)
    assert (first.status_code, again.status_code) == (201, 201), again.text
    mine = [{**answer.json(), "csrf_token": ""} for answer in (first, again)]
    assert mine[0] == mine[1]
    assert again.cookies["clearsend_session"] != first.cookies["clearsend_session"]
    # Five a few minutes are what an address may ask for.
    for changed in ({"password": "another password"}, {"tenant_name": "U", "name": "B"}):
        other = await world.client().post("/v1/signup", json=given | changed, headers=key)
        assert (other.status_code, other.json()["code"]) == (409, "email_taken")
        assert "clearsend_session" not in other.cookies
    keyless = await world.client().post("/v1/signup", json=given)
    assert keyless.status_code == 409


async def test_b10_an_upload_of_other_bytes_is_another_request(world: World):
    owner = await world.tenant()
    key = {"idempotency-key": "upload"}

    async def upload(content: bytes):
        files = {"file": ("list.csv", content, "text/csv")}
        return await owner.request("POST", "/v1/imports", files=files, headers=key)

    first = await upload(b"phone\r\n+4791234567\r\n")
    again = await upload(b"phone\r\n+4791234567\r\n")
    assert (first.status_code, again.content) == (201, first.content)
    other = await upload(b"phone\r\n+4791234568\r\n")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len((await owner.get("/v1/imports")).json()["items"]) == 1
