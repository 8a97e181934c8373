"""Proofs of payment: a bank's advice as PDF or picture, uploaded before the top-up names it.

The type is told by the first bytes, never by name or header; what comes back is always a download.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

import msgspec

from backend.api.uploads import FormField, FormFile, FormPart
from backend.audit.service import record
from backend.billing.desk_states import PROOF_FILE_BYTES_MAX
from backend.billing.queries import proofs
from backend.billing.schemas.proofs import ProofContent, ProofFileView
from backend.db.scope import tenant_scope
from backend.files.service import StoredFile, storage
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import UnsupportedMedia, invalid_field
from backend.kernel.principal import Principal

NAME_CHARACTERS_MAX: Final = 200
MAGIC_BYTES: Final = 8
_MAGIC: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_UNSHOWABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069/\\\"]|[\ud800-\udfff]"
)


class _Received(msgspec.Struct):
    file: StoredFile | None = None
    name: str = ""
    media_type: str = ""


async def upload_proof_file(
    principal: Principal, tenant_id: UUID, parts: AsyncIterator[FormPart]
) -> ProofFileView:
    """A form of one `file`. Raises UnsupportedMedia, TooLarge `file_too_large`, InvalidInput
    `missing_field`, `one_file`, `empty_file`, NotFound for a tenant that is not there.
    """
    async with tenant_scope(_without_key(principal), tenant_id, reason="upload a proof") as scope:
        await read_tenant_facts(scope)  # before any byte is stored under that tenant
    received = _Received()
    try:
        async for part in parts:
            await _receive(tenant_id, part, received)
        return await _add(principal, tenant_id, received)
    except BaseException:
        # Also a replayed answer: its file is the one stored the first time.
        if received.file is not None:
            await storage().delete(tenant_id, received.file.id)
        raise


def _without_key(principal: Principal) -> Principal:
    return msgspec.structs.replace(principal, idempotency=None)


async def _receive(tenant_id: UUID, part: FormPart, received: _Received) -> None:
    if isinstance(part, FormField) or part.name != "file":
        raise invalid_field("/form", "unknown_field", "A proof is one field named file.")
    if received.file is not None:
        raise invalid_field("/file", "one_file", "one file at a time")
    received.name = part.file_name
    chunks = _checked(part, received)
    received.file = await storage().write(tenant_id, chunks, PROOF_FILE_BYTES_MAX)


async def _checked(part: FormFile, received: _Received) -> AsyncIterator[bytes]:
    """The first bytes decide the type before the rest is taken in."""
    head = b""
    async for chunk in part.chunks:
        if received.media_type:
            yield chunk
            continue
        head += chunk
        if len(head) >= MAGIC_BYTES:
            received.media_type = _media_type(head)
            yield head
    if not head:
        raise invalid_field("/file", "empty_file", "nothing stands in the file")
    if not received.media_type:
        received.media_type = _media_type(head)
        yield head


def _media_type(head: bytes) -> str:
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    raise UnsupportedMedia(
        detail="A proof is a PDF, a PNG or a JPEG.", allowed=[kind for _, kind in _MAGIC]
    )


async def _add(principal: Principal, tenant_id: UUID, received: _Received) -> ProofFileView:
    stored = received.file
    if stored is None:
        raise invalid_field("/file", "missing_field", "This field is required.")
    if principal.idempotency is not None:
        content = f"{received.name}\x1f{stored.sha256}".encode(errors="replace")
        asked = principal.idempotency.covering(content)
        principal = msgspec.structs.replace(principal, idempotency=asked)
    shown = _UNSHOWABLE.sub("", received.name)[-NAME_CHARACTERS_MAX:].strip() or "proof"
    async with tenant_scope(principal, tenant_id, reason="upload a proof") as scope:
        row = await proofs.insert(scope, stored, shown, received.media_type)
        view = msgspec.convert(dict(row), ProofFileView)
        await record(
            scope, "proof_file.uploaded", f"proof_file:{view.id}", size_bytes=view.size_bytes
        )
        await scope.answer(view)
    return view


async def read_proof_file(principal: Principal, tenant_id: UUID, file_id: UUID) -> ProofContent:
    """Raises NotFound, `file_gone` where the storage has lost it."""
    async with tenant_scope(principal, tenant_id, reason=f"read proof {file_id}") as scope:
        view = msgspec.convert(dict(await proofs.proof_file(scope, file_id)), ProofFileView)
    content = await asyncio.to_thread(_content, tenant_id, file_id)
    return ProofContent(view.media_type, view.name, content)


def _content(tenant_id: UUID, file_id: UUID) -> bytes:
    with storage().open(tenant_id, file_id) as file:
        return file.read()
