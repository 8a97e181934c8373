"""kill -9 inside what people, workers and clocks do in a transaction or two: it was done or it was
not, doing it again ends as if nothing had died, and every promise holds.

Each seed kills once more on the same tenant, at the first item that is left or the second.
"""

import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest

from backend.billing.service.sales import settle_top_up
from backend.campaigns.recurrence import Frequency, Repeat
from backend.campaigns.service import quotes
from backend.campaigns.service.occurrences import advance_series
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.starting import start_due
from backend.identity.passwords import check_password
from backend.identity.service.invitations import make_invitation
from backend.identity.service.mail_tokens import Purpose, issue_token
from backend.identity.service.tenants import add_account, add_tenant
from backend.kernel import clock
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, StaffRole, system
from backend.ledger.service.balance import balance
from backend.moderation.rule_book import BUILT_IN_RULES
from backend.moderation.schemas.decisions import RevocationInput
from backend.moderation.schemas.desk import DeskRules, DeskRulesEdit
from backend.moderation.schemas.rules import RuleSetCreate, RuleTestCreate
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.desk_rules import change_desk_rules, read_desk_rules
from backend.moderation.service.leases import claim_case
from backend.moderation.service.revoking import revoke_case
from backend.moderation.service.rule_editing import create_rule_set
from backend.moderation.service.rule_testing import start_rule_test
from backend.moderation.service.screening import screen_session
from tests.billing.factories import (
    MONTHLY_CREDITS,
    make_profile,
    postpaid_user,
    to_next_month,
    topped_up,
    use_credits,
)
from tests.campaigns.factories import Shop, make_shop
from tests.database import CleanDatabase
from tests.factories import member_of
from tests.faults.deeds import PASSWORD, Item, run_deed
from tests.faults.oracle import broken_promises
from tests.faults.rounds import ITEMS, KILLS_A_TEST, SECONDS_A_TEST_MAX, in_rounds, passes
from tests.moderation.factories import a_gateway_stands, case_ids, later, make_moderator, ruling
from tests.moderation.test_voting import NEVER_TWO
from tests.schedules.factories import in_hours, scheduled

LEASES_OVER_SECONDS = 600
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(SECONDS_A_TEST_MAX)]


class Stage(NamedTuple):
    shop: Shop
    redis_url: str
    database: CleanDatabase


async def submitted(stage: Stage) -> list[UUID]:
    return [(await stage.shop.submitted(body=f"Hi [name], door {n}.")).id for n in range(ITEMS)]


async def each(stage: Stage, ids: list[UUID], name: str = "session_id", **more: str) -> list[Item]:
    return [{"tenant_id": str(stage.shop.tenant_id), name: str(one), **more} for one in ids]


async def of_tenant(stage: Stage, sql: str) -> list[Any]:
    """First column of each row."""
    async with tenant_scope(system("test", stage.shop.tenant_id)) as scope:
        return [row[0] for row in await scope.rows(sql)]


async def of_platform(sql: str) -> list[Any]:
    async with platform_scope(system("test"), "test") as scope:
        return [row[0] for row in await scope.rows(sql)]


# --- what is made ready, and what must stand at the end ---------------------------------------


async def ready_to_pay(stage: Stage) -> list[Item]:
    references = [f"bank:{n}" for n in range(ITEMS)]
    return [{"tenant_id": str(stage.shop.tenant_id), "reference": one} for one in references]


async def paid(stage: Stage) -> None:
    async with tenant_scope(system("test", stage.shop.tenant_id)) as scope:
        assert (await balance(scope)).available == 10 * ITEMS
    assert len(await of_platform("SELECT id FROM outbox WHERE topic = 'credits.added'")) == ITEMS


async def ready_to_submit(stage: Stage) -> list[Item]:
    items = []
    for number in range(ITEMS):
        draft = await stage.shop.draft(body=f"Hi [name], door {number}.")
        quote = await quotes.create_quote(stage.shop.owner, draft.id)
        ceiling = str(quote.ceiling_credits)
        items += await each(stage, [draft.id], quote_id=str(quote.id), ceiling=ceiling)
    return items


async def all_submitted(stage: Stage) -> None:
    assert await states(stage) == {"screening": ITEMS}
    assert await events(stage, "submit") == ITEMS
    assert len(await of_tenant(stage, "SELECT session_id FROM content_versions")) == ITEMS
    told = await of_platform("SELECT id FROM outbox WHERE topic = 'session.submitted'")
    assert len(told) == ITEMS


