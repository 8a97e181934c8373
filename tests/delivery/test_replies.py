"""Replies: STOP, START, HELP and everything else, whose they are, once, and in one transaction."""

import asyncio
from datetime import timedelta

import pytest

from backend.audience.service.contacts import opt_out
from backend.db.scope import doorway_scope, platform_scope, tenant_scope
from backend.delivery.queries import system_messages
from backend.delivery.schemas import ReplyTextUpdate, ReplyWordUpdate
from backend.delivery.service.inbound import PARTS_WAIT_MINUTES, read_incomplete
from backend.delivery.service.replies import (
    count_replies,
    list_replies,
    remove_reply_word,
    set_reply_text,
    set_reply_word,
)
from backend.kernel import clock
from backend.kernel.errors import Conflict, InvalidInput, NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, StaffRole, system
from backend.sms.encoding import encode_ucs2
from backend.templates.schemas import SenderCreate
from backend.templates.service import approvals, senders
from tests.delivery.factories import make_gateway, recipient
from tests.delivery.replying import (
    SENDER,
    opted_out,
    replies_of,
    rows_of,
    say,
    texted,
    written,
)
from tests.factories import make_tenant, member_of, staff

pytestmark = pytest.mark.anyio
PHONE = recipient(0).phone
LEAD = staff(StaffRole.LEAD)


@pytest.fixture
async def gateway(database):
    gateway_id, _ = await make_gateway(1)
    return gateway_id


async def answers():
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows("SELECT kind, phone, sender, body FROM system_messages ORDER BY id")
    return [tuple(row.values()) for row in rows]


async def inbound_states():
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows("SELECT state FROM inbound_messages ORDER BY received_at, id")
    return [row["state"] for row in rows]


async def own_sender(tenant_id, text):
    made = await senders.request_sender(member_of(tenant_id), SenderCreate(sender=text))
    async with tenant_scope(system("test", tenant_id)) as scope:
        await approvals.mark_sender_awaiting(scope, made.id)
        await approvals.approve_sender(scope, made.id, uuid7())


@pytest.mark.parametrize("word", ["STOP", "stop.", "Arrêt", "ＳＴＯＰ", "Stop please", "opt-out!"])
async def test_a_stop_opts_out_of_this_sender_and_is_confirmed_once(gateway, word):
    tenant_id, session_id = await texted()
    message = written(0, encode_ucs2(word), data_coding=8)
    await say(gateway, message)
    assert await opted_out(tenant_id) == [(PHONE, SENDER)]
    assert await replies_of(tenant_id) == [(PHONE, "stop", word)]
    counts = await count_replies(member_of(tenant_id), session_id)
    assert (counts.replies, counts.stops) == (1, 1)
    ((kind, phone, sender, body),) = await answers()
    assert (kind, phone, sender) == ("opt_out_confirmation", PHONE, SENDER)
    assert SENDER in body
    assert "START" in body


async def test_the_carrier_delivers_again_and_it_counts_once(gateway):
    tenant_id, session_id = await texted()
    message = written(0, "Yes please")
    await say(gateway, message, message)
    await asyncio.gather(*(say(gateway, message) for _ in range(4)))
    assert await replies_of(tenant_id) == [(PHONE, "other", "Yes please")]
    assert (await count_replies(member_of(tenant_id), session_id)).replies == 1


async def test_stop_again_changes_nothing_and_hears_nothing(gateway):
    tenant_id, _ = await texted()
    await say(gateway, written(0, "STOP"))
    await say(gateway, written(0, "stop"))
    await say(gateway, written(0, "Quit!"))
    assert await opted_out(tenant_id) == [(PHONE, SENDER)]
    assert len(await replies_of(tenant_id)) == 3
    assert len(await answers()) == 1


async def test_a_repeated_stop_reaches_who_wrote_meanwhile(gateway):
    """The same bytes within minutes: no redelivery, because a second company has written since."""
    first, _ = await texted()
    await say(gateway, written(0, "STOP"))
    second, _ = await texted()
    await say(gateway, written(0, "STOP"))
    assert await opted_out(second) == [(PHONE, SENDER)]
    assert len(await replies_of(first)) == 1
    assert len(await replies_of(second)) == 1
    await say(gateway, written(0, "STOP"))
    assert len(await answers()) == 2, "one for each that stopped something"


