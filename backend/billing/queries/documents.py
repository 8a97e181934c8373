"""Documents: numbered and written in one transaction, moved only from unpaid to an end."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.billing.document_states import DocumentKind, DocumentState, PaymentMethod, Series
from backend.billing.schemas.documents import Draft, Party
from backend.db.scope import Scope

COLUMNS = (
    "d.id, d.tenant_id, d.kind, d.number, d.state, d.source, d.original_id, d.issued_at,"
    " d.issued_on, d.supplied_on, d.due_on, d.period_from, d.period_to, d.paid_at, d.paid_by,"
    " d.payment_method, d.currency, d.credits, d.net_minor, d.tax_minor, d.gross_minor, d.seller,"
    " d.buyer, d.notes, d.is_specimen, d.legal_entity"
)
ROW = (
    "d.id, d.tenant_id, d.kind, d.number, d.state, d.source, d.original_id, d.issued_on, d.due_on,"
    " d.paid_at, d.currency, d.credits, d.net_minor, d.tax_minor, d.gross_minor,"
    " d.buyer->>'name' AS buyer_name, coalesce((SELECT sum(c.gross_minor) FROM documents c"
    " WHERE c.tenant_id = d.tenant_id AND c.original_id = d.id), 0)::bigint AS credited_minor"
)


async def take_number(scope: Scope, entity: str, series: Series, document_id: UUID) -> int:
    """The next of the series. Whoever else wants one waits until this transaction ends."""
    seq: int = await scope.value(
        "UPDATE document_counters SET last = last + 1 WHERE legal_entity = $1 AND series = $2"
        " RETURNING last",
        entity,
        series.value,
    )
    await scope.execute(
        "INSERT INTO document_numbers (legal_entity, series, seq, tenant_id, document_id, taken_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        entity,
        series.value,
        seq,
        scope.tenant_id,
        document_id,
        scope.now,
    )
    return seq


async def insert_lines(scope: Scope, document_id: UUID, draft: Draft) -> None:
    """Before the document's own row, which seals them."""
    await scope.execute_many(
        "INSERT INTO document_lines (tenant_id, document_id, line_no, description, quantity,"
        " unit_price_micro, net_minor, tax_category, rate_permille, tax_minor, tax_note)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [
            (
                scope.tenant_id,
                document_id,
                line_no,
                line.description,
                line.quantity,
                line.unit_price_micro,
                line.net_minor,
                line.tax_category.value,
                line.rate_permille,
                line.tax_minor,
                line.tax_note,
            )
            for line_no, line in enumerate(draft.lines, 1)
        ],
    )


async def insert(
    scope: Scope,
    document_id: UUID,
    draft: Draft,
    *,
    entity: str,
    series: Series,
    seq: int,
    number: str,
    issued_on: date,
    seller: Party,
    buyer: Party,
    is_specimen: bool,
) -> None:
    values: dict[str, Any] = {
        "tenant_id": scope.tenant_id,
        "id": document_id,
        "legal_entity": entity,
        "series": series.value,
        "seq": seq,
        "number": number,
        "kind": draft.kind.value,
        "state": draft.state.value,
        "source": draft.source,
        "original_id": draft.original_id,
        "issued_at": scope.now,
        "issued_on": issued_on,
        "supplied_on": draft.supplied_on or issued_on,
        "due_on": draft.due_on,
        "period_from": draft.period[0] if draft.period else None,
        "period_to": draft.period[1] if draft.period else None,
        "paid_at": draft.paid_at,
        "paid_by": draft.paid_by,
        "payment_method": draft.payment_method.value if draft.payment_method else None,
        "currency": draft.currency,
        "credits": draft.credits,
        "net_minor": sum(line.net_minor for line in draft.lines),
        "tax_minor": sum(line.tax_minor for line in draft.lines),
        "gross_minor": sum(line.net_minor + line.tax_minor for line in draft.lines),
        "seller": msgspec.to_builtins(seller),
        "buyer": msgspec.to_builtins(buyer),
        "notes": list(draft.notes),
        "is_specimen": is_specimen,
        "is_advance": draft.is_advance,
        "created_by": scope.principal.actor,
    }
    places = ", ".join(f"${at}" for at in range(1, len(values) + 1))
    await scope.execute(
        f"INSERT INTO documents ({', '.join(values)}) VALUES ({places})", *values.values()
    )


async def id_of_source(scope: Scope, source: str) -> UUID | None:
    found: UUID | None = await scope.value(
        "SELECT id FROM documents WHERE tenant_id = $1 AND source = $2", scope.tenant_id, source
    )
    return found