async def states(stage: Stage) -> Counter[str]:
    return Counter(await of_tenant(stage, "SELECT state FROM campaign_sessions"))


async def events(stage: Stage, event: str) -> int:
    return (await of_tenant(stage, "SELECT event FROM session_events")).count(event)


async def ready_to_upload(stage: Stage) -> list[Item]:
    return [{"tenant_id": str(stage.shop.tenant_id), "key": f"key-{n}"} for n in range(ITEMS)]


async def all_uploaded(stage: Stage) -> None:
    assert len(await of_tenant(stage, "SELECT id FROM imports")) == ITEMS


async def ready_to_screen(stage: Stage) -> list[Item]:
    return await each(stage, await submitted(stage))


async def all_screened(stage: Stage) -> None:
    assert await states(stage) == {"awaiting_validation": ITEMS}
    assert len(await case_ids(stage.shop.tenant_id)) == ITEMS
    assert len(await of_tenant(stage, "SELECT id FROM cases")) == ITEMS


async def ready_to_decide(stage: Stage) -> list[Item]:
    for session_id in await submitted(stage):
        await screen_session(stage.shop.tenant_id, session_id)
    mira = await make_moderator()
    ids = await case_ids(stage.shop.tenant_id)
    return await each(stage, ids, "case_id", moderator_id=str(mira.account_id))


async def all_claimed(stage: Stage) -> None:
    assert len(set(await of_tenant(stage, "SELECT lease_holder FROM cases"))) == 1
    assert await states(stage) == {"awaiting_validation": ITEMS}


async def all_decided(stage: Stage) -> None:
    assert await states(stage) == {"approved": ITEMS}
    decisions = await of_tenant(stage, "SELECT case_id FROM decisions")
    assert len(decisions) == len(set(decisions)) == ITEMS


async def voted(stage: Stage) -> list[Item]:
    items = await ready_to_decide(stage)
    mira = await make_moderator("Jon")
    for item in items:
        item["moderator_id"] = str(mira.account_id)
    lead = await make_moderator("Lea", StaffRole.LEAD)
    rules = DeskRules(undo_seconds=60, four_eyes=NEVER_TWO)
    based_on = (await read_desk_rules(lead)).version
    await change_desk_rules(lead, DeskRulesEdit(rules=rules, based_on=based_on, note="a test"))
    for item in items:
        case_id = UUID(item["case_id"])
        lease = await claim_case(mira, stage.shop.tenant_id, case_id)
        made = await decide_case(mira, stage.shop.tenant_id, case_id, ruling(lease))
        item["vote_id"] = str(made.vote.id)
    assert await states(stage) == {"awaiting_validation": ITEMS}
    return items


async def ready_to_settle(stage: Stage) -> list[Item]:
    items = await voted(stage)
    later(seconds=61)
    return items


async def all_undone(stage: Stage) -> None:
    assert await of_tenant(stage, "SELECT state FROM votes") == ["undone"] * ITEMS
    assert await of_tenant(stage, "SELECT state FROM cases") == ["open"] * ITEMS
    assert await states(stage) == {"awaiting_validation": ITEMS}


async def ready_to_try_rules(stage: Stage) -> list[Item]:
    await ready_to_decide(stage)
    lead = await make_moderator("Lea", StaffRole.LEAD)
    given = RuleSetCreate(note="Words of this week", rules=list(BUILT_IN_RULES))
    draft = await create_rule_set(lead, given)
    asked = [await start_rule_test(lead, draft.version, RuleTestCreate()) for _ in range(ITEMS)]
    return [{"test_id": str(one.id)} for one in asked]


async def all_tried(_stage: Stage) -> None:
    found = await of_platform("SELECT state FROM rule_tests")
    assert found == ["done"] * ITEMS


async def ready_to_rescreen(stage: Stage) -> list[Item]:
    mira = await make_moderator()
    ids = []
    for number in range(ITEMS):
        session = await scheduled(stage.shop, mira, body=f"Hi [name], door {number}.")
        ids.append(session.id)
    for case_id in await case_ids(stage.shop.tenant_id, "decided"):
        why = RevocationInput(reason="the link changed")
        await revoke_case(mira, stage.shop.tenant_id, case_id, why)
    return await each(stage, ids)


async def all_shown_again(stage: Stage) -> None:
    open_ones = "SELECT rescreening FROM cases WHERE state = 'open'"
    assert await of_tenant(stage, open_ones) == ["done"] * ITEMS
    assert await states(stage) == {"awaiting_validation": ITEMS}


