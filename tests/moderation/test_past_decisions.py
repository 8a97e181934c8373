"""Decisions of all tenants, found again by words, company, verdict and person."""

import pytest

from backend.moderation.queries.past_decisions import words_of
from backend.moderation.schemas.past_decisions import PastDecisionSearch
from backend.moderation.service.past_decisions import list_past_decisions
from backend.moderation.states import CaseKind, Verdict
from tests.campaigns.factories import make_shop
from tests.moderation.factories import decided, make_moderator, screened

pytestmark = pytest.mark.anyio


async def found(who, **search):
    page = await list_past_decisions(who, PastDecisionSearch(**search), None, 50)
    return [(row.title, row.verdict) for row in page.items]


async def test_history_is_searched_across_tenants(shop):
    mira, jon = await make_moderator("Mira"), await make_moderator("Jon")
    await screened(shop)
    await decided(shop, mira)
    other = await make_shop()
    await other.people(1)
    await screened(other)
    made = await decided(other, jon, "refuse")
    everything = await found(mira)
    assert [verdict for _, verdict in everything] == [Verdict.REFUSE, Verdict.APPROVE]
    title = everything[0][0]
    assert len(await found(mira, text=title[:4].upper())) == 2
    assert await found(mira, text="no such title anywhere") == []
    assert await found(mira, verdict=Verdict.REFUSE) == everything[:1]
    assert await found(mira, decided_by=mira.account_id) == everything[1:]
    assert await found(mira, tenant_id=shop.tenant_id) == everything[1:]
    assert await found(mira, kind=CaseKind.SENDER_ID) == []
    assert await found(mira, is_revoked=True) == []
    first = await list_past_decisions(mira, PastDecisionSearch(), None, 1)
    second = await list_past_decisions(mira, PastDecisionSearch(), first.next_cursor, 1)
    assert (first.items[0].id, len(second.items)) == (made.decision.id, 1)
    by_company = await found(mira, text=first.items[0].tenant_name)
    assert everything[0] in by_company


def test_words_of_a_search_are_no_operators():
    assert words_of("Black Fri") == "'black':* & 'fri':*"
    assert words_of("it's & | ! <-> :*") == "'it':* & 's':*"
    assert words_of(" -- ") == ""
