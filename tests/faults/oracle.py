"""What `clearsend prove` says of a database that a test has ill-treated, and what it does not ask:
every move of a session happened once, from where the one before it had led.
"""

from backend.commands.prove import violations
from backend.db.scope import platform_scope
from backend.kernel.principal import system
from backend.settings import Settings

_BROKEN_CHAINS = """
SELECT session_id, event, before, came_from FROM (
    SELECT session_id, event, from_state AS before,
           lag(to_state) OVER (PARTITION BY tenant_id, session_id ORDER BY id) AS came_from
    FROM session_events
) AS moves WHERE came_from IS NOT NULL AND before IS NOT NULL AND before <> came_from
"""


async def broken_promises(settings: Settings | None = None) -> list[str]:
    """Empty where every invariant holds."""
    found = [line async for line in violations(settings or Settings())]
    async with platform_scope(system("oracle"), "moves of every session") as scope:
        rows = await scope.rows(_BROKEN_CHAINS)
    return found + [f"a move from nowhere: {dict(row)}" for row in rows]