async def test_stop_start_stop_ends_with_stop(gateway):
    tenant_id, _ = await texted()
    await say(gateway, written(0, "STOP"), written(0, "START"))
    assert await opted_out(tenant_id) == []
    await say(gateway, written(0, "STOP"))
    assert await opted_out(tenant_id) == [(PHONE, SENDER)]
    assert [row[0] for row in await answers()] == ["opt_out_confirmation"] * 2


async def test_start_lifts_what_was_said_for_every_sender_too(gateway):
    tenant_id, _ = await texted()
    async with tenant_scope(system("test", tenant_id)) as scope:
        await opt_out(scope, PHONE, evidence="said so by phone")
    await say(gateway, written(0, "unstop"))
    assert await opted_out(tenant_id) == []


async def test_a_shared_sender_opts_out_of_everybody_who_texted_lately(gateway):
    first, _ = await texted()
    second, session_id = await texted()
    stranger = (await texted(sender="Another"))[0]
    await say(gateway, written(0, "STOP"), written(1, "Who is this?"))
    assert await opted_out(first) == await opted_out(second) == [(PHONE, SENDER)]
    assert await opted_out(stranger) == []
    assert len(await answers()) == 1, "one reply, one confirmation"
    # An answer is for who was answered: the last to write, and nobody else reads it.
    assert [row[1] for row in await replies_of(first)] == ["stop"]
    assert [row[1] for row in await replies_of(second)] == ["stop", "other"]
    assert (await count_replies(member_of(second), session_id)).others == 1


async def test_after_thirty_days_a_shared_sender_is_nobodys_and_its_own_stays_the_owners(gateway):
    texting, _ = await texted()
    clock.set_offset(timedelta(days=31))
    await say(gateway, written(0, "STOP"))
    assert await opted_out(texting) == []
    assert await inbound_states() == ["unmatched"]
    owner = await make_tenant()
    await own_sender(owner, SENDER)
    await say(gateway, written(1, "STOP", to=SENDER.upper()))
    assert await opted_out(owner) == [(recipient(1).phone, SENDER)]


async def test_a_start_is_heard_long_after_the_last_message(gateway):
    tenant_id, _ = await texted()
    await say(gateway, written(0, "STOP"))
    clock.set_offset(timedelta(days=60))
    await say(gateway, written(0, "START"))
    assert await opted_out(tenant_id) == []


async def test_help_is_answered_once_an_hour(gateway):
    tenant_id, _ = await texted()
    await say(gateway, written(0, "HELP"), written(0, "help?"), written(0, "info"))
    assert [row[1] for row in await replies_of(tenant_id)] == ["help"] * 3
    ((kind, _, _, body),) = await answers()
    assert kind == "help"
    assert "STOP" in body
    assert await opted_out(tenant_id) == []


async def test_a_number_is_not_answered_without_end(gateway):
    await texted()
    for _ in range(15):
        await say(gateway, written(0, "STOP"), written(0, "START"))
    assert len(await answers()) == 10


@pytest.mark.parametrize(
    ("source", "to"),
    [
        ("4790000000", "Nobody"),
        ("Parcel", SENDER),
        ("12345", SENDER),
        ("", ""),
        ("4790000000", SENDER),
    ],
)
async def test_what_is_nobodys_is_kept_unmatched(gateway, source, to):
    tenant_id, _ = await texted()
    await say(gateway, written(0, "STOP", to=to, source=source))
    assert await inbound_states() == ["unmatched"]
    assert await replies_of(tenant_id) == []
    assert await answers() == []


def parts(text: bytes, sizes, *, reference=7, coding=8):
    pieces, at = [], 0
    for size in sizes:
        pieces.append(text[at : at + size])
        at += size
    return [
        written(
            0,
            piece,
            data_coding=coding,
            part_reference=reference,
            part_number=n,
            parts_total=len(pieces),
        )
        for n, piece in enumerate(pieces, 1)
    ]


