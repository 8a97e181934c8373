"""A session with a time: once, never early, on time or visibly missed (promise 9)."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.audience.schemas.sending import SendingRules, TimeSpan
from backend.campaigns.schemas.forecast import PlannedSend
from backend.campaigns.schemas.inputs import DraftUpdate, PreviewRequest, Submission
from backend.campaigns.schemas.schedules import ScheduleInput, ScheduleTime
from backend.campaigns.service import drafts, quotes, submissions
from backend.campaigns.service.forecast import look_ahead, read_forecast, tell_forecasts
from backend.campaigns.service.previews import preview_session
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.continuing import reschedule_session, send_missed_now
from backend.delivery.service.starting import lapse_deadlines, start_approved, start_due
from backend.kernel.errors import Conflict, InvalidInput, StateConflict
from backend.kernel.principal import system
from backend.ledger.schemas import OpenLot
from backend.ledger.service.lots import top_up
from backend.moderation.schemas.decisions import RevocationInput
from backend.moderation.service.revoking import requeue_aged_approvals, revoke_case
from backend.moderation.service.screening import screen_session
from backend.moderation.service.waiting import lapse_unvalidated
from tests.moderation.factories import (
    case_ids,
    decided,
    later,
    make_moderator,
    screened,
    session_of,
)
from tests.schedules.factories import (
    ZONE,
    announced,
    in_hours,
    local_in,
    now,
    pay,
    scheduled,
)

pytestmark = pytest.mark.anyio
S = SessionState


def a_time(**time: float) -> ScheduleTime:
    return ScheduleTime(local=local_in(ZONE, **time), zone=ZONE)


async def test_it_starts_at_its_time_and_once(shop):
    session = await scheduled(shop, await make_moderator())
    assert (session.due_zone, session.schedule_kind) == (ZONE, "once")
    assert session.due_at is not None
    later(seconds=(session.due_at - now()).total_seconds() - 5)
    assert await start_due() == 0
    assert (await session_of(shop, session.id)).state is S.SCHEDULED
    later(seconds=6)
    assert sum(await asyncio.gather(*(start_due() for _ in range(3)))) == 1
    found = await session_of(shop, session.id)
    assert (found.state, found.due_at) == (S.PREPARING, session.due_at)
    assert await start_due() == 0


async def test_too_late_it_is_missed_then_sent_by_a_person(shop):
    session = await scheduled(shop, await make_moderator(), in_hours(max_lateness_minutes=30))
    later(hours=2, minutes=32)
    assert await start_due() == 0
    missed = await session_of(shop, session.id)
    assert (missed.state, missed.failure) == (S.MISSED, "too_late")
    await send_missed_now(shop.owner, session.id)
    sent = await session_of(shop, session.id)
    assert (sent.state, sent.due_at, sent.failure) == (S.PREPARING, None, None)


async def test_a_missed_one_gets_a_new_time_and_keeps_its_approval(shop):
    session = await scheduled(shop, await make_moderator())
    later(hours=4)
    await start_due()
    await reschedule_session(shop.owner, session.id, a_time(hours=3))
    found = await session_of(shop, session.id)
    assert (found.state, found.approved_at) == (S.SCHEDULED, session.approved_at)
    later(hours=3, seconds=61)
    assert await start_due() == 1


async def test_a_missed_one_without_an_approval_is_screened_with_its_new_time(shop):
    mira = await make_moderator()
    session = await screened(shop, schedule=in_hours())
    assert session.state is S.AWAITING_VALIDATION
    later(hours=2, minutes=30)
    assert await lapse_unvalidated() == 0
    later(minutes=35)
    assert await lapse_unvalidated() == 1
    missed = await session_of(shop, session.id)
    assert (missed.state, missed.failure) == (S.MISSED, "validation_too_late")
    assert not await case_ids(shop.tenant_id)
    await reschedule_session(shop.owner, session.id, a_time(hours=5))
    again = await session_of(shop, session.id)
    assert again.state is S.SCREENING
    await screen_session(shop.tenant_id, session.id)
    await decided(shop, mira)
    await start_approved(shop.tenant_id, session.id)
    found = await session_of(shop, session.id)
    assert (found.state, found.due_at) == (S.SCHEDULED, again.due_at)


async def test_missed_is_over_after_a_week(shop):
    session = await scheduled(shop, await make_moderator())
    later(hours=4)
    await start_due()
    later(days=7, seconds=-5)
    await lapse_deadlines()
    assert (await session_of(shop, session.id)).state is S.MISSED
    later(seconds=10)
    await lapse_deadlines()
    assert (await session_of(shop, session.id)).state is S.CANCELLED


async def test_due_while_suspended_is_missed(shop):
    session = await scheduled(shop, await make_moderator())
    async with platform_scope(system("test"), "test") as scope:
        await scope.execute("UPDATE tenants SET status = 'suspended' WHERE id = $1", shop.tenant_id)
    later(hours=2, seconds=1)
    assert await start_due() == 0
    missed = await session_of(shop, session.id)
    assert (missed.state, missed.failure) == (S.MISSED, "tenant_suspended")


async def test_moving_the_time_keeps_the_approval(shop):
    session = await scheduled(shop, await make_moderator())
    await reschedule_session(shop.owner, session.id, a_time(days=3))
    moved = await session_of(shop, session.id)
    assert moved.state is S.SCHEDULED
    assert (moved.approved_hash, moved.approved_at) == (session.approved_hash, session.approved_at)
    assert moved.due_at is not None
    assert moved.due_at - now() > timedelta(days=2, hours=23)
    later(hours=3)
    assert await start_due() == 0
    with pytest.raises(InvalidInput, match="date_past"):
        await reschedule_session(shop.owner, session.id, a_time(hours=-1))
    with pytest.raises(InvalidInput, match="date_too_far"):
        await reschedule_session(shop.owner, session.id, a_time(days=400))
    later(days=2, hours=21, seconds=1)
    assert await start_due() == 1
    with pytest.raises(StateConflict):
        await reschedule_session(shop.owner, session.id, a_time(days=1))


async def test_other_words_go_back_to_validation_and_keep_the_time(shop):
    mira = await make_moderator()
    session = await scheduled(shop, mira)
    given = DraftUpdate(draft_version=session.draft_version, body="Hi [name], doors open at ten.")
    view = await drafts.update_draft(shop.owner, session.id, given)
    assert (view.state, view.has_unsubmitted_edit, view.quote) == (S.SCHEDULED, True, None)
    assert view.content is not None
    assert "nine" in view.content.body
    (shown,) = await preview_session(shop.owner, session.id, PreviewRequest(count=1))
    assert shown.text is not None
    assert "ten" in shown.text
    with pytest.raises(Conflict, match="is_scheduled"):
        moved = DraftUpdate(draft_version=view.draft_version, schedule=in_hours(9))
        await drafts.update_draft(shop.owner, session.id, moved)
    quote = await quotes.create_quote(shop.owner, session.id)
    agreed = Submission(quote_id=quote.id, ceiling_credits=quote.ceiling_credits)
    edited = await submissions.submit_session(shop.owner, session.id, agreed)
    assert (edited.state, edited.due_at) == (S.SCREENING, session.due_at)
    await screen_session(shop.tenant_id, session.id)
    assert (await session_of(shop, session.id)).state is S.AWAITING_VALIDATION
    await decided(shop, mira)
    await start_approved(shop.tenant_id, session.id)
    found = await session_of(shop, session.id)
    assert (found.state, found.approved_version, found.content_version) == (S.SCHEDULED, 2, 2)
    assert found.first_approved_at == session.first_approved_at


async def test_a_revoked_or_aged_approval_takes_it_back(shop):
    mira = await make_moderator()
    session = await screened(shop, schedule=in_hours(24 * 120))
    made = await decided(shop, mira)
    await start_approved(shop.tenant_id, session.id)
    await revoke_case(
        mira, shop.tenant_id, made.decision.case_id, RevocationInput(reason="the link changed")
    )
    found = await session_of(shop, session.id)
    assert (found.state, found.due_at) == (S.AWAITING_VALIDATION, session.due_at)
    await decided(shop, mira)
    await start_approved(shop.tenant_id, session.id)
    later(days=91)
    assert await requeue_aged_approvals() == 1
    assert (await session_of(shop, session.id)).state is S.AWAITING_VALIDATION


async def test_a_time_that_passed_is_no_time_to_submit(shop):
    session = await shop.draft(schedule=in_hours(1))
    later(hours=2)
    with pytest.raises(InvalidInput, match="draft_incomplete") as refused:
        await quotes.create_quote(shop.owner, session.id)
    assert [error.code for error in refused.value.errors] == ["date_past"]


async def test_three_clocks_and_fifty_sessions_of_one_second(shop):
    """Small: 500 with kills is the soak's. Each starts once, none early."""
    mira = await make_moderator()
    schedule = in_hours(2)
    due = [await scheduled(shop, mira, schedule) for _ in range(50)]
    assert len({one.due_at for one in due}) == 1
    at = due[0].due_at
    assert at is not None
    later(seconds=(at - now()).total_seconds() - 2)
    dice = random.Random(7)

    async def a_clock() -> int:
        total = 0
        while now() < at + timedelta(seconds=3):
            running = asyncio.create_task(start_due())
            done, _ = await asyncio.wait({running}, timeout=dice.uniform(0.05, 0.9))
            if done:
                total += running.result()
            else:
                running.cancel()  # killed in the middle of its round
                await asyncio.wait({running})
            await asyncio.sleep(dice.uniform(0, 0.2))
        return total

    started = sum(await asyncio.gather(*(a_clock() for _ in range(3))))
    started += await start_due()
    assert started <= 50
    async with tenant_scope(shop.owner) as scope:
        rows = await scope.rows(
            "SELECT session_id, at FROM session_events WHERE event = 'due' ORDER BY at"
        )
    assert len(rows) == len({row["session_id"] for row in rows}) == 50
    assert all(row["at"] >= at for row in rows)


