"""An approval that ends puts what waits back into the queue, whatever it was that ended it."""

import pytest

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import SessionEvent, SessionState
from backend.identity.schemas import AutoValidation, AutoValidationGrant
from backend.identity.service.tenants import grant_auto_validation
from backend.kernel.errors import Conflict, InvalidInput, StateConflict
from backend.kernel.principal import StaffRole
from backend.moderation.schemas.decisions import RevocationInput
from backend.moderation.service.desk import read_case
from backend.moderation.service.revoking import (
    requeue_after_lost_privilege,
    requeue_aged_approvals,
    revoke_case,
)
from backend.moderation.service.submissions import submit_sender, submit_template_version
from backend.templates.schemas import SenderCreate, TemplateContent, TemplateCreate
from backend.templates.service import approvals, senders, templates
from tests.moderation.factories import (
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
WHY = RevocationInput(reason="the site behind the link changed")


async def scheduled(shop, session):
    async with shop.scope() as scope:
        now = await read_session(scope, session.id)
        return await move_session(scope, now, SessionEvent.SCHEDULE)


async def test_a_revoked_approval_takes_the_inherited_ones_with_it(shop):
    mira = await make_moderator()
    first = await screened(shop)
    made = await decided(shop, mira)
    second = await scheduled(shop, await screened(shop))
    assert second.approval_kind == "inherited"
    done = await revoke_case(mira, shop.tenant_id, made.decision.case_id, WHY)
    assert set(done.sessions_revoked) == {first.id, second.id}
    assert done.decision.revoked_reason == WHY.reason
    for session_id in (first.id, second.id):
        found = await session_of(shop, session_id)
        assert found.state is SessionState.AWAITING_VALIDATION
        assert found.revoked_at is not None
    ids = await case_ids(shop.tenant_id)
    assert len(ids) == 2
    case = await read_case(mira, shop.tenant_id, ids[0])
    assert case.cause == f"approval revoked: {WHY.reason}"
    assert case.dry_run.recipients == 3
    with pytest.raises(Conflict, match="already_revoked"):
        await revoke_case(mira, shop.tenant_id, made.decision.case_id, WHY)
    # Nothing new rests on it either.
    assert (await screened(shop)).state is SessionState.AWAITING_VALIDATION
    assert not await rows_that_differ()


async def test_only_an_approval_is_revoked(shop):
    mira = await make_moderator()
    await screened(shop)
    case = await the_case(shop, mira)
    with pytest.raises(Conflict, match="not_approved"):
        await revoke_case(mira, shop.tenant_id, case.id, WHY)
    await decided(shop, mira, "refuse")
    with pytest.raises(Conflict, match="not_approved"):
        await revoke_case(mira, shop.tenant_id, case.id, WHY)


async def test_a_session_approved_again_keeps_its_first_approval(shop):
    mira = await make_moderator()
    session = await screened(shop)
    made = await decided(shop, mira)
    await revoke_case(mira, shop.tenant_id, made.decision.case_id, WHY)
    later(minutes=1)
    again = await decided(shop, mira)
    found = await session_of(shop, session.id)
    assert found.state is SessionState.APPROVED
    assert found.first_approved_at == made.decision.decided_at
    assert (found.approved_at, found.revoked_at) == (again.decision.decided_at, None)


async def test_a_lost_privilege_requeues_what_nobody_looked_at(shop):
    lead, mira = await make_moderator("Lea", StaffRole.LEAD), await make_moderator()
    await screened(shop)
    await decided(shop, mira)
    looked_at = await scheduled(shop, await screened(shop))
    bounds = AutoValidation(recipients_max=100, countries=["NO"])
    grant = AutoValidationGrant(bounds=bounds, reason="two good years")
    await grant_auto_validation(lead, shop.tenant_id, grant)
    auto = await scheduled(shop, await screened(shop, body="Hi [name], new words"))
    assert auto.approval_kind == "auto"
    assert await requeue_after_lost_privilege(shop.tenant_id, "a complaint") == 1
    assert await requeue_after_lost_privilege(shop.tenant_id, "a complaint") == 0
    assert (await session_of(shop, auto.id)).state is SessionState.AWAITING_VALIDATION
    assert (await session_of(shop, looked_at.id)).state is SessionState.SCHEDULED
    case = await the_case(shop, mira)
    assert (case.session_id, case.cause) == (auto.id, "approval revoked: a complaint")


async def test_a_withdrawn_sender_requeues_what_is_scheduled_from_it(shop):
    mira = await make_moderator()
    other = await shop.approved_sender("POLAR")
    await screened(shop)
    await decided(shop, mira)
    stays = await scheduled(shop, await screened(shop))
    await screened(shop, sender_id=other)
    await decided(shop, mira)
    goes = await scheduled(shop, await screened(shop, sender_id=other))
    number = await requeue_after_lost_privilege(shop.tenant_id, "withdrawn", sender_id=other)
    assert number == 2
    assert (await session_of(shop, goes.id)).state is SessionState.AWAITING_VALIDATION
    assert (await session_of(shop, stays.id)).state is SessionState.SCHEDULED


async def test_an_approval_ages(shop):
    mira = await make_moderator()
    session = await screened(shop)
    await decided(shop, mira)
    await scheduled(shop, session)
    assert await requeue_aged_approvals() == 0
    later(days=91)
    assert await requeue_aged_approvals() == 1
    assert await requeue_aged_approvals() == 0
    assert len(await case_ids(shop.tenant_id)) == 1


async def a_template(shop, body="Hi [name], see nordlys.example.com"):
    content = TemplateContent(body=body, footer="Reply STOP to end.")
    return await templates.create_template(
        shop.owner, TemplateCreate(name="Reminder", content=content)
    )


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("approve", "approved"), ("refuse", "refused"), ("request_changes", "draft")],
)
async def test_a_template_version_before_the_desk(shop, verdict, state):
    mira = await make_moderator()
    made = await a_template(shop)
    view = await submit_template_version(shop.owner, made.id, 1)
    assert view.state == "awaiting_approval"
    with pytest.raises(StateConflict, match="not_in_state"):
        await submit_template_version(shop.owner, made.id, 1)
    case = await the_case(shop, mira)
    assert (case.kind, case.title) == ("template_version", "Reminder, version 1")
    assert case.content.footer == "Reply STOP to end."
    assert [one.host for one in case.dry_run.hosts] == ["nordlys.example.com"]
    assert {hit.rule for hit in case.hits} == {"host_new"}
    ruled = await decided(shop, mira, verdict)
    assert ruled.subject_state == state
    found = (await templates.read_template(shop.owner, made.id)).versions[0]
    assert found.state == state
    if verdict == "refuse":
        assert found.reason is not None
        assert found.decision_id == ruled.decision.id
    assert not await rows_that_differ()


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("approve", "approved"), ("refuse", "refused"), ("request_changes", "requested")],
)
async def test_a_sender_before_the_desk(shop, verdict, state):
    mira = await make_moderator()
    asked = SenderCreate(sender="P0LAR", purpose="our shop")
    made = await senders.request_sender(shop.owner, asked)
    await submit_sender(shop.owner, made.id)
    case = await the_case(shop, mira)
    assert (case.kind, case.title, case.content.purpose) == ("sender_id", "P0LAR", "our shop")
    assert (await decided(shop, mira, verdict)).subject_state == state


