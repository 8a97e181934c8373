"""What an approval is about, changed behind the product's back: nothing of it leaves."""

import json
from uuid import uuid4

import pytest

from backend.campaigns.schemas.content import FrozenContent
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.starting import start_approved
from backend.gateways.service import note_working, standing_gateways
from backend.kernel.principal import system
from backend.ledger.service.balance import balance
from backend.ledger.service.lots import top_up
from tests.moderation.factories import decided, make_moderator, screened, session_of, the_case

pytestmark = pytest.mark.anyio
# None of them is what `screened` sends; the ids are of nobody.
OTHER = {
    "body": "Pay here",
    "header": "Pay here",
    "footer": "Pay here",
    "sender": "VIPPS",
    "sender_id": str(uuid4()),
    "template_version_id": str(uuid4()),
    "attachment": "a" * 64,
    "audience": {"all": True, "nobody": "asked"},
    "schedule_kind": "once",
    "channel": "mms",
}


def test_every_hashed_field_is_tampered_with():
    assert set(OTHER) == set(FrozenContent.__struct_fields__)


@pytest.mark.parametrize("field", OTHER)
async def test_a_field_changed_by_sql_after_the_approval_is_not_sent(field, shop, database):
    mira = await make_moderator()
    session = await screened(shop)
    await decided(shop, mira)
    async with platform_scope(system("test"), "test") as scope:
        ids = [gateway.id for gateway in await standing_gateways(scope)]
    await note_working(ids)
    async with shop.scope() as scope:
        await top_up(scope, 10_000, "test")
    connection = await database.connect()
    try:
        await connection.execute("SET session_replication_role = replica")
        changed = await connection.execute(
            "UPDATE content_versions SET content = jsonb_set(content, ARRAY[$1], $2::jsonb)"
            " WHERE session_id = $3 AND content -> $1 IS DISTINCT FROM $2::jsonb",
            field,
            json.dumps(OTHER[field]),
            session.id,
        )
    finally:
        await connection.close()
    assert changed == "UPDATE 1"
    await start_approved(shop.tenant_id, session.id)
    state = await prepare_session(shop.tenant_id, session.id)
    assert state is SessionState.AWAITING_VALIDATION
    assert (await session_of(shop, session.id)).hold_id is None
    assert (await the_case(shop, mira)).cause == "at dispatch: content_changed"
    async with shop.scope() as scope:
        assert not await scope.value("SELECT count(*) FROM messages")
        now = await balance(scope)
    assert (now.available, now.held) == (10_000, 0)
