"""Every recipient is rendered before anybody decides, and what was seen decides what happens."""

import asyncio
import os
import signal
import sys
from typing import Any

import pytest

from backend.campaigns.schemas.content import content_hash
from backend.campaigns.service.contents import read_content_version
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope
from backend.identity.schemas import AutoValidation, AutoValidationGrant
from backend.identity.service.tenants import grant_auto_validation
from backend.kernel.errors import Conflict
from backend.kernel.principal import StaffRole, system
from backend.moderation.service.dry_runs import SCREENING_LEASE_SECONDS
from backend.moderation.service.screening import screen_session
from tests.campaigns.factories import make_shop
from tests.moderation.factories import (
    a_gateway_stands,
    case_ids,
    decided,
    later,
    make_moderator,
    rows_that_differ,
    screened,
    session_of,
    the_case,
)

pytestmark = pytest.mark.anyio


FAULT = "raise:moderation.page_screened:1"
WORKER = """
import asyncio, sys
from uuid import UUID
from backend.db.engine import DATABASE
from backend.moderation.service.dry_runs import SCREENING_LEASE_SECONDS
from backend.moderation.service.screening import screen_session

async def main(url, tenant, session):
    await DATABASE.open(url, connections_max=2)
    await screen_session(UUID(tenant), UUID(session))

asyncio.run(main(*sys.argv[1:]))
"""


