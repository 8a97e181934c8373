"""Confirming an address and a forgotten password, by real mails (B56)."""

import asyncio
from datetime import timedelta

import pytest

from backend.kernel import clock
from backend.notifications.service import mailing
from tests.browserless import Person, World
from tests.notifications.post import (
    Post,
    deliver,
    mail_rows,
    secret_of,
    send_all,
    tell_all,
    text_of,
)

pytestmark = pytest.mark.anyio
PASSWORD = "long enough words"
NEW_PASSWORD = "other long enough words"
INGRID = "ingrid@nordlys.example"


async def signed_up(world: World, email: str = INGRID, **changes: str) -> Person:
    client = world.client()
    body = {"name": "Ingrid", "email": email, "password": PASSWORD, "tenant_name": "Nordlys"}
    answer = await client.post("/v1/signup", json={**body, **changes})
    assert answer.status_code == 201, answer.text
    return Person(client, answer.json())


async def submitted(owner: Person) -> tuple[int, str]:
    campaign = await owner.post("/v1/campaigns", {"name": "Spring"})
    session_id = campaign.json()["newest_session"]["id"]
    nothing = "00000000-0000-7000-8000-000000000000"
    body = {"quote_id": nothing, "ceiling_credits": 1}
    answer = await owner.post(f"/v1/sessions/{session_id}/submit", body)
    return answer.status_code, answer.json()["code"]


async def test_nothing_is_submitted_before_the_address_is_confirmed(world: World, post: Post):
    owner = await signed_up(world)
    assert owner.view["account"]["is_email_confirmed"] is False
    assert owner.view["tenant"]["is_confirmed"] is False
    assert await submitted(owner) == (403, "email_unconfirmed")
    await deliver(post)
    (mail,) = post.to(INGRID)
    assert mail["Subject"] == "Confirm your e-mail address"
    # On another device, where nobody is logged in.
    answer = await world.client().post("/v1/email-confirmation", json={"token": secret_of(mail)})
    assert (answer.status_code, answer.json()) == (200, {"email": INGRID})
    session = (await owner.get("/v1/session")).json()
    assert session["account"]["is_email_confirmed"] is True
    assert session["tenant"]["is_confirmed"] is True
    # What a trial is asked next: the refusal of the address is gone.
    assert await submitted(owner) == (403, "template_only")


async def test_a_link_works_once_for_its_time_and_its_purpose(world: World, post: Post):
    owner = await signed_up(world)
    await deliver(post)
    token = secret_of(post.mails[0])
    client = world.client()

    async def asked(path: str, body: dict[str, str]) -> tuple[int, str]:
        answer = await client.post(path, json=body)
        return answer.status_code, answer.json().get("code", "")

    assert await asked("/v1/email-confirmation", {"token": "nothing"}) == (400, "token_unknown")
    reset = {"token": token, "password": NEW_PASSWORD}
    assert await asked("/v1/password-reset", reset) == (400, "token_unknown")
    clock.set_offset(timedelta(days=4))
    assert await asked("/v1/email-confirmation", {"token": token}) == (400, "token_expired")
    clock.set_offset(timedelta(0))
    assert await asked("/v1/email-confirmation", {"token": token}) == (200, "")
    assert await asked("/v1/email-confirmation", {"token": token}) == (400, "token_used")
    again = await owner.post("/v1/email-confirmation/resend")
    assert (again.status_code, again.json()["code"]) == (409, "already_confirmed")


