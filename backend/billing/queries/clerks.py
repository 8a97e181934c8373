"""What one person of finance did alone for one tenant, added up."""

from datetime import datetime

from backend.billing.desk_states import CorrectionKind
from backend.db.scope import Scope


async def take_turn(scope: Scope) -> None:
    """What clerks do with a tenant's money comes one after the other, until the transaction ends:
    two entries at once count each other, and a line is read as it will be changed. Before any row
    is locked.
    """
    await scope.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 37))", str(scope.tenant_id)
    )


async def topped_up(scope: Scope, since: datetime) -> int:
    """Credits of this clerk's top-ups that no second person approved; what was taken back brought
    nothing.
    """
    total: int = await scope.value(
        "SELECT coalesce(sum(amount_credits), 0)::bigint FROM top_ups WHERE tenant_id = $1"
        " AND created_by = $2 AND created_at > $3 AND state = 'credited' AND approved_by IS NULL",
        scope.tenant_id,
        scope.principal.actor,
        since,
    )
    return total


async def corrected_alone(scope: Scope, kind: CorrectionKind, since: datetime) -> int:
    """Credits of this clerk's reversals, or grants, that no second person approved."""
    total: int = await scope.value(
        "SELECT coalesce(sum(amount_credits), 0)::bigint FROM corrections WHERE tenant_id = $1"
        " AND created_by = $2 AND created_at > $3 AND kind = $4 AND state = 'done'"
        " AND decided_by IS NULL",
        scope.tenant_id,
        scope.principal.actor,
        since,
        kind.value,
    )
    return total


async def refunded(scope: Scope, since: datetime, currency: str) -> tuple[int, int]:
    """Credits of this clerk's refunds that no second person approved, and the money of those of
    top-ups, which somebody typed, in one currency. A refund that failed gave nothing away.
    """
    row = await scope.one(
        "SELECT coalesce(sum(credits), 0)::bigint AS credits, coalesce(sum(amount_minor)"
        " FILTER (WHERE top_up_id IS NOT NULL AND currency = $4), 0)::bigint AS amount_minor"
        " FROM refunds WHERE tenant_id = $1 AND requested_by = $2 AND requested_at > $3"
        " AND origin = 'clearsend' AND approved_by IS NULL"
        " AND state IN ('approved', 'submitted', 'succeeded')",
        scope.tenant_id,
        scope.principal.actor,
        since,
        currency,
    )
    return row["credits"], row["amount_minor"]
