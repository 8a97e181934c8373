"""What a case shows comes from the whole dry run, and is ready before anybody opens it."""

import os
import time

import pytest

from backend.audience.schemas.people import Consent
from backend.campaigns.states import SessionState
from backend.moderation.service.comparing import remember_ruling
from tests.campaigns.factories import make_shop, phone
from tests.moderation.factories import (
    case_ids,
    decided,
    make_moderator,
    screened,
    the_case,
)

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1_800)]

ROWS = int(os.environ.get("CLEARSEND_PHISHING_ROWS", "3000"))
"""`make soak` asks with 100,000."""
LONG = "Hi [name], doors open at nine and we would be glad to see you, come with a friend"


async def many(shop, rows: int) -> None:
    """Made by SQL: 100,000 people one by one would take the test's time, not the screening's."""
    async with shop.scope() as scope:
        await scope.execute(
            "INSERT INTO subscribers (tenant_id, id, created_at, changed_at, phone, country,"
            " name) SELECT $1, gen_random_uuid(), now(), now(), '+4740' || lpad(n::text, 6, '0'),"
            " 'NO', 'Person ' || n"
            " FROM generate_series(1, $2::int) AS n",
            shop.tenant_id,
            rows,
        )


async def test_a_phishing_link_in_one_row_of_many_is_on_the_page(shop):
    await many(shop, ROWS)
    async with shop.scope() as scope:
        await scope.execute(
            "UPDATE subscribers SET name = 'Kari, se https://vipps-konto.example.org/bekreft'"
            " WHERE tenant_id = $1 AND phone = $2",
            shop.tenant_id,
            f"+4740{ROWS * 7 // 10:06d}",
        )
    session = await screened(shop, body="Hi [name], see https://nordlys.example.com/sale")
    assert session.state is SessionState.AWAITING_VALIDATION
    case = await the_case(shop, await make_moderator())
    assert case.dry_run.recipients == ROWS + 3
    hosts = {host.host: host for host in case.dry_run.hosts}
    assert hosts["nordlys.example.com"].messages == ROWS + 3
    one = hosts["vipps-konto.example.org"]
    assert (one.messages, one.in_fixed_text) == (1, False)
    assert "https://vipps-konto.example.org/bekreft" in one.sample
    hit = next(hit for hit in case.hits if hit.rule == "link_in_data")
    assert (hit.matched, hit.messages) == ("https://vipps-konto.example.org/bekreft", 1)


async def test_the_page_of_a_large_case_is_ready(shop):
    """Its size is that of the facts, whatever the number of recipients."""
    await many(shop, 1_500)
    await screened(shop, body="Hi [name], see https://nordlys.example.com/sale")
    moderator = await make_moderator()
    await the_case(shop, moderator)
    start = time.perf_counter()
    await the_case(shop, moderator)
    # 150 ms is the goal on a quiet machine; here others work too.
    assert time.perf_counter() - start < 1.5


async def test_renderings_carry_their_links_and_hits(shop):
    await shop.person(10, name="Åse на casino")
    body = "Hi [name], see http://pаypal.com/x"
    await screened(shop, body=body)
    case = await the_case(shop, await make_moderator())
    shown = {one.why: one for one in case.dry_run.renderings}
    assert {"first", "longest", "shortest", "most_expensive", "alphabet:cyrillic"} <= set(shown)
    longest = shown["longest"]
    (link,) = longest.links
    assert longest.text[slice(*link.span)] == "http://pаypal.com/x"
    assert link.host.startswith("xn--")
    assert link.shown == "pаypal.com"
    places = {hit.rule: longest.text[slice(*hit.span)] for hit in longest.hits}
    assert places["class_gambling"] == "casino"
    assert places["host_mixed_script"] == "http://pаypal.com/x"
    assert all(hit.points > 0 for hit in case.hits)
    assert case.score == min(100, sum(hit.points for hit in case.hits))


async def test_where_consent_came_from(shop):
    for number in (10, 11):
        await shop.person(number, consent=Consent(source="web form", text="yes"))
    await shop.person(12, consent=Consent(source="", text="by word of mouth"))
    await screened(shop)
    case = await the_case(shop, await make_moderator())
    seen = case.dry_run
    assert seen.consent_sources["web form"] == 2
    assert sum(seen.consent_sources.values()) + seen.without_consent == seen.recipients


async def test_the_closest_approved_text_is_compared(shop):
    moderator = await make_moderator()
    first = await screened(shop, body=LONG)
    case = await the_case(shop, moderator)
    assert case.comparison is None
    await decided(shop, moderator)
    assert await remember_ruling(shop.tenant_id, first.id)
    other = await screened(shop, body="Thanks for your order, it leaves our house on Monday")
    await decided(shop, moderator)
    assert await remember_ruling(shop.tenant_id, other.id)
    await screened(shop, body=LONG.replace("nine", "ten"))
    case = await the_case(shop, moderator)
    assert case.comparison is not None
    assert not case.comparison.is_same_campaign
    assert case.comparison.similar_percent is not None
    assert case.comparison.similar_percent > 60
    changed = [(one.change, one.text) for one in case.comparison.pieces if one.change != "same"]
    assert changed == [("removed", "nine"), ("added", "ten")]


async def test_a_refused_text_is_known_again_at_another_tenant(shop):
    moderator = await make_moderator()
    body = "Your parcel waits for you, confirm the address and pay 29 kr before tomorrow evening"
    session = await screened(shop, body=body)
    (refused,) = await case_ids(shop.tenant_id)
    await decided(shop, moderator, "refuse")
    for _ in range(2):  # twice is once
        assert await remember_ruling(shop.tenant_id, session.id)
    other = await make_shop()
    await other.people(2)
    await screened(other, body=body.replace("29", "49").replace("a", "а"))
    case = await the_case(other, moderator)
    hit = next(hit for hit in case.hits if hit.rule == "near_refused")
    assert hit.similar is not None
    assert (hit.similar.tenant_id, hit.similar.case_id) == (shop.tenant_id, refused)
    assert hit.similar.percent >= 80
    honest = await make_shop()
    await honest.people(2)
    await screened(honest, body=LONG)
    rules = {hit.rule for hit in (await the_case(honest, moderator)).hits}
    assert "near_refused" not in rules


async def test_a_country_never_approved_before(shop):
    moderator = await make_moderator()
    await screened(shop)
    await decided(shop, moderator)
    async with shop.scope() as scope:
        await scope.execute(
            "UPDATE subscribers SET phone = '+46701234567', country = 'SE'"
            " WHERE tenant_id = $1 AND phone = $2",
            shop.tenant_id,
            phone(1),
        )
    await screened(shop)
    case = await the_case(shop, moderator)
    hit = next(hit for hit in case.hits if hit.rule == "unusual_country")
    assert (hit.matched, hit.messages) == ("SE", 1)


async def test_the_page_carries_the_tenant_s_file_and_the_switch(shop):
    await screened(shop)
    case = await the_case(shop, await make_moderator())
    assert case.record.trust.level == "usual"
    assert case.record.balance.held == 0
    assert case.session is not None
    assert (case.session.state, case.session.can_be_killed) == ("awaiting_validation", True)
    assert (case.session.sent, case.session.queued) == (0, 0)
