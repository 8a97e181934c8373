"""The hash covers every field: what was approved is what leaves."""

from uuid import UUID

import msgspec
import pytest
from hypothesis import given, strategies as st

from backend.audience.schemas.rules import AudienceInput
from backend.campaigns.queries import sessions
from backend.campaigns.schemas.content import FrozenContent, content_hash
from backend.campaigns.service.contents import find_withdrawn, read_content_version, recompute_hash
from backend.templates.service.approvals import withdraw_sender, withdraw_template_version

CONTENT = FrozenContent(body="Hello", sender="NORDLYS", audience={"all": True})
OTHER = {
    "body": "Hello!",
    "header": "Nordlys",
    "footer": "STOP",
    "sender": "NORDLY5",
    "sender_id": UUID(int=1),
    "template_version_id": UUID(int=2),
    "attachment": "a" * 64,
    "audience": {"all": False},
    "schedule_kind": "once",
    "channel": "mms",
}


def test_every_field_is_tried():
    assert set(OTHER) == set(FrozenContent.__struct_fields__)


@pytest.mark.parametrize("field", OTHER)
def test_any_field_changes_the_hash(field):
    changed = msgspec.structs.replace(CONTENT, **{field: OTHER[field]})
    assert content_hash(changed) != content_hash(CONTENT)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_text_does_not_move_between_parts(header, body, footer):
    """Neither a shifted border nor a key order gives two contents one hash."""
    content = FrozenContent(
        body=body, header=header, footer=footer, sender="A", audience={"a": 1, "b": 2}
    )
    same = msgspec.structs.replace(content, audience={"b": 2, "a": 1})
    assert content_hash(same) == content_hash(content)
    if header != footer:
        swapped = msgspec.structs.replace(content, header=footer, footer=header)
        assert content_hash(swapped) != content_hash(content)


@pytest.mark.anyio
async def test_a_stored_version_hashes_to_what_was_confirmed(shop):
    group_id = await shop.group("Friends", await shop.people(2))
    audience = AudienceInput(group_ids=[group_id], subscriber_ids=[await shop.person(7)])
    session = await shop.submitted(body="Blåbær “now” 😀", audience=audience)
    assert session.content is not None
    async with shop.scope() as scope:
        row = await sessions.read(scope, session.id)
        version = await read_content_version(scope, row.id, row.content_version)
        assert await recompute_hash(scope, row) == version.hash == session.content.hash
        assert session.quote is not None
        assert version.hash == session.quote.hash


@pytest.mark.anyio
async def test_what_was_withdrawn_since_is_found(shop):
    await shop.people(1)
    template_id = await shop.approved_template(body="The doors open at nine.")
    session = await shop.submitted(template_version_id=template_id, body="The doors open at nine.")
    async with shop.scope() as scope:
        content = (await read_content_version(scope, session.id, 1)).content
        assert content.template_version_id == template_id
        assert await find_withdrawn(scope, content) is None
        await withdraw_template_version(scope, template_id, "old")
        assert await find_withdrawn(scope, content) == "template"
        await withdraw_sender(scope, shop.sender_id, "old")
        assert await find_withdrawn(scope, content) == "sender"
