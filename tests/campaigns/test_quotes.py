"""Quotes: exact, explained, the same bytes for the same inputs; submissions that hold to them."""

import asyncio

import msgspec
import pytest

from backend.audience.schemas.rules import AudienceInput
from backend.billing.service.prices import price_list, price_version_current, publish_price_list
from backend.billing.states import Channel
from backend.campaigns.queries import sessions
from backend.campaigns.schemas.inputs import Submission
from backend.campaigns.service import quotes, submissions
from backend.campaigns.service.campaigns import read_campaign_session
from backend.campaigns.service.evaluation import open_evaluation
from backend.campaigns.service.forgetting import forget_samples
from backend.campaigns.service.inspection import require_content
from backend.campaigns.service.moves import move_session
from backend.campaigns.service.quotes import create_quote, quote_figures
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import platform_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, StateConflict
from backend.kernel.principal import system
from backend.ledger.service.lots import grant
from backend.templates.schemas import Withdrawal
from backend.templates.service import senders
from tests.campaigns.factories import make_shop

pytestmark = pytest.mark.anyio


def confirmed(quote):
    return Submission(quote_id=quote.id, ceiling_credits=quote.ceiling_credits)


async def figures_of(shop, session):
    async with shop.scope() as scope:
        facts = await read_tenant_facts(scope)
        content = await require_content(scope, session.draft, facts)
        return await quote_figures(scope, await open_evaluation(scope, content, tenant=facts))


async def test_a_quote_counts_the_whole_audience(shop):
    ids = await shop.people(5)
    await shop.person(90, name="’" * 71)
    await shop.opt_out(2)
    async with shop.scope() as scope:
        await grant(scope, 4, "gift")
    session = await shop.draft(audience=AudienceInput(all=True, deselected_ids=[ids[4]]))
    quote = await create_quote(shop.owner, session.id)
    assert quote.is_exact
    assert (quote.candidates, quote.recipients) == (6, 4)
    assert quote.excluded == {"deselected": 1, "opted_out": 1}
    assert (quote.segments, quote.segments_min, quote.segments_typical) == (5, 1, 1)
    assert (quote.segments_max, quote.gsm7_messages, quote.ucs2_messages) == (2, 3, 1)
    assert quote.longest_text.startswith("Hi ’’’")
    async with shop.scope() as scope:
        prices = await price_list(scope, await price_version_current(scope))
    each = prices.price("NO", Channel.SMS)
    assert each is not None
    assert quote.credits == 5 * each == sum(one.credits for one in quote.countries)
    assert quote.ceiling_credits == prices.ceiling(quote.credits)
    assert quote.available_credits == 4
    assert quote.shortfall_credits == max(quote.credits - 4, 0)


async def test_same_inputs_give_the_same_bytes(shop):
    """N5."""
    await shop.people(12)
    await shop.opt_out(3)
    session = await shop.draft()
    first, second = [
        msgspec.json.encode(await figures_of(shop, session), order="deterministic")
        for _ in range(2)
    ]
    assert first == second
    one, other = [await create_quote(shop.owner, session.id) for _ in range(2)]
    same = {"id": other.id, "created_at": other.created_at}
    assert msgspec.structs.replace(one, **same) == other


async def test_a_large_audience_is_estimated_from_a_sample(shop):
    await shop.people(8)
    session = await shop.draft()
    async with shop.scope() as scope:
        facts = await read_tenant_facts(scope)
        content = await require_content(scope, session.draft, facts)
        evaluation = await open_evaluation(scope, content, tenant=facts)
        figures = await quote_figures(scope, evaluation, exact_max=7)
    assert not figures.is_exact
    assert figures.recipients == 8


async def test_an_incomplete_draft_names_everything_that_is_missing(shop):
    session = await shop.draft(
        body="Hi [frist name] {{ code }}", sender_id=None, audience=AudienceInput()
    )
    found = {(problem.pointer, problem.code) for problem in session.draft_problems}
    assert found == {
        ("/body", "unknown_attribute"),
        ("/body", "unknown_property"),
        ("/sender_id", "sender_missing"),
        ("/audience", "audience_empty"),
    }
    with pytest.raises(InvalidInput) as refused:
        await create_quote(shop.owner, session.id)
    assert refused.value.code == "draft_incomplete"
    assert {(error.pointer, error.code) for error in refused.value.errors} == found


async def test_submitting_freezes_what_was_quoted(shop):
    await shop.people(3)
    session = await shop.draft()
    quote = await create_quote(shop.owner, session.id)
    done = await submissions.submit_session(shop.owner, session.id, confirmed(quote))
    assert done.state is SessionState.SCREENING
    assert done.content is not None
    assert (done.content.version, done.content.hash) == (1, quote.hash)
    assert done.ceiling_credits == quote.ceiling_credits
    assert done.quote == quote
    assert [event.event for event in done.timeline] == ["submit"]
    async with shop.scope() as scope:
        row = await sessions.read(scope, session.id)
        assert row.price_version == quote.price_version
    connection_rows = await topics(shop)
    assert ("session.submitted", {"session_id": str(session.id)}) in connection_rows