async def test_of_two_who_use_a_link_at_once_one_succeeds(world: World, post: Post):
    await signed_up(world)
    await deliver(post)
    body = {"token": secret_of(post.mails[0])}
    answers = await asyncio.gather(
        *(world.client().post("/v1/email-confirmation", json=body) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


async def test_a_confirmation_is_sent_again_but_not_endlessly(world: World, post: Post):
    owner = await signed_up(world)
    statuses = [(await owner.post("/v1/email-confirmation/resend")).status_code for _ in range(6)]
    assert statuses == [202, 202, 202, 202, 429, 429]  # the sign-up was the first of five
    await deliver(post)
    assert len(post.to(INGRID)) == 5
    # Any of them works, and then none: they stand for one confirmation.
    confirmed = await owner.post("/v1/email-confirmation", {"token": secret_of(post.mails[2])})
    assert confirmed.status_code == 200
    other = await owner.post("/v1/email-confirmation", {"token": secret_of(post.mails[4])})
    assert other.json()["code"] == "token_used"


async def test_b56_the_answer_does_not_tell_whether_there_is_an_account(world: World, post: Post):
    await signed_up(world)
    await deliver(post)
    post.mails.clear()
    answers = [
        await world.client().post("/v1/password-reset/request", json={"email": email})
        for email in (INGRID, "nobody@nordlys.example", "INGRID@nordlys.example ")
    ]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    await deliver(post)
    assert [mail["To"] for mail in post.mails] == [INGRID, INGRID]


async def test_b56_the_link_points_to_us_whatever_host_was_asked(world: World, post: Post):
    await signed_up(world)
    answer = await world.client().post(
        "/v1/password-reset/request",
        json={"email": INGRID},
        headers={"host": "evil.example", "x-forwarded-host": "evil.example"},
    )
    assert answer.status_code in {202, 400}
    await deliver(post)
    assert all("evil.example" not in text_of(mail) for mail in post.mails)


async def test_a_new_password_ends_every_login_session(world: World, post: Post):
    owner = await signed_up(world)
    elsewhere = await world.log_in(INGRID, PASSWORD)
    old_cookie = owner.client.cookies["clearsend_session"]
    await owner.post("/v1/password-reset/request", {"email": INGRID})
    await deliver(post)
    (reset,) = [mail for mail in post.mails if mail["Subject"] == "Choose a new password"]
    body = {"token": secret_of(reset), "password": NEW_PASSWORD}
    answer = await owner.post("/v1/password-reset", body)
    assert answer.status_code == 200, answer.text
    assert owner.client.cookies["clearsend_session"] != old_cookie
    assert (await owner.client.get("/v1/session")).status_code == 200
    assert (await elsewhere.get("/v1/session")).status_code == 401
    # The link proved the address as well.
    assert answer.json()["account"]["is_email_confirmed"] is True
    client = world.client()
    login = {"email": INGRID, "password": PASSWORD}
    assert (await client.post("/v1/login", json=login)).status_code == 401
    login["password"] = NEW_PASSWORD
    assert (await client.post("/v1/login", json=login)).status_code == 200
    again = await world.client().post("/v1/password-reset", json=body)
    assert (again.status_code, again.json()["code"]) == (400, "token_used")
    await deliver(post)
    assert post.mails[-1]["Subject"] == "Your password was changed"


async def test_a_password_link_lives_an_hour_and_dies_with_the_next_change(
    world: World, post: Post
):
    await signed_up(world)
    client = world.client()
    for _ in range(2):
        await client.post("/v1/password-reset/request", json={"email": INGRID})
    await deliver(post)
    first, second = (m for m in post.mails if m["Subject"] == "Choose a new password")
    late = {"token": secret_of(first), "password": NEW_PASSWORD}
    clock.set_offset(timedelta(hours=1, seconds=1))
    expired = await client.post("/v1/password-reset", json=late)
    assert (expired.status_code, expired.json()["code"]) == (400, "token_expired")
    clock.set_offset(timedelta(0))
    short = await client.post("/v1/password-reset", json={**late, "password": "short"})
    assert short.status_code == 422
    assert (await client.post("/v1/password-reset", json=late)).status_code == 200
    other = {"token": secret_of(second), "password": "yet another one"}
    refused = await world.client().post("/v1/password-reset", json=other)
    assert (refused.status_code, refused.json()["code"]) == (400, "token_used")


async def test_demo_accounts_keep_their_password(world: World, post: Post):
    await world.tenant()
    await world.client().post("/v1/password-reset/request", json={"email": "nordlys@example.com"})
    await deliver(post)
    assert await mail_rows() == []


async def test_a_mail_is_written_once_however_often_it_is_told(world: World, post: Post):
    await signed_up(world, language="fr")
    assert await tell_all(times=3)
    await send_all(post)
    await send_all(post)
    (mail,) = post.mails
    assert mail["Subject"] == "Confirmez votre adresse e-mail"


async def test_a_link_that_lost_its_reason_is_not_sent(world: World, post: Post):
    owner = await signed_up(world)
    await owner.post("/v1/email-confirmation/resend")
    await tell_all()
    assert await mailing.send_next_mail(post.office)
    token = secret_of(post.mails[0])
    await owner.post("/v1/email-confirmation", {"token": token})
    await send_all(post)
    assert [row["state"] for row in await mail_rows()] == ["sent", "dropped"]


async def test_an_account_chooses_the_language_of_its_mails(world: World, post: Post):
    owner = await signed_up(world)
    answer = await owner.put("/v1/account/language", {"language": "fr"})
    assert (answer.status_code, answer.json()["language"]) == (200, "fr")
    refused = await owner.put("/v1/account/language", {"language": "tlh"})
    assert refused.status_code == 422
    await deliver(post)
    assert post.mails[0]["Subject"] == "Confirmez votre adresse e-mail"
