"""Promise 7: once, by whoever holds the current lease, on the version they saw."""

from datetime import timedelta

import anyio
import pytest

from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.moves import change_session, move_session, read_session
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import platform_scope
from backend.identity.schemas import AutoValidation, AutoValidationGrant
from backend.identity.service.tenants import grant_auto_validation
from backend.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.kernel.principal import StaffRole, system
from backend.moderation.schemas.cases import LeaseInput
from backend.moderation.schemas.decisions import CommentInput
from backend.moderation.service import history
from backend.moderation.service.cases import reopen_case, withdraw_case
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.desk import case_snapshot, list_cases, queue_snapshot, read_case
from backend.moderation.service.leases import (
    claim_case,
    claim_next_case,
    heartbeat_case,
    release_case,
)
from backend.moderation.service.screening import screen_session
from backend.moderation.states import CaseState
from tests.campaigns.factories import make_shop
from tests.factories import make_tenant
from tests.moderation.factories import (
    a_gateway_stands,
    case_ids,
    decided,
    later,
    make_moderator,
    rows_that_differ,
    ruling,
    screened,
    session_of,
    the_case,
)

pytestmark = pytest.mark.anyio
RACES = 50


async def waiting(shop, **changes):
    """A session in the queue: (session, case id)."""
    session = await screened(shop, **changes)
    (case_id,) = await case_ids(shop.tenant_id)
    return session, case_id


async def test_approval_writes_what_dispatch_reads(shop):
    mira = await make_moderator()
    session, case_id = await waiting(shop)
    case = await read_case(mira, shop.tenant_id, case_id)
    made = await decided(shop, mira)
    assert (made.decision.verdict, made.subject_state) == ("approve", "approved")
    found = await session_of(shop, session.id)
    assert found.state is SessionState.APPROVED
    assert (found.approval_kind, found.approval_decision_id) == ("human", made.decision.id)
    assert found.approved_version == session.content_version
    assert found.approved_hash == case.content_hash
    assert found.bounds == case.bounds
    assert found.approved_at == found.first_approved_at == made.decision.decided_at
    assert found.revoked_at is None
    after = await read_case(mira, shop.tenant_id, case_id)
    assert (after.state, after.lease_holder) == (CaseState.DECIDED, None)
    assert after.decision is not None
    assert after.decision.decided_by_name == "Mira"
    assert not await rows_that_differ()


async def test_a_request_for_changes_comes_back_with_comments(shop):
    mira = await make_moderator()
    session, _ = await waiting(shop)
    comment = CommentInput(part="body", start=0, end=2, comment="Who is Hi?")
    made = await decided(shop, mira, "request_changes", comments=[comment], note="watch them")
    assert made.subject_state == "draft"
    found = await session_of(shop, session.id)
    assert found.comments == [
        {"part": "body", "start": 0, "end": 2, "text": "Hi", "comment": "Who is Hi?"}
    ]
    (seen,) = (await history.list_decisions(shop.owner, session.id, None, 10)).items
    assert (seen.verdict, seen.message) == ("request_changes", "Please say who you are.")
    assert "watch them" not in str(seen)
    assert "Mira" not in str(seen)


async def test_a_refusal_ends_it_and_takes_the_privilege(shop):
    lead, mira = await make_moderator("Lea", StaffRole.LEAD), await make_moderator()
    session, _ = await waiting(shop)
    bounds = AutoValidation(recipients_max=1, countries=["NO"])
    grant = AutoValidationGrant(bounds=bounds, reason="two good years")
    await grant_auto_validation(lead, shop.tenant_id, grant)
    made = await decided(shop, mira, "refuse", reason_code="impersonation")
    assert made.subject_state == "refused"
    case = await read_case(mira, shop.tenant_id, made.decision.case_id)
    assert case.record.tenant.auto_validation is None
    assert case.record.tenant.auto_validation_lost_reason == "refused: impersonation"
    assert (case.record.refused, case.record.approved) == (1, 0)
    (seen,) = (await history.list_decisions(shop.owner, session.id, None, 10)).items
    assert seen.clause is not None
    assert (seen.reason_code, seen.clause.id) == ("impersonation", "2")
    assert seen.reason is not None
    assert seen.suggested_fix is not None
    async with platform_scope(system("test"), "test") as scope:
        topics = [
            row["topic"]
            for row in await scope.rows(
                "SELECT topic FROM outbox WHERE tenant_id = $1", shop.tenant_id
            )
        ]
    assert "auto_validation.lost" in topics