async def topics(shop):
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT topic, payload FROM outbox WHERE tenant_id = $1", shop.tenant_id
        )
    return [(row["topic"], row["payload"]) for row in rows]


async def test_a_quote_is_outdated_by_a_change(shop):
    await shop.people(2)
    session = await shop.draft()
    quote = await create_quote(shop.owner, session.id)
    saved = await shop.save(session, body="Something else")
    with pytest.raises(Conflict) as refused:
        await submissions.submit_session(shop.owner, session.id, confirmed(quote))
    assert refused.value.code == "quote_outdated"
    assert refused.value.facts["is_content_changed"]
    back = await shop.save(saved, body=session.draft.body)
    assert back.quote == quote
    await submissions.submit_session(shop.owner, session.id, confirmed(quote))


async def test_a_quote_is_outdated_by_a_new_price_list(shop):
    await shop.people(1)
    session = await shop.draft()
    quote = await create_quote(shop.owner, session.id)
    await publish_price_list(system("test"), {("NO", Channel.SMS): 7}, "test")
    with pytest.raises(Conflict) as refused:
        await submissions.submit_session(shop.owner, session.id, confirmed(quote))
    assert refused.value.code == "quote_outdated"
    assert refused.value.facts["is_price_changed"]
    assert (await create_quote(shop.owner, session.id)).credits == 7


async def test_a_ceiling_below_the_quote_is_refused(shop):
    await shop.people(4)
    session = await shop.draft()
    quote = await create_quote(shop.owner, session.id)
    with pytest.raises(Conflict) as refused:
        given = Submission(quote_id=quote.id, ceiling_credits=quote.credits - 1)
        await submissions.submit_session(shop.owner, session.id, given)
    assert refused.value.code == "ceiling_too_low"
    assert refused.value.facts["required"] == quote.credits
    given = Submission(quote_id=quote.id, ceiling_credits=quote.credits)
    assert await submissions.submit_session(shop.owner, session.id, given)


async def test_nobody_to_send_to(shop):
    await shop.people(1)
    await shop.opt_out(1)
    session = await shop.draft()
    quote = await create_quote(shop.owner, session.id)
    assert (quote.recipients, quote.credits, quote.margin_credits) == (0, 0, 0)
    with pytest.raises(InvalidInput) as refused:
        await submissions.submit_session(shop.owner, session.id, confirmed(quote))
    assert refused.value.code == "nobody_to_send_to"
    assert refused.value.facts["excluded"] == {"opted_out": 1}


async def test_another_sessions_quote_is_none(shop):
    await shop.people(1)
    one, other = await shop.draft(), await shop.draft()
    quote = await create_quote(shop.owner, one.id)
    with pytest.raises(InvalidInput) as refused:
        await submissions.submit_session(shop.owner, other.id, confirmed(quote))
    assert refused.value.code == "quote_unknown"


async def test_of_many_submits_one_wins(shop):
    await shop.people(2)
    session = await shop.draft()
    quote = await create_quote(shop.owner, session.id)
    answers = await asyncio.gather(
        *(submissions.submit_session(shop.owner, session.id, confirmed(quote)) for _ in range(6)),
        return_exceptions=True,
    )
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(won) == 1
    assert all(isinstance(answer, StateConflict) for answer in answers if answer not in won)
    async with shop.scope() as scope:
        assert (await sessions.read(scope, session.id)).content_version == 1
        assert len(await sessions.events(scope, session.id, 10)) == 1


async def test_a_second_submission_is_the_second_version(shop):
    await shop.people(2)
    session = await shop.submitted()
    async with shop.scope() as scope:
        row = await sessions.read(scope, session.id)
        await move_session(
            scope, row, SessionEvent.RETURN_PROBLEMS, problems=[{"code": "blocked_link"}]
        )
    returned = await read_campaign_session(shop.owner, session.id)
    assert returned.problems == [{"code": "blocked_link"}]
    await shop.save(returned, body="Better")
    quote = await create_quote(shop.owner, session.id)
    again = await submissions.submit_session(shop.owner, session.id, confirmed(quote))
    assert again.content is not None
    assert (again.content.version, again.content.body, again.problems) == (2, "Better", [])


async def test_staff_and_other_tenants_see_nothing(shop):
    other = await make_shop()
    session = await shop.draft()
    for call in (
        quotes.create_quote(other.owner, session.id),
        submissions.submit_session(
            other.owner, session.id, Submission(quote_id=session.id, ceiling_credits=1)
        ),
    ):
        with pytest.raises(NotFound):
            await call


