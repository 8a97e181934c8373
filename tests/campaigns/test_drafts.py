"""Drafts over the use-case door: saved by version, one per campaign, copied after the end."""

import asyncio

import pytest

from backend.audience.schemas.rules import AudienceInput
from backend.campaigns.queries import sessions
from backend.campaigns.schemas.inputs import (
    CampaignCreate,
    CampaignUpdate,
    DraftUpdate,
    PreviewRequest,
    TextCheck,
)
from backend.campaigns.schemas.sessions import ProgressDelta
from backend.campaigns.service import campaigns, drafts, previews, quotes, texts
from backend.campaigns.service.moves import move_session
from backend.campaigns.service.progress import open_batches, record_progress
from backend.campaigns.service.views import session_snapshot
from backend.campaigns.states import SessionEvent, SessionState
from backend.kernel.errors import Conflict, InvalidInput, NotFound, StateConflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import KeyScope, MemberRole, Principal, PrincipalKind
from tests.campaigns.factories import make_shop
from tests.factories import member_of

pytestmark = pytest.mark.anyio


async def moved(shop, session_id, event, **changes):
    async with shop.scope() as scope:
        return await move_session(scope, await sessions.read(scope, session_id), event, **changes)


async def test_a_campaign_begins_with_a_draft_and_has_one(shop):
    made = await campaigns.create_campaign(shop.owner, CampaignCreate(name="Opening"))
    assert made.newest_session is not None
    assert made.newest_session.state is SessionState.DRAFT
    with pytest.raises(Conflict) as refused:
        await drafts.create_session(shop.owner, made.id)
    assert refused.value.code == "draft_exists"
    assert refused.value.facts["session_id"] == str(made.newest_session.id)


async def test_after_discarding_there_is_room(shop):
    session = await shop.draft()
    gone = await drafts.discard_draft(shop.owner, session.id)
    assert gone.state is SessionState.CANCELLED
    assert gone.campaign_id is not None
    again = await drafts.create_session(shop.owner, gone.campaign_id)
    assert again.draft.body == ""
    with pytest.raises(StateConflict):
        await drafts.discard_draft(shop.owner, session.id)


async def test_of_many_new_drafts_one_is_made(shop):
    gone = await drafts.discard_draft(shop.owner, (await shop.draft()).id)
    assert gone.campaign_id is not None
    answers = await asyncio.gather(
        *(drafts.create_session(shop.owner, gone.campaign_id) for _ in range(5)),
        return_exceptions=True,
    )
    (made,) = [answer for answer in answers if not isinstance(answer, BaseException)]
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert {one.facts["session_id"] for one in refused} == {str(made.id)}
    assert len(refused) == 4


async def test_a_draft_is_saved_by_its_version(shop):
    session = await shop.draft()
    saved = await shop.save(session, body="New")
    assert (saved.draft.body, saved.draft_version) == ("New", session.draft_version + 1)
    assert saved.draft.sender_id == session.draft.sender_id
    with pytest.raises(Conflict) as refused:
        await shop.save(session, body="Late")
    assert refused.value.code == "draft_changed"
    assert refused.value.facts["draft_version"] == saved.draft_version


async def test_of_many_savers_one_wins(shop):
    session = await shop.draft()
    answers = await asyncio.gather(
        *(shop.save(session, body=f"Text {n}") for n in range(5)), return_exceptions=True
    )
    lost = [answer for answer in answers if isinstance(answer, Conflict)]
    assert len(lost) == 4
    assert {one.code for one in lost} == {"draft_changed"}


@pytest.mark.parametrize("bad", ["a\u202eb", "a\ue000", "\x1b[0m", "e" + "\u0301" * 200])
@pytest.mark.parametrize("part", ["body", "header", "footer"])
async def test_row_b38(shop, part, bad):
    """What no message may hold is refused when it is saved, with its position."""
    session = await shop.draft()
    with pytest.raises(InvalidInput) as refused:
        await shop.save(session, **{part: bad})
    assert refused.value.code == "character_not_allowed"
    assert refused.value.errors[0].pointer == f"/{part}"
    assert refused.value.facts["positions"]


async def test_a_template_brings_its_texts(shop):
    version_id = await shop.approved_template(body="Hello [name]", header="Nordlys", footer="STOP")
    session = await shop.draft()
    saved = await shop.save(session, template_version_id=version_id)
    assert (saved.draft.header, saved.draft.body) == ("Nordlys", "Hello [name]")
    assert not saved.draft_warnings
    changed = await shop.save(saved, body="Hello there [name]")
    assert [warning.code for warning in changed.draft_warnings] == ["template_changed"]
    assert not changed.draft_problems


async def test_a_submitted_session_is_not_edited(shop):
    await shop.people(1)
    session = await shop.submitted()
    with pytest.raises(StateConflict) as refused:
        await shop.save(session, body="Other")
    assert refused.value.code == "not_in_state"
    with pytest.raises(StateConflict):
        await drafts.copy_session(shop.owner, session.id)


