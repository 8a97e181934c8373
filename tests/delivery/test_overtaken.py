"""Preparations overtaken: by another, by credits that come, by what is accepted meanwhile."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from backend.audience.service.contacts import record_contacts
from backend.audience.states import ContactKind
from backend.campaigns.schemas.evaluation import EvaluatedPage, ExclusionReason
from backend.db.scope import tenant_scope
from backend.delivery.service import preparing
from backend.delivery.service.pages import PageWriter
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.recipients import list_exclusions
from backend.delivery.service.starting import cover_sessions
from backend.delivery.service.unheld import drop_rows, key_of
from backend.delivery.service.ways import open_ways
from backend.kernel import clock
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.ledger.service.lots import top_up
from tests.delivery.factories import (
    ListedEvaluator,
    keep_working,
    make_paying_tenant,
    make_session,
    recipient,
    use,
)
from tests.delivery.test_preparing import counted
from tests.factories import member_of

pytestmark = pytest.mark.anyio


async def test_who_was_frozen_and_comes_back_changes_nothing(gateway):
    """Its lease ran out and another prepared meanwhile: what it drops and writes is its own."""
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    frozen, thawed = asyncio.Event(), asyncio.Event()

    class Freezing(ListedEvaluator):
        async def page(self, scope, opened, after, rows_max):
            frozen.set()
            await thawed.wait()
            return await super().page(scope, opened, after, rows_max)

    people = [recipient(n) for n in range(30)]
    use(Freezing(people, page_rows=10))
    first = asyncio.create_task(prepare_session(tenant_id, session_id))
    await frozen.wait()
    clock.set_offset(timedelta(seconds=61))
    await keep_working()
    use(ListedEvaluator(people, page_rows=10))
    assert await prepare_session(tenant_id, session_id) == "sending"
    thawed.set()
    await first
    session, numbers, view = await counted(tenant_id, session_id)
    assert (session.state, numbers, view.held) == ("sending", (30, 0, 3, 3), 30)


async def test_a_late_drop_leaves_the_next_preparation_alone(gateway):
    """A million rows take a while to go; the credits that were missing come before they are."""
    tenant_id = await make_paying_tenant(10)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(30)], page_rows=10))
    assert await prepare_session(tenant_id, session_id) == "awaiting_credits"
    short, _, _ = await counted(tenant_id, session_id)
    async with tenant_scope(system("test", tenant_id)) as scope:
        await top_up(scope, 50, f"more:{uuid7()}")
    assert await cover_sessions(tenant_id) == 1
    assert await prepare_session(tenant_id, session_id) == "sending"
    await drop_rows(tenant_id, key_of(short), short.generation)
    session, numbers, view = await counted(tenant_id, session_id)
    assert (session.state, numbers, view.held) == ("sending", (30, 0, 3, 3), 30)


async def test_a_page_of_who_lost_the_lease_is_not_committed(gateway):
    """Frozen between its rows and its commit: they would stand as repeated phones of the next."""
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    people = [recipient(n) for n in range(10)]
    frozen, thawed = asyncio.Event(), asyncio.Event()

    class Freezing(PageWriter):
        async def write(self, scope, page, hits):
            await super().write(scope, page, hits)
            frozen.set()
            await thawed.wait()

    leased = await preparing._lease(tenant_id, session_id)
    assert leased is not None
    writer = Freezing(leased, key_of(leased), await open_ways("Nordlys"), "Nordlys")
    page = EvaluatedPage(messages=people, exclusions=[], next_after=None)
    late = asyncio.create_task(preparing._write_page(writer, page, {}))
    await frozen.wait()
    clock.set_offset(timedelta(seconds=61))
    await keep_working()
    use(ListedEvaluator(people))
    second = asyncio.create_task(prepare_session(tenant_id, session_id))
    await asyncio.sleep(0.3)  # until it waits for the rows of the first
    thawed.set()
    results = await asyncio.gather(late, second, return_exceptions=True)
    assert type(results[0]).__name__ == "_Lost"
    assert results[1] == "sending"
    session, numbers, _ = await counted(tenant_id, session_id)
    assert (session.planned, session.excluded, numbers) == (10, 0, (10, 0, 1, 1))


async def test_a_phone_that_changed_hands_between_two_pages_is_written_once(gateway):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    moved = recipient(3)
    people = [recipient(n) for n in range(25)] + [moved] + [recipient(n) for n in range(30, 40)]
    again = [*people, recipient(31), recipient(50)]
    use(ListedEvaluator(again, page_rows=10))
    assert await prepare_session(tenant_id, session_id) == "sending"
    session, numbers, view = await counted(tenant_id, session_id)
    assert (session.planned, session.excluded) == (36, 2)
    assert (numbers, view.held) == ((36, 2, 4, 4), 36)


async def test_caps_count_what_was_accepted_since_the_page_was_evaluated(gateway):
    """Under way when the page was read, accepted when it is written: seen as one of the two."""
    tenant_id = await make_paying_tenant(1000)
    capped = [replace(recipient(n), cap_left=1, cap_evidence="cap:2:7:settings") for n in range(3)]

    class Overtaken(ListedEvaluator):
        async def page(self, scope, opened, after, rows_max):
            found = await super().page(scope, opened, after, rows_max)
            reached = [capped[0].phone, capped[0].phone, capped[1].phone]
            await record_contacts(scope, ContactKind.ACCEPTED, reached)
            return found

    use(Overtaken(capped))
    session_id = await make_session(tenant_id)
    assert await prepare_session(tenant_id, session_id) == "sending"
    shown = (await list_exclusions(member_of(tenant_id), session_id)).items
    assert [(row.reason, row.phone) for row in shown] == [
        (ExclusionReason.FREQUENCY_CAP, capped[0].phone)
    ]
