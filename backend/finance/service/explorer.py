"""Any balance explained: the transfer, its legs, its lots, its hold, its session, its messages."""

from uuid import UUID

import asyncpg
import msgspec

from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, decode_cursor, next_cursor, row_number
from backend.db.scope import Scope, platform_scope
from backend.finance.queries import explorer
from backend.finance.schemas.explorer import (
    ChargedMessage,
    EntryView,
    HoldView,
    LotShare,
    SessionShare,
    TransferView,
)
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.sms.phone import mask

MESSAGE_NUMBER_MAX = 2**31 - 1


async def read_transfer(principal: Principal, tenant_id: UUID, transfer_id: UUID) -> TransferView:
    """Raises NotFound."""
    async with platform_scope(principal, f"transfer {transfer_id}", tenant_id) as scope:
        row = await explorer.transfer(scope, tenant_id, transfer_id)
        legs = await explorer.entries(scope, tenant_id, transfer_id)
        lots = await explorer.lots(scope, tenant_id, transfer_id)
        hold = None
        if row["hold_id"] is not None:
            found = await explorer.hold(scope, tenant_id, row["hold_id"])
            hold = msgspec.convert(dict(found), HoldView)
        session = await _session(scope, row)
    given = dict(row)
    del given["session_id"], given["hold_id"]
    given |= {
        "entries": [msgspec.convert(dict(leg), EntryView) for leg in legs],
        "lots": [msgspec.convert(dict(lot), LotShare) for lot in lots],
        "hold": hold,
        "session": _share(session),
    }
    return msgspec.convert(given, TransferView)


def _share(session: asyncpg.Record | None) -> SessionShare | None:
    if session is None:
        return None
    return SessionShare(id=session["id"], campaign=session["campaign"], state=session["state"])


async def _session(scope: Scope, row: asyncpg.Record) -> asyncpg.Record | None:
    if row["session_id"] is None:
        return None
    return await explorer.session(scope, row["tenant_id"], row["session_id"])


async def list_charged_messages(
    principal: Principal,
    tenant_id: UUID,
    transfer_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[ChargedMessage]:
    """What a capture charged; of another transfer of a session, the session's. Raises NotFound."""
    check_limit(limit)
    after = decode_cursor(cursor, row_number)[0] if cursor else 0
    async with platform_scope(principal, f"messages of {transfer_id}", tenant_id) as scope:
        row = await explorer.transfer(scope, tenant_id, transfer_id)
        session = await _session(scope, row)
        if session is None or session["session_day"] is None:
            return Page(items=[])
        after = min(max(after, 0), MESSAGE_NUMBER_MAX)
        rows = await explorer.messages(scope, row, session, after, limit)
    items = [
        msgspec.convert(dict(one) | {"phone": mask(one["phone"])}, ChargedMessage) for one in rows
    ]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "n"))
