"""Promise 4: what was approved is what stands there now, recomputed from the content itself."""

from collections.abc import AsyncIterator

import msgspec

from backend.campaigns.queries.proof import APPROVED
from backend.campaigns.schemas.content import FrozenContent, content_hash
from backend.db.scope import platform_scope
from backend.kernel.ids import NIL_ID
from backend.kernel.principal import Principal

SESSIONS_PER_PAGE = 500


async def prove_approvals(principal: Principal) -> AsyncIterator[str]:
    last = NIL_ID
    while True:
        async with platform_scope(principal, "prove approvals") as scope:
            rows = await scope.rows(APPROVED, last, SESSIONS_PER_PAGE)
        for row in rows:
            if row["content"] is None:
                yield f"promise 4: session {row['id']} has an approval of no content"
                continue
            found = content_hash(msgspec.convert(row["content"], FrozenContent, strict=False))
            if not found == row["hash"] == row["approved_hash"]:
                yield (
                    f"promise 4, approval binds to content: session {row['id']} was approved as"
                    f" {row['approved_hash']} and holds {found}"
                )
        if len(rows) < SESSIONS_PER_PAGE:
            return
        last = rows[-1]["id"]
