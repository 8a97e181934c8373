"""Invoices, receipts and credit notes over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post
from backend.billing.document_states import DocumentKind, DocumentState
from backend.billing.schemas.documents import (
    CreditNoteCreate,
    DocumentRow,
    DocumentView,
    InvoiceCreate,
)
from backend.billing.service import credit_notes, documents, sales
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
Tenant = Annotated[UUID | None, QueryParameter(name="tenant_id")]
Kind = Annotated[DocumentKind | None, QueryParameter(name="kind")]
State = Annotated[DocumentState | None, QueryParameter(name="document_state")]
PDF = "application/pdf"
XML = "application/xml"


def _file(found: tuple[str, bytes], media_type: str) -> Response[bytes]:
    name, content = found
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


@get("/v1/documents")
async def list_documents(
    principal: FromPrincipal,
    *,
    tenant_id: Tenant = None,
    kind: Kind = None,
    document_state: State = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DocumentRow]:
    return await documents.list_documents(
        principal, tenant_id, kind=kind, state=document_state, cursor=cursor, limit=limit
    )


@get("/v1/documents/{document_id:uuid}")
async def read_document(document_id: FromPath[UUID], principal: FromPrincipal) -> DocumentView:
    return await documents.read_document(principal, document_id)


@get("/v1/documents/{document_id:uuid}/document.pdf", media_type=PDF)
async def download_document_pdf(
    document_id: FromPath[UUID], principal: FromPrincipal
) -> Response[bytes]:
    return _file(await documents.document_pdf(principal, document_id), PDF)


@get("/v1/documents/{document_id:uuid}/document.xml", media_type=XML)
async def download_document_xml(
    document_id: FromPath[UUID], principal: FromPrincipal
) -> Response[bytes]:
    return _file(await documents.document_xml(principal, document_id), XML)


@post("/v1/tenants/{tenant_id:uuid}/invoices", status_code=201)
async def create_invoice(
    tenant_id: FromPath[UUID], data: JSONBody[InvoiceCreate], principal: FromPrincipal
) -> DocumentView:
    return await sales.create_invoice(principal, tenant_id, data)


@post("/v1/documents/{document_id:uuid}/credit-notes", status_code=201)
async def create_credit_note(
    document_id: FromPath[UUID], data: JSONBody[CreditNoteCreate], principal: FromPrincipal
) -> DocumentView:
    return await credit_notes.create_credit_note(principal, document_id, data)


@post("/v1/top-ups/{top_up_id:uuid}/document", status_code=201)
async def create_top_up_document(
    top_up_id: FromPath[UUID], principal: FromPrincipal
) -> DocumentView:
    return await sales.create_top_up_document(principal, top_up_id)


router = Router(
    "/",
    route_handlers=[
        list_documents,
        read_document,
        download_document_pdf,
        download_document_xml,
        create_invoice,
        create_credit_note,
        create_top_up_document,
    ],
)