async def ready_to_repeat(stage: Stage) -> list[Item]:
    mira = await make_moderator()
    daily = in_hours(2, Repeat(frequency=Frequency.DAILY))
    for number in range(ITEMS):
        await scheduled(stage.shop, mira, daily, body=f"Hi [name], door {number}.")
    later(hours=2, seconds=61)
    assert await start_due() == ITEMS
    return [{"tenant_id": str(stage.shop.tenant_id)}]


async def all_repeated(stage: Stage) -> None:
    numbers = await of_tenant(stage, "SELECT occurrence_number FROM campaign_sessions")
    assert Counter(numbers) == {1: ITEMS, 2: ITEMS}
    assert await advance_series() == 0


async def ready_to_invoice(stage: Stage) -> list[Item]:
    await make_profile(stage.shop.tenant_id)
    made = [await topped_up(stage.shop.tenant_id, f"bank {n}") for n in range(ITEMS)]
    return await each(stage, made, "top_up_id")


async def numbered(stage: Stage, documents: int) -> None:
    """As many numbers as documents, without a gap."""
    numbers = await of_tenant(stage, "SELECT seq FROM document_numbers ORDER BY seq")
    assert numbers == list(range(1, documents + 1))
    assert len(await of_tenant(stage, "SELECT id FROM documents")) == documents


async def all_invoiced(stage: Stage) -> None:
    await numbered(stage, ITEMS)


async def ready_to_bill(stage: Stage) -> list[Item]:
    """Months enough for a death in each of the first, and one after them."""
    await postpaid_user(stage.shop.tenant_id, months=ITEMS + 3)
    return await each(stage, [stage.shop.tenant_id])


async def all_billed(stage: Stage) -> None:
    await numbered(stage, ITEMS + 3)
    months = await of_tenant(stage, "SELECT credits FROM postpaid_months ORDER BY month")
    assert months == [MONTHLY_CREDITS] * (ITEMS + 3)


async def ready_to_redeem(stage: Stage) -> list[Item]:
    """A month of use each, for as many deaths and one after them."""
    tenant = stage.shop.tenant_id
    connection = await stage.database.connect()
    try:
        await connection.execute("UPDATE legal_entities SET tax_point = 'at_redemption'")
    finally:
        await connection.close()
    await make_profile(tenant)
    assert await settle_top_up(tenant, await topped_up(tenant, "bank 1")) is not None
    for _ in range(ITEMS + 3):
        await use_credits(tenant, 100)
        to_next_month()
    return await each(stage, [tenant])


async def all_redeemed(stage: Stage) -> None:
    months = await of_tenant(stage, "SELECT credits FROM redeemed_credits ORDER BY month")
    assert months == [100] * (ITEMS + 3)
    numbers = await of_tenant(
        stage, "SELECT seq FROM document_numbers WHERE series = 'invoice' ORDER BY seq"
    )
    assert numbers == list(range(1, ITEMS + 4))


async def ready_to_tell(stage: Stage) -> list[Item]:
    session = await scheduled(stage.shop, await make_moderator())
    account_id, _ = await add_account("ola@nordlys.example", "Ola", PASSWORD)
    async with tenant_scope(system("test", stage.shop.tenant_id)) as scope:
        await scope.execute(
            "INSERT INTO members (tenant_id, account_id, role) VALUES ($1, $2, 'owner')",
            scope.tenant_id,
            account_id,
        )
    told = [str(uuid7()) for _ in range(ITEMS)]
    return [(await each(stage, [session.id], event_id=one))[0] for one in told]


async def all_told(stage: Stage) -> None:
    assert len(await of_tenant(stage, "SELECT id FROM notices")) == ITEMS
    assert len(await of_platform("SELECT id FROM mails")) == ITEMS


async def accounts(purpose: Purpose) -> list[Item]:
    items = []
    for number in range(ITEMS):
        account_id, _ = await add_account(f"p{number}@nordlys.example", "P", "the old words")
        items.append({"token": await issue_token(purpose, account_id)})
    return items


async def ready_to_confirm(_stage: Stage) -> list[Item]:
    return await accounts(Purpose.CONFIRM_EMAIL)


async def ready_to_reset(_stage: Stage) -> list[Item]:
    return await accounts(Purpose.RESET_PASSWORD)


async def all_used(stage: Stage) -> None:
    connection = await stage.database.connect()
    try:
        used = [row[0] for row in await connection.fetch("SELECT used_at FROM mail_tokens")]
    finally:
        await connection.close()
    assert len(used) == ITEMS
    assert all(used)


