"""Who may listen to what: a topic is a row like any other."""

from uuid import uuid4

import pytest

from backend.app import authorize_topic
from backend.kernel.errors import Forbidden, NotFound
from backend.kernel.principal import KeyScope, MemberRole, Principal, PrincipalKind, StaffRole
from tests.factories import member_of, staff

pytestmark = pytest.mark.anyio


async def test_members_hear_their_own_tenant():
    tenant_id = uuid4()
    assert await authorize_topic(member_of(tenant_id), "session:1") == tenant_id
    assert await authorize_topic(member_of(tenant_id, MemberRole.BILLING), "balance") == tenant_id


@pytest.mark.parametrize("topic", ["queue", "case:1", "platform"])
async def test_members_hear_nothing_of_the_desks(topic):
    with pytest.raises(Forbidden):
        await authorize_topic(member_of(uuid4()), topic)


async def test_staff_hear_their_own_desk():
    assert await authorize_topic(staff(StaffRole.MODERATOR), "queue") is None
    for role, topic in ((StaffRole.FINANCE, "queue"), (StaffRole.MODERATOR, "session:1")):
        with pytest.raises(Forbidden):
            await authorize_topic(staff(role), topic)


async def test_staff_need_their_second_factor_to_listen():
    unconfirmed = Principal(
        kind=PrincipalKind.STAFF,
        account_id=uuid4(),
        staff_roles=frozenset({StaffRole.LEAD}),
    )
    with pytest.raises(Forbidden) as refused:
        await authorize_topic(unconfirmed, "queue")
    assert refused.value.code == "second_factor_required"


async def test_a_key_hears_what_its_scopes_read():
    tenant_id = uuid4()
    key = Principal(
        kind=PrincipalKind.API_KEY,
        key_id=uuid4(),
        tenant_id=tenant_id,
        key_scopes=frozenset({KeyScope.BALANCE_READ}),
    )
    assert await authorize_topic(key, "balance") == tenant_id
    with pytest.raises(Forbidden):
        await authorize_topic(key, "session:1")


async def test_an_unknown_topic_is_not_there():
    with pytest.raises(NotFound):
        await authorize_topic(member_of(uuid4()), "secrets")