async def test_b60_a_refusal_says_why(shop):
    mira = await make_moderator()
    _, case_id = await waiting(shop)
    lease = await claim_case(mira, shop.tenant_id, case_id)
    for verdict, changes, code in (
        ("refuse", {"reason_code": None}, "reason_required"),
        ("refuse", {"reason_code": "because"}, "reason_unknown"),
        ("request_changes", {"message": ""}, "reason_required"),
        (
            "request_changes",
            {"comments": [CommentInput(part="body", start=0, end=9_999, comment="?")]},
            "comment_outside_text",
        ),
    ):
        with pytest.raises(InvalidInput) as refused:
            given = ruling(lease, verdict, **changes)
            await decide_case(mira, shop.tenant_id, case_id, given)
        assert refused.value.code == code
    assert await case_ids(shop.tenant_id) == [case_id]


async def test_b60_a_stale_hash_and_a_wrong_number(shop):
    mira = await make_moderator()
    _, case_id = await waiting(shop)
    lease = await claim_case(mira, shop.tenant_id, case_id)
    for changes, code in (
        ({"content_hash": "0" * 64}, "content_changed"),
        ({"lease_fence": lease.lease_fence + 1}, "lease_lost"),
        ({"lease_fence": lease.lease_fence - 1}, "lease_lost"),
    ):
        with pytest.raises(Conflict) as refused:
            await decide_case(mira, shop.tenant_id, case_id, ruling(lease, **changes))
        assert refused.value.code == code
    changed = await decide_and_fail(mira, shop, case_id, ruling(lease, content_hash="0" * 64))
    assert changed.facts["content_hash"] == lease.content_hash


async def decide_and_fail(moderator, shop, case_id, given) -> Conflict:
    with pytest.raises(Conflict) as refused:
        await decide_case(moderator, shop.tenant_id, case_id, given)
    return refused.value


async def test_b60_after_a_cancel_there_is_nothing_to_decide(shop):
    mira = await make_moderator()
    session, case_id = await waiting(shop)
    lease = await claim_case(mira, shop.tenant_id, case_id)
    async with shop.scope() as scope:
        now = await read_session(scope, session.id)
        await move_session(scope, now, SessionEvent.CANCEL)
        closed = await withdraw_case(scope, session.id, "withdrawn")
        assert closed is not None
        assert await withdraw_case(scope, session.id, "withdrawn") is None
    refused = await decide_and_fail(mira, shop, case_id, ruling(lease))
    assert (refused.code, refused.facts["state"]) == ("case_closed", "withdrawn")
    assert not await rows_that_differ()


@pytest.mark.parametrize("reason", ["lapsed", "killed"])
async def test_other_ways_a_case_closes(shop, reason):
    session, _ = await waiting(shop)
    async with shop.scope() as scope:
        closed = await withdraw_case(scope, session.id, reason)
    assert closed is not None
    assert closed.state.value == reason
    assert not await rows_that_differ()


async def test_b60_nobody_rules_on_their_own_tenant(shop):
    mira = await make_moderator()
    _, case_id = await waiting(shop)
    lease = await claim_case(mira, shop.tenant_id, case_id)
    async with shop.scope() as scope:
        await scope.execute(
            "INSERT INTO members (tenant_id, account_id, role) VALUES ($1, $2, 'viewer')",
            shop.tenant_id,
            mira.account_id,
        )
    with pytest.raises(Forbidden, match="own_tenant"):
        await decide_case(mira, shop.tenant_id, case_id, ruling(lease))
    with pytest.raises(Forbidden, match="own_tenant"):
        await claim_case(mira, shop.tenant_id, case_id)
    later(minutes=6)
    with pytest.raises(NotFound, match="queue_empty"):
        await claim_next_case(mira)
    assert (await read_case(mira, shop.tenant_id, case_id)).is_own_tenant


async def test_decided_once(shop):
    mira = await make_moderator()
    _, case_id = await waiting(shop)
    lease = await claim_case(mira, shop.tenant_id, case_id)
    await decide_case(mira, shop.tenant_id, case_id, ruling(lease))
    refused = await decide_and_fail(mira, shop, case_id, ruling(lease, "refuse"))
    assert refused.code == "already_decided"
    assert (refused.facts["verdict"], refused.facts["decided_by_name"]) == ("approve", "Mira")


async def test_content_that_moved_on_is_not_approved(shop, database):
    """The hash is of what is stored now, whatever the case says."""
    mira = await make_moderator()
    session, case_id = await waiting(shop)
    lease = await claim_case(mira, shop.tenant_id, case_id)
    connection = await database.connect()
    try:
        await connection.execute(
            "UPDATE content_versions SET content = jsonb_set(content, '{body}', '\"evil\"')"
            " WHERE session_id = $1",
            session.id,
        )
    finally:
        await connection.close()
    refused = await decide_and_fail(mira, shop, case_id, ruling(lease))
    assert refused.code == "content_changed"
    assert (await session_of(shop, session.id)).state is SessionState.AWAITING_VALIDATION