async def test_the_forecast_names_the_first_one_not_covered(shop):
    mira = await make_moderator()
    await pay(shop, 7)
    first = await scheduled(shop, mira, in_hours(2))
    second = await scheduled(shop, mira, in_hours(4))
    assert (await read_forecast(shop.owner, None)).first_not_covered is None
    assert await tell_forecasts() == 0
    third = await screened(shop, schedule=in_hours(3))
    await start_approved(shop.tenant_id, third.id)
    seen = await read_forecast(shop.owner, None)
    assert (seen.available_credits, seen.planned_credits, seen.planned_sends) == (7, 9, 3)
    short = seen.first_not_covered
    assert short is not None
    assert (short.session_id, short.missing_credits, short.available_credits) == (second.id, 2, 1)
    # Told once, by whichever clock; again only when it says something else.
    assert sum(await asyncio.gather(tell_forecasts(), tell_forecasts())) == 1
    assert await tell_forecasts() == 0
    await reschedule_session(shop.owner, first.id, a_time(hours=9))
    assert await tell_forecasts() == 1
    await pay(shop, 10)
    assert await tell_forecasts() == 0
    told = await announced(shop.tenant_id, "forecast.short")
    assert [one["session_id"] for one in told] == [str(second.id), str(first.id)]


async def test_a_draft_is_forecast_as_if_it_were_submitted(shop):
    await pay(shop, 2)
    draft = await shop.draft(schedule=in_hours(5))
    assert (await read_forecast(shop.owner, draft.id)).planned_sends == 0
    await quotes.create_quote(shop.owner, draft.id)
    seen = await read_forecast(shop.owner, draft.id)
    assert seen.first_not_covered is not None
    assert (seen.first_not_covered.session_id, seen.first_not_covered.missing_credits) == (
        draft.id,
        1,
    )