async def test_edit_and_resubmit_copies_what_was_submitted(shop):
    await shop.people(1)
    session = await shop.submitted(header="Nordlys")
    await moved(shop, session.id, SessionEvent.NEED_VALIDATION)
    said = [{"part": "body", "text": "Who is writing?"}]
    await moved(shop, session.id, SessionEvent.REFUSE, comments=said)
    copy = await drafts.copy_session(shop.owner, session.id)
    assert copy.id != session.id
    assert copy.state is SessionState.DRAFT
    assert copy.draft == session.draft
    assert copy.quote is None
    assert copy.comments == said
    with pytest.raises(Conflict) as refused:
        await drafts.copy_session(shop.owner, session.id)
    assert (refused.value.code, refused.value.facts["session_id"]) == (
        "draft_exists",
        str(copy.id),
    )


async def test_lists_and_names(shop):
    for number in range(3):
        await campaigns.create_campaign(shop.owner, CampaignCreate(name=f"Sale {number}"))
    first = await campaigns.list_campaigns(shop.owner, "sale", None, 2)
    assert [one.name for one in first.items] == ["Sale 2", "Sale 1"]
    rest = await campaigns.list_campaigns(shop.owner, "sale", first.next_cursor, 2)
    assert [one.name for one in rest.items] == ["Sale 0"]
    newest = first.items[0]
    renamed = await campaigns.update_campaign(shop.owner, newest.id, CampaignUpdate(name="Spring"))
    assert renamed.name == "Spring"
    with pytest.raises(StateConflict) as refused:
        await campaigns.archive_campaign(shop.owner, newest.id)
    assert refused.value.code == "campaign_in_use"
    assert newest.newest_session is not None
    await drafts.discard_draft(shop.owner, newest.newest_session.id)
    await campaigns.archive_campaign(shop.owner, newest.id)
    with pytest.raises(Conflict):
        await drafts.create_session(shop.owner, newest.id)
    draft_ids = await campaigns.list_sessions(
        shop.owner, [SessionState.DRAFT], None, None, None, 10
    )
    assert [one.campaign_name for one in draft_ids.items] == ["Sale 1", "Sale 0"]
    ended = await campaigns.list_sessions(
        shop.owner, [SessionState.CANCELLED], newest.id, "spr", None, 10
    )
    assert [one.id for one in ended.items] == [newest.newest_session.id]


async def test_another_tenant_finds_none_of_it(shop):
    other = await make_shop()
    session = await shop.draft()
    assert session.campaign_id is not None
    for call in (
        campaigns.read_campaign(other.owner, session.campaign_id),
        campaigns.read_campaign_session(other.owner, session.id),
        drafts.update_draft(other.owner, session.id, DraftUpdate(draft_version=1)),
        drafts.create_session(other.owner, session.campaign_id),
        previews.preview_session(other.owner, session.id, PreviewRequest()),
    ):
        with pytest.raises(NotFound):
            await call
    assert not (await campaigns.list_campaigns(other.owner, None, None, 10)).items


async def test_previews_are_real_recipients(shop):
    ids = await shop.people(3)
    long = await shop.person(50, name="’" * 200)
    lacking = await shop.person(60, name=None)
    session = await shop.draft(
        audience=AudienceInput(subscriber_ids=[*ids, long, lacking]), sender_id=None
    )
    shown = await previews.preview_session(shop.owner, session.id, PreviewRequest(count=2))
    assert [one.text for one in shown] == [
        "Hi Person 1, doors open at nine.",
        "Hi Person 2, doors open at nine.",
    ]
    assert shown[0].phone == "+4791200001"
    (longest,) = await previews.preview_session(
        shop.owner, session.id, PreviewRequest(count=1, kind="longest")
    )
    assert (longest.subscriber_id, longest.segments) == (long, 4)
    (missing,) = await previews.preview_session(
        shop.owner, session.id, PreviewRequest(count=5, kind="missing")
    )
    assert (missing.subscriber_id, missing.evidence) == (lacking, "attribute:name")
    viewer = member_of(shop.tenant_id, MemberRole.VIEWER)
    masked = await previews.preview_session(viewer, session.id, PreviewRequest(count=1))
    assert "•" in masked[0].phone


