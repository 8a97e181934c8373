"""What the tests of the finance desk begin with."""

from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec

from backend.api.uploads import FormFile, FormPart
from backend.billing.schemas.top_ups import TopUpCreate
from backend.kernel.principal import Principal, StaffRole
from tests.factories import staff

PDF = b"%PDF-1.7\n" + b"x" * 100


def clerk() -> Principal:
    return staff(StaffRole.FINANCE)


def top_up_of(amount: int = 500, **changed: object) -> TopUpCreate:
    body = {
        "amount_credits": amount,
        "method": "bank_transfer",
        "reference": f"ref {uuid4()}",
        "reason": "invoice 77",
    }
    return msgspec.convert(body | changed, TopUpCreate, strict=False)


async def form_of(*files: tuple[str, bytes], name: str = "file") -> AsyncIterator[FormPart]:
    for file_name, content in files:
        yield FormFile(name, file_name, _chunks(content))


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]