def test_nothing_planned_is_covered():
    assert look_ahead([], 0).first_not_covered is None


def planned(day: int, cost: int) -> PlannedSend:
    at = datetime(2027, 3, day, tzinfo=UTC)
    return PlannedSend(
        due_at=at, credits=cost, session_id=None, series_id=None, campaign_name=f"of {day}"
    )


def test_what_expires_before_a_send_does_not_cover_it():
    lots = [OpenLot(50, datetime(2027, 3, 5, tzinfo=UTC)), OpenLot(30, None)]
    assert look_ahead([planned(4, 40)], 80, lots).first_not_covered is None
    seen = look_ahead([planned(4, 40), planned(6, 35)], 80, lots)
    short = seen.first_not_covered
    assert short is not None
    assert (short.campaign_name, short.available_credits, short.missing_credits) == ("of 6", 30, 5)
    assert (short.expired_credits, seen.expiring_credits) == (10, 10)
    # Before its day it is taken first: nothing of it is lost.
    seen = look_ahead([planned(3, 50), planned(6, 30)], 80, lots)
    assert (seen.first_not_covered, seen.expiring_credits) == (None, 0)


async def test_the_forecast_reads_the_lots(shop):
    mira = await make_moderator()
    async with tenant_scope(system("test", shop.tenant_id)) as scope:
        await top_up(scope, 3, "soon over", expires_at=scope.now + timedelta(hours=3))
    await scheduled(shop, mira, in_hours(2))
    assert (await read_forecast(shop.owner, None)).first_not_covered is None
    await scheduled(shop, mira, in_hours(5), body="Hi [name], again.")
    await pay(shop, 2)
    short = (await read_forecast(shop.owner, None)).first_not_covered
    assert short is not None
    assert (short.available_credits, short.missing_credits) == (2, 1)


async def test_a_quote_says_how_many_wait_for_their_hours_and_until_when(shop):
    quiet = SendingRules(
        quiet_hours=[TimeSpan(days=[1, 2, 3, 4, 5, 6, 7], starts="00:00", ends="06:00")]
    )
    people = [await shop.person(40 + n) for n in range(2)]
    await shop.group("Sleepers", people, sending=quiet)
    day = now().astimezone(ZoneInfo(ZONE)) + timedelta(days=3)
    night = ScheduleInput(local=f"{day:%Y-%m-%d}T03:00", zone=ZONE)
    draft = await shop.draft(schedule=night)
    quote = await quotes.create_quote(shop.owner, draft.id)
    opens = day.replace(hour=6, minute=0, second=0, microsecond=0)
    assert quote.waiting_recipients == 2
    assert quote.waiting_first_at == quote.waiting_last_at == opens
    noon = ScheduleInput(local=f"{day:%Y-%m-%d}T12:00", zone=ZONE)
    awake = await shop.save(draft, schedule=noon)
    quote = await quotes.create_quote(shop.owner, awake.id)
    assert (quote.waiting_recipients, quote.waiting_first_at) == (0, None)
