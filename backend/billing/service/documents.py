"""Documents read: by the tenant they are of, and by finance."""

import asyncio
from uuid import UUID

import msgspec

from backend.billing.document_states import DocumentKind, DocumentState
from backend.billing.papers.ubl import ubl_of
from backend.billing.queries import documents
from backend.billing.schemas.documents import DocumentRow, DocumentView
from backend.billing.service.issuing import document
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.principal import Principal, PrincipalKind
from backend.kernel.views import Page


async def list_documents(
    principal: Principal,
    tenant_id: UUID | None = None,
    *,
    kind: DocumentKind | None = None,
    state: DocumentState | None = None,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[DocumentRow]:
    """The newest first: one's own; finance sees every tenant's, or the one it names."""
    check_limit(limit)
    before = cursor_id(cursor)
    if principal.kind is PrincipalKind.STAFF:
        async with platform_scope(principal, "documents", tenant_id) as scope:
            rows = await documents.page(scope, tenant_id, kind, state, before=before, limit=limit)
    else:
        async with tenant_scope(principal, tenant_id) as scope:
            rows = await documents.page(
                scope, scope.tenant_id, kind, state, before=before, limit=limit
            )
    items = [msgspec.convert(dict(row), DocumentRow) for row in rows]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def read_document(principal: Principal, document_id: UUID) -> DocumentView:
    if principal.kind is not PrincipalKind.STAFF:
        async with tenant_scope(principal) as scope:
            return await document(scope, scope.tenant_id, document_id)
    async with platform_scope(principal, f"document {document_id}") as scope:
        tenant_id = await documents.tenant_of(scope, document_id)
        return await document(scope, tenant_id, document_id)


async def document_pdf(principal: Principal, document_id: UUID) -> tuple[str, bytes]:
    """Name and bytes. Made each time from what was frozen: the bytes are always the same."""
    found = await read_document(principal, document_id)
    return f"{found.number}.pdf", await asyncio.to_thread(_pdf_of, found)


def _pdf_of(found: DocumentView) -> bytes:
    # What draws pages takes as long to import as a fifth of the api: 0.4 s, at the first page.
    from backend.billing.papers.pdf import pdf_of  # noqa: PLC0415 - see above

    return pdf_of(found)


async def document_xml(principal: Principal, document_id: UUID) -> tuple[str, bytes]:
    """Raises Conflict `no_structured_invoice` for a receipt."""
    found = await read_document(principal, document_id)
    return f"{found.number}.xml", ubl_of(found)
