"""Versions and senders through their lives, over the doors moderation uses."""

import asyncio
from itertools import product

import pytest

from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.errors import Conflict, InvalidInput, NotFound, StateConflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole, system
from backend.templates.queries import approvals as rows
from backend.templates.schemas import (
    SenderCreate,
    TemplateContent,
    TemplateCreate,
    TemplateUpdate,
    Withdrawal,
)
from backend.templates.service import approvals, senders, templates
from backend.templates.service.approvals import move
from backend.templates.states import TRANSITIONS, ApprovalEvent, ApprovalState, Subject
from tests.factories import make_tenant, member_of, staff

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(database):
    return member_of(await make_tenant())


def inside(owner):
    return tenant_scope(system("test", owner.tenant_id))


async def template(owner, name="Reminder", **parts):
    given = TemplateCreate(name=name, content=TemplateContent(**{"body": "Hi [name]", **parts}))
    return await templates.create_template(owner, given)


async def sender(owner, text="NORDLYS"):
    return await senders.request_sender(owner, SenderCreate(sender=text))


async def announced(owner):
    async with platform_scope(system("test"), "test") as scope:
        found = await scope.rows(
            "SELECT topic, payload FROM outbox WHERE tenant_id = $1", owner.tenant_id
        )
    return {row["topic"]: row["payload"] for row in found}


async def test_a_version_is_approved_as_it_was_written(owner):
    made = await template(owner, header="Nordlys")
    decision = uuid7()
    async with inside(owner) as scope:
        await approvals.mark_template_version_awaiting(scope, made.newest.id)
        await approvals.approve_template_version(scope, made.newest.id, decision)
    shown = await templates.read_template(owner, made.id)
    assert shown.approved is not None
    assert (shown.approved.id, shown.approved.decision_id) == (made.newest.id, decision)
    changed = await templates.add_template_version(
        owner, made.id, TemplateContent(body="Hi again [name]")
    )
    assert changed.newest.state is ApprovalState.DRAFT
    assert changed.approved == shown.approved
    (listed,) = (await templates.list_templates(owner, "remind", None, 10)).items
    assert (listed.newest, listed.approved) == (changed.newest, shown.approved)


async def test_the_same_text_is_no_new_version(owner):
    made = await template(owner)
    again = await templates.add_template_version(owner, made.id, TemplateContent(body="Hi [name]"))
    assert len(again.versions) == 1


async def test_a_text_never_changes(owner, database):
    made = await template(owner)
    with pytest.raises(Exception, match="permission denied"):
        async with inside(owner) as scope:
            await scope.execute(
                "UPDATE template_versions SET body = 'other' WHERE id = $1", made.newest.id
            )


async def test_a_refusal_says_why_and_is_final(owner):
    made = await template(owner)
    async with inside(owner) as scope:
        await approvals.mark_template_version_awaiting(scope, made.newest.id)
        await approvals.refuse_template_version(scope, made.newest.id, uuid7(), "Who is writing?")
    shown = await templates.read_template(owner, made.id)
    assert (shown.newest.state, shown.newest.reason) == ("refused", "Who is writing?")
    async with inside(owner) as scope:
        with pytest.raises(StateConflict):
            await approvals.approve_template_version(scope, made.newest.id, uuid7())


async def test_withdrawing_is_announced(owner):
    made, name = await template(owner), await sender(owner)
    view = await templates.withdraw_template_version(
        owner, made.newest.id, Withdrawal(reason="old")
    )
    assert (view.state, view.reason) == ("withdrawn", "old")
    assert (await senders.withdraw_sender(owner, name.id, Withdrawal())).state == "withdrawn"
    news = await announced(owner)
    assert news["template.withdrawn"] == {"template_version_id": str(made.newest.id)}
    assert news["sender.withdrawn"] == {"sender_id": str(name.id)}
    # What was withdrawn may be asked for again.
    assert (await sender(owner)).id != name.id


@pytest.mark.parametrize("subject", Subject)
async def test_every_pair(owner, subject):
    made, name = await template(owner), await sender(owner)
    subject_id = made.newest.id if subject is Subject.TEMPLATE_VERSION else name.id
    for state, event in product(ApprovalState, ApprovalEvent):
        async with inside(owner) as scope:
            row = await rows.read(scope, subject, subject_id)
            to = TRANSITIONS[subject].get((state, event))
            if row.state is not state or to is None:
                if TRANSITIONS[subject].get((row.state, event)) is None:
                    with pytest.raises(StateConflict) as refused:
                        await move(scope, subject, subject_id, event)
                    assert refused.value.code == "not_in_state"
                continue
            assert await move(scope, subject, subject_id, event, decision_id=uuid7()) is to


