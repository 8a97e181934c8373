"""A mail is sent once; what a server says, a death or a wrong address do to it (slice 0)."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from backend.db.scope import platform_scope
from backend.gateways.mail import smtp_server
from backend.kernel import clock
from backend.kernel.principal import system
from backend.notifications.service import mailing
from backend.notifications.states import MAIL_TRIES_MAX
from backend.settings import Settings, SettingsError
from tests.browserless import World
from tests.faults.rounds import KILLS_A_TEST
from tests.notifications.post import DESK, Post, mail_rows, send_all, tell_all
from tests.notifications.test_addresses import INGRID, signed_up

pytestmark = pytest.mark.anyio
MAIL_POINTS = {"notifications.mail_claimed": 1, "notifications.mail_sent": 2}
"""And how many copies a death there may cost."""
ROOT = Path(__file__).parents[2]


def test_an_smtp_url_says_how_to_trust_it():
    plain = smtp_server("smtp://mail.example")
    assert (plain.port, plain.is_tls, plain.tls) == (587, False, "opportunistic")
    secret = smtp_server("smtp://user%40x:p%2Fw@mail.example:2525")
    assert (secret.user, secret.password, secret.port) == ("user@x", "p/w", 2525)
    assert secret.tls == "required"
    assert smtp_server("smtps://mail.example").is_tls
    with pytest.raises(ValueError, match="perhaps"):
        smtp_server("smtp://mail.example?tls=perhaps")


def test_mails_come_from_this_installation():
    office = mailing.post_office(Settings(public_url="https://desk.example/"))
    assert office.url == DESK
    assert office.sender == "Clearsend <no-reply@desk.example>"
    local = mailing.post_office(Settings())
    assert local.sender == "Clearsend <no-reply@clearsend.localhost>"
    assert local.server is None


def test_a_wrong_smtp_url_is_named_and_not_repeated():
    wrong = Settings(smtp_url="smtp://u:hidden@mail.example:99999")
    with pytest.raises(SettingsError, match="CLEARSEND_SMTP_URL") as refused:
        mailing.post_office(wrong)
    assert "hidden" not in str(refused.value)


async def test_a_mail_leaves_once(world: World, post: Post):
    await signed_up(world)
    await tell_all()
    await asyncio.gather(*(send_all(post) for _ in range(4)))
    (mail,) = post.mails
    (row,) = await mail_rows()
    assert mail["Message-ID"] == f"<{row['id']}@desk.example>"
    assert mail["From"] == "Clearsend <no-reply@desk.example>"
    assert mail.get_content_type() == "multipart/alternative"
    assert (row["state"], row["tries"]) == ("sent", 1)


async def test_a_server_that_is_busy_is_asked_again_later(world: World, post: Post):
    await signed_up(world)
    await tell_all()
    post.answer_to_data = "451 come back later"
    await send_all(post)
    (row,) = await mail_rows()
    assert (row["state"], row["tries"]) == ("queued", 1)
    assert "451" in row["last_error"]
    post.answer_to_data = "250 OK"
    await send_all(post)
    assert post.mails == []  # not before its pause
    clock.set_offset(timedelta(seconds=16))
    await send_all(post)
    assert len(post.mails) == 1


async def test_an_address_that_is_refused_for_good_is_given_up(world: World, post: Post):
    await signed_up(world)
    await tell_all()
    post.answer_to_recipient = "550 no such user"
    await send_all(post)
    (row,) = await mail_rows()
    assert (row["state"], row["tries"]) == ("given_up", 1)
    assert "550" in row["last_error"]


async def test_a_server_that_is_away_is_tried_a_number_of_times(world: World, post: Post):
    await signed_up(world)
    await tell_all()
    away = mailing.PostOffice(
        url=DESK, sender="C <c@desk.example>", server=smtp_server("smtp://127.0.0.1:1?tls=never")
    )
    for passed in range(MAIL_TRIES_MAX + 2):
        clock.set_offset(timedelta(hours=7 * passed))
        await mailing.send_next_mail(away)
    (row,) = await mail_rows()
    assert (row["state"], row["tries"]) == ("given_up", MAIL_TRIES_MAX)


async def test_a_password_is_not_sent_in_the_clear(world: World, post: Post):
    await signed_up(world)
    await tell_all()
    server = smtp_server(f"smtp://user:secret@127.0.0.1:{post.port}")
    await mailing.send_next_mail(
        mailing.PostOffice(url=DESK, sender="C <c@desk.example>", server=server)
    )
    (row,) = await mail_rows()
    assert row["state"] == "queued"
    assert "STARTTLS" in row["last_error"] or "starttls" in row["last_error"].lower()
    assert "secret" not in row["last_error"]
    assert post.mails == []


async def killed_while_sending(world: World, post: Post, point: str) -> int:
    code = (
        "import asyncio, os\n"
        "from datetime import timedelta\n"
        "from backend.db.engine import DATABASE\n"
        "from backend.kernel import clock\n"
        "from backend.notifications.service import mailing\n"
        "from backend.settings import Settings\n"
        "async def main():\n"
        f"    clock.set_offset(timedelta(seconds={clock.offset().total_seconds()}))\n"
        "    await DATABASE.open(os.environ['DATABASE_URL'], connections_max=2)\n"
        f"    office = mailing.post_office(Settings(public_url='{DESK}',"
        f" smtp_url='{post.url}'))\n"
        "    while await mailing.send_next_mail(office): pass\n"
        "    await DATABASE.close()\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code),
        env={
            **os.environ,
            "DATABASE_URL": world.database.login_url,
            "CLEARSEND_FAULT": f"kill:{point}:1",
            "PYTHONPATH": str(ROOT),
        },
        cwd=ROOT,
    )
    return await asyncio.wait_for(process.wait(), 60)


@pytest.mark.parametrize(
    ("point", "copies"),
    MAIL_POINTS.items(),
)
async def test_a_death_costs_at_most_one_second_copy(
    world: World, post: Post, point: str, copies: int
):
    """Killed before the server was called: nothing is lost. Killed between its yes and our record:
    one more copy for each death, with the same Message-ID, and every link works.
    """
    await signed_up(world)
    await tell_all()
    for deaths in range(1, KILLS_A_TEST + 1):
        assert await killed_while_sending(world, post, point) == -signal.SIGKILL
        await send_all(post)
        assert len(post.mails) == deaths * (copies - 1)  # the lease stands
        clock.set_offset(deaths * timedelta(seconds=mailing.MAIL_LEASE_SECONDS + 1))
    await send_all(post)
    assert len(post.mails) == KILLS_A_TEST * (copies - 1) + 1
    assert len({mail["Message-ID"] for mail in post.mails}) == 1
    (row,) = await mail_rows()
    assert (row["state"], row["tries"]) == ("sent", KILLS_A_TEST + 1)


async def test_without_a_server_mails_stay_in_the_mailbox_of_the_demo(world: World, post: Post):
    await signed_up(world)
    await tell_all()
    embedded = mailing.PostOffice(url=DESK, sender="C <c@desk.example>", server=None)
    assert await mailing.send_next_mail(embedded)
    page = (await world.client().get("/v1/demo/mailbox")).json()
    (mail,) = page["items"]
    assert (mail["recipient"], mail["subject"]) == (INGRID, "Confirm your e-mail address")
    assert f"{DESK}/confirm-email#" in mail["text_body"]


async def test_demo_accounts_mails_never_leave(world: World, post: Post):
    await world.tenant()
    async with platform_scope(system("test"), "test") as scope:
        await scope.execute(
            "INSERT INTO mails (id, kind, address, language, facts, is_demo, not_before,"
            " created_at) VALUES ('00000000-0000-7000-8000-0000000000aa', 'password_changed',"
            " 'nordlys@example.com', 'en', $1::jsonb, true, $2, $2)",
            {"address": "nordlys@example.com", "name": "Owner"},
            scope.now,
        )
    await send_all(post)
    assert post.mails == []
    page = (await world.client().get("/v1/demo/mailbox")).json()
    assert [mail["recipient"] for mail in page["items"]] == ["nordlys@example.com"]


async def test_there_is_no_mailbox_page_outside_the_demo(world: World):
    world.app.state.is_demo_mode = False
    answer = await world.client().get("/v1/demo/mailbox")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_old_mails_and_links_are_forgotten(world: World, post: Post):
    await signed_up(world)
    await tell_all()
    await send_all(post)
    await mailing.forget_old_mails()
    assert len(await mail_rows()) == 1
    clock.set_offset(timedelta(days=31))
    await mailing.forget_old_mails()
    assert await mail_rows() == []
