"""Repeating sessions: each occurrence its own session, made when the one before it is decided."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest

from backend.campaigns.recurrence import Frequency, Repeat
from backend.campaigns.schemas.inputs import DraftUpdate, Submission
from backend.campaigns.schemas.schedules import ScheduleInput, ScheduleTime
from backend.campaigns.schemas.series import OccurrenceSkip, SeriesView
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service import drafts, quotes, submissions
from backend.campaigns.service.forecast import read_forecast
from backend.campaigns.service.occurrences import advance_series
from backend.campaigns.service.schedules import preview_schedule
from backend.campaigns.service.series import list_series, pause_series, read_series, resume_series
from backend.campaigns.states import SERIES_TRANSITIONS, SeriesEvent, SeriesState, SessionState
from backend.delivery.service.continuing import reschedule_session, send_missed_now
from backend.delivery.service.repeating import end_series, skip_occurrence
from backend.delivery.service.starting import start_due
from backend.delivery.service.stopping import cancel_session, kill_session
from backend.kernel.errors import Conflict, InvalidInput, NotFound, StateConflict
from backend.kernel.principal import StaffRole
from backend.moderation.service.waiting import lapse_unvalidated
from tests.campaigns.factories import Shop, make_shop
from tests.factories import staff
from tests.moderation.factories import case_ids, decided, later, make_moderator, session_of
from tests.schedules.factories import ZONE, in_hours, local_in, now, pass_screening, scheduled

pytestmark = pytest.mark.anyio
S = SessionState
DAILY = Repeat(frequency=Frequency.DAILY)
YEARLY = Repeat(frequency=Frequency.ANNUALLY)


async def a_series(shop: Shop, repeat: Repeat = DAILY) -> SessionRow:
    return await scheduled(shop, await make_moderator(), in_hours(2, repeat))


async def sessions_of(shop: Shop, first: SessionRow) -> list[SessionRow]:
    async with shop.scope() as scope:
        rows = await scope.rows(
            "SELECT id FROM campaign_sessions WHERE series_id = $1 ORDER BY occurrence_number",
            first.series_id,
        )
    return [await session_of(shop, row["id"]) for row in rows]


async def the_series(shop: Shop, first: SessionRow) -> SeriesView:
    assert first.series_id is not None
    return await read_series(shop.owner, first.series_id)


async def dispatched(shop: Shop, session: SessionRow) -> None:
    """Its time comes and it starts."""
    assert session.due_at is not None
    later(seconds=(session.due_at - now()).total_seconds() + 1)
    assert await start_due() == 1


async def following(shop: Shop, first: SessionRow) -> SessionRow:
    """The one the clock makes next, through its screening."""
    assert await advance_series() == 1
    return await pass_screening(shop, (await sessions_of(shop, first))[-1].id)


async def test_the_next_one_comes_with_the_start_and_inherits(shop):
    first = await a_series(shop)
    assert first.occurrence_number == 1
    assert await advance_series() == 0
    await dispatched(shop, first)
    assert sum(await asyncio.gather(*(advance_series() for _ in range(3)))) >= 1
    one, two = await sessions_of(shop, first)
    assert (one.state, two.state, two.occurrence_number) == (S.PREPARING, S.SCREENING, 2)
    assert two.due_at is not None
    assert first.due_at is not None
    assert two.due_at - first.due_at in {timedelta(hours=n) for n in (23, 24, 25)}
    assert (two.ceiling_credits, two.max_lateness_minutes) == (first.ceiling_credits, 60)
    assert await advance_series() == 0
    two = await pass_screening(shop, two.id)
    assert (two.state, two.approval_kind) == (S.SCHEDULED, "inherited")
    assert (two.approved_hash, two.approval_decision_id) == (
        first.approved_hash,
        first.approval_decision_id,
    )
    assert not await case_ids(shop.tenant_id)
    view = await the_series(shop, first)
    assert [one.number for one in view.upcoming] == [2, 3, 4, 5, 6]
    assert (view.upcoming[0].session_id, view.upcoming[1].session_id) == (two.id, None)


async def test_it_ends_by_itself(shop):
    first = await a_series(shop, Repeat(frequency=Frequency.DAILY, count=2))
    await dispatched(shop, first)
    two = await following(shop, first)
    await dispatched(shop, two)
    assert await advance_series() == 1
    view = await the_series(shop, first)
    assert (view.state, view.reason, view.upcoming) == (SeriesState.ENDED, "finished", [])
    assert await advance_series() == 0
    assert len(await sessions_of(shop, first)) == 2


async def test_what_passed_while_nothing_ran_is_missed_and_not_sent(shop):
    first = await a_series(shop)
    later(days=3, hours=4)
    assert await start_due() == 0
    assert await advance_series() == 1
    *missed, last = await sessions_of(shop, first)
    assert [one.state for one in missed] == [S.MISSED] * 4
    assert [one.failure for one in missed] == ["too_late"] + ["platform_down"] * 3
    assert (last.state, last.occurrence_number) == (S.SCREENING, 5)
    assert last.due_at is not None
    assert last.due_at > now()
    # A missed one never had an approval of its own: it inherits one before it leaves.
    await send_missed_now(shop.owner, missed[1].id)
    sent = await pass_screening(shop, missed[1].id)
    assert (sent.state, sent.approval_kind) == (S.PREPARING, "inherited")


async def test_refused_it_pauses(shop):
    mira = await make_moderator()
    first = await a_series(shop, YEARLY)
    await dispatched(shop, first)
    later(days=91)  # nothing is inherited from an approval so old
    two = await following(shop, first)
    assert two.state is S.AWAITING_VALIDATION
    assert await advance_series() == 0
    await decided(shop, mira, "refuse")
    assert await advance_series() == 1
    view = await the_series(shop, first)
    assert (view.state, view.reason) == (SeriesState.PAUSED, "refused")
    assert await advance_series() == 0
    assert first.series_id is not None
    await resume_series(shop.owner, first.series_id)
    three = await following(shop, first)
    assert (three.occurrence_number, three.state) == (3, S.AWAITING_VALIDATION)


async def test_paused_nothing_starts_and_resumed_it_goes_on_from_now(shop):
    first = await a_series(shop)
    assert first.series_id is not None
    await pause_series(shop.owner, first.series_id)
    with pytest.raises(StateConflict):
        await pause_series(shop.owner, first.series_id)
    later(hours=2, seconds=1)
    assert await start_due() == 0
    assert (await session_of(shop, first.id)).state is S.CANCELLED
    later(days=5)
    assert await advance_series() == 0
    await resume_series(shop.owner, first.series_id)
    next_one = await following(shop, first)
    assert next_one.state is S.SCHEDULED
    assert next_one.occurrence_number == 7
    assert len(await sessions_of(shop, first)) == 2
    # Paused before its time and resumed before it, it just goes.
    await pause_series(shop.owner, first.series_id)
    await resume_series(shop.owner, first.series_id)
    await dispatched(shop, next_one)


async def test_one_is_skipped_and_the_others_go_on(shop):
    first = await a_series(shop)
    assert first.series_id is not None
    for number in (1, 3, 3):
        await skip_occurrence(shop.owner, first.series_id, OccurrenceSkip(number=number))
    assert (await session_of(shop, first.id)).state is S.CANCELLED
    two = await following(shop, first)
    assert (two.occurrence_number, two.state) == (2, S.SCHEDULED)
    await dispatched(shop, two)
    assert (await following(shop, first)).occurrence_number == 4
    view = await the_series(shop, first)
    assert [(one.number, one.is_skipped) for one in view.upcoming[:2]] == [(3, True), (4, False)]
    with pytest.raises(StateConflict, match="occurrence_started"):
        await skip_occurrence(shop.owner, first.series_id, OccurrenceSkip(number=2))
    short = await scheduled(
        shop, await make_moderator(), in_hours(2, Repeat(frequency=Frequency.DAILY, count=2))
    )
    assert short.series_id is not None
    with pytest.raises(InvalidInput, match="occurrence_unknown"):
        await skip_occurrence(shop.owner, short.series_id, OccurrenceSkip(number=3))


async def test_cancelling_one_leaves_the_series(shop):
    first = await a_series(shop)
    await cancel_session(shop.owner, first.id)
    assert (await following(shop, first)).occurrence_number == 2


async def test_ended_it_takes_what_waits_with_it(shop):
    first = await a_series(shop, YEARLY)
    assert first.series_id is not None
    await dispatched(shop, first)
    later(days=91)
    two = await following(shop, first)
    assert two.state is S.AWAITING_VALIDATION
    assert len(await case_ids(shop.tenant_id)) == 1
    await end_series(shop.owner, first.series_id)
    assert (await session_of(shop, two.id)).state is S.CANCELLED
    assert (await session_of(shop, first.id)).state is S.PREPARING
    assert not await case_ids(shop.tenant_id)
    assert await advance_series() == 0
    with pytest.raises(StateConflict):
        await resume_series(shop.owner, first.series_id)
    with pytest.raises(StateConflict, match="series_ended"):
        await skip_occurrence(shop.owner, first.series_id, OccurrenceSkip(number=5))


async def test_killed_by_staff_it_pauses(shop):
    first = await a_series(shop)
    lead = staff(StaffRole.LEAD)
    await kill_session(lead, shop.tenant_id, first.id, reason="a complaint")
    assert await advance_series() == 1
    view = await the_series(shop, first)
    assert (view.state, view.reason) == (SeriesState.PAUSED, "killed")


async def test_new_words_are_what_the_following_ones_send(shop):
    mira = await make_moderator()
    first = await a_series(shop)
    given = DraftUpdate(draft_version=first.draft_version, body="Hi [name], a new text.")
    await drafts.update_draft(shop.owner, first.id, given)
    quote = await quotes.create_quote(shop.owner, first.id)
    agreed = Submission(quote_id=quote.id, ceiling_credits=quote.ceiling_credits + 50)
    await submissions.submit_session(shop.owner, first.id, agreed)
    edited = await pass_screening(shop, first.id)
    assert edited.state is S.AWAITING_VALIDATION
    assert await advance_series() == 0
    await decided(shop, mira)
    edited = await pass_screening(shop, first.id)
    assert (edited.state, edited.series_id) == (S.SCHEDULED, first.series_id)
    await dispatched(shop, edited)
    two = await following(shop, first)
    assert (two.approved_hash, two.ceiling_credits) == (
        edited.approved_hash,
        quote.ceiling_credits + 50,
    )


async def test_given_back_it_pauses_until_it_is_put_right(shop):
    mira = await make_moderator()
    first = await a_series(shop)
    given = DraftUpdate(draft_version=first.draft_version, body="Hi [name], unclear.")
    await drafts.update_draft(shop.owner, first.id, given)
    await _submit(shop, first.id)
    await pass_screening(shop, first.id)
    await decided(shop, mira, "request_changes")
    assert await advance_series() == 1
    assert (await the_series(shop, first)).reason == "returned"
    now_draft = await session_of(shop, first.id)
    given = DraftUpdate(draft_version=now_draft.draft_version, body="Hi [name], clear now.")
    await drafts.update_draft(shop.owner, first.id, given)
    await _submit(shop, first.id)
    assert (await the_series(shop, first)).state is SeriesState.ACTIVE
    await pass_screening(shop, first.id)
    await decided(shop, mira)
    await pass_screening(shop, first.id)
    await dispatched(shop, await session_of(shop, first.id))


async def _submit(shop: Shop, session_id: UUID) -> None:
    quote = await quotes.create_quote(shop.owner, session_id)
    agreed = Submission(quote_id=quote.id, ceiling_credits=quote.ceiling_credits)
    await submissions.submit_session(shop.owner, session_id, agreed)


async def test_an_occurrence_moves_but_not_past_the_next(shop):
    first = await a_series(shop)
    later_today = ScheduleTime(local=local_in(hours=10), zone=ZONE)
    await reschedule_session(shop.owner, first.id, later_today)
    with pytest.raises(InvalidInput, match="after_next_occurrence"):
        past = ScheduleTime(local=local_in(hours=40), zone=ZONE)
        await reschedule_session(shop.owner, first.id, past)
    await dispatched(shop, await session_of(shop, first.id))
    two = await following(shop, first)
    assert first.due_at is not None
    assert two.due_at is not None
    # Computed from the first send, not from where one of them was moved to.
    assert timedelta(hours=22) < two.due_at - first.due_at < timedelta(hours=26)


async def test_a_series_that_never_began_needs_a_time(shop):
    session = await shop.submitted(schedule=in_hours(2, DAILY))
    await pass_screening(shop, session.id)
    later(hours=4)
    assert await lapse_unvalidated() == 1
    with pytest.raises(Conflict, match="reschedule_instead"):
        await send_missed_now(shop.owner, session.id)
    again = ScheduleTime(local=local_in(hours=3), zone=ZONE)
    await reschedule_session(shop.owner, session.id, again)
    await pass_screening(shop, session.id)
    await decided(shop, await make_moderator())
    begun = await pass_screening(shop, session.id)
    view = await the_series(shop, begun)
    assert view.first_at == begun.due_at


async def test_the_forecast_counts_what_is_no_session_yet(shop):
    first = await a_series(shop, Repeat(frequency=Frequency.DAILY, count=4))
    seen = await read_forecast(shop.owner, None)
    assert (seen.planned_sends, seen.planned_credits) == (4, 12)
    assert first.series_id is not None
    await pause_series(shop.owner, first.series_id)
    assert (await read_forecast(shop.owner, None)).planned_sends == 0


async def test_the_next_dates_before_anybody_confirms(shop):
    given = ScheduleInput(local=local_in(hours=30), zone=ZONE, repeat=DAILY)
    seen = await preview_schedule(shop.owner, given)
    assert [one.number for one in seen.occurrences] == [1, 2, 3, 4, 5]
    assert seen.total == 366
    with pytest.raises(InvalidInput, match="until_before_first"):
        ends = Repeat(frequency=Frequency.DAILY, until=date(2020, 1, 1))
        await preview_schedule(
            shop.owner, ScheduleInput(local=local_in(hours=30), zone=ZONE, repeat=ends)
        )


async def test_another_tenants_series_is_none(shop):
    first = await a_series(shop)
    other = await make_shop()
    assert first.series_id is not None
    for act in (read_series, pause_series, resume_series, end_series):
        with pytest.raises(NotFound):
            await act(other.owner, first.series_id)
    assert not (await list_series(other.owner, None, None, None, 50)).items
    assert [one.id for one in (await list_series(shop.owner, None, None, None, 50)).items] == [
        first.series_id
    ]


def test_an_end_is_an_end():
    assert not any(SERIES_TRANSITIONS.get((SeriesState.ENDED, event)) for event in SeriesEvent)
