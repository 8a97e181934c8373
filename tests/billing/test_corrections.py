"""Reversals and credit lines: at once up to a limit, by two people above it, undone never."""

import asyncio

import pytest

from backend.billing.desk_states import (
    SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX,
    CorrectionKind,
    CorrectionState,
)
from backend.billing.schemas.corrections import CorrectionDecline, CreditLineChange, Reversal
from backend.billing.service.corrections import (
    approve_correction,
    decline_correction,
    list_corrections,
    reverse_top_up,
    set_credit_line,
)
from backend.billing.service.top_ups import approve_top_up, create_top_up, list_top_ups
from backend.billing.states import SINGLE_CLERK_TOP_UP_CREDITS_MAX, TopUpState
from backend.kernel.errors import Conflict, Forbidden, NotFound, StateConflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole
from tests.billing.desk import clerk, top_up_of
from tests.browserless import World
from tests.factories import make_tenant
from tests.ledger.factories import balance_of, make_hold, rows_of, violations_of

pytestmark = pytest.mark.anyio
WRONG = Reversal(reason="the wrong customer")
LARGE = SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1


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
    view = await set_credit_line(finance, tenant, CreditLineChange(credits=100, reason="known"))
    assert view.state is CorrectionState.DONE
    assert (await balance_of(tenant)).credit_line == 100
    with pytest.raises(Conflict, match="line_unchanged"):
        await set_credit_line(finance, tenant, CreditLineChange(credits=100, reason="again"))
    await make_hold(tenant, 60)
    with pytest.raises(Conflict, match="line_in_use"):
        await set_credit_line(finance, tenant, CreditLineChange(credits=59, reason="less"))
    await set_credit_line(finance, tenant, CreditLineChange(credits=60, reason="less"))
    assert (await balance_of(tenant)).credit_line == 60


async def test_a_large_credit_line_takes_another_person(database):
    tenant, first = await make_tenant(), clerk()
    large = CreditLineChange(credits=SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX + 1, reason="large")
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
        await set_credit_line(clerk(), uuid7(), CreditLineChange(credits=1, reason="x"))
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
