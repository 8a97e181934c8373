"""Where uploads, proofs, documents and exports lie: a port and the directory behind it.

An object store is another `Storage`; what a file is called and who may read it stays with the
feature that owns the file, under its tenant.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

import msgspec

from backend.kernel.errors import NotFound, TooLarge
from backend.kernel.ids import uuid7


class StoredFile(msgspec.Struct, frozen=True):
    """`sha256` in hex, over the bytes as they came."""

    id: UUID
    size_bytes: int
    sha256: str


class Storage(Protocol):
    async def write(
        self, tenant_id: UUID, chunks: AsyncIterator[bytes], limit_bytes: int
    ) -> StoredFile: ...

    def open(self, tenant_id: UUID, file_id: UUID) -> BinaryIO: ...

    async def delete(self, tenant_id: UUID, file_id: UUID) -> None: ...


class DirectoryStorage:
    """`<root>/<tenant>/<file>`, written beside and renamed: a file is whole or absent."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, tenant_id: UUID, file_id: UUID) -> Path:
        return self.root / str(tenant_id) / str(file_id)

    async def write(
        self, tenant_id: UUID, chunks: AsyncIterator[bytes], limit_bytes: int
    ) -> StoredFile:
        """Raises TooLarge `file_too_large` past the limit, leaving nothing behind."""
        file_id = uuid7()
        path = self._path(tenant_id, file_id)
        unfinished = path.with_suffix(".part")
        await asyncio.to_thread(path.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        file = await asyncio.to_thread(_create, unfinished)
        try:
            async for chunk in chunks:
                size += len(chunk)
                _check_size(size, limit_bytes)
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_finish, file, unfinished, path)
        except BaseException:
            file.close()
            unfinished.unlink(missing_ok=True)
            raise
        return StoredFile(file_id, size, digest.hexdigest())

    def open(self, tenant_id: UUID, file_id: UUID) -> BinaryIO:
        """Blocking: for a thread. Raises NotFound."""
        try:
            return self._path(tenant_id, file_id).open("rb")
        except FileNotFoundError as error:
            raise NotFound("file_gone", "the file is no longer stored") from error

    async def delete(self, tenant_id: UUID, file_id: UUID) -> None:
        """Deleting what is gone already is no error: everything runs twice."""
        path = self._path(tenant_id, file_id)
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _check_size(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise TooLarge("file_too_large", "the file is too large", limit_bytes=limit_bytes)


def _create(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")


def _finish(file: BinaryIO, unfinished: Path, path: Path) -> None:
    # What the API has answered 2xx survives a power cut: content and name reach the disk.
    file.flush()
    os.fsync(file.fileno())
    file.close()
    unfinished.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


_chosen: list[Storage] = []


def use_storage(storage: Storage) -> None:
    """Called once by the process's start; later calls replace it."""
    _chosen[:] = [storage]


def storage() -> Storage:
    if not _chosen:
        raise RuntimeError("no file storage was chosen at the start of this process")
    return _chosen[0]