async def test_parts_are_joined_in_any_order_even_inside_a_character(gateway):
    tenant_id, _ = await texted()
    text = "Так 👍 да"
    made = parts(encode_ucs2(text), (10, 3, 99))
    for message in (made[2], made[0], made[2]):
        await say(gateway, message)
    assert await replies_of(tenant_id) == []
    await say(gateway, made[1])
    assert await replies_of(tenant_id) == [(PHONE, "other", text)]
    await say(gateway, *made)
    assert len(await replies_of(tenant_id)) == 1
    assert set(await inbound_states()) == {"matched"}


async def test_parts_that_never_come_are_waited_for_and_then_left_out(gateway):
    tenant_id, _ = await texted()
    made = parts(b"STOPthe music", (4, 99), coding=0)
    await say(gateway, made[0])
    assert await read_incomplete() == 0
    clock.set_offset(timedelta(minutes=PARTS_WAIT_MINUTES + 1))
    assert await read_incomplete() == 1
    assert await read_incomplete() == 0
    assert await replies_of(tenant_id) == [(PHONE, "other", "STOP […]")]
    assert await opted_out(tenant_id) == []


async def test_a_reply_is_a_contact(gateway):
    tenant_id, _ = await texted()
    await say(gateway, written(0, "Hello"))
    kinds = await rows_of(tenant_id, "SELECT kind, phones FROM contact_events WHERE kind='replied'")
    assert kinds == [("replied", [PHONE])]


async def test_words_are_data_of_the_leads(gateway):
    tenant_id, _ = await texted()
    made = await set_reply_word(
        LEAD, ReplyWordUpdate(word=" Nei  Takk! ", language="nb", kind="stop")
    )
    assert made.word == "nei takk"
    text = ReplyTextUpdate(text="Slutt fra {sender}")
    await set_reply_text(LEAD, "nb", "stop", text)
    await say(gateway, written(0, "Nei takk"))
    assert await opted_out(tenant_id) == [(PHONE, SENDER)]
    assert (await answers())[0][3] == f"Slutt fra {SENDER}"
    await remove_reply_word(LEAD, "nei takk")
    await say(gateway, written(1, "Nei takk"))
    assert len(await opted_out(tenant_id)) == 1
    with pytest.raises(NotFound):
        await remove_reply_word(LEAD, "nei takk")
    with pytest.raises(NotFound):
        await set_reply_text(LEAD, "nb", "start", text)
    with pytest.raises(Conflict, match="reply_word_fixed"):
        await remove_reply_word(LEAD, "Stop")
    with pytest.raises(Conflict, match="reply_word_fixed"):
        await set_reply_word(LEAD, ReplyWordUpdate(word="STOP!", language="en", kind="help"))
    with pytest.raises(InvalidInput, match="reply_word_empty"):
        await set_reply_word(LEAD, ReplyWordUpdate(word="!!", language="nb", kind="stop"))


async def test_viewers_see_numbers_masked_and_pages_go_on(gateway):
    tenant_id, session_id = await texted()
    for n in range(3):
        await say(gateway, written(n, f"Answer {n}"))
    owner = member_of(tenant_id)
    first = await list_replies(owner, session_id, limit=2)
    assert [item.text for item in first.items] == ["Answer 2", "Answer 1"]
    rest = await list_replies(owner, session_id, cursor=first.next_cursor, limit=2)
    assert [item.text for item in rest.items] == ["Answer 0"]
    viewer = member_of(tenant_id, MemberRole.VIEWER)
    masked = await list_replies(viewer, session_id)
    assert all("•" in item.phone or "*" in item.phone for item in masked.items)
    with pytest.raises(NotFound):
        await list_replies(member_of(await make_tenant()), session_id)


async def test_an_answer_is_queued_once_for_its_reference(gateway):
    await texted()
    draft = system_messages.SystemMessageDraft("help", "once", gateway, PHONE, SENDER, "Hello")
    made = []
    for _ in range(2):
        async with doorway_scope("receipt", system("test")) as scope:
            made.append(
                await system_messages.queue(
                    scope,
                    draft,
                    expires_at=scope.now + timedelta(hours=1),
                    since=scope.now - timedelta(days=1),
                    per_number_max=10,
                )
            )
    assert made == [True, False]
