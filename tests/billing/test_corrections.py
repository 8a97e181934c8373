"""Reversals and credit lines: at once up to a limit, by two people above it, undone never."""

import asyncio

import pytest

from backend.billing.desk_states import (
    SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX,
    CorrectionKind,
    CorrectionState,
)
from backend.billing.document_states import DocumentKind
from backend.billing.schemas.corrections import CorrectionDecline, CreditLineChange, Reversal
from backend.billing.service.corrections import (
    approve_correction,
    decline_correction,
    list_corrections,
    reverse_top_up,
    set_credit_line,
)
from backend.billing.service.documents import list_documents
from backend.billing.service.sales import settle_top_up
from backend.billing.service.top_ups import approve_top_up, create_top_up, list_top_ups
from backend.billing.states import SINGLE_CLERK_TOP_UP_CREDITS_MAX, TopUpState
from backend.kernel.errors import Conflict, Forbidden, NotFound, StateConflict
from backend.kernel.faults import FaultInjected, armed
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole
from tests.billing.desk import clerk, top_up_of
from tests.billing.factories import make_profile, topped_up
from tests.browserless import World
from tests.factories import make_tenant, member_of
from tests.ledger.factories import balance_of, make_hold, rows_of, violations_of

pytestmark = pytest.mark.anyio
WRONG = Reversal(reason="the wrong customer")
LARGE = SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1


def line_of(credits_lent: int, *, seen: int = 0) -> CreditLineChange:
    return CreditLineChange(credits=credits_lent, seen_credits=seen, reason="known to us")


async def large_top_up(tenant):
    with pytest.raises(Conflict, match="second_person_required") as asked:
        await create_top_up(clerk(), tenant, top_up_of(LARGE))
    return await approve_top_up(clerk(), asked.value.facts["top_up_id"])


async def test_a_mistake_goes_back_whole_and_once(database):
    tenant, finance = await make_tenant(), clerk()
    top_up = await create_top_up(finance, tenant, top_up_of())
    view = await reverse_top_up(finance, top_up.id, WRONG)
    assert (view.state, view.kind) == (CorrectionState.DONE, CorrectionKind.REVERSAL)
    assert (await balance_of(tenant)).available == 0
    [shown] = (await list_top_ups(finance, tenant)).items
    assert (shown.state, shown.decided_reason) == (TopUpState.REVERSED, WRONG.reason)
    with pytest.raises(StateConflict, match="top_up_not_credited"):
        await reverse_top_up(clerk(), top_up.id, WRONG)
    assert await violations_of(tenant) == []


async def test_two_clerks_reverse_it_once(database):
    tenant = await make_tenant()
    top_up = await create_top_up(clerk(), tenant, top_up_of())
    await create_top_up(clerk(), tenant, top_up_of())
    outcomes = await asyncio.gather(
        *(reverse_top_up(clerk(), top_up.id, WRONG) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(one, StateConflict) for one in outcomes) == 2, outcomes
    assert (await balance_of(tenant)).available == 500


async def test_what_is_spent_is_not_reversed(database):
    tenant = await make_tenant()
    top_up = await create_top_up(clerk(), tenant, top_up_of())
    await make_hold(tenant, 1)
    before = await rows_of(tenant)
    with pytest.raises(Conflict, match="reversal_exceeds_unspent") as refused:
        await reverse_top_up(clerk(), top_up.id, WRONG)
    assert refused.value.facts["unspent"] == 499
    assert await rows_of(tenant) == before
    [shown] = (await list_top_ups(clerk(), tenant)).items
    assert shown.state is TopUpState.CREDITED
    assert (await list_corrections(clerk())).items == []


async def test_a_large_reversal_takes_another_person(database):
    tenant, first = await make_tenant(), clerk()
    top_up = await large_top_up(tenant)
    for _ in range(2):  # asked again it is the same
        with pytest.raises(Conflict, match="second_person_required") as asked:
            await reverse_top_up(first, top_up.id, WRONG)
    correction_id = asked.value.facts["correction_id"]
    with pytest.raises(Conflict, match="correction_waiting"):
        await reverse_top_up(clerk(), top_up.id, WRONG)
    with pytest.raises(Forbidden, match="second_person_must_differ"):
        await approve_correction(first, correction_id)
    assert (await balance_of(tenant)).available == LARGE
    outcomes = await asyncio.gather(
        approve_correction(clerk(), correction_id),
        approve_correction(clerk(), correction_id),
        return_exceptions=True,
    )
    assert sum(isinstance(one, StateConflict) for one in outcomes) == 1
    assert (await balance_of(tenant)).available == 0
    assert await violations_of(tenant) == []


async def test_a_declined_reversal_may_be_asked_for_again(database):
    tenant, first = await make_tenant(), clerk()
    top_up = await large_top_up(tenant)
    with pytest.raises(Conflict) as asked:
        await reverse_top_up(first, top_up.id, WRONG)
    given = CorrectionDecline(reason="it is theirs after all".ljust(500, "!"))
    view = await decline_correction(clerk(), asked.value.facts["correction_id"], given)
    assert (view.state, view.decided_reason) == (CorrectionState.DECLINED, given.reason)
    with pytest.raises(StateConflict, match="correction_not_pending"):
        await approve_correction(clerk(), view.id)
    with pytest.raises(Conflict, match="second_person_required"):
        await reverse_top_up(first, top_up.id, WRONG)


async def test_a_credit_line_is_set_and_shrinks_by_one_person(database):
    tenant, finance = await make_tenant(), clerk()
    view = await set_credit_line(finance, tenant, line_of(100))
    assert view.state is CorrectionState.DONE
    assert (await balance_of(tenant)).credit_line == 100
    with pytest.raises(Conflict, match="line_unchanged"):
        await set_credit_line(finance, tenant, line_of(100, seen=100))
    await make_hold(tenant, 60)
    with pytest.raises(Conflict, match="line_in_use"):
        await set_credit_line(finance, tenant, line_of(59, seen=100))
    await set_credit_line(finance, tenant, line_of(60, seen=100))
    assert (await balance_of(tenant)).credit_line == 60


async def test_a_large_credit_line_takes_another_person(database):
    tenant, first = await make_tenant(), clerk()
    large = line_of(SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX + 1)
    with pytest.raises(Conflict, match="second_person_required") as asked:
        await set_credit_line(first, tenant, large)
    assert (await balance_of(tenant)).credit_line == 0
    [waiting] = (await list_corrections(first, state=CorrectionState.PENDING)).items
    assert waiting.id == asked.value.facts["correction_id"]
    with pytest.raises(Forbidden):
        await approve_correction(first, waiting.id)
    await approve_correction(clerk(), waiting.id)
    assert (await balance_of(tenant)).credit_line == large.credits


async def test_nobodys_top_up_and_tenant(database):
    with pytest.raises(NotFound):
        await reverse_top_up(clerk(), uuid7(), WRONG)
    with pytest.raises(NotFound):
        await set_credit_line(clerk(), uuid7(), line_of(1))
    with pytest.raises(NotFound):
        await approve_correction(clerk(), uuid7())


async def test_finance_freezes_a_tenant_and_lets_it_go(world: World):
    owner = await world.tenant()
    finance = await world.staff(StaffRole.FINANCE)
    path = f"/v1/tenants/{owner.tenant_id}"
    body = {"reason": "charged back twice"}
    frozen = await finance.post(f"{path}/suspend", json=body)
    assert (frozen.status_code, frozen.json()["status"]) == (200, "suspended")
    again = await finance.post(f"{path}/suspend", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "not_active")
    assert (await finance.post(f"{path}/reactivate", json=body)).json()["status"] == "active"
    for wrong in ({}, {"reason": ""}, {"credits": -1, "reason": "x"}, {"credits": 10**15}):
        answer = await finance.put(f"{path}/credit-line", json=wrong)
        assert answer.status_code == 422, answer.text


async def test_two_clerks_who_saw_the_same_line_do_not_pass_each_other(database):
    tenant = await make_tenant()
    outcomes = await asyncio.gather(
        *(set_credit_line(clerk(), tenant, line_of(lent)) for lent in (5_000, 3_000, 100)),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, Conflict)]
    assert [one.code for one in refused] == ["credit_line_changed"] * 2, outcomes
    [done] = (await list_corrections(clerk())).items
    assert (await balance_of(tenant)).credit_line == done.amount_credits
    assert refused[0].facts == {"credits": done.amount_credits, "seen_credits": 0}