async def screened_elsewhere(database, session, shop, fault: str) -> int | None:
    """The exit code of a worker's process with this fault."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", WORKER, database.login_url, str(shop.tenant_id), str(session.id)),
        env={**os.environ, "CLEARSEND_FAULT": fault},
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


async def auto_validated(shop, **bounds) -> None:
    lead = await make_moderator("Lea", StaffRole.LEAD)
    given: dict[str, Any] = {
        "recipients_max": 100,
        "hosts": ["nordlys.example.com"],
        "countries": ["NO"],
    }
    grant = AutoValidationGrant(bounds=AutoValidation(**given | bounds), reason="good sender")
    await grant_auto_validation(lead, shop.tenant_id, grant)


async def test_a_submission_becomes_a_case_with_all_there_is_to_see(shop):
    await shop.opt_out(3)
    body = "Hi [name], see https://nordlys.example.com/sale"
    session = await screened(shop, body=body, footer="Reply STOP to end.")
    assert session.state is SessionState.AWAITING_VALIDATION
    assert (session.tries, session.lease_until) == (0, None)
    case = await the_case(shop, await make_moderator())
    assert (case.dry_run.recipients, case.dry_run.excluded) == (2, {"opted_out": 1})
    assert case.dry_run.credits == case.dry_run.segments == 2
    assert case.dry_run.countries == {"NO": 2}
    (host,) = case.dry_run.hosts
    assert (host.host, host.messages, host.in_fixed_text, host.known) == (
        "nordlys.example.com",
        2,
        True,
        False,
    )
    assert {one.why for one in case.dry_run.renderings} >= {"first", "longest", "shortest"}
    assert case.bounds is not None
    assert (case.bounds.recipients_max, case.bounds.hosts) == (102, ["nordlys.example.com"])
    assert {hit.rule for hit in case.hits} == {"host_new", "first_submission"}
    assert "no_opt_out" in case.clean_rules
    assert case.title == "Opening"
    assert case.content.sender == "NORDLYS"
    assert not await rows_that_differ()


async def test_screening_twice_is_screening_once(shop):
    session = await screened(shop)
    await screen_session(shop.tenant_id, session.id)
    assert (await session_of(shop, session.id)).state_version == session.state_version
    assert len(await case_ids(shop.tenant_id)) == 1


async def test_one_link_in_one_row_is_seen(shop):
    """P15: what a moderator is shown comes from the whole dry run, not from a sample."""
    for number in range(10, 60):
        await shop.person(number, name="Kari")
    await shop.person(60, name="Kari at nordlys-konto.example.org")
    session = await screened(shop)
    assert session.state is SessionState.AWAITING_VALIDATION
    case = await the_case(shop, await make_moderator())
    (host,) = case.dry_run.hosts
    assert (host.host, host.messages, host.in_fixed_text) == (
        "nordlys-konto.example.org",
        1,
        False,
    )
    hit = next(hit for hit in case.hits if hit.rule == "link_in_data")
    assert hit.span is not None
    assert hit.text[slice(*hit.span)] == hit.matched == "nordlys-konto.example.org"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("bit.ly/3xYz", "url_shortener_not_allowed"),
        ("http://bank@evil.example.com", "url_user_not_allowed"),
        ("http://0x7f.1/", "url_address_not_allowed"),
        ("javascript:alert(1)", "url_scheme_not_allowed"),
    ],
)
async def test_b40_links_that_are_stopped(shop, name, rule):
    await shop.person(10, name=name)
    session = await screened(shop)
    assert session.state is SessionState.DRAFT
    (problem,) = session.problems
    assert (problem["code"], problem["messages"]) == (rule, 1)
    assert not await case_ids(shop.tenant_id)


@pytest.mark.parametrize(
    ("host", "rule"),
    [
        ("pаypal.com", "host_mixed_script"),
        ("paypa1.com", "host_lookalike"),
        ("g00gle.com", "host_lookalike"),
        ("раураl.com", "host_lookalike"),
        ("nordlys[.]example.com", "host_disguised"),
    ],
)
async def test_b39_hosts_made_to_deceive_are_flagged(shop, host, rule):
    await shop.person(10, name=host)
    await screened(shop)
    case = await the_case(shop, await make_moderator())
    assert rule in {hit.rule for hit in case.hits}


async def test_b20_values_are_data(shop):
    await shop.person(10, name="{{ 7 | times: 7 }}")
    await screened(shop)
    case = await the_case(shop, await make_moderator())
    assert any("{{ 7 | times: 7 }}" in one.text for one in case.dry_run.renderings)


async def test_nobody_left_gives_the_draft_back(shop):
    session = await shop.submitted()
    for number in (1, 2, 3):
        await shop.opt_out(number)
    await screen_session(shop.tenant_id, session.id)
    found = await session_of(shop, session.id)
    assert found.state is SessionState.DRAFT
    assert [problem["code"] for problem in found.problems] == ["nobody_to_send_to"]


async def test_without_any_gateway_the_draft_comes_back(database):
    shop = await make_shop()
    await shop.people(2)
    session = await shop.submitted()
    await screen_session(shop.tenant_id, session.id)
    found = await session_of(shop, session.id)
    assert found.state is SessionState.DRAFT
    assert [problem["code"] for problem in found.problems] == ["no_gateway"]


async def test_countries_that_no_gateway_serves_are_named(shop):
    """Draining ones are no way for what comes next; whether one works is asked at dispatch."""
    await a_gateway_stands()
    async with platform_scope(system("test"), "test") as scope:
        await scope.execute("UPDATE gateways SET countries = '{SE}'")
    session = await shop.submitted()
    await screen_session(shop.tenant_id, session.id)
    found = await session_of(shop, session.id)
    assert found.state is SessionState.DRAFT
    (problem,) = found.problems
    assert (problem["code"], problem["facts"]) == ("no_gateway", {"NO": 3})
    assert "serves NO" in problem["message"]


async def test_over_the_confirmed_ceiling_gives_the_draft_back(shop):
    session = await shop.submitted()
    for number in range(10, 30):
        await shop.person(number)
    await screen_session(shop.tenant_id, session.id)
    found = await session_of(shop, session.id)
    assert found.state is SessionState.DRAFT
    (problem,) = found.problems
    assert problem["code"] == "price_over_ceiling"
    assert problem["facts"] == {"required": 23, "confirmed": found.ceiling_credits}


@pytest.mark.parametrize(
    ("bounds", "body", "state"),
    [
        ({}, "Hi [name]", "approved"),
        ({}, "Hi [name], https://nordlys.example.com/x", "approved"),
        ({}, "Hi [name], https://elsewhere.example.com/x", "awaiting_validation"),
        ({"recipients_max": 2}, "Hi [name]", "awaiting_validation"),
        ({"countries": ["SE"]}, "Hi [name]", "awaiting_validation"),
    ],
)
async def test_auto_validation_inside_its_bounds(shop, bounds, body, state):
    await auto_validated(shop, **bounds)
    session = await screened(shop, body=body)
    assert session.state.value == state
    if state == "approved":
        assert (session.approval_kind, session.approval_decision_id) == ("auto", None)
        assert session.approved_version == session.content_version
        assert session.first_approved_at == session.approved_at
        assert not await case_ids(shop.tenant_id)


async def test_an_approval_of_the_same_content_is_inherited(shop):
    moderator = await make_moderator()
    first = await screened(shop)
    made = await decided(shop, moderator)
    second = await screened(shop)
    assert second.state is SessionState.APPROVED
    assert (second.approval_kind, second.approval_decision_id) == ("inherited", made.decision.id)
    assert second.approved_hash == (await session_of(shop, first.id)).approved_hash
    assert second.approved_at == made.decision.decided_at
    assert not await case_ids(shop.tenant_id)


async def test_an_approval_is_not_inherited_beyond_its_bounds_or_its_time(shop):
    moderator = await make_moderator()
    await screened(shop)
    await decided(shop, moderator)
    await shop.person(10, name="evil.example.com")
    outside = await screened(shop)
    assert outside.state is SessionState.AWAITING_VALIDATION
    await decided(shop, moderator)
    # The newest ruling is the one in force: now the host is inside.
    assert (await screened(shop)).approval_kind == "inherited"
    later(days=91)
    assert (await screened(shop)).state is SessionState.AWAITING_VALIDATION


async def test_a_refusal_ends_an_older_approval(shop):
    moderator = await make_moderator()
    await screened(shop)
    await decided(shop, moderator)
    await shop.person(10, name="evil.example.com")
    await screened(shop)
    await decided(shop, moderator, "refuse")
    assert (await screened(shop)).state is SessionState.AWAITING_VALIDATION


@pytest.mark.parametrize("place", ["page_screened", "screened"])
async def test_killed_half_way_and_run_again(shop, database, place):
    """Nothing is written by the dead; its lease runs out, and another try ends the same way."""
    session = await shop.submitted()
    code = await screened_elsewhere(database, session, shop, f"kill:moderation.{place}:1")
    assert code == -signal.SIGKILL
    assert not await case_ids(shop.tenant_id)
    found = await session_of(shop, session.id)
    assert (found.state, found.tries) == (SessionState.SCREENING, 1)
    with pytest.raises(Conflict, match="screening_leased"):
        await screen_session(shop.tenant_id, session.id)
    later(seconds=SCREENING_LEASE_SECONDS + 1)
    await screen_session(shop.tenant_id, session.id)
    found = await session_of(shop, session.id)
    assert (found.state, found.tries) == (SessionState.AWAITING_VALIDATION, 0)
    assert len(await case_ids(shop.tenant_id)) == 1
    assert not await rows_that_differ()


async def test_our_own_fault_three_times_fails_the_session(shop, database):
    session = await shop.submitted()
    for tries in (1, 2):
        assert await screened_elsewhere(database, session, shop, FAULT) == 1
        found = await session_of(shop, session.id)
        # A try that ended by itself gives its lease back at once.
        assert (found.state, found.tries, found.lease_until) == (
            SessionState.SCREENING,
            tries,
            None,
        )
    assert await screened_elsewhere(database, session, shop, FAULT) == 0
    found = await session_of(shop, session.id)
    assert (found.state, found.failure) == (SessionState.FAILED, "screening_failed")


async def test_the_hash_is_of_the_content_itself(shop):
    session = await screened(shop)
    case = await the_case(shop, await make_moderator())
    async with shop.scope() as scope:
        version = await read_content_version(scope, session.id, session.content_version)
    assert case.content_hash == version.hash == content_hash(version.content)
