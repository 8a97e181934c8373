"""SQL of opt-outs and of when a phone was last contacted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.db.scope import Scope

FOLDED_EVENTS_MAX = 100
"""Windows: some 20,000 people in one transaction."""
FOLDED_TENANTS_MAX = 1_000
"""Looked up at a time; who is behind them has their turn in the same round."""


async def add_opt_out_event(
    scope: Scope, event_id: UUID, phone: str, *, sender: str, kind: str, source: str, evidence: str
) -> None:
    await scope.execute(
        "INSERT INTO opt_out_events (tenant_id, id, phone, sender, kind, source, evidence, actor,"
        " at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.tenant_id,
        event_id,
        phone,
        sender,
        kind,
        source,
        evidence,
        scope.principal.actor,
        scope.now,
    )


async def put_opt_out(scope: Scope, event_id: UUID, phone: str, sender: str, source: str) -> bool:
    """One in force keeps its first evidence; one lifted by an opt-in comes back with the new.
    False: it was in force.
    """
    touched = await scope.execute(
        "INSERT INTO opt_outs (tenant_id, phone, sender, event_id, source, opted_out_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, phone, sender) DO UPDATE"
        " SET event_id = excluded.event_id, source = excluded.source,"
        " opted_out_at = excluded.opted_out_at, opted_in_at = NULL"
        " WHERE opt_outs.opted_in_at IS NOT NULL",
        scope.tenant_id,
        phone,
        sender,
        event_id,
        source,
        scope.now,
    )
    return bool(touched)


async def lift_opt_outs(scope: Scope, phone: str, sender: str) -> int:
    return await scope.execute(
        "UPDATE opt_outs SET opted_in_at = $4 WHERE tenant_id = $1 AND phone = $2"
        " AND sender = $3 AND opted_in_at IS NULL",
        scope.tenant_id,
        phone,
        sender,
        scope.now,
    )


_OPT_OUT = (
    "SELECT o.event_id AS id, o.phone, o.sender, o.source, e.evidence, o.opted_out_at AS at"
    " FROM opt_out_events e JOIN opt_outs o ON o.tenant_id = $1 AND o.phone = e.phone"
    " AND o.sender = e.sender AND o.event_id = e.id AND o.opted_in_at IS NULL"
    " WHERE e.tenant_id = $1"
)


async def opt_out(scope: Scope, phone: str, sender: str) -> Any:
    return await scope.one(
        f"{_OPT_OUT} AND e.phone = $2 AND e.sender = $3",
        scope.tenant_id,
        phone,
        sender,
    )


async def is_opted_out(scope: Scope, phone: str, sender: str) -> bool:
    return bool(
        await scope.value(
            "SELECT true FROM opt_outs WHERE tenant_id = $1 AND phone = $2 AND sender = $3"
            " AND opted_in_at IS NULL",
            scope.tenant_id,
            phone,
            sender,
        )
    )


async def opt_outs_page(
    scope: Scope, phone: str | None, before: UUID | None, limit: int
) -> list[Any]:
    """Newest first."""
    return await scope.rows(
        f"{_OPT_OUT} AND ($2::text IS NULL OR e.phone = $2)"
        " AND ($3::uuid IS NULL OR e.id < $3) ORDER BY e.id DESC LIMIT $4",
        scope.tenant_id,
        phone,
        before,
        limit,
    )


async def add_contacts(
    scope: Scope, event_id: UUID, kind: str, at: datetime, phones: Sequence[str]
) -> None:
    await scope.execute(
        "INSERT INTO contact_events (tenant_id, id, kind, at, phones) VALUES ($1, $2, $3, $4, $5)",
        scope.tenant_id,
        event_id,
        kind,
        at,
        list(phones),
    )


async def tenants_with_contacts(scope: Scope, after: UUID, limit: int) -> list[UUID]:
    """A loose index scan: one probe a tenant, however many events each has."""
    rows = await scope.rows(
        "WITH RECURSIVE found (t) AS ("
        " (SELECT tenant_id FROM contact_events WHERE tenant_id > $1 ORDER BY tenant_id LIMIT 1)"
        " UNION ALL SELECT (SELECT c.tenant_id FROM contact_events c WHERE c.tenant_id > found.t"
        " ORDER BY c.tenant_id LIMIT 1) FROM found WHERE found.t IS NOT NULL)"
        " SELECT t FROM found WHERE t IS NOT NULL LIMIT $2",
        after,
        limit,
    )
    return [row["t"] for row in rows]


async def fold_contacts(scope: Scope, until: datetime) -> int:
    """The oldest events up to then become totals of their day. Two at once share nothing: a row is
    deleted by one of them, and only what was deleted is added.
    """
    return int(
        await scope.value(
            "WITH gone AS (DELETE FROM contact_events WHERE tenant_id = $1 AND id IN ("
            "   SELECT id FROM contact_events WHERE tenant_id = $1 AND at <= $3"
            "   ORDER BY id LIMIT $2)"
            "   RETURNING phones, kind, at),"
            " contacts AS (SELECT unnest(phones) AS phone, kind, at FROM gone),"
            " days AS (SELECT phone, (at AT TIME ZONE 'UTC')::date AS day,"
            "   count(*) FILTER (WHERE kind = 'accepted') AS accepted,"
            "   count(*) FILTER (WHERE kind = 'delivered') AS delivered,"
            "   count(*) FILTER (WHERE kind = 'replied') AS replied,"
            "   max(at) FILTER (WHERE kind = 'accepted') AS last_accepted,"
            "   max(at) FILTER (WHERE kind = 'delivered') AS last_delivered,"
            "   max(at) FILTER (WHERE kind = 'replied') AS last_replied"
            "   FROM contacts GROUP BY 1, 2),"
            " put AS (INSERT INTO contact_totals (tenant_id, phone, day, accepted, delivered,"
            "   replied, last_accepted_at, last_delivered_at, last_replied_at)"
            "   SELECT $1, d.* FROM days d ORDER BY phone, day"
            "   ON CONFLICT (tenant_id, phone, day) DO UPDATE SET"
            "   accepted = contact_totals.accepted + excluded.accepted,"
            "   delivered = contact_totals.delivered + excluded.delivered,"
            "   replied = contact_totals.replied + excluded.replied,"
            "   last_accepted_at ="
            "     greatest(contact_totals.last_accepted_at, excluded.last_accepted_at),"
            "   last_delivered_at ="
            "     greatest(contact_totals.last_delivered_at, excluded.last_delivered_at),"
            "   last_replied_at ="
            "     greatest(contact_totals.last_replied_at, excluded.last_replied_at))"
            " SELECT count(*) FROM contacts",
            scope.tenant_id,
            FOLDED_EVENTS_MAX,
            until,
        )
    )


async def accepted_since(scope: Scope, phones: Sequence[str], since: datetime) -> list[Any]:
    """(phone, accepted) where there is any: whole UTC days from `since` on, and the unfolded."""
    return await scope.rows(
        "SELECT phone, sum(n)::integer AS accepted FROM ("
        " SELECT phone, accepted AS n FROM contact_totals WHERE tenant_id = $1"
        " AND phone = ANY($2::text[]) AND day >= ($3::timestamptz AT TIME ZONE 'UTC')::date"
        " UNION ALL SELECT phone, 1 FROM contact_events, unnest(phones) AS phone"
        " WHERE tenant_id = $1 AND phone = ANY($2::text[]) AND kind = 'accepted' AND at >= $3) c"
        " WHERE n > 0 GROUP BY phone",
        scope.tenant_id,
        list(phones),
        since,
    )


async def tenants_in_contact(scope: Scope, phones: Sequence[str], since: datetime) -> list[Any]:
    """In a platform scope: (tenant_id, phone) of messages accepted since that UTC day."""
    return await scope.rows(
        "SELECT tenant_id, phone FROM contact_totals WHERE phone = ANY($1::text[])"
        " AND day >= ($2::timestamptz AT TIME ZONE 'UTC')::date AND accepted > 0"
        " UNION SELECT e.tenant_id, phone FROM contact_events e, unnest(e.phones) AS phone"
        " WHERE e.kind = 'accepted' AND e.phones && $1::text[] AND phone = ANY($1::text[])",
        list(phones),
        since,
    )
