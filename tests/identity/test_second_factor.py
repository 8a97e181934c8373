"""The second factor over HTTP: who is asked for it, what it opens, and what does not open it."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from backend.identity.service.mail_tokens import Purpose, issue_token
from backend.identity.service.own_factors import reset_factors
from backend.identity.service.proving import CODE_TRIES_MAX, CODE_WAIT_SECONDS_MAX, wait_seconds
from backend.kernel import clock
from backend.kernel.principal import StaffRole
from tests.browserless import World
from tests.identity.people import (
    MEMBER,
    PASSWORD,
    STAFF,
    a_member,
    a_staff_person,
    another_code,
    at_a_new_step,
    code_at_login,
    code_of,
    enrol_app,
    proved_long_ago,
    renewed,
    steps_later,
)

pytestmark = pytest.mark.anyio
COOKIE = "clearsend_session"
FACTORS = "/v1/account/second-factors"


@pytest.fixture(autouse=True)
def _steady_codes() -> Iterator[None]:
    at_a_new_step()
    yield
    clock.set_offset(timedelta())


async def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_staff_without_one_reach_its_setting_up_and_nothing_else(world: World):
    person = await a_staff_person(world)
    assert person.view["step"] == "enrolment"
    refused = await person.get("/v1/top-ups/pending")
    assert await refusal(refused) == (403, "second_factor_required")
    assert refused.json()["page"] == "/second-factor"
    before = person.client.cookies[COOKIE]
    await enrol_app(person)
    assert person.client.cookies[COOKIE] != before
    assert person.view["step"] == "complete"
    assert (await person.get("/v1/top-ups/pending")).status_code == 200


async def test_everybody_reads_what_was_done_to_their_own_account(world: World):
    person = await a_staff_person(world)
    await enrol_app(person)
    seen = (await person.get("/v1/account/security-events")).json()
    assert [one["action"] for one in seen] == ["factor_added"]
    assert (seen[0]["is_own"], bool(seen[0]["factor"])) == (True, True)
    other = await world.staff(StaffRole.FINANCE)
    assert (await other.get("/v1/account/security-events")).json() == []


async def test_the_demos_staff_are_not_asked(world: World):
    finance = await world.staff(StaffRole.FINANCE)
    assert (finance.view["step"], finance.view["ways"]) == ("complete", [])
    assert (await finance.get("/v1/top-ups/pending")).status_code == 200
    shown = (await finance.get(FACTORS)).json()
    assert not shown["is_changeable"]
    refused = await finance.post(f"{FACTORS}/totp/offer")
    assert await refusal(refused) == (403, "demo_account")


async def test_a_password_alone_is_half_a_login(world: World):
    secret, _ = await enrol_app(await a_staff_person(world))
    half = await world.log_in(STAFF, PASSWORD)
    assert half.view["step"] == "second_step"
    assert half.view["ways"] == ["totp", "recovery_code"]
    assert (half.view["desks"], half.view["staff_roles"], half.view["tenants"]) == ([], [], [])
    for method, path in (
        ("GET", "/v1/top-ups/pending"),
        ("GET", FACTORS),
        ("POST", f"{FACTORS}/totp/offer"),
        ("POST", "/v1/account/recovery-codes"),
        ("POST", "/v1/session/proof/password"),
        ("POST", "/v1/session/tenant"),
        ("PUT", "/v1/account/language"),
        ("GET", "/v1/openapi.json"),
        ("GET", "/v1/events?topic=queue"),
    ):
        answer = await half.request(method, path, json={} if method != "GET" else None)
        assert await refusal(answer) == (401, "second_step_pending"), path
    assert (await half.get("/v1/session")).json()["step"] == "second_step"
    before = half.client.cookies[COOKIE]
    token = half.view["csrf_token"]
    assert await code_at_login(half, code_of(secret)) == (200, "")
    assert half.client.cookies[COOKIE] != before
    await renewed(half, await half.get("/v1/session"))
    assert half.view["csrf_token"] != token
    assert half.view["desks"] == ["finance"]
    thief = world.client()
    thief.cookies.set(COOKIE, before)
    assert (await thief.get("/v1/session")).status_code == 401


async def test_half_a_login_can_leave(world: World):
    await enrol_app(await a_staff_person(world))
    half = await world.log_in(STAFF, PASSWORD)
    assert (await half.post("/v1/logout")).status_code == 204
    assert (await half.get("/v1/session")).status_code == 401


async def test_b55_a_code_is_good_once(world: World):
    secret, _ = await enrol_app(await a_staff_person(world))
    first = await world.log_in(STAFF, PASSWORD)
    second = await world.log_in(STAFF, PASSWORD)
    # The one it was set up with, and an earlier one: neither comes again.
    assert await code_at_login(first, code_of(secret, -1)) == (401, "code_used")
    assert await code_at_login(first, code_of(secret)) == (200, "")
    assert await code_at_login(second, code_of(secret)) == (401, "code_used")
    assert await code_at_login(second, code_of(secret, 2)) == (401, "code_wrong")
    assert await code_at_login(second, code_of(secret, 1)) == (200, "")


async def test_b55_one_code_sent_twice_at_once_lets_one_in(world: World):
    secret, _ = await enrol_app(await a_staff_person(world))
    halves = [await world.log_in(STAFF, PASSWORD) for _ in range(4)]
    code = code_of(secret)
    answers = await asyncio.gather(*(code_at_login(half, code) for half in halves))
    assert sorted(answers) == [(200, ""), *[(401, "code_used")] * 3]


async def test_b55_guessing_is_slowed_and_its_victim_told(world: World):
    person = await a_staff_person(world)
    secret, codes = await enrol_app(person)
    guesser = await world.log_in(STAFF, PASSWORD)
    wrong = another_code(secret)
    for left in range(CODE_TRIES_MAX - 1, -1, -1):
        answer = await guesser.post("/v1/session/proof/code", {"code": wrong})
        assert await refusal(answer) == (401, "code_wrong")
        assert answer.json()["tries_left"] == left
    spent = await guesser.post("/v1/session/proof/code", {"code": code_of(secret)})
    assert await refusal(spent) == (429, "code_tries_spent")
    assert 0 < int(spent.headers["retry-after"]) <= 31
    # A new login is no new allowance, and what is not guessed is not slowed.
    again = await world.log_in(STAFF, PASSWORD)
    assert (await code_at_login(again, code_of(secret)))[0] == 429
    answer = await again.post("/v1/session/proof/recovery-code", {"code": codes[0]})
    assert answer.status_code == 200
    connection = await world.database.connect()
    told = await connection.fetchval(
        "SELECT count(*) FROM outbox WHERE payload->>'change' = 'codes_guessed'"
    )
    await connection.close()
    assert told == 1
    # Waiting helps: the tries are given back by a code that is right.
    guesser = await world.log_in(STAFF, PASSWORD)
    steps_later(2)
    assert await code_at_login(guesser, code_of(secret)) == (200, "")


async def test_b55_guesses_at_once_are_all_counted(world: World):
    secret, _ = await enrol_app(await a_staff_person(world))
    half = await world.log_in(STAFF, PASSWORD)
    wrong = another_code(secret)
    answers = await asyncio.gather(*(code_at_login(half, wrong) for _ in range(9)))
    assert answers.count((401, "code_wrong")) == CODE_TRIES_MAX
    assert answers.count((429, "code_tries_spent")) == 9 - CODE_TRIES_MAX


def test_the_wait_doubles_to_its_limit():
    assert [wait_seconds(tries) for tries in (1, 4, 5, 6, 7)] == [0, 0, 30, 60, 120]
    assert wait_seconds(60) == wait_seconds(10_000) == CODE_WAIT_SECONDS_MAX


async def test_b55_a_recovery_code_is_good_once_however_it_is_typed(world: World):
    _, codes = await enrol_app(await a_staff_person(world))
    assert len(set(codes)) == 10
    half = await world.log_in(STAFF, PASSWORD)
    typed = codes[3].upper().replace("-", " ")
    path = "/v1/session/proof/recovery-code"
    assert await refusal(await half.post(path, {"code": "nope"})) == (401, "code_wrong")
    await renewed(half, await half.post(path, {"code": typed}))
    assert (await half.get(FACTORS)).json()["recovery_codes_left"] == 9
    again = await world.log_in(STAFF, PASSWORD)
    assert await refusal(await again.post(path, {"code": codes[3]})) == (401, "code_used")
    halves = [await world.log_in(STAFF, PASSWORD) for _ in range(3)]
    answers = await asyncio.gather(*(each.post(path, {"code": codes[4]}) for each in halves))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]


async def test_anothers_recovery_code_opens_nothing(world: World):
    _, codes = await enrol_app(await a_staff_person(world))
    await enrol_app(await a_member(world))
    half = await world.log_in(MEMBER, PASSWORD)
    answer = await half.post("/v1/session/proof/recovery-code", {"code": codes[0]})
    assert await refusal(answer) == (401, "code_wrong")


async def test_new_recovery_codes_make_the_old_ones_worthless(world: World):
    person = await a_member(world)
    refused = await person.post("/v1/account/recovery-codes")
    assert await refusal(refused) == (409, "no_second_factor")
    _, old = await enrol_app(person)
    new = (await person.post("/v1/account/recovery-codes")).json()["recovery_codes"]
    half = await world.log_in(MEMBER, PASSWORD)
    path = "/v1/session/proof/recovery-code"
    assert (await half.post(path, {"code": old[0]})).status_code == 401
    assert (await half.post(path, {"code": new[0]})).status_code == 200


async def test_a_secret_counts_only_once_a_code_of_it_came_back(world: World):
    person = await a_member(world)
    early = await person.post(f"{FACTORS}/totp", {"name": "A", "code": "000000"})
    assert await refusal(early) == (409, "enrolment_expired")
    offer = (await person.post(f"{FACTORS}/totp/offer")).json()
    assert offer["address"].startswith("otpauth://totp/Clearsend:ada")
    assert offer["qr"]["path"].startswith("M")
    wrong = {"name": "A", "code": another_code(offer["secret"])}
    answer = await person.post(f"{FACTORS}/totp", wrong)
    assert await refusal(answer) == (422, "code_wrong")
    assert (await person.get(FACTORS)).json()["factors"] == []
    right = {"name": "A", "code": code_of(offer["secret"])}
    await renewed(person, await person.post(f"{FACTORS}/totp", right))
    gone = await person.post(f"{FACTORS}/totp", right)
    assert await refusal(gone) == (409, "enrolment_expired")
    shown = (await person.get(FACTORS)).json()
    assert [factor["name"] for factor in shown["factors"]] == ["A"]
    assert shown["recovery_codes"] is None


async def test_one_offer_confirmed_twice_at_once_is_one_factor(world: World):
    person = await a_member(world)
    offer = (await person.post(f"{FACTORS}/totp/offer")).json()
    given = {"name": "A", "code": code_of(offer["secret"])}
    answers = await asyncio.gather(*(person.post(f"{FACTORS}/totp", given) for _ in range(3)))
    assert min(answer.status_code for answer in answers) == 201
    connection = await world.database.connect()
    assert await connection.fetchval("SELECT count(*) FROM second_factors") == 1
    assert await connection.fetchval("SELECT count(*) FROM recovery_codes") == 10
    await connection.close()


async def test_a_third_app_is_refused(world: World):
    person = await a_member(world)
    for expected in (201, 201, 409):
        offer = (await person.post(f"{FACTORS}/totp/offer")).json()
        given = {"name": "A", "code": code_of(offer["secret"])}
        answer = await person.post(f"{FACTORS}/totp", given)
        assert answer.status_code == expected, answer.text
        await renewed(person, await person.get("/v1/session"))
    assert answer.json()["limit"] == 2


async def test_setting_one_up_ends_every_other_login(world: World):
    person = await a_member(world)
    elsewhere = await world.log_in(MEMBER, PASSWORD)
    await enrol_app(person)
    assert (await elsewhere.get("/v1/session")).status_code == 401
    assert (await person.get("/v1/campaigns")).status_code == 200


async def test_staff_keep_their_last_one_and_members_need_none(world: World):
    staff_person, member = await a_staff_person(world), await a_member(world)
    for person, status in ((staff_person, 409), (member, 200)):
        await enrol_app(person)
        shown = (await person.get(FACTORS)).json()
        answer = await person.delete(f"{FACTORS}/{shown['factors'][0]['id']}")
        assert answer.status_code == status, answer.text
    assert (await renewed(member, answer)).view["ways"] == ["password"]
    assert (await member.get(FACTORS)).json()["recovery_codes_left"] == 0
    assert (await world.log_in(MEMBER, PASSWORD)).view["step"] == "complete"


async def test_two_last_ones_removed_at_once_leave_one(world: World):
    person = await a_staff_person(world)
    await enrol_app(person)
    offer = (await person.post(f"{FACTORS}/totp/offer")).json()
    given = {"name": "Second", "code": code_of(offer["secret"])}
    await renewed(person, await person.post(f"{FACTORS}/totp", given))
    shown = (await person.get(FACTORS)).json()["factors"]
    await asyncio.gather(*(person.delete(f"{FACTORS}/{factor['id']}") for factor in shown))
    connection = await world.database.connect()
    assert await connection.fetchval("SELECT count(*) FROM second_factors") == 1
    await connection.close()


async def test_anothers_factor_is_not_there(world: World):
    person, other = await a_staff_person(world), await a_member(world)
    await enrol_app(person)
    await enrol_app(other)
    theirs = (await other.get(FACTORS)).json()["factors"][0]["id"]
    assert (await person.delete(f"{FACTORS}/{theirs}")).status_code == 404
    named = await person.patch(f"{FACTORS}/{theirs}", {"name": "Mine now"})
    assert named.status_code == 404


async def test_a_factor_is_given_another_name_and_proves_the_same(world: World):
    person = await a_staff_person(world)
    await enrol_app(person)
    (factor,) = (await person.get(FACTORS)).json()["factors"]
    path = f"{FACTORS}/{factor['id']}"
    for _ in range(2):
        answer = await person.patch(path, {"name": "The blue telephone"})
        assert answer.status_code == 200, answer.text
    assert answer.json()["factors"] == [{**factor, "name": "The blue telephone"}]
    assert (await person.get("/v1/session")).status_code == 200, "no login ends"
    assert (await person.patch(path, {"name": ""})).status_code == 422
    seen = (await person.get("/v1/account/security-events")).json()
    assert [one["action"] for one in seen] == ["factor_renamed", "factor_added"]
    assert seen[0]["factor"] == "The blue telephone"


async def test_a_forgotten_password_does_not_pass_the_second_step(world: World):
    person = await a_member(world)
    secret, _ = await enrol_app(person)
    account_id = person.view["account"]["id"]
    token = await issue_token(Purpose.RESET_PASSWORD, account_id)
    client = world.client()
    given = {"token": token, "password": "another long sentence"}
    answer = await client.post("/v1/password-reset", json=given)
    assert answer.json()["step"] == "second_step"
    assert (await client.get("/v1/campaigns")).status_code == 401
    half = await world.log_in(MEMBER, "another long sentence")
    assert (await code_at_login(half, code_of(secret)))[0] == 200


async def test_step_up_asks_again_after_ten_minutes(world: World):
    person = await a_staff_person(world)
    secret, _ = await enrol_app(person)
    top_ups = "/v1/tenants/01890a5d-ac96-774b-bcce-b302099a80ff/top-ups"
    # Fresh: the guard is past, and the body is what is wrong.
    assert (await person.post(top_ups)).status_code == 422
    await proved_long_ago(world, person)
    refused = await person.post(top_ups)
    assert await refusal(refused) == (403, "step_up_required")
    assert refused.json()["max_age_seconds"] == 600
    before, token = person.client.cookies[COOKIE], person.view["csrf_token"]
    answer = await person.post("/v1/session/proof/code", {"code": code_of(secret)})
    assert answer.json()["is_stepped_up"] is True
    assert person.client.cookies[COOKIE] != before
    # The login goes on, so what other tabs of it hold stays good.
    assert answer.json()["csrf_token"] == token
    assert (await person.post(top_ups)).status_code == 422


async def test_who_has_no_factor_steps_up_with_the_password(world: World):
    person = await a_member(world)
    assert person.view["ways"] == ["password"]
    await proved_long_ago(world, person)
    key = {"name": "A", "scopes": ["reports:read"]}
    assert await refusal(await person.post("/v1/api-keys", key)) == (403, "step_up_required")
    path = "/v1/session/proof/password"
    wrong = await person.post(path, {"password": "something else"})
    assert await refusal(wrong) == (401, "password_wrong")
    assert (await person.post(path, {"password": PASSWORD})).status_code == 200
    assert (await person.post("/v1/api-keys", key)).status_code == 201
    await enrol_app(person)
    refused = await person.post(path, {"password": PASSWORD})
    assert await refusal(refused) == (409, "second_factor_expected")


async def test_moving_between_tenants_proves_nothing(world: World):
    person = await a_member(world)
    await proved_long_ago(world, person)
    given = {"tenant_id": person.view["tenant"]["id"]}
    await renewed(person, await person.post("/v1/session/tenant", given))
    refused = await person.post("/v1/api-keys", {"name": "A", "scopes": ["reports:read"]})
    assert await refusal(refused) == (403, "step_up_required")


async def test_an_operator_resets_what_was_lost(world: World):
    person = await a_staff_person(world)
    await enrol_app(person)
    assert await reset_factors(STAFF, "root", "Lost the telephone") == 1
    assert await reset_factors("nobody@example.com", "root", "x") is None
    assert (await person.get("/v1/session")).status_code == 401
    again = await world.log_in(STAFF, PASSWORD)
    assert again.view["step"] == "enrolment"
    connection = await world.database.connect()
    rows = await connection.fetch("SELECT action, facts FROM account_audit ORDER BY id")
    assert await connection.fetchval("SELECT count(*) FROM recovery_codes") == 0
    await connection.close()
    assert [row["action"] for row in rows] == ["factor_added", "factors_reset"]
    assert "Lost the telephone" in str(rows[1]["facts"])


async def test_no_secret_stands_in_clear(world: World):
    person = await a_member(world)
    secret, codes = await enrol_app(person)
    connection = await world.database.connect()
    for table in ("second_factors", "recovery_codes", "account_audit", "outbox"):
        text = str(await connection.fetch(f"SELECT t::text FROM {table} t"))
        assert secret not in text
        assert not any(code in text for code in codes)
    # A secret moved to another account's row does not open there.
    await enrol_app(await a_member(world, "other@nordlys.example"))
    await connection.execute(
        "UPDATE second_factors a SET secret_sealed = b.secret_sealed FROM second_factors b"
        " WHERE a.id <> b.id"
    )
    await connection.close()
    half = await world.log_in(MEMBER, PASSWORD)
    assert await code_at_login(half, code_of(secret)) == (503, "factor_sealed")
