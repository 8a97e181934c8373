"""B52-B54 over HTTP: who guesses learns nothing, who waits gets in, no id outlives a privilege."""

import pytest

from backend.identity.service.login import DEMO_PASSWORD
from backend.identity.service.tenants import add_account
from tests.bad_input.asking import Rows, refused

pytestmark = pytest.mark.anyio
COOKIE = "clearsend_session"
SAID = "The e-mail address or the password is wrong."


async def attempt(rows: Rows, address: str, email: str, password: str):
    given = {"email": email, "password": password}
    return await rows.world.client(address).post("/v1/login", json=given)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("nobody@example.com", DEMO_PASSWORD),
        ("nordlys@example.com", "wrong password"),
        ("' OR 1=1 --@example.com", "x"),
        ("nordlys+x@example.com", DEMO_PASSWORD),
    ],
)
async def test_b52_every_refusal_reads_the_same(rows: Rows, email: str, password: str):
    answer = await attempt(rows, "192.0.2.1", email, password)
    assert refused(answer, 401, "login_failed")["detail"] == SAID


async def test_b52_case_of_the_address_and_accents_of_the_password(rows: Rows):
    await add_account("b52@example.com", "A", "cafe\u0301 au lait", is_demo=True)
    answer = await attempt(rows, "192.0.2.2", "B52@Example.com", "caf\u00e9 au lait")
    assert answer.status_code == 200


async def test_b52_lengths_and_nul(rows: Rows):
    long = await attempt(rows, "192.0.2.3", "a@b.example", "x" * 1_025)
    refused(long, 422, "too_long", "/password")
    giant = await attempt(rows, "192.0.2.3", "a@b.example", "x" * 1_048_576)
    refused(giant, 413, "body_too_large")
    nul = await attempt(rows, "192.0.2.3", "a@b.example", "a\x00b")
    refused(nul, 422, "control_character", "/password")


async def test_b53_guessing_is_slowed_and_the_victim_gets_in(rows: Rows):
    await add_account("victim@example.com", "V", DEMO_PASSWORD, is_demo=True)
    answers = [await attempt(rows, "203.0.113.9", "victim@example.com", "x") for _ in range(12)]
    assert answers[0].status_code == 401
    refused(answers[-1], 429, answers[-1].json()["code"])
    assert int(answers[-1].headers["retry-after"]) > 0
    answer = await attempt(rows, "127.0.0.1", "victim@example.com", DEMO_PASSWORD)
    assert answer.status_code == 200


async def test_b54_an_id_chosen_by_somebody_else(rows: Rows):
    await add_account("b54@example.com", "F", DEMO_PASSWORD, is_demo=True)
    client = rows.world.client()
    client.cookies.set(COOKIE, "attackerchosen")
    given = {"email": "b54@example.com", "password": DEMO_PASSWORD}
    answer = await client.post("/v1/login", json=given)
    assert answer.status_code == 200
    assert answer.cookies[COOKIE] != "attackerchosen"
    thief = rows.world.client()
    thief.cookies.set(COOKIE, "attackerchosen")
    refused(await thief.get("/v1/session"), 401, "unauthenticated")
