"""A person lets a waiting session go on: a confirmed price, a missed one sent now."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from backend.campaigns.schemas.content import FrozenContent, content_hash
from backend.campaigns.service.contents import freeze_version
from backend.campaigns.service.moves import read_session
from backend.campaigns.states import SessionState
from backend.db.scope import tenant_scope
from backend.delivery.schemas import PriceConfirmation
from backend.delivery.service.continuing import confirm_price, send_missed_now
from backend.kernel.errors import Conflict, NotFound, StateConflict
from tests.delivery.factories import make_session
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio
CONTENT = FrozenContent(body="Hi", sender="NORDLYS", audience={"all": True})


async def state_of(tenant_id: UUID, session_id: UUID) -> SessionState:
    async with tenant_scope(member_of(tenant_id)) as scope:
        return (await read_session(scope, session_id)).state


async def test_a_confirmed_price_prepares_again(database):
    tenant_id = await make_tenant()
    session_id = await make_session(tenant_id, state="awaiting_confirmation", ceiling_credits=100)
    me = member_of(tenant_id)
    with pytest.raises(Conflict) as low:
        await confirm_price(me, session_id, PriceConfirmation(ceiling_credits=100))
    assert low.value.code == "ceiling_too_low"
    answer = await confirm_price(me, session_id, PriceConfirmation(ceiling_credits=130))
    assert answer.state is SessionState.PREPARING
    with pytest.raises(StateConflict):
        await confirm_price(me, session_id, PriceConfirmation(ceiling_credits=140))
    async with tenant_scope(me) as scope:
        assert (await read_session(scope, session_id)).ceiling_credits == 130


async def test_another_tenants_price_is_not_there_to_confirm(database):
    first, second = await make_tenant(), await make_tenant()
    session_id = await make_session(first, state="awaiting_confirmation", ceiling_credits=1)
    with pytest.raises(NotFound):
        await confirm_price(member_of(second), session_id, PriceConfirmation(ceiling_credits=9))


async def missed(tenant_id: UUID, **changes: object) -> UUID:
    hashed = content_hash(CONTENT)
    values: dict[str, object] = {
        "approved_hash": hashed,
        "approved_at": datetime.now(UTC),
        **changes,
    }
    session_id = await make_session(tenant_id, state="missed", **values)
    async with tenant_scope(member_of(tenant_id)) as scope:
        await freeze_version(scope, await read_session(scope, session_id), CONTENT)
    return session_id


async def test_a_missed_session_with_its_approval_is_prepared(database):
    tenant_id = await make_tenant()
    session_id = await missed(tenant_id)
    await send_missed_now(member_of(tenant_id), session_id)
    assert await state_of(tenant_id, session_id) is SessionState.PREPARING


@pytest.mark.parametrize(
    "changes",
    [
        {"approved_at": datetime.now(UTC) - timedelta(days=91)},
        {"revoked_at": datetime.now(UTC)},
        {"approved_hash": "0" * 64},
        {"approved_version": 2},
    ],
)
async def test_without_a_valid_approval_it_is_screened_again(database, changes):
    tenant_id = await make_tenant()
    session_id = await missed(tenant_id, **changes)
    await send_missed_now(member_of(tenant_id), session_id)
    assert await state_of(tenant_id, session_id) is SessionState.SCREENING


async def test_what_is_not_missed_is_not_sent_now(database):
    tenant_id = await make_tenant()
    session_id = await make_session(tenant_id, state="awaiting_credits")
    with pytest.raises(StateConflict):
        await send_missed_now(member_of(tenant_id), session_id)
    assert await state_of(tenant_id, session_id) is SessionState.AWAITING_CREDITS