async def test_a_lease_is_one_person_s_until_it_ends(shop):
    mira, jon = await make_moderator(), await make_moderator("Jon")
    _, case_id = await waiting(shop)
    first = await claim_case(mira, shop.tenant_id, case_id)
    with pytest.raises(Conflict) as held:
        await claim_case(jon, shop.tenant_id, case_id)
    assert held.value.code == "case_held"
    assert held.value.facts["holder_name"] == "Mira"
    assert held.value.facts["until"] == first.lease_until.isoformat()
    again = await claim_case(mira, shop.tenant_id, case_id)
    assert again.lease_fence == first.lease_fence
    later(minutes=4)
    beat = LeaseInput(lease_fence=first.lease_fence)
    renewed = await heartbeat_case(mira, shop.tenant_id, case_id, beat)
    assert renewed.lease_until > first.lease_until
    later(minutes=6)
    with pytest.raises(Conflict, match="lease_lost"):
        await heartbeat_case(mira, shop.tenant_id, case_id, beat)
    refused = await decide_and_fail(mira, shop, case_id, ruling(first))
    assert refused.code == "lease_lost"
    taken = await claim_case(jon, shop.tenant_id, case_id)
    assert taken.lease_fence == first.lease_fence + 1
    refused = await decide_and_fail(mira, shop, case_id, ruling(first))
    assert (refused.code, refused.facts["holder_name"]) == ("lease_lost", "Jon")
    await release_case(jon, shop.tenant_id, case_id, LeaseInput(lease_fence=taken.lease_fence))
    back = await claim_case(mira, shop.tenant_id, case_id)
    assert back.lease_fence == taken.lease_fence + 1
    # An old number is refused even of the same person.
    refused = await decide_and_fail(mira, shop, case_id, ruling(first))
    assert refused.code == "lease_lost"
    assert not await rows_that_differ()


async def test_two_moderators_at_once(shop):
    """Both hold a number they believe in: the clock ran between them. One decision is made."""
    mira, jon = await make_moderator(), await make_moderator("Jon")
    for round_no in range(RACES):
        session, case_id = await waiting(shop, body=f"Hi [name], round {round_no}.")
        first = await claim_case(mira, shop.tenant_id, case_id)
        answers: list[str] = []

        async def rule(moderator, lease, verdict, case_id=case_id, answers=answers):
            given = ruling(lease, verdict)
            try:
                made = await decide_case(moderator, shop.tenant_id, case_id, given)
            except Conflict as conflict:
                answers.append(conflict.code)
            else:
                answers.append(made.vote.verdict.value)

        if round_no % 2:
            later(minutes=6)
            second = await claim_case(jon, shop.tenant_id, case_id)
            other = (jon, second, "refuse")
        else:
            other = (mira, first, "refuse")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(rule, mira, first, "approve")
            tasks.start_soon(rule, *other)
        made = [answer for answer in answers if answer in {"approve", "refuse"}]
        assert len(made) == 1, answers
        assert set(answers) - set(made) <= {"already_decided", "lease_lost"}, answers
        found = await session_of(shop, session.id)
        assert found.state.value == ("approved" if made == ["approve"] else "refused")
    async with shop.scope() as scope:
        number = await scope.value(
            "SELECT count(*) FROM decisions WHERE tenant_id = $1", shop.tenant_id
        )
    assert number == RACES
    assert not await rows_that_differ()


async def test_a_decision_against_a_cancel(shop):
    mira = await make_moderator()
    for round_no in range(10):
        session, case_id = await waiting(shop, body=f"Hi [name], cancel {round_no}.")
        lease = await claim_case(mira, shop.tenant_id, case_id)
        answers: list[str] = []

        async def cancel(session_id=session.id, answers=answers):
            try:
                async with shop.scope() as scope:
                    now = await read_session(scope, session_id)
                    await move_session(scope, now, SessionEvent.CANCEL)
                    await withdraw_case(scope, session_id, "withdrawn")
            except Conflict as conflict:
                answers.append(conflict.code)

        async def approve(case_id=case_id, lease=lease, answers=answers):
            try:
                await decide_case(mira, shop.tenant_id, case_id, ruling(lease))
            except Conflict as conflict:
                answers.append(conflict.code)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(cancel)
            tasks.start_soon(approve)
        found = await session_of(shop, session.id)
        # An approved one may still be cancelled: then both were done, one after the other.
        assert len(answers) <= 1, answers
        assert found.state in {SessionState.DRAFT, SessionState.APPROVED, SessionState.CANCELLED}
        assert not await case_ids(shop.tenant_id)
    assert not await rows_that_differ()


