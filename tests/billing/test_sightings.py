"""One reference of a bank statement is one payment: for another tenant it takes a second look."""

import asyncio
from datetime import timedelta

import pytest

from backend.billing.schemas.corrections import Reversal
from backend.billing.schemas.top_ups import TopUpDecline
from backend.billing.service.corrections import reverse_top_up
from backend.billing.service.sightings import reference_key
from backend.billing.service.top_ups import (
    approve_top_up,
    create_top_up,
    decline_top_up,
    list_top_ups,
)
from backend.billing.states import SINGLE_CLERK_TOP_UP_CREDITS_MAX, TopUpState
from backend.kernel import clock
from backend.kernel.errors import Conflict, InvalidInput, StateConflict
from tests.billing.desk import clerk, top_up_of
from tests.factories import make_tenant
from tests.ledger.factories import balance_of, violations_of

pytestmark = pytest.mark.anyio
REFERENCE = "2026-1182 ACME"


async def test_a_reference_of_another_tenant_is_warned_of(database):
    first, second = await make_tenant("Acme"), await make_tenant("Acne")
    made = await create_top_up(clerk(), first, top_up_of(reference=REFERENCE))
    alike = top_up_of(reference="20261182-acme")
    with pytest.raises(Conflict, match="reference_seen") as refused:
        await create_top_up(clerk(), second, alike)
    [earlier] = refused.value.facts["earlier"]
    assert (earlier.tenant_id, earlier.tenant_name) == (first, "Acme")
    assert (earlier.top_up_id, earlier.amount_credits) == (made.id, 500)
    assert (await balance_of(second)).available == 0
    confirmed = top_up_of(reference="20261182-acme", confirm_duplicate=True)
    await create_top_up(clerk(), second, confirmed)
    assert (await balance_of(second)).available == 500


async def test_a_tenants_own_reference_in_another_spelling_is_one_payment(database):
    tenant = await make_tenant()
    made = await create_top_up(clerk(), tenant, top_up_of(reference=REFERENCE))
    for spelling in ("2026 1182 acme", "2026/1182-ACME"):
        with pytest.raises(Conflict, match="reference_seen") as refused:
            await create_top_up(clerk(), tenant, top_up_of(reference=spelling))
        [earlier] = refused.value.facts["earlier"]
        assert (earlier.top_up_id, earlier.reference) == (made.id, REFERENCE)
    with pytest.raises(Conflict, match="reference_reused"):
        await create_top_up(clerk(), tenant, top_up_of(reference=REFERENCE))
    assert (await balance_of(tenant)).available == 500
    other = top_up_of(reference="2026 1182 acme", confirm_duplicate=True)
    await create_top_up(clerk(), tenant, other)
    assert (await balance_of(tenant)).available == 1000


async def test_a_day_later_nobody_is_warned(database, monkeypatch):
    first, second = await make_tenant(), await make_tenant()
    await create_top_up(clerk(), first, top_up_of(reference=REFERENCE))
    monkeypatch.setattr(clock, "offset", lambda: timedelta(hours=24, seconds=1))
    await create_top_up(clerk(), second, top_up_of(reference=REFERENCE))
    assert (await balance_of(second)).available == 500


async def test_two_clerks_at_once_are_one_top_up_whichever_tenant(database):
    for _ in range(3):
        tenants = [await make_tenant(), await make_tenant()]
        asked = top_up_of()
        for chosen in (tenants, [tenants[0], tenants[0]]):
            outcomes = await asyncio.gather(
                *(create_top_up(clerk(), tenant, asked) for tenant in chosen),
                return_exceptions=True,
            )
            refused = [one for one in outcomes if isinstance(one, Conflict)]
            assert refused, outcomes
            assert {one.code for one in refused} <= {"reference_seen", "reference_reused"}
        total = [(await balance_of(tenant)).available for tenant in tenants]
        assert sum(total) in (500, 1000)  # the second round tops the first tenant up, once
        assert max(total) == 500


async def test_what_is_refused_is_not_seen(database):
    first, second = await make_tenant(), await make_tenant()
    with pytest.raises(InvalidInput, match="unknown_proof_file"):
        await create_top_up(clerk(), first, top_up_of(reference=REFERENCE, proof_file=first))
    await create_top_up(clerk(), second, top_up_of(reference=REFERENCE))


async def test_a_declined_top_up_frees_its_reference(database):
    tenant, first, second = await make_tenant(), clerk(), clerk()
    large = top_up_of(SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1, reference=REFERENCE)
    with pytest.raises(Conflict, match="second_person_required") as asked:
        await create_top_up(first, tenant, large)
    top_up_id = asked.value.facts["top_up_id"]
    view = await decline_top_up(second, top_up_id, TopUpDecline(reason="one zero too many"))
    assert (view.state, view.decided_reason) == (TopUpState.DECLINED, "one zero too many")
    for again in (
        approve_top_up(second, top_up_id),
        decline_top_up(first, top_up_id, TopUpDecline(reason="again")),
    ):
        with pytest.raises(StateConflict, match="top_up_not_pending"):
            await again
    await create_top_up(first, tenant, top_up_of(reference=REFERENCE))
    assert (await balance_of(tenant)).available == 500
    page = await list_top_ups(first, tenant)
    assert [one.state for one in page.items] == [TopUpState.CREDITED, TopUpState.DECLINED]
    assert await violations_of(tenant) == []


async def test_two_second_persons_at_once_credit_once(database):
    tenant = await make_tenant()
    large = top_up_of(SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1)
    with pytest.raises(Conflict, match="second_person_required") as asked:
        await create_top_up(clerk(), tenant, large)
    top_up_id = asked.value.facts["top_up_id"]
    outcomes = await asyncio.gather(
        approve_top_up(clerk(), top_up_id),
        approve_top_up(clerk(), top_up_id),
        return_exceptions=True,
    )
    assert sum(isinstance(one, StateConflict) for one in outcomes) == 1
    assert (await balance_of(tenant)).available == SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("A-1 b", "a1B"), ("ＡＣＭＥ １", "acme1"), ("  ref.77", "REF/77"), ("---", "---")],
)
def test_a_reference_is_its_letters_and_digits(one, other):
    assert reference_key(one) == reference_key(other)


async def test_a_reversed_top_up_frees_its_reference_and_is_named(database):
    tenant, first = await make_tenant("Acme"), clerk()
    wrong = await create_top_up(first, tenant, top_up_of(5_000, reference=REFERENCE))
    await reverse_top_up(first, wrong.id, Reversal(reason="one zero too many"))
    for written in (REFERENCE, "2026 1182 acme"):
        with pytest.raises(Conflict, match="reference_seen") as refused:
            await create_top_up(first, tenant, top_up_of(reference=written))
        [earlier] = refused.value.facts["earlier"]
        assert (earlier.top_up_id, earlier.state) == (wrong.id, TopUpState.REVERSED)
        assert (earlier.tenant_id, earlier.amount_credits) == (tenant, 5_000)
    assert (await balance_of(tenant)).available == 0
    right = top_up_of(reference=REFERENCE, confirm_duplicate=True)
    await create_top_up(first, tenant, right)
    assert (await balance_of(tenant)).available == 500
    for again in (right, top_up_of(reference=REFERENCE)):
        with pytest.raises(Conflict, match="reference_reused"):
            await create_top_up(first, tenant, again)
    assert await violations_of(tenant) == []