async def all_reset(stage: Stage) -> None:
    await all_used(stage)
    hashes = await of_platform("SELECT password_hash FROM accounts WHERE email LIKE 'p%'")
    assert [await check_password(one, PASSWORD) for one in hashes] == [True] * ITEMS
    told = await of_platform("SELECT id FROM outbox WHERE topic = 'password.changed'")
    assert len(told) == ITEMS


async def ready_to_join(_stage: Stage) -> list[Item]:
    owner_id, _ = await add_account("ingrid@nordlys.example", "Ingrid", PASSWORD)
    tenant_id = await add_tenant("Nordlys", owner_id, status="active", country="NO")
    items = []
    for number in range(ITEMS):
        email = f"new{number}@nordlys.example"
        owner = msgspec.structs.replace(member_of(tenant_id), account_id=owner_id)
        async with tenant_scope(owner) as scope:
            row = await make_invitation(scope, email, MemberRole.SENDER)
        token = await issue_token(Purpose.INVITATION, row.id)
        items.append({"token": token, "email": email})
    return items


async def all_joined(_stage: Stage) -> None:
    joined = await of_platform("SELECT account_id FROM members WHERE role = 'sender'")
    assert len(joined) == len(set(joined)) == ITEMS
    assert all(await of_platform("SELECT accepted_at FROM invitations"))


class Deed(NamedTuple):
    name: str
    ready: Callable[[Stage], Awaitable[list[Item]]]
    check: Callable[[Stage], Awaitable[None]]
    seconds_between: int = LEASES_OVER_SECONDS


DEEDS = {
    "ledger.issued": Deed("pay", ready_to_pay, paid),
    "billing.document_issued": Deed("invoice", ready_to_invoice, all_invoiced),
    # The clock stands at the end of those months already.
    "billing.month_billed": Deed("bill", ready_to_bill, all_billed, 0),
    "billing.month_redeemed": Deed("redeem", ready_to_redeem, all_redeemed, 0),
    "campaigns.submitted": Deed("submit", ready_to_submit, all_submitted),
    "campaigns.occurrence": Deed("continue_series", ready_to_repeat, all_repeated),
    "import.uploaded": Deed("upload", ready_to_upload, all_uploaded),
    "moderation.page_screened": Deed("screen", ready_to_screen, all_screened),
    "moderation.screened": Deed("screen", ready_to_screen, all_screened),
    "moderation.rescreened": Deed("rescreen", ready_to_rescreen, all_shown_again),
    "moderation.claimed": Deed("claim", ready_to_decide, all_claimed),
    "moderation.subject_moved": Deed("decide", ready_to_decide, all_decided),
    "moderation.voted": Deed("decide", ready_to_decide, all_decided),
    "moderation.took_effect": Deed("settle", ready_to_settle, all_decided),
    # The time to undo passes too: nothing is waited for, and a dead one holds no lease.
    "moderation.undone": Deed("undo", voted, all_undone, 0),
    "moderation.test_page": Deed("try_rules", ready_to_try_rules, all_tried),
    "notifications.noticed": Deed("tell", ready_to_tell, all_told),
    "identity.confirmed": Deed("confirm", ready_to_confirm, all_used),
    "identity.password_changed": Deed("reset", ready_to_reset, all_reset),
    "identity.invited_account_made": Deed("join", ready_to_join, all_joined),
}
POINTS = tuple(DEEDS)


@pytest.fixture
async def stage(database, redis_url):
    before = clock.offset()
    await a_gateway_stands()
    shop = await make_shop()
    await shop.people(1)
    yield Stage(shop, redis_url, database)
    clock.set_offset(before)


@in_rounds
@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_it_was_done_or_it_was_not(database, tmp_path, stage, point, seeds):
    deed = DEEDS[point]
    plan: dict[str, Any] = {
        "deed": deed.name,
        "items": await deed.ready(stage),
        "database_url": database.login_url,
        "redis_url": stage.redis_url,
        "directory": str(tmp_path),
        "offset_seconds": clock.offset().total_seconds(),
    }
    for nth in passes(seeds):
        # Another one first: what dies three times has failed, by the rule of the product.
        plan["items"] = plan["items"][1:] + plan["items"][:1]
        assert await run_deed(plan, f"kill:{point}:{nth}") == -signal.SIGKILL, "never hit"
        plan["offset_seconds"] += deed.seconds_between
    assert await run_deed(plan) == 0
    later(seconds=deed.seconds_between * KILLS_A_TEST)
    await deed.check(stage)
    assert await broken_promises() == []