async def test_two_claims_of_the_next_take_two_cases(database):
    mira, jon = await make_moderator(), await make_moderator("Jon")
    wanted = set()
    for _ in range(2):
        one = await make_shop()
        await one.person(5)
        wanted.add((await waiting(one))[1])
    taken = []

    async def take(moderator):
        taken.append((await claim_next_case(moderator)).case_id)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(take, mira)
        tasks.start_soon(take, jon)
    assert set(taken) == wanted
    with pytest.raises(NotFound, match="queue_empty"):
        await claim_next_case(await make_moderator("Ana"))


async def test_other_tenants_ids_are_not_there(shop):
    mira = await make_moderator()
    _, case_id = await waiting(shop)
    lease = await claim_case(mira, shop.tenant_id, case_id)
    other = await make_tenant()
    beat = LeaseInput(lease_fence=lease.lease_fence)
    for call in (
        lambda: read_case(mira, other, case_id),
        lambda: claim_case(mira, other, case_id),
        lambda: heartbeat_case(mira, other, case_id, beat),
        lambda: release_case(mira, other, case_id, beat),
        lambda: decide_case(mira, other, case_id, ruling(lease)),
    ):
        with pytest.raises(NotFound):
            await call()
    stranger = await make_shop()
    session = (await the_case(shop, mira)).session_id
    with pytest.raises(NotFound):
        await history.list_decisions(stranger.owner, session, None, 10)


async def test_the_queue_is_least_slack_first(database):
    """Pages follow the cursor; what has no due time is due at its kind's target, half an hour."""
    mira = await make_moderator()
    await a_gateway_stands()
    shops = []
    due_minutes = {1: 20, 3: 10, 4: 180}
    for number in range(5):
        one = await make_shop()
        await one.person(5)
        session = await one.submitted()
        if number in due_minutes:
            async with one.scope() as scope:
                row: SessionRow = await read_session(scope, session.id)
                due = scope.now + timedelta(minutes=due_minutes[number])
                await change_session(scope, row, due_at=due)
        await screen_session(one.tenant_id, session.id)
        shops.append(one)
    seen, cursor = [], None
    for _ in range(3):
        page = await list_cases(mira, CaseState.OPEN, None, cursor, 2, mine=False)
        seen += [item.tenant_id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [shops[n].tenant_id for n in (3, 1, 0, 2, 4)]
    lease = await claim_next_case(mira)
    assert lease.tenant_id == shops[3].tenant_id
    page = await list_cases(mira, CaseState.OPEN, None, None, 10, mine=True)
    assert [item.case_id for item in page.items] == [lease.case_id]
    assert (page.counts.open, page.counts.held, page.counts.mine) == (5, 1, 1)
    snapshot = await queue_snapshot()
    assert snapshot["counts"]["open"] == 5
    assert snapshot["rows"][0]["lease_holder_name"] == "Mira"
    assert (await case_snapshot(lease.tenant_id, lease.case_id))["lease_holder_name"] == "Mira"
    later(minutes=6)
    assert (await case_snapshot(lease.tenant_id, lease.case_id))["lease_holder_name"] is None


async def test_opening_a_case_is_written_down(shop):
    mira = await make_moderator()
    _, case_id = await waiting(shop)
    await read_case(mira, shop.tenant_id, case_id)
    async with platform_scope(system("test"), "test") as scope:
        reasons = [
            row["reason"]
            for row in await scope.rows(
                "SELECT reason FROM access_audit WHERE tenant_id = $1 AND actor = $2",
                shop.tenant_id,
                mira.actor,
            )
        ]
    assert reasons == [f"open case {case_id}"]


async def test_what_changed_since_the_last_approval(shop):
    mira = await make_moderator()
    await waiting(shop, body="Hi [name], our autumn sale")
    await decided(shop, mira)
    _, case_id = await waiting(shop, body="Hi [name], our winter sale")
    case = await read_case(mira, shop.tenant_id, case_id)
    assert case.comparison is not None
    changed = [(piece.change, piece.text) for piece in case.comparison.pieces]
    assert ("removed", "autumn") in changed
    assert ("added", "winter") in changed


async def test_a_case_opened_again_shows_what_was_screened(shop):
    """For a session that dispatch sent back: bounds passed, hash differs."""
    mira = await make_moderator()
    session, _ = await waiting(shop)
    made = await decided(shop, mira)
    async with shop.scope() as scope:
        now = await read_session(scope, session.id)
        moved = await move_session(scope, now, SessionEvent.REVOKE, revoked_at=scope.now)
        again = await reopen_case(scope, moved, "recipients 1,300 of 1,200")
    assert again.id != made.decision.case_id
    case = await read_case(mira, shop.tenant_id, again.id)
    assert (case.cause, case.dry_run.recipients) == ("recipients 1,300 of 1,200", 3)
