"""What the desk decided, found again."""

import msgspec

from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import platform_scope
from backend.identity.service.tenants import list_tenants, tenant_names
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.moderation.queries import past_decisions
from backend.moderation.schemas.past_decisions import PastDecisionSearch, PastDecisionView

NAMED_TENANTS_MAX = 20


async def list_past_decisions(
    principal: Principal, search: PastDecisionSearch, cursor: str | None, limit: int
) -> Page[PastDecisionView]:
    """Of all tenants, newest first."""
    check_limit(limit)
    named = []
    if search.text.strip():
        companies = await list_tenants(principal, search.text.strip(), None, NAMED_TENANTS_MAX)
        named = [tenant.id for tenant in companies.items]
    async with platform_scope(principal, "search decisions") as scope:
        rows = await past_decisions.page(scope, search, named, cursor_id(cursor), limit)
        names = await tenant_names(scope, list({row["tenant_id"] for row in rows}))
    items = [
        msgspec.convert({**row, "tenant_name": names[row["tenant_id"]]}, PastDecisionView)
        for row in rows
    ]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))