async def wait_for_source(scope: Scope, source: str) -> None:
    """Until nobody else is issuing the same: two consumers of one announcement issue it once."""
    await scope.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 33))", f"{scope.tenant_id}|{source}"
    )


async def one(scope: Scope, tenant_id: UUID, document_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {COLUMNS}, o.number AS original_number FROM documents d"
        " LEFT JOIN documents o ON o.tenant_id = d.tenant_id AND o.id = d.original_id"
        " WHERE d.tenant_id = $1 AND d.id = $2",
        tenant_id,
        document_id,
    )


async def lock(scope: Scope, document_id: UUID) -> DocumentState:
    row = await scope.one(
        "SELECT state FROM documents WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        scope.tenant_id,
        document_id,
    )
    return DocumentState(row["state"])


async def lines(scope: Scope, tenant_id: UUID, document_id: UUID) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT line_no, description, quantity, unit_price_micro, net_minor, tax_category,"
        " rate_permille, tax_minor, tax_note FROM document_lines"
        " WHERE tenant_id = $1 AND document_id = $2 ORDER BY line_no",
        tenant_id,
        document_id,
    )


async def credited(scope: Scope, document_id: UUID) -> asyncpg.Record:
    """What credit notes have taken back of it so far."""
    return await scope.one(
        "SELECT coalesce(sum(net_minor), 0)::bigint AS net_minor,"
        " coalesce(sum(tax_minor), 0)::bigint AS tax_minor,"
        " coalesce(sum(credits), 0)::bigint AS credits"
        " FROM documents WHERE tenant_id = $1 AND original_id = $2",
        scope.tenant_id,
        document_id,
    )


async def tenant_of(scope: Scope, document_id: UUID) -> UUID:
    row = await scope.one("SELECT tenant_id FROM documents WHERE id = $1", document_id)
    tenant_id: UUID = row["tenant_id"]
    return tenant_id


async def page(
    scope: Scope,
    tenant_id: UUID | None,
    kind: DocumentKind | None,
    state: DocumentState | None,
    *,
    before: UUID | None,
    limit: int,
) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT {ROW} FROM documents d WHERE ($1::uuid IS NULL OR d.tenant_id = $1)"
        " AND ($2::text IS NULL OR d.kind = $2) AND ($3::text IS NULL OR d.state = $3)"
        " AND ($4::uuid IS NULL OR d.id < $4) ORDER BY d.id DESC LIMIT $5",
        tenant_id,
        kind.value if kind else None,
        state.value if state else None,
        before,
        limit,
    )


async def move(
    scope: Scope,
    document_id: UUID,
    before: DocumentState,
    after: DocumentState,
    *,
    paid_by: str | None = None,
    method: PaymentMethod | None = None,
) -> bool:
    """Compare-and-set; the table's trigger knows the same moves."""
    is_paid = after is DocumentState.PAID
    return bool(
        await scope.execute(
            "UPDATE documents SET state = $4, paid_at = $5, paid_by = $6, payment_method = $7"
            " WHERE tenant_id = $1 AND id = $2 AND state = $3",
            scope.tenant_id,
            document_id,
            before.value,
            after.value,
            scope.now if is_paid else None,
            paid_by if is_paid else None,
            method.value if is_paid and method else None,
        )
    )


async def unpaid(scope: Scope) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT id, number, state, credits FROM documents"
        " WHERE tenant_id = $1 AND state IN ('open', 'overdue') ORDER BY id",
        scope.tenant_id,
    )


async def past_due(scope: Scope, today: date, limit: int) -> list[asyncpg.Record]:
    """Of every tenant; the caller looks again at the day in the seller's zone."""
    return await scope.rows(
        "SELECT d.tenant_id, d.id, d.due_on, e.time_zone FROM documents d"
        " JOIN legal_entities e ON e.code = d.legal_entity"
        " WHERE d.state = 'open' AND d.due_on <= $1 ORDER BY d.due_on LIMIT $2",
        today,
        limit,
    )


async def id_settled_by(scope: Scope, source: str) -> UUID | None:
    """The document a top-up paid: its own, or the invoice its reference named."""
    found: UUID | None = await scope.value(
        "SELECT id FROM documents WHERE tenant_id = $1 AND paid_by = $2 AND original_id IS NULL"
        " ORDER BY id LIMIT 1",
        scope.tenant_id,
        source,
    )
    return found
