"""Appeals go to somebody else, once; the book of reasons is data in the reader's language."""

import msgspec
import pytest

from backend.campaigns.schemas.inputs import Submission
from backend.campaigns.service.drafts import discard_draft
from backend.campaigns.service.quotes import create_quote
from backend.campaigns.service.submissions import submit_session
from backend.campaigns.states import SessionState
from backend.db.scope import tenant_scope
from backend.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.kernel.principal import StaffRole, system
from backend.moderation.schemas.decisions import ClauseWords, ConductEdit, ReasonWords
from backend.moderation.schemas.votes import AppealInput
from backend.moderation.service.appeals import appeal_decision, read_appeal
from backend.moderation.service.books import (
    change_code_of_conduct,
    list_codes_of_conduct,
    read_code_of_conduct,
)
from backend.moderation.service.desk import read_case
from backend.moderation.service.history import list_decisions
from backend.moderation.service.leases import claim_case, claim_next_case
from backend.moderation.service.screening import screen_session
from tests.moderation.factories import (
    case_ids,
    decided,
    later,
    make_moderator,
    screened,
    session_of,
)

pytestmark = pytest.mark.anyio
TEXT = AppealInput(text="The link is our own shop, since 2012.")


async def test_a_granted_appeal_leaves_an_approved_text_in_a_draft(shop):
    mira, jon = await make_moderator(), await make_moderator("Jon")
    session = await screened(shop)
    refusal = (await decided(shop, mira, "refuse")).decision
    assert refusal is not None
    (told,) = (await list_decisions(shop.owner, session.id, None, 10)).items
    assert told.may_appeal_until is not None
    asked = await appeal_decision(shop.owner, refusal.id, TEXT)
    assert asked.state == "waiting"
    with pytest.raises(Conflict, match="already_appealed"):
        await appeal_decision(shop.owner, refusal.id, TEXT)
    with pytest.raises(Forbidden) as barred:
        await claim_case(mira, shop.tenant_id, asked.case_id)
    assert barred.value.facts["why"] == "appeal"
    with pytest.raises(NotFound, match="queue_empty"):
        await claim_next_case(mira)
    seen = await read_case(jon, shop.tenant_id, asked.case_id)
    assert seen.appealed is not None
    assert (seen.appealed.id, seen.appeal_text) == (refusal.id, TEXT.text)
    with pytest.raises(InvalidInput, match="appeal_granted_or_upheld"):
        await decided(shop, jon, "request_changes")
    made = await decided(shop, jon, message="You are right.")
    assert made.subject_state == "refused"
    answered = await read_appeal(shop.owner, refusal.id)
    assert (answered.state, answered.answer) == ("granted", "You are right.")
    # The refused session stays the end it is; the copy goes through without another look.
    async with tenant_scope(system("test", shop.tenant_id)) as scope:
        (copy,) = await scope.rows("SELECT id FROM campaign_sessions WHERE state = 'draft'")
    quote = await create_quote(shop.owner, copy["id"])
    given = Submission(quote_id=quote.id, ceiling_credits=quote.ceiling_credits)
    again = await submit_session(shop.owner, copy["id"], given)
    await screen_session(shop.tenant_id, again.id)
    found = await session_of(shop, again.id)
    assert (found.state, found.approval_kind) == (SessionState.APPROVED, "inherited")
    assert made.decision is not None
    assert found.approval_decision_id == made.decision.id
    (granted, before) = (await list_decisions(shop.owner, session.id, None, 10)).items
    assert (granted.appeal_of, before.overturned_by) == (refusal.id, granted.id)
    assert before.may_appeal_until is None


async def test_an_upheld_appeal_is_the_last_word(shop):
    mira, jon = await make_moderator(), await make_moderator("Jon")
    await screened(shop)
    refusal = (await decided(shop, mira, "refuse")).decision
    assert refusal is not None
    await appeal_decision(shop.owner, refusal.id, TEXT)
    upheld = (await decided(shop, jon, "refuse", message="It is not.")).decision
    assert (await read_appeal(shop.owner, refusal.id)).state == "upheld"
    assert upheld is not None
    with pytest.raises(Conflict, match="not_refused"):
        await appeal_decision(shop.owner, upheld.id, TEXT)
    assert await case_ids(shop.tenant_id) == []


async def test_what_cannot_be_appealed(shop):
    mira = await make_moderator()
    session = await screened(shop)
    asked = (await decided(shop, mira, "request_changes")).decision
    assert asked is not None
    with pytest.raises(Conflict, match="not_refused"):
        await appeal_decision(shop.owner, asked.id, TEXT)
    await discard_draft(shop.owner, session.id)
    await screened(shop)
    refusal = (await decided(shop, mira, "refuse")).decision
    assert refusal is not None
    later(days=15)
    with pytest.raises(Conflict, match="appeal_too_late"):
        await appeal_decision(shop.owner, refusal.id, TEXT)


async def test_the_book_is_versions_and_keeps_old_words(shop):
    lead, mira = await make_moderator("Lea", StaffRole.LEAD), await make_moderator()
    first = await read_code_of_conduct("en")
    session = await screened(shop)
    await decided(shop, mira, "refuse", reason_code="unsafe_link")
    clauses = [
        msgspec.structs.replace(
            one, translations={"nb": ClauseWords(title="Lenker", text="Din egen adresse.")}
        )
        if one.id == "4"
        else one
        for one in first.clauses
    ]
    reasons = [
        msgspec.structs.replace(
            one,
            tenant_text="Changed.",
            translations={"nb": ReasonWords(tenant_text="Endret.", suggested_fix="Bytt.")},
        )
        for one in first.reasons
        if one.code == "unsafe_link"
    ]
    edit = ConductEdit(based_on=1, note="links in plain words", clauses=clauses, reasons=reasons)
    second = await change_code_of_conduct(lead, edit)
    assert (second.version, second.note) == (2, "links in plain words")
    with pytest.raises(Conflict, match="rules_changed"):
        await change_code_of_conduct(lead, edit)
    lost = msgspec.structs.replace(edit, based_on=2, clauses=clauses[:1])
    with pytest.raises(InvalidInput, match="clause_unknown"):
        await change_code_of_conduct(lead, lost)
    norwegian = await read_code_of_conduct("nb")
    assert [one.tenant_text for one in norwegian.reasons] == ["Endret."]
    titles = {one.id: one.title for one in norwegian.clauses}
    assert (titles["4"], titles["1"]) == ("Lenker", "Consent")
    (told,) = (await list_decisions(shop.owner, session.id, None, 10)).items
    assert told.reason is not None
    assert told.reason.startswith("A link in your text")
    assert [one.version for one in await list_codes_of_conduct(lead)] == [2, 1]