@pytest.mark.usefixtures("database")
class TestTemplateOnly:
    async def test_free_text_is_closed(self):
        shop = await make_shop(is_verified=False)
        await shop.people(1)
        session = await shop.draft()
        assert session.draft_problems[0].code == "template_only"
        with pytest.raises(Forbidden) as refused:
            await create_quote(shop.owner, session.id)
        assert (refused.value.code, refused.value.facts["part"]) == ("template_only", "message")

    @pytest.mark.parametrize(
        ("change", "part"),
        [
            ({"body": "Hi [name], doors open at ten."}, "message"),
            ({"header": "Call us"}, "header"),
            ({"footer": "evil.example"}, "footer"),
        ],
    )
    async def test_an_approved_template_in_other_words_is_free_text(self, change, part):
        shop = await make_shop(is_verified=False)
        await shop.people(1)
        body = "Hi [name], doors open at nine and they stay open until six in the evening."
        version_id = await shop.approved_template(body=body)
        session = await shop.draft(template_version_id=version_id, body=body)
        assert (await create_quote(shop.owner, session.id)).recipients == 1
        await shop.save(session, **change)
        with pytest.raises(Forbidden) as refused:
            await create_quote(shop.owner, session.id)
        assert (refused.value.code, refused.value.facts["part"]) == ("template_only", part)

    async def test_a_value_that_carries_a_message_is_refused_with_its_place(self):
        shop = await make_shop(is_verified=False)
        await shop.people(2)
        await shop.person(7, name="win at evil.example")
        body = "Hi [name], doors open at nine and they stay open until six in the evening."
        session = await shop.draft(
            template_version_id=await shop.approved_template(body=body), body=body
        )
        with pytest.raises(Forbidden) as refused:
            await create_quote(shop.owner, session.id)
        assert refused.value.facts["part"] == "attribute:name"
        assert refused.value.facts["reason"] == "value_has_link"

    async def test_a_trial_writes_to_its_own_number(self):
        shop = await make_shop(status="trial")
        mine, other = await shop.people(2)
        body = "Hi [name], doors open at nine and they stay open until six in the evening."
        session = await shop.draft(
            template_version_id=await shop.approved_template(body=body),
            body=body,
            audience=AudienceInput(subscriber_ids=[mine]),
        )
        assert (await create_quote(shop.owner, session.id)).recipients == 1
        await shop.save(session, audience=AudienceInput(subscriber_ids=[mine, other]))
        with pytest.raises(Forbidden) as refused:
            await create_quote(shop.owner, session.id)
        assert refused.value.code == "trial_recipients"

    async def test_a_trial_that_is_over_submits_nothing(self):
        shop = await make_shop(status="trial")
        (mine,) = await shop.people(1)
        body = "Hi [name], doors open at nine and they stay open until six in the evening."
        session = await shop.draft(
            template_version_id=await shop.approved_template(body=body),
            body=body,
            audience=AudienceInput(subscriber_ids=[mine]),
        )
        quote = await create_quote(shop.owner, session.id)
        async with platform_scope(system("test"), "test") as scope:
            await scope.execute(
                "UPDATE tenants SET trial_ends_at = $2 WHERE id = $1", shop.tenant_id, scope.now
            )
        with pytest.raises(Forbidden) as refused:
            await submissions.submit_session(shop.owner, session.id, confirmed(quote))
        assert refused.value.code == "trial_ended"

    async def test_the_daily_cap_is_a_sum_over_sessions(self):
        cap = quotes.TEMPLATE_ONLY_RECIPIENTS_PER_DAY
        half = cap // 2 + 1
        shop = await make_shop(is_verified=False)
        await shop.people(half)
        version_id = await shop.approved_template(body="The doors open at nine, see you there.")
        parts = {
            "template_version_id": version_id,
            "body": "The doors open at nine, see you there.",
        }
        one, other = await shop.draft(**parts), await shop.draft(**parts)
        quoted = [await create_quote(shop.owner, session.id) for session in (one, other)]
        answers = await asyncio.gather(
            *(
                submissions.submit_session(shop.owner, session.id, confirmed(quote))
                for session, quote in zip((one, other), quoted, strict=True)
            ),
            return_exceptions=True,
        )
        refused = [answer for answer in answers if isinstance(answer, Forbidden)]
        assert len(refused) == 1
        assert refused[0].code == "trial_daily_cap"
        assert refused[0].facts == {"allowed_max": cap, "used": half, "wanted": half}


async def test_a_withdrawn_sender_stops_a_submission(shop):
    await shop.people(1)
    session = await shop.draft()
    quote = await create_quote(shop.owner, session.id)
    await senders.withdraw_sender(shop.owner, shop.sender_id, Withdrawal(reason="gone"))
    with pytest.raises(InvalidInput) as refused:
        await submissions.submit_session(shop.owner, session.id, confirmed(quote))
    assert refused.value.errors[0].code == "sender_not_approved"


async def test_an_erasure_takes_the_sample_text_of_a_quote(shop, database):
    await shop.people(2)
    session = await shop.draft()
    quote = await create_quote(shop.owner, session.id)
    assert "Person" in quote.longest_text
    await forget_samples(shop.tenant_id, quote.created_at)
    await forget_samples(shop.tenant_id, quote.created_at)
    async with shop.scope() as scope:
        rows = await scope.rows("SELECT details::text AS told, credits FROM quotes")
    assert ["Person" in row["told"] for row in rows] == [False]
    assert rows[0]["credits"] == quote.credits
    await submissions.submit_session(shop.owner, session.id, confirmed(quote))