async def test_of_two_decisions_one_counts(owner):
    name = await sender(owner)
    async with inside(owner) as scope:
        await approvals.mark_sender_awaiting(scope, name.id)

    async def decide(approves):
        async with inside(owner) as scope:
            if approves:
                await approvals.approve_sender(scope, name.id, uuid7())
            else:
                await approvals.refuse_sender(scope, name.id, uuid7(), "no")

    answers = await asyncio.gather(*(decide(n % 2 == 0) for n in range(6)), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, StateConflict) for answer in answers) == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TWELVE CHARS", "sender_invalid"),
        ("<script>", "sender_invalid"),
        ("PayPaI", "sender_reserved"),
        ("PAY-PAL", "sender_reserved"),
        ("P4yPa1", "sender_reserved"),
        ("paypal", "sender_reserved"),
        ("ＰａｙＰａｌ", "sender_reserved"),
        ("Pay\u200bPal", "sender_reserved"),
        ("ΒΑΝΚ", "sender_invalid"),
        ("Nordlys 😀", "sender_invalid"),
        ("12345678", "sender_invalid"),
        ("112", "sender_reserved"),
        ("   ", "sender_invalid"),
        ("&&&", "sender_invalid"),
        ("+1800FLOWERS", "sender_invalid"),
        ("+33899700000", "sender_invalid"),
        ("Clearsend", "sender_reserved"),
    ],
)
async def test_row_b29(owner, text, expected):
    with pytest.raises(InvalidInput) as refused:
        await sender(owner, text)
    assert refused.value.code == expected
    assert refused.value.errors[0].pointer == "/sender"


@pytest.mark.parametrize(
    ("text", "kind", "kept", "resembles"),
    [
        ("NORDLYS", "alphanumeric", "NORDLYS", None),
        (" Ola & Co ", "alphanumeric", "Ola & Co", None),
        ("Paypall", "alphanumeric", "Paypall", "PayPal"),
        ("DNB-Bank", "alphanumeric", "DNB-Bank", "Bank"),
        ("2470", "short_code", "2470", None),
        ("+47 912 34 567", "number", "+4791234567", None),
    ],
)
async def test_what_may_be_asked_for(owner, text, kind, kept, resembles):
    made = await sender(owner, text)
    assert (made.kind, made.sender, made.resembles) == (kind, kept, resembles)
    assert made.state is ApprovalState.REQUESTED


async def test_a_sender_stands_once(owner):
    await sender(owner)
    with pytest.raises(Conflict) as refused:
        await sender(owner, "nordlys")
    assert refused.value.code == "sender_exists"


async def test_another_tenants_look_alike_is_shown_to_the_moderator(owner):
    other = member_of(await make_tenant("Nord1ys"))
    mine = await sender(owner)
    theirs = await sender(other, "Nord-1ys")
    seen = await senders.sender_look_alikes(staff(StaffRole.MODERATOR), owner.tenant_id, mine.id)
    assert seen == [(other.tenant_id, "Nord-1ys", "requested")]
    async with inside(owner) as scope:
        with pytest.raises(InvalidInput) as refused:
            await senders.require_usable_sender(scope, theirs.id)
    assert refused.value.code == "sender_not_yours"


async def test_the_shared_sender_is_granted_once(owner):
    for _ in range(2):
        await senders.grant_shared_sender(owner.tenant_id)
    (shared,) = await senders.list_senders(owner)
    assert (shared.kind, shared.sender, shared.state) == ("shared", "Clearsend", "approved")
    async with inside(owner) as scope:
        assert (await senders.require_usable_sender(scope, shared.id)).sender == "Clearsend"


async def test_another_tenants_template_is_none(owner):
    other = member_of(await make_tenant("Bergen"))
    made = await template(owner)
    for call in (
        templates.read_template(other, made.id),
        templates.add_template_version(other, made.id, TemplateContent(body="x")),
        templates.update_template(other, made.id, TemplateUpdate(name="x")),
        templates.withdraw_template_version(other, made.newest.id, Withdrawal()),
        templates.archive_template(other, made.id),
    ):
        with pytest.raises(NotFound):
            await call
