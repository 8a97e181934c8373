"""Passkeys against an authenticator that can lie."""

import asyncio
from typing import Any

import pytest

from backend.identity.passkeys import encode, site_of
from tests.browserless import Person, World
from tests.identity.authenticator import Authenticator
from tests.identity.people import MEMBER, PASSWORD, STAFF, a_member, a_staff_person, renewed

pytestmark = pytest.mark.anyio
FACTORS = "/v1/account/second-factors"
PROOF = "/v1/session/proof/passkey"


async def enrol(person: Person, key: Authenticator) -> None:
    offer = (await person.post(f"{FACTORS}/passkeys/offer")).json()
    answer = await person.post(f"{FACTORS}/passkeys", key.create(offer))
    await renewed(person, answer)


async def challenge_of(person: Person) -> dict[str, Any]:
    answer = await person.post(f"{PROOF}/challenge")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def prove(person: Person, key: Authenticator, **lies: Any) -> tuple[int, str]:
    given = key.sign(await challenge_of(person), **lies)
    answer = await person.post(PROOF, given)
    return answer.status_code, answer.json().get("code", "")


async def test_staff_set_one_up_and_log_in_with_it(world: World):
    key, person = Authenticator(), await a_staff_person(world)
    await enrol(person, key)
    assert (await person.get("/v1/top-ups/pending")).status_code == 200
    half = await world.log_in(STAFF, PASSWORD)
    assert half.view["ways"] == ["passkey", "recovery_code"]
    before = half.client.cookies["clearsend_session"]
    assert await prove(half, key) == (200, "")
    assert half.client.cookies["clearsend_session"] != before
    assert (await half.get("/v1/top-ups/pending")).status_code == 200
    shown = (await half.get(FACTORS)).json()["factors"]
    assert [(row["kind"], row["name"]) for row in shown] == [("passkey", "A key")]
    assert shown[0]["last_used_at"] is not None


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "http://localhost:8001"},
        {"origin": "https://localhost:8000"},
        {"origin": "http://clearsend.evil.example"},
        {"rp_id": "evil.example"},
        {"verified": False},
    ],
)
async def test_b55_another_origin_or_nobody_verified_opens_nothing(
    world: World, lies: dict[str, Any]
):
    key = Authenticator()
    await enrol(await a_staff_person(world), key)
    half = await world.log_in(STAFF, PASSWORD)
    assert await prove(half, key, **lies) == (401, "passkey_refused")
    assert (await half.get("/v1/top-ups/pending")).status_code == 401


async def test_b55_a_count_that_goes_back_shows_a_copy(world: World):
    key = Authenticator()
    await enrol(await a_staff_person(world), key)
    half = await world.log_in(STAFF, PASSWORD)
    key.count = 41
    assert await prove(half, key) == (200, "")
    for count in (40, 41 - 1, 3):
        again = await world.log_in(STAFF, PASSWORD)
        key.count = count
        assert await prove(again, key) == (401, "passkey_copied")


async def test_a_key_that_does_not_count_works_again_and_again(world: World):
    key = Authenticator(counts=False)
    await enrol(await a_staff_person(world), key)
    for _ in range(2):
        assert await prove(await world.log_in(STAFF, PASSWORD), key) == (200, "")


async def test_a_challenge_is_answered_once_by_whoever_was_asked(world: World):
    key = Authenticator(counts=False)
    await enrol(await a_staff_person(world), key)
    first, second = [await world.log_in(STAFF, PASSWORD) for _ in range(2)]
    unasked = await first.post(PROOF, key.sign({"challenge": encode(bytes(32)), "rp_id": "x"}))
    assert unasked.json()["code"] == "challenge_expired"
    given = key.sign(await challenge_of(first))
    # Another login session of the same account has another challenge, or none.
    assert (await second.post(PROOF, given)).json()["code"] == "challenge_expired"
    await challenge_of(second)
    assert (await second.post(PROOF, given)).json()["code"] == "passkey_refused"
    stale = given
    given = key.sign(await challenge_of(first))
    assert (await first.post(PROOF, stale)).json()["code"] == "passkey_refused"
    # A refused answer has used its challenge up.
    assert (await first.post(PROOF, given)).json()["code"] == "challenge_expired"
    given = key.sign(await challenge_of(first))
    answers = await asyncio.gather(*(first.post(PROOF, given) for _ in range(3)))
    assert [answer.status_code for answer in answers].count(200) == 1


