"""A bank's lines become top-ups by the usual door, once each."""

import asyncio

import pytest

from backend.billing.desk_states import Clue, LineState
from backend.billing.queries import bank as rows
from backend.billing.schemas.bank import LineMatch, LineReason
from backend.billing.schemas.top_ups import TopUpDecline
from backend.billing.service import bank
from backend.billing.service.bank import (
    ignore_line,
    list_bank_files,
    list_bank_lines,
    match_line,
    settle_bank_lines,
    unmatch_line,
    upload_bank_file,
)
from backend.billing.service.top_ups import approve_top_up, create_top_up, decline_top_up
from backend.billing.states import SINGLE_CLERK_TOP_UP_CREDITS_MAX, TopUpState
from backend.db.scope import platform_scope
from backend.kernel.errors import Conflict, MalformedInput, NotFound, StateConflict, TooLarge
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole, system
from tests.billing.desk import clerk, top_up_of
from tests.billing.statements import bank_form, camt, entry
from tests.browserless import World
from tests.factories import make_tenant
from tests.ledger.factories import balance_of, make_hold, violations_of

pytestmark = pytest.mark.anyio
LARGE = SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1
REASON = LineReason(reason="the wrong customer")


async def uploaded(*entries: str):
    await upload_bank_file(clerk(), bank_form(camt(*(entries or (entry(),)))))
    return (await list_bank_lines(clerk(), state=LineState.UNMATCHED)).items


async def state_of(line_id) -> LineState:
    page = await list_bank_lines(clerk())
    return next(one.state for one in page.items if one.id == line_id)


async def test_the_same_file_twice_adds_nothing(database):
    file = camt(entry(reference="R1"), entry(reference="R2"), entry(), entry())
    first = await upload_bank_file(clerk(), bank_form(file))
    assert (first.lines_total, first.lines_new) == (4, 4)
    again, other = await asyncio.gather(
        upload_bank_file(clerk(), bank_form(file)),
        upload_bank_file(clerk(), bank_form(camt(entry(reference="R2"), entry(reference="R3")))),
    )
    assert (again.lines_new, other.lines_new) == (0, 1)
    assert len((await list_bank_lines(clerk())).items) == 5
    assert len((await list_bank_files(clerk())).items) == 3


async def test_a_line_becomes_one_top_up(database):
    tenant, finance = await make_tenant("Nordlys Retail"), clerk()
    [line] = await uploaded()
    [guess] = line.suggestions
    assert (guess.tenant_id, guess.clue, guess.confidence) == (tenant, Clue.NAME, 90)
    given = LineMatch(tenant_id=tenant, amount_credits=500)
    outcomes = await asyncio.gather(
        *(match_line(finance, line.id, given) for _ in range(3)), return_exceptions=True
    )
    done = [one for one in outcomes if not isinstance(one, BaseException)]
    assert done, outcomes
    assert {(one.state, one.top_up_state) for one in done} == {
        (LineState.MATCHED, TopUpState.CREDITED)
    }
    assert (await balance_of(tenant)).available == 500
    other = LineMatch(tenant_id=await make_tenant(), amount_credits=500)
    with pytest.raises(StateConflict, match="line_not_unmatched"):
        await match_line(clerk(), line.id, other)
    assert await violations_of(tenant) == []


async def test_who_was_matched_before_is_known_by_the_counterparty(database):
    tenant = await make_tenant("Acme")
    [line] = await uploaded(entry(name="Holding 12"))
    await match_line(clerk(), line.id, LineMatch(tenant_id=tenant, amount_credits=5))
    [again] = await uploaded(entry(name="Holding 12", reference="next"))
    assert [(one.tenant_id, one.clue) for one in again.suggestions] == [(tenant, Clue.PAID_BEFORE)]


async def test_a_large_line_waits_for_another_person(database):
    tenant = await make_tenant()
    [line] = await uploaded()
    with pytest.raises(Conflict, match="second_person_required") as asked:
        await match_line(clerk(), line.id, LineMatch(tenant_id=tenant, amount_credits=LARGE))
    assert await state_of(line.id) is LineState.MATCHED
    assert (await balance_of(tenant)).available == 0
    await approve_top_up(clerk(), asked.value.facts["top_up_id"])
    assert (await balance_of(tenant)).available == LARGE


async def test_a_match_is_taken_back_by_a_reversal(database):
    tenant = await make_tenant()
    [line] = await uploaded()
    given = LineMatch(tenant_id=tenant, amount_credits=500)
    await match_line(clerk(), line.id, given)
    view = await unmatch_line(clerk(), line.id, REASON)
    assert (view.state, view.top_up_id) == (LineState.UNMATCHED, None)
    assert (await balance_of(tenant)).available == 0
    with pytest.raises(StateConflict, match="line_unmatched"):
        await unmatch_line(clerk(), line.id, REASON)
    other = await make_tenant()
    await match_line(clerk(), line.id, LineMatch(tenant_id=other, amount_credits=7))
    assert (await balance_of(other)).available == 7
    await make_hold(other, 1)
    with pytest.raises(Conflict, match="reversal_exceeds_unspent"):
        await unmatch_line(clerk(), line.id, REASON)
    assert await state_of(line.id) is LineState.MATCHED


async def test_a_line_matched_wrongly_is_matched_anew_with_the_same_tenant(database):
    tenant = await make_tenant()
    [line] = await uploaded()
    await match_line(clerk(), line.id, LineMatch(tenant_id=tenant, amount_credits=50))
    await unmatch_line(clerk(), line.id, REASON)
    right = LineMatch(tenant_id=tenant, amount_credits=500)
    assert (await match_line(clerk(), line.id, right)).state is LineState.MATCHED
    assert (await balance_of(tenant)).available == 500