async def test_no_text_gives_a_masked_number_or_the_balance_away(shop):
    await shop.person(1)
    session = await shop.draft(body="You are [phone]. STOP ends it.")
    quoted = await quotes.create_quote(shop.owner, session.id)
    seen = await previews.preview_session(shop.owner, session.id, PreviewRequest(count=1))
    assert (quoted.longest_text, seen[0].text) == (2 * ("You are +4791200001. STOP ends it.",))
    assert quoted.available_credits is not None
    key = Principal(
        kind=PrincipalKind.API_KEY,
        tenant_id=shop.tenant_id,
        key_id=uuid7(),
        key_scopes=frozenset({KeyScope.SESSIONS_WRITE, KeyScope.REPORTS_READ}),
    )
    for who in (key, member_of(shop.tenant_id, MemberRole.VIEWER)):
        (one,) = await previews.preview_session(who, session.id, PreviewRequest(count=1))
        assert (one.text, one.segments) == ("You are +47 91• ••• 01. STOP ends it.", 1)
        view = await campaigns.read_campaign_session(who, session.id)
        assert view.quote is not None
        for quote in (view.quote, await quotes.create_quote(who, session.id)):
            assert quote.longest_text == ""
            assert (quote.available_credits, quote.shortfall_credits) == (None, None)


async def test_a_preview_of_half_a_draft_says_what_is_missing(shop):
    session = await shop.draft(body="")
    with pytest.raises(InvalidInput) as refused:
        await previews.preview_session(shop.owner, session.id, PreviewRequest())
    assert refused.value.code == "body_missing"


async def test_progress_adds_up_and_the_snapshot_is_absolute(shop):
    await shop.people(1)
    session = await shop.submitted()
    async with shop.scope() as scope:
        before = await session_snapshot(scope, session.id)
        assert before["progress"]["percent"] == 0
        await open_batches(scope, session.id, {1: 10, 2: 5})
        deltas = [ProgressDelta(batch_no=1, delivered=6, accepted=2, undelivered=1)]
        await record_progress(scope, session.id, deltas, causes={"absent": 1})
    async with shop.scope() as scope:
        after = await session_snapshot(scope, session.id)
    shown = after["progress"]
    assert after["version"] > before["version"]
    assert (shown["percent"], shown["planned"], shown["queued"]) == (46, 15, 6)
    parts = ("queued", "waiting_receipt", "waiting_retry", "unconfirmed", "delivered", "failed")
    assert sum(shown[part] for part in (*parts, "cancelled", "excluded")) == shown["planned"]
    view = await campaigns.read_campaign_session(shop.owner, session.id)
    assert (view.progress.percent, view.causes) == (46, {"absent": 1})
    (minute,) = await campaigns.list_session_minutes(shop.owner, session.id)
    assert (minute.delivered, minute.failed) == (6, 1)
    (line,) = (await campaigns.list_sessions(shop.owner, [], None, None, None, 10)).items
    assert (line.percent, line.final, line.delivered, line.accepted) == (46, 7, 6, 2)


class TestTextCheck:
    async def check(self, shop, body, **parts):
        return await texts.check_text(shop.owner, TextCheck(body=body, **parts))

    async def test_row_b37(self, shop):
        """One curly quote: named, placed, and what it costs."""
        found = await self.check(shop, "It’s " + "x" * 140)
        assert (found.encoding, found.segments, found.gsm7_segments) == ("ucs2", 3, 1)
        (one,) = found.offending
        assert (one.part, one.position, one.character, one.suggestion) == ("body", 2, "’", "'")
        (warning,) = found.warnings
        assert warning.code == "forces_ucs2"
        assert warning.message == "1 character (’) makes this 3 segments; without, it would be 1"
        assert not found.problems

    async def test_no_replacement_keeps_an_emoji(self, shop):
        found = await self.check(shop, "Hi 😀")
        assert found.gsm7_segments is None
        assert found.offending[0].suggestion is None

    async def test_links_and_their_flags(self, shop):
        found = await self.check(shop, "See bit.ly/x or nordlys.example/a")
        assert [(link.host, link.flags) for link in found.links] == [
            ("bit.ly", ["shortener"]),
            ("nordlys.example", []),
        ]
        assert [warning.code for warning in found.warnings] == ["link_shortener"]

    async def test_names_and_slips_of_the_pen(self, shop):
        found = await self.check(shop, "Hi [name] [frist] {{ code }} {{ x | default: 'y' }}")
        assert found.attributes == ["frist", "name"]
        assert found.properties == ["code", "x"]
        assert not found.is_fixed
        assert [problem.code for problem in found.problems] == [
            "unknown_attribute",
            "unknown_property",
        ]

    async def test_a_broken_template_is_a_problem_not_an_error(self, shop):
        found = await self.check(shop, "Hi {{ name", header="H")
        assert found.problems
        assert found.segments == 1
        assert [one.code for one in (await self.check(shop, " ")).problems] == ["body_missing"]
        refused = await self.check(shop, "a\u202eb")
        assert refused.problems[0].code == "character_not_allowed"

    async def test_the_parts_are_put_together_as_they_are_sent(self, shop):
        found = await self.check(shop, "Hello", header="Nordlys", footer="STOP")
        assert found.text == "Nordlys\nHello STOP"
        assert found.is_fixed
        assert (found.units, found.units_left) == (18, 142)
