"""Credits entered by people: once per reference, two people above the limit of one."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from backend.billing.schemas.corrections import CorrectionDecline
from backend.billing.schemas.top_ups import GrantCreate, TopUpCreate
from backend.billing.service.corrections import approve_correction, decline_correction
from backend.billing.service.grants import create_grant, grant_trial_credits
from backend.billing.service.top_ups import approve_top_up, create_top_up, list_pending_top_ups
from backend.billing.states import (
    GRANT_CREDITS_MAX,
    SINGLE_CLERK_SUM_HOURS,
    SINGLE_CLERK_TOP_UP_CREDITS_MAX,
    TOP_UP_CREDITS_MAX,
    GrantKind,
    TopUpState,
)
from backend.db.scope import platform_scope
from backend.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, StateConflict
from backend.kernel.principal import Idempotency, StaffRole, system
from backend.kernel.replay import IdempotentReplay
from tests.billing.buying import later_by
from tests.factories import make_tenant, staff
from tests.ledger.factories import balance_of, violations_of

pytestmark = pytest.mark.anyio
TOO_MUCH_FOR_ONE = SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1


def asked(amount: object = 500, **changed: object) -> TopUpCreate:
    body = {
        "amount_credits": amount,
        "method": "bank_transfer",
        "reference": "2026-0314-ACME",
        "reason": "invoice 77",
    }
    return msgspec.convert(body | changed, TopUpCreate)


def clerk():
    return staff(StaffRole.FINANCE)


async def audit_of(tenant) -> list[str]:
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT action FROM audit_log WHERE tenant_id = $1 ORDER BY id", tenant
        )
    return [row["action"] for row in rows]


async def test_a_clerk_tops_up_and_leaves_a_trace(database):
    tenant, finance = await make_tenant(), clerk()
    view = await create_top_up(finance, tenant, asked())
    assert (view.state, view.created_by) == (TopUpState.CREDITED, finance.actor)
    assert (await balance_of(tenant)).available == 500
    assert await audit_of(tenant) == ["top_up.created"]
    assert await violations_of(tenant) == []


async def test_a_reference_is_credited_once_whoever_comes_again(database):
    tenant, finance = await make_tenant(), clerk()
    await create_top_up(finance, tenant, asked())
    for again in (finance, clerk()):
        with pytest.raises(Conflict, match="reference_reused"):
            await create_top_up(again, tenant, asked())
    other = await make_tenant()
    # Unique per tenant; over all it is only warned of.
    await create_top_up(finance, other, asked(confirm_duplicate=True))
    assert (await balance_of(tenant)).available == 500


async def test_two_tabs_at_once_credit_once(database):
    tenant, finance = await make_tenant(), clerk()

    async def tab() -> str:
        try:
            return (await create_top_up(finance, tenant, asked())).state.value
        except Conflict as refused:
            return refused.code

    assert sorted(await asyncio.gather(tab(), tab(), tab())) == [
        "credited",
        "reference_reused",
        "reference_reused",
    ]
    assert (await balance_of(tenant)).available == 500


async def test_the_same_request_gets_the_same_answer(database):
    tenant = await make_tenant()
    finance = msgspec.structs.replace(
        clerk(), idempotency=Idempotency("key-1", "create_top_up", "a" * 64)
    )
    view = await create_top_up(finance, tenant, asked())
    with pytest.raises(IdempotentReplay) as replay:
        await create_top_up(finance, tenant, asked())
    assert msgspec.json.decode(replay.value.body)["id"] == str(view.id)
    assert (await balance_of(tenant)).available == 500


@pytest.mark.parametrize(
    "changed",
    [
        {"amount_credits": 0},
        {"amount_credits": -5},
        {"amount_credits": 0.001},
        {"amount_credits": "500"},
        {"amount_credits": True},
        {"amount_credits": 10**15},
        {"amount_credits": TOP_UP_CREDITS_MAX + 1},
        {"currency": "XXX"},
        {"method": "gold"},
        {"reference": ""},
        {"reference": " padded "},
        {"reference": "x" * 101},
        {"reason": "  "},
        {"reason": "x" * 501},
    ],
)
def test_what_no_top_up_can_be(changed):
    with pytest.raises(msgspec.ValidationError):
        asked(**changed)


async def test_above_the_limit_a_second_person_is_needed(database):
    tenant, first, second = await make_tenant(), clerk(), clerk()
    with pytest.raises(Conflict, match="second_person_required") as refused:
        await create_top_up(first, tenant, asked(TOO_MUCH_FOR_ONE))
    top_up_id = refused.value.facts["top_up_id"]
    assert (await balance_of(tenant)).available == 0
    with pytest.raises(Forbidden, match="second_person_must_differ"):
        await approve_top_up(first, top_up_id)
    assert (await balance_of(tenant)).available == 0
    view = await approve_top_up(second, top_up_id)
    assert (view.state, view.approved_by) == (TopUpState.CREDITED, second.actor)
    assert (await balance_of(tenant)).available == TOO_MUCH_FOR_ONE
    assert await audit_of(tenant) == ["top_up.created", "top_up.approved"]
    with pytest.raises(StateConflict, match="top_up_not_pending"):
        await approve_top_up(second, top_up_id)
    with pytest.raises(Conflict, match="reference_reused"):
        await create_top_up(first, tenant, asked(TOO_MUCH_FOR_ONE))
    assert (await balance_of(tenant)).available == TOO_MUCH_FOR_ONE


async def test_asking_again_for_what_waits_finds_it_waiting(database):
    tenant, first = await make_tenant(), clerk()
    found = []
    for _ in range(2):
        with pytest.raises(Conflict, match="second_person_required") as refused:
            await create_top_up(first, tenant, asked(TOO_MUCH_FOR_ONE))
        found.append(refused.value.facts["top_up_id"])
    assert found[0] == found[1]
    for who, amount in ((clerk(), TOO_MUCH_FOR_ONE), (first, TOO_MUCH_FOR_ONE + 1), (first, 5)):
        with pytest.raises(Conflict, match="reference_reused"):
            await create_top_up(who, tenant, asked(amount))
    assert (await balance_of(tenant)).available == 0


async def test_two_approvals_at_once_credit_once(database):
    tenant = await make_tenant()
    with pytest.raises(Conflict) as refused:
        await create_top_up(clerk(), tenant, asked(TOO_MUCH_FOR_ONE))
    answers = await asyncio.gather(
        *(approve_top_up(clerk(), refused.value.facts["top_up_id"]) for _ in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, StateConflict) for answer in answers) == 2
    assert (await balance_of(tenant)).available == TOO_MUCH_FOR_ONE


async def test_the_table_itself_wants_two_people(database):
    tenant, first = await make_tenant(), clerk()
    with pytest.raises(Conflict):
        await create_top_up(first, tenant, asked(TOO_MUCH_FOR_ONE))
    connection = await database.connect()
    try:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "UPDATE top_ups SET state = 'credited', approved_by = created_by,"
                " approved_at = now()"
            )
    finally:
        await connection.close()


async def test_nobody_tops_up_a_tenant_that_is_not_there(database):
    with pytest.raises(NotFound):
        await create_top_up(clerk(), uuid4(), asked())
    with pytest.raises(NotFound):
        await approve_top_up(clerk(), uuid4())


def granted(amount: object = 50, **changed: object) -> GrantCreate:
    body = {"amount_credits": amount, "reference": "sorry-1", "reason": "our outage"}
    return msgspec.convert(body | changed, GrantCreate)


async def test_a_grant_is_given_once(database):
    tenant, finance = await make_tenant(), clerk()
    first = await create_grant(finance, tenant, granted(kind="granted"))
    again = await create_grant(finance, tenant, granted(kind="granted"))
    assert (first.is_repeated, again.is_repeated) == (False, True)
    assert first.transfer_id == again.transfer_id
    assert (await balance_of(tenant)).available == 50
    assert await audit_of(tenant) == ["credits.granted"]
    with pytest.raises(Conflict, match="reference_reused"):
        await create_grant(finance, tenant, granted(51))


async def test_a_grant_must_not_be_over_before_it_begins(database):
    tenant = await make_tenant()
    with pytest.raises(InvalidInput, match="expiry_past"):
        await create_grant(clerk(), tenant, granted(expires_at="2020-01-01T00:00:00Z"))
    with pytest.raises(msgspec.ValidationError):
        granted(GRANT_CREDITS_MAX + 1)
    with pytest.raises(InvalidInput, match="date_too_far"):
        await create_grant(clerk(), tenant, granted(expires_at="2999-01-01T00:00:00Z"))
    next_year = datetime.now(UTC) + timedelta(days=365)
    await create_grant(clerk(), tenant, granted(expires_at=next_year.isoformat()))
    assert (await balance_of(tenant)).available == 50


async def test_what_one_clerk_gives_in_a_day_is_one_grant(database):
    """Not the limit many times over: what passes it waits, and is given once, by two people."""
    tenant, finance = await make_tenant(), clerk()
    await create_grant(finance, tenant, granted(GRANT_CREDITS_MAX, reference="first"))
    over = granted(1, reference="second", kind="granted")
    for _ in range(2):  # asked again: the same answer
        with pytest.raises(Conflict, match="second_person_required") as refused:
            await create_grant(finance, tenant, over)
    facts = refused.value.facts
    assert facts["single_clerk_credits_max"] == GRANT_CREDITS_MAX
    assert (await balance_of(tenant)).available == GRANT_CREDITS_MAX
    with pytest.raises(Conflict, match="correction_waiting"):
        await create_grant(clerk(), tenant, over)
    assert (
        await create_grant(finance, tenant, granted(GRANT_CREDITS_MAX, reference="first"))
    ).is_repeated
    # The sum is of one clerk, one tenant and one day.
    await create_grant(clerk(), tenant, granted(1, reference="of another"))
    await create_grant(finance, await make_tenant(), granted(1))
    with pytest.raises(Forbidden, match="second_person_must_differ"):
        await approve_correction(finance, facts["correction_id"])
    view = await approve_correction(clerk(), facts["correction_id"])
    assert (view.grant_reference, view.grant_kind) == ("second", GrantKind.GRANTED)
    with pytest.raises(StateConflict, match="correction_not_pending"):
        await approve_correction(clerk(), facts["correction_id"])
    assert (await create_grant(finance, tenant, over)).is_repeated
    assert (await balance_of(tenant)).available == GRANT_CREDITS_MAX + 2
    with later_by(hours=SINGLE_CLERK_SUM_HOURS, seconds=1):
        await create_grant(finance, tenant, granted(1, reference="the day after"))
    assert await violations_of(tenant) == []


async def test_two_grants_at_once_count_each_other(database):
    tenant, finance = await make_tenant(), clerk()
    half = GRANT_CREDITS_MAX // 2 + 1
    answers = await asyncio.gather(
        *(create_grant(finance, tenant, granted(half, reference=f"{n}")) for n in range(2)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert (await balance_of(tenant)).available == half


async def test_a_grant_that_waited_past_its_expiry_is_declined(database):
    tenant, finance = await make_tenant(), clerk()
    await create_grant(finance, tenant, granted(GRANT_CREDITS_MAX, reference="first"))
    tomorrow = datetime.now(UTC) + timedelta(hours=12)
    over = granted(1, reference="second", expires_at=tomorrow.isoformat())
    with pytest.raises(Conflict, match="second_person_required") as refused:
        await create_grant(finance, tenant, over)
    waiting = refused.value.facts["correction_id"]
    with later_by(hours=13), pytest.raises(InvalidInput, match="expiry_past"):
        await approve_correction(clerk(), waiting)
    await decline_correction(clerk(), waiting, CorrectionDecline(reason="too late"))
    with pytest.raises(Conflict, match="second_person_required"):  # its reference is free again
        await create_grant(finance, tenant, over)
    assert (await balance_of(tenant)).available == GRANT_CREDITS_MAX


async def test_a_new_tenant_gets_its_trial_credits_once(database):
    tenant = await make_tenant(status="trial")
    for _ in range(2):
        await grant_trial_credits(tenant)
    assert (await balance_of(tenant)).available == 25
    assert await violations_of(tenant) == []


async def test_what_waits_is_listed_across_tenants_the_oldest_first(database: None) -> None:
    waiting = []
    for tenant in (await make_tenant(), await make_tenant()):
        await create_top_up(clerk(), tenant, asked(reference=f"at once {tenant}"))
        with pytest.raises(Conflict, match="second_person_required") as refused:
            await create_top_up(clerk(), tenant, asked(TOO_MUCH_FOR_ONE, reference=f"{tenant}"))
        waiting.append(refused.value.facts["top_up_id"])

    first = await list_pending_top_ups(clerk(), limit=1)
    rest = await list_pending_top_ups(clerk(), cursor=first.next_cursor)

    assert [view.id for view in (*first.items, *rest.items)] == waiting
    await approve_top_up(clerk(), waiting[0])
    assert [view.id for view in (await list_pending_top_ups(clerk())).items] == waiting[1:]


def one_of(amount: int) -> TopUpCreate:
    return asked(amount, reference=f"ref {uuid4()}")


async def test_many_top_ups_of_a_day_are_one_large_one(database: None) -> None:
    tenant, other, first = await make_tenant(), await make_tenant(), clerk()
    half = SINGLE_CLERK_TOP_UP_CREDITS_MAX // 2
    for _ in range(2):
        await create_top_up(first, tenant, one_of(half))
    with pytest.raises(Conflict, match="second_person_required") as refused:
        await create_top_up(first, tenant, one_of(1))
    assert refused.value.facts["single_clerk_sum_hours"] == SINGLE_CLERK_SUM_HOURS
    # Another tenant's, and another clerk's, count by themselves; what two people did counts not.
    await create_top_up(first, other, one_of(half))
    await create_top_up(clerk(), tenant, one_of(half))
    await approve_top_up(clerk(), refused.value.facts["top_up_id"])
    assert (await balance_of(tenant)).available == 3 * half + 1
    with later_by(hours=SINGLE_CLERK_SUM_HOURS, seconds=1):
        await create_top_up(first, tenant, one_of(half))


async def test_two_at_once_count_each_other(database: None) -> None:
    tenant, first = await make_tenant(), clerk()
    much = SINGLE_CLERK_TOP_UP_CREDITS_MAX // 2 + 1
    outcomes = await asyncio.gather(
        *(create_top_up(first, tenant, one_of(much)) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in outcomes) == 3, outcomes
    assert (await balance_of(tenant)).available == much
