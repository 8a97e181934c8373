"""Moderators from outside rule on what they see, and see no recipient's number: in no answer, no
list and no news.
"""

from functools import partial

import msgspec
import pytest

from backend.audience.schemas.people import Consent
from backend.kernel.principal import StaffRole
from backend.moderation.masking import mask_numbers
from backend.moderation.schemas.decisions import RevocationInput
from backend.moderation.schemas.desk import NoteInput, QuestionInput
from backend.moderation.service.desk import case_snapshot, list_cases, queue_snapshot, read_case
from backend.moderation.service.leases import claim_case
from backend.moderation.service.notes import add_case_note, ask_opinion, list_case_questions
from backend.moderation.service.rescreening import keep_cases
from backend.moderation.service.revoking import revoke_case
from backend.moderation.states import CaseState
from tests.moderation.factories import case_ids, decided, make_moderator, screened

pytestmark = pytest.mark.anyio


async def test_from_outside_nobody_has_a_number(shop):
    outside = await make_moderator("Out", StaffRole.EXTERNAL)
    mira = await make_moderator()
    await screened(shop, body="Call +47 912 34 567 or 00 47 91 23 45 67, table 12.")
    (case_id,) = await case_ids(shop.tenant_id)
    inside = await read_case(mira, shop.tenant_id, case_id)
    masked = await read_case(outside, shop.tenant_id, case_id)
    assert "912 34 567" in inside.dry_run.renderings[0].text
    text = masked.dry_run.renderings[0].text
    assert "912 34 567" not in text
    assert "table 12." in text
    assert masked.record.tenant.verified_phone != inside.record.tenant.verified_phone
    assert mask_numbers("a +4791234567") == "a +47••••••67"


async def test_nothing_made_of_a_recipients_data_shows_a_number(shop):
    """The whole view but what the tenant wrote: links, hosts, sources, quotes of colleagues."""
    number = "4791200042"
    outside = await make_moderator("Out", StaffRole.EXTERNAL)
    mira = await make_moderator()
    told = Consent(source=f"call from +{number}", text="yes", at=None)
    await shop.person(42, name=f"+{number}", consent=told)
    await screened(shop, body="Hi [name], https://nordlys.example/[phone]. STOP ends it.")
    (case_id,) = await case_ids(shop.tenant_id)
    note = NoteInput(text=f"I called +{number} and they never agreed.")
    await add_case_note(mira, shop.tenant_id, case_id, note)
    inside = await read_case(mira, shop.tenant_id, case_id)
    masked = await read_case(outside, shop.tenant_id, case_id)
    assert msgspec.json.encode(inside).count(number.encode()) >= 3
    assert number.encode() not in msgspec.json.encode(masked)
    assert masked.content == inside.content
    assert masked.content_hash == inside.content_hash
    assert sum(masked.dry_run.consent_sources.values()) == sum(
        inside.dry_run.consent_sources.values()
    )


async def test_what_colleagues_quote_in_lists_and_news_shows_no_number(shop):
    """Not the case's page alone: the queue, what everybody hears of it, questions."""
    number = "4791200042"
    outside = await make_moderator("Out", StaffRole.EXTERNAL)
    mira = await make_moderator()
    await screened(shop)
    made = await decided(shop, mira)
    why = RevocationInput(reason=f"+{number} complained")
    await revoke_case(mira, shop.tenant_id, made.vote.case_id, why)
    await keep_cases()
    (case_id,) = await case_ids(shop.tenant_id)
    lease = await claim_case(mira, shop.tenant_id, case_id)
    asked = QuestionInput(lease_fence=lease.lease_fence, question=f"Who is +{number}?")
    await ask_opinion(mira, shop.tenant_id, case_id, asked)
    for read in (
        partial(list_cases, state=CaseState.OPEN, kind=None, cursor=None, limit=5, mine=False),
        list_case_questions,
    ):
        assert number in str(await read(await make_moderator("Jon")))
        assert number not in str(await read(outside))
    assert number not in str(await queue_snapshot())
    assert number not in str(await case_snapshot(shop.tenant_id, case_id))
