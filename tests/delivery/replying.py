"""People who got a message, and what they write back."""

from uuid import UUID

import msgspec

from backend.db.scope import tenant_scope
from backend.delivery.service.inbound import store_inbound
from backend.delivery.service.outcomes import Answered, record_outcomes
from backend.delivery.service.preparing import prepare_session
from backend.gateways.port import InboundMessage
from backend.kernel.principal import system
from tests.delivery.factories import (
    ListedEvaluator,
    accepted,
    lease_of,
    make_paying_tenant,
    make_session,
    recipient,
    use,
    window_of,
)

SENDER = "Nordlys"


async def texted(count: int = 3, sender: str = SENDER, tenant_id: UUID | None = None):
    """(tenant, session) whose first `count` recipients have its message."""
    tenant_id = tenant_id or await make_paying_tenant(1_000)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(count)], sender=sender))
    assert await prepare_session(tenant_id, session_id) == "sending"
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease)
    await record_outcomes([Answered(lease, window, accepted(lease, window))])
    return tenant_id, session_id


def written(number: int, text: str | bytes, to: str = SENDER, **changes: object) -> InboundMessage:
    message = InboundMessage(
        source=recipient(number).phone.removeprefix("+"),
        destination=to,
        data_coding=0,
        body=text if isinstance(text, bytes) else text.encode(),
        part_reference=None,
        part_number=1,
        parts_total=1,
        raw=b"",
    )
    message = msgspec.structs.replace(message, **changes)
    return msgspec.structs.replace(message, raw=repr(message).encode())


async def say(gateway_id: UUID, *messages: InboundMessage) -> None:
    await store_inbound(gateway_id, messages)


async def rows_of(tenant_id: UUID, sql: str):
    async with tenant_scope(system("test", tenant_id)) as scope:
        return [tuple(row.values()) for row in await scope.rows(sql)]


async def opted_out(tenant_id: UUID):
    sql = "SELECT phone, sender FROM opt_outs WHERE opted_in_at IS NULL ORDER BY phone, sender"
    return await rows_of(tenant_id, sql)


async def replies_of(tenant_id: UUID):
    return await rows_of(tenant_id, "SELECT phone, kind, text FROM replies ORDER BY id")