async def test_a_declined_match_is_never_taken_for_the_same_begun_again(database):
    tenant = await make_tenant()
    [line] = await uploaded()
    given = LineMatch(tenant_id=tenant, amount_credits=LARGE)
    with pytest.raises(Conflict, match="second_person_required") as waits:
        await match_line(clerk(), line.id, given)
    await decline_top_up(clerk(), waits.value.facts["top_up_id"], TopUpDecline(reason="n" * 500))
    with pytest.raises(StateConflict, match="line_not_unmatched"):
        await match_line(clerk(), line.id, given)
    await settle_bank_lines()
    with pytest.raises(Conflict, match="second_person_required"):
        await match_line(clerk(), line.id, given)
    assert (await balance_of(tenant)).available == 0


async def test_a_payment_entered_by_hand_is_not_credited_again(database):
    tenant = await make_tenant()
    await create_top_up(clerk(), tenant, top_up_of(reference="INVOICE-77"))
    [line] = await uploaded()
    given = LineMatch(tenant_id=tenant, amount_credits=500)
    with pytest.raises(Conflict, match="reference_seen"):
        await match_line(clerk(), line.id, given)
    assert await state_of(line.id) is LineState.UNMATCHED
    sure = LineMatch(tenant_id=tenant, amount_credits=500, confirm_duplicate=True)
    await match_line(clerk(), line.id, sure)
    assert (await balance_of(tenant)).available == 1000


async def test_what_cannot_be_matched_waits_on(database):
    [line] = await uploaded(entry(currency="USD"))
    with pytest.raises(Conflict, match="currency_not_ours"):
        await match_line(
            clerk(), line.id, LineMatch(tenant_id=await make_tenant(), amount_credits=1)
        )
    [euro] = [one for one in await uploaded() if one.currency == "EUR"]
    with pytest.raises(NotFound):
        await match_line(clerk(), euro.id, LineMatch(tenant_id=uuid7(), amount_credits=1))
    assert await state_of(euro.id) is LineState.UNMATCHED
    view = await ignore_line(clerk(), line.id, LineReason(reason="a mistake of the bank"))
    assert view.state is LineState.IGNORED
    with pytest.raises(StateConflict, match="line_not_unmatched"):
        await ignore_line(clerk(), line.id, REASON)
    assert (await unmatch_line(clerk(), line.id, REASON)).state is LineState.UNMATCHED


async def test_a_match_without_its_top_up_is_finished_or_let_go(database, monkeypatch):
    """The process dies between the line and the top-up."""
    tenant, finance = await make_tenant(), clerk()
    [line] = await uploaded()
    async with platform_scope(system("test"), "test") as scope:
        assert await rows.match(scope, line.id, tenant, uuid7(), 500)
    await settle_bank_lines()
    assert await state_of(line.id) is LineState.MATCHED  # its request may still be running
    await match_line(finance, line.id, LineMatch(tenant_id=tenant, amount_credits=500))
    assert (await balance_of(tenant)).available == 500
    [other] = await uploaded(entry(reference="other"))
    async with platform_scope(system("test"), "test") as scope:
        assert await rows.match(scope, other.id, tenant, uuid7(), 500)
    monkeypatch.setattr(bank, "ABANDONED_AFTER", -bank.ABANDONED_AFTER)
    await settle_bank_lines()
    assert await state_of(other.id) is LineState.UNMATCHED
    assert await state_of(line.id) is LineState.MATCHED


async def test_a_huge_file_and_a_bomb_leave_nothing(database, monkeypatch):
    monkeypatch.setattr(bank, "BANK_FILE_BYTES_MAX", 2_000)
    with pytest.raises(TooLarge, match="file_too_large"):
        await upload_bank_file(clerk(), bank_form(camt(*[entry()] * 20)))
    with pytest.raises(MalformedInput, match="xml_forbidden"):
        await upload_bank_file(clerk(), bank_form(camt(entry(), head="<!DOCTYPE x>")))
    assert (await list_bank_files(clerk())).items == []


async def test_over_http(world: World):
    owner = await world.tenant()
    finance = await world.staff(StaffRole.FINANCE)
    file = {"files": {"file": ("s.xml", camt(entry()), "text/xml")}}
    key = {"idempotency-key": "file-1"}
    first = await finance.request("POST", "/v1/bank-files", headers=key, **file)
    assert first.status_code == 201, first.text
    again = await finance.request("POST", "/v1/bank-files", headers=key, **file)
    assert again.json() == first.json()
    [line] = (await finance.get("/v1/bank-lines?state=unmatched")).json()["items"]
    assert line["suggestions"][0]["tenant_id"] == owner.tenant_id
    body = {"tenant_id": owner.tenant_id, "amount_credits": 500}
    for wrong in ({"amount_credits": 0}, {"amount_credits": -5}, {"amount_credits": 10**15}):
        path = f"/v1/bank-lines/{line['id']}/match"
        assert (await finance.post(path, json=body | wrong)).status_code == 422
    key = {"idempotency-key": "match-1"}
    done = await finance.post(path, json=body, headers=key)
    assert done.status_code == 201, done.text
    assert (await finance.post(path, json=body, headers=key)).json() == done.json()
    assert (await owner.get("/v1/balance")).json()["available"] == 500
    path, key = path.replace("/match", "/unmatch"), {"idempotency-key": "unmatch-1"}
    taken = await finance.post(path, json={"reason": "not theirs"}, headers=key)
    assert taken.status_code == 200, taken.text
    again = await finance.post(path, json={"reason": "not theirs"}, headers=key)
    assert (again.status_code, again.json()) == (200, taken.json())
    assert (await owner.get("/v1/bank-lines")).status_code in (403, 404)