async def test_a_line_that_changed_meanwhile_is_not_approved(database):
    tenant, first = await make_tenant(), clerk()
    await set_credit_line(first, tenant, line_of(9_000))
    large = SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX + 1
    with pytest.raises(Conflict, match="second_person_required") as asked:
        await set_credit_line(first, tenant, line_of(large, seen=9_000))
    await set_credit_line(clerk(), tenant, line_of(0, seen=9_000))
    with pytest.raises(Conflict, match="credit_line_changed"):
        await approve_correction(clerk(), asked.value.facts["correction_id"])
    assert (await balance_of(tenant)).credit_line == 0
    given = CorrectionDecline(reason="taken away meanwhile")
    await decline_correction(first, asked.value.facts["correction_id"], given)


async def test_a_reversal_takes_its_document_back_in_the_same_breath(database):
    tenant = await make_tenant()
    await make_profile(tenant)
    top_up_id = await topped_up(tenant, "bank 7")
    document_id = await settle_top_up(tenant, top_up_id)
    correction = await reverse_top_up(clerk(), top_up_id, WRONG)
    rows = (await list_documents(member_of(tenant))).items
    note, invoice = rows
    assert (invoice.id, invoice.credited_minor) == (document_id, invoice.gross_minor)
    assert (note.kind, note.original_id) == (DocumentKind.CREDIT_NOTE, document_id)
    assert (note.source, note.number) == (f"reversal:{correction.id}", "CN-000001")
    assert (note.credits, note.gross_minor) == (invoice.credits, invoice.gross_minor)


async def test_a_reversal_that_is_refused_takes_no_number(database):
    tenant = await make_tenant()
    await make_profile(tenant)
    top_up_id = await topped_up(tenant, "bank 7")
    await settle_top_up(tenant, top_up_id)
    with armed("raise:billing.document_issued:1"), pytest.raises(FaultInjected):
        await reverse_top_up(clerk(), top_up_id, WRONG)
    assert (await balance_of(tenant)).available == 1_000
    assert len((await list_documents(member_of(tenant))).items) == 1
    await reverse_top_up(clerk(), top_up_id, WRONG)
    note, _ = (await list_documents(member_of(tenant))).items
    assert note.number == "CN-000001"


async def test_many_reversals_of_a_day_are_one_large_one(database):
    tenant, first = await make_tenant(), clerk()
    half = SINGLE_CLERK_TOP_UP_CREDITS_MAX // 2
    made = [await create_top_up(clerk(), tenant, top_up_of(half)) for _ in range(3)]
    await reverse_top_up(first, made[0].id, WRONG)
    await reverse_top_up(first, made[1].id, WRONG)
    with pytest.raises(Conflict, match="second_person_required"):
        await reverse_top_up(first, made[2].id, WRONG)
    assert (await balance_of(tenant)).available == half
