"""Documents: read by those who pay and by finance, written by finance alone."""

from typing import Final

from backend.api.authorization.access import FINANCE, PAYERS, Access, Rows

ROWS: Final[Rows] = {
    "list_documents": Access(members=PAYERS, staff=FINANCE),
    "read_document": Access(members=PAYERS, staff=FINANCE),
    "download_document_pdf": Access(members=PAYERS, staff=FINANCE),
    "download_document_xml": Access(members=PAYERS, staff=FINANCE),
    "create_invoice": Access(staff=FINANCE, step_up=True),
    "create_credit_note": Access(staff=FINANCE, step_up=True),
    "create_top_up_document": Access(staff=FINANCE),
}
