"""What was done to one's own credentials, for whoever wants to know whether it was them."""

from typing import Final

from backend.audit.service import account_events
from backend.db.scope import platform_scope
from backend.identity.factor_schemas import SecurityEventView
from backend.identity.service.login import account_of
from backend.kernel.principal import Principal, system

SHOWN_MAX: Final = 50


async def list_security_events(principal: Principal) -> list[SecurityEventView]:
    """Newest first."""
    account_id = account_of(principal)
    async with platform_scope(system("account"), "one's own security events") as scope:
        rows = await account_events(scope, account_id, SHOWN_MAX)
    return [
        SecurityEventView(
            id=row["id"],
            at=row["at"],
            action=row["action"],
            factor=row["facts"].get("name"),
            # A command of the operator, or somebody of ours on request.
            is_own=str(account_id) in row["actor"],
            remote_address=row["remote_address"],
        )
        for row in rows
    ]
