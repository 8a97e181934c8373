"""Files that prove a payment."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel.views import View


class ProofFileView(View, frozen=True):
    """`sha256` in hex, over the bytes as they came."""

    id: UUID
    tenant_id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    uploaded_by: str
    uploaded_at: datetime


class ProofContent(msgspec.Struct, frozen=True):
    """To be sent as it is: nothing in it is shown by us."""

    media_type: str
    name: str
    content: bytes
