"""What the database refuses that was the asker's mistake, and no fault of ours."""

from datetime import datetime, timedelta, timezone
from uuid import uuid4

import pytest

from backend.db.scope import tenant_scope
from backend.kernel.errors import InvalidInput, NotFound
from backend.kernel.principal import StaffRole
from tests.db.test_scopes import with_key
from tests.factories import make_tenant, member_of, staff

pytestmark = pytest.mark.anyio


async def test_staff_who_act_at_a_tenant_that_never_was_are_told(database):
    with pytest.raises(NotFound):
        async with tenant_scope(with_key(staff(StaffRole.ADMIN), "k"), uuid4(), reason="test"):
            pass


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "timestamptz"),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14))), "timestamptz"),
        (2**31, "int"),
        (2**63, "bigint"),
    ],
)
async def test_what_no_column_holds_is_the_askers_mistake(database, value, kind):
    tenant_id = await make_tenant()
    with pytest.raises(InvalidInput, match="value_out_of_range"):
        async with tenant_scope(member_of(tenant_id)) as scope:
            await scope.value(f"SELECT $1::{kind}", value)
    async with tenant_scope(member_of(tenant_id)) as scope:
        assert await scope.value("SELECT 1") == 1
