"""Secrets at rest: AES-256-GCM under a key derived for one purpose, bound to the row they stand in.

`purpose` is `table.column`. A sealed value moved to another row or column does not open.
"""

import os
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class DoesNotOpen(Exception):
    """Sealed with another key, or for another row."""


def derived_key(secret_key: str, purpose: str) -> bytes:
    derive = HKDF(
        algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"clearsend {purpose}".encode()
    )
    return derive.derive(secret_key.encode())


def _bound_to(purpose: str, row_id: UUID) -> bytes:
    return purpose.replace(".", "|").encode() + b"|" + row_id.bytes


def seal(secret_key: str, purpose: str, row_id: UUID, secret: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    cipher = AESGCM(derived_key(secret_key, purpose))
    return nonce + cipher.encrypt(nonce, secret.encode(), _bound_to(purpose, row_id))


def unseal(secret_key: str, purpose: str, row_id: UUID, sealed: bytes) -> str:
    """Raises DoesNotOpen."""
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    cipher = AESGCM(derived_key(secret_key, purpose))
    try:
        return cipher.decrypt(nonce, rest, _bound_to(purpose, row_id)).decode()
    except InvalidTag:
        raise DoesNotOpen(purpose) from None