async def test_anothers_passkey_opens_nothing(world: World):
    mine, theirs = Authenticator(), Authenticator()
    await enrol(await a_staff_person(world), mine)
    other = await a_member(world)
    await enrol(other, theirs)
    half = await world.log_in(STAFF, PASSWORD)
    assert await prove(half, theirs) == (401, "passkey_unknown")
    # Nor does another's signature under the right id.
    forged = theirs.sign(await challenge_of(half)) | {"credential_id": encode(mine.credential_id)}
    assert (await half.post(PROOF, forged)).json()["code"] == "passkey_refused"


async def test_a_passkey_is_one_accounts(world: World):
    key = Authenticator()
    await enrol(await a_staff_person(world), key)
    other = await a_member(world)
    offer = (await other.post(f"{FACTORS}/passkeys/offer")).json()
    answer = await other.post(f"{FACTORS}/passkeys", key.create(offer))
    assert (answer.status_code, answer.json()["code"]) == (409, "factor_taken")
    assert (await other.get(FACTORS)).json()["factors"] == []


@pytest.mark.parametrize("lies", [{"origin": "http://evil.example"}, {"verified": False}])
async def test_one_made_elsewhere_is_not_taken(world: World, lies: dict[str, Any]):
    person, key = await a_member(world), Authenticator()
    offer = (await person.post(f"{FACTORS}/passkeys/offer")).json()
    answer = await person.post(f"{FACTORS}/passkeys", key.create(offer, **lies))
    assert (answer.status_code, answer.json()["code"]) == (422, "passkey_refused")
    late = await person.post(f"{FACTORS}/passkeys", key.create(offer))
    assert (late.status_code, late.json()["code"]) == (409, "enrolment_expired")


@pytest.mark.parametrize("garbage", ["AAAA", "o2NmbXRkbm9uZQ", "_" * 20_000, "-", "A"])
async def test_garbage_is_a_refusal_and_no_error_of_ours(world: World, garbage: str):
    key, person = Authenticator(), await a_member(world)
    for field in ("client_data", "attestation_object", "credential_id"):
        offer = (await person.post(f"{FACTORS}/passkeys/offer")).json()
        given = key.create(offer) | {field: garbage}
        answer = await person.post(f"{FACTORS}/passkeys", given)
        assert answer.status_code == 422, answer.text
    await enrol(person, key)
    half = await world.log_in(MEMBER, PASSWORD)
    for field in ("client_data", "authenticator_data", "signature", "credential_id"):
        given = key.sign(await challenge_of(half)) | {field: garbage}
        assert (await half.post(PROOF, given)).status_code in {401, 422}


async def test_several_are_offered_and_known_ones_are_not_made_again(world: World):
    person, keys = await a_member(world), [Authenticator(), Authenticator()]
    for key in keys:
        await enrol(person, key)
    ids = {encode(key.credential_id) for key in keys}
    offer = (await person.post(f"{FACTORS}/passkeys/offer")).json()
    assert {known["id"] for known in offer["known"]} == ids
    half = await world.log_in(MEMBER, PASSWORD)
    request = await challenge_of(half)
    assert {known["id"] for known in request["known"]} == ids
    assert (await half.post(PROOF, keys[1].sign(request))).status_code == 200


def test_the_site_is_the_public_urls():
    assert site_of("https://desk.example/") == site_of("https://desk.example")
    site = site_of("https://desk.example:8443")
    assert site is not None
    assert (site.rp_id, site.origin) == ("desk.example", "https://desk.example:8443")
    here = site_of("http://127.0.0.1:8000")
    assert here is not None
    assert (here.rp_id, here.origin) == ("localhost", "http://localhost:8000")
    assert site_of("https://192.0.2.7") is None
    assert site_of("") is None