async def test_a_sender_withdrawn_while_it_waits_closes_its_case(shop):
    made = await senders.request_sender(shop.owner, SenderCreate(sender="POLAR"))
    await submit_sender(shop.owner, made.id)
    assert len(await case_ids(shop.tenant_id)) == 1
    async with shop.scope() as scope:
        await approvals.withdraw_sender(scope, made.id, "not ours")
    await requeue_after_lost_privilege(shop.tenant_id, "not ours", sender_id=made.id)
    assert not await case_ids(shop.tenant_id)


async def test_a_revoked_template_is_withdrawn(shop):
    mira = await make_moderator()
    made = await a_template(shop)
    await submit_template_version(shop.owner, made.id, 1)
    ruled = await decided(shop, mira)
    done = await revoke_case(mira, shop.tenant_id, ruled.decision.case_id, WHY)
    assert done.sessions_revoked == []
    found = (await templates.read_template(shop.owner, made.id)).versions[0]
    assert found.state == "withdrawn"


async def test_a_refusal_of_a_template_needs_a_reason_too(shop):
    mira = await make_moderator()
    made = await a_template(shop)
    await submit_template_version(shop.owner, made.id, 1)
    with pytest.raises(InvalidInput, match="reason_required"):
        await decided(shop, mira, "refuse", reason_code=None)
