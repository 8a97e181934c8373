"""Strikes, outcomes of sessions, complaints, proposals, and the thresholds they are judged by."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.db.scope import Scope
from backend.kernel.ids import uuid7

_STRIKE = (
    "SELECT id, cause, weight, reason, session_id, case_id, given_by, given_at, expires_at,"
    " lifted_at, lifted_by, lifted_reason, (lifted_at IS NULL AND expires_at > $2) AS is_standing"
    " FROM strikes WHERE tenant_id = $1"
)
_PROPOSAL = (
    "SELECT tenant_id, id, weight, reason, state, made_at, decided_by, decided_at, decided_reason"
    " FROM suspension_proposals"
)


async def newest_policy(scope: Scope) -> Any:
    """None: what the product ships with."""
    return await scope.row(
        "SELECT version, policy, note, made_by, made_at FROM trust_policies"
        " ORDER BY version DESC LIMIT 1"
    )


async def insert_policy(scope: Scope, version: int, policy: Any, note: str) -> bool:
    """False: somebody made this version first."""
    return bool(
        await scope.execute(
            "INSERT INTO trust_policies (version, policy, note, made_by, made_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            version,
            policy,
            note,
            scope.principal.actor,
            scope.now,
        )
    )


async def insert_strike(scope: Scope, strike: dict[str, Any]) -> UUID | None:
    """None: this was struck for before."""
    strike = {"id": uuid7(), "given_by": scope.principal.actor, "given_at": scope.now, **strike}
    names = ", ".join(strike)
    places = ", ".join(f"${n}" for n in range(2, len(strike) + 2))
    found: UUID | None = await scope.value(
        f"INSERT INTO strikes (tenant_id, {names}) VALUES ($1, {places})"
        " ON CONFLICT DO NOTHING RETURNING id",
        scope.tenant_id,
        *strike.values(),
    )
    return found


async def standing_weight(scope: Scope) -> int:
    found: int = await scope.value(
        "SELECT coalesce(sum(weight), 0)::int FROM strikes"
        " WHERE tenant_id = $1 AND lifted_at IS NULL AND expires_at > $2",
        scope.tenant_id,
        scope.now,
    )
    return found


async def strikes(scope: Scope, limit: int) -> list[Any]:
    """Those that stand before those that do not, newest first."""
    return await scope.rows(
        f"{_STRIKE} ORDER BY (lifted_at IS NULL AND expires_at > $2) DESC, id DESC LIMIT $3",
        scope.tenant_id,
        scope.now,
        limit,
    )


async def strike(scope: Scope, strike_id: UUID) -> Any:
    """Raises NotFound."""
    return await scope.one(f"{_STRIKE} AND id = $3", scope.tenant_id, scope.now, strike_id)


async def lift(scope: Scope, strike_id: UUID, reason: str) -> bool:
    """Whether this call was the one; what is over already is not lifted."""
    return bool(
        await scope.execute(
            "UPDATE strikes SET lifted_at = $3, lifted_by = $4, lifted_reason = $5"
            " WHERE tenant_id = $1 AND id = $2 AND lifted_at IS NULL AND expires_at > $3",
            scope.tenant_id,
            strike_id,
            scope.now,
            scope.principal.actor,
            reason,
        )
    )


async def strikes_of_case(scope: Scope, case_id: UUID) -> list[UUID]:
    rows = await scope.rows(
        "SELECT id FROM strikes WHERE tenant_id = $1 AND case_id = $2 AND lifted_at IS NULL",
        scope.tenant_id,
        case_id,
    )
    return [row["id"] for row in rows]


async def add_outcome(  # noqa: PLR0917 - one row
    scope: Scope,
    session_id: UUID,
    approval_kind: str | None,
    accepted: int | None,
    delivered: int | None,
    opt_outs: int,
    complaints: int,
) -> Any:
    """The row as it is now. Totals only grow: told late, an older one changes nothing."""
    return await scope.one(
        "INSERT INTO session_outcomes AS o (tenant_id, session_id, approval_kind, accepted,"
        " delivered, opt_outs, complaints, first_at, changed_at)"
        " VALUES ($1, $2, $3, coalesce($4, 0), coalesce($5, 0), $6, $7, $8, $8)"
        " ON CONFLICT (tenant_id, session_id) DO UPDATE SET"
        " approval_kind = coalesce(excluded.approval_kind, o.approval_kind),"
        " accepted = greatest(o.accepted, excluded.accepted),"
        " delivered = greatest(o.delivered, excluded.delivered),"
        " opt_outs = o.opt_outs + excluded.opt_outs,"
        " complaints = o.complaints + excluded.complaints, changed_at = excluded.changed_at"
        " RETURNING session_id, accepted, delivered, opt_outs, complaints, first_at",
        scope.tenant_id,
        session_id,
        approval_kind,
        accepted,
        delivered,
        opt_outs,
        complaints,
        scope.now,
    )


async def outcomes(scope: Scope, limit: int) -> list[Any]:
    return await scope.rows(
        "SELECT session_id, accepted, delivered, opt_outs, complaints, first_at"
        " FROM session_outcomes WHERE tenant_id = $1 ORDER BY first_at DESC LIMIT $2",
        scope.tenant_id,
        limit,
    )


async def rates(scope: Scope, since: datetime, newest: int) -> Any:
    """Sums over the newest sessions since then, however many there are."""
    return await scope.one(
        "SELECT count(*)::int AS sessions, coalesce(sum(accepted), 0)::bigint AS accepted,"
        " coalesce(sum(delivered), 0)::bigint AS delivered,"
        " coalesce(sum(opt_outs), 0)::bigint AS opt_outs,"
        " coalesce(sum(complaints), 0)::bigint AS complaints FROM (SELECT accepted, delivered,"
        " opt_outs, complaints FROM session_outcomes WHERE tenant_id = $1 AND first_at >= $2"
        " ORDER BY first_at DESC LIMIT $3) n",
        scope.tenant_id,
        since,
        newest,
    )


async def insert_complaint(scope: Scope, complaint_id: UUID, values: dict[str, Any]) -> bool:
    """False: this was told before."""
    return bool(
        await scope.execute(
            "INSERT INTO complaints (tenant_id, id, session_id, source, reference, count, note,"
            " recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            " ON CONFLICT (tenant_id, source, reference) DO NOTHING",
            scope.tenant_id,
            complaint_id,
            values["session_id"],
            values["source"],
            values["reference"],
            values["count"],
            values["note"],
            scope.principal.actor,
            scope.now,
        )
    )


async def complaints(scope: Scope, after: UUID | None, limit: int) -> list[Any]:
    """Newest first."""
    return await scope.rows(
        "SELECT id, session_id, source, reference, count, note, recorded_by, recorded_at"
        " FROM complaints WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        scope.tenant_id,
        after,
        limit,
    )


async def complaint(scope: Scope, source: str, reference: str) -> Any:
    return await scope.one(
        "SELECT id, session_id, source, reference, count, note, recorded_by, recorded_at"
        " FROM complaints WHERE tenant_id = $1 AND source = $2 AND reference = $3",
        scope.tenant_id,
        source,
        reference,
    )


async def propose(scope: Scope, weight: int, reason: str) -> bool:
    """False: one is open already."""
    return bool(
        await scope.execute(
            "INSERT INTO suspension_proposals (tenant_id, id, weight, reason, made_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            scope.tenant_id,
            uuid7(),
            weight,
            reason,
            scope.now,
        )
    )


async def has_proposal(scope: Scope) -> bool:
    return bool(
        await scope.value(
            "SELECT EXISTS (SELECT FROM suspension_proposals WHERE tenant_id = $1"
            " AND state = 'open')",
            scope.tenant_id,
        )
    )


async def proposals(scope: Scope, state: str, limit: int) -> list[Any]:
    """In a platform scope, newest first."""
    return await scope.rows(f"{_PROPOSAL} WHERE state = $1 ORDER BY id DESC LIMIT $2", state, limit)


async def proposal(scope: Scope, proposal_id: UUID) -> Any:
    """Raises NotFound."""
    return await scope.one(
        f"{_PROPOSAL} WHERE tenant_id = $1 AND id = $2", scope.tenant_id, proposal_id
    )


async def decide_proposal(scope: Scope, proposal_id: UUID, state: str, reason: str) -> bool:
    return bool(
        await scope.execute(
            "UPDATE suspension_proposals SET state = $3, decided_by = $4, decided_at = $5,"
            " decided_reason = $6 WHERE tenant_id = $1 AND id = $2 AND state = 'open'",
            scope.tenant_id,
            proposal_id,
            state,
            scope.principal.actor,
            scope.now,
            reason,
        )
    )
