"""Signatures of callbacks: HMAC-SHA256 over the time and the body exactly as it came."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

SIGNATURE_HEADER: Final = "Clearsend-Signature"
SIGNATURE_AGE_SECONDS_MAX: Final = 300
"""A recorded callback is worthless after this; within it, receipts are known by their ids."""
_SIGNATURES_MAX: Final = 4
_HEADER_CHARACTERS_MAX: Final = 512


def sign(secret: str, body: bytes, at_seconds: int) -> str:
    """The header's value."""
    return f"t={at_seconds},v1={_digest(secret, body, at_seconds)}"


def _digest(secret: str, body: bytes, at_seconds: int) -> str:
    return hmac.new(secret.encode(), b"%d." % at_seconds + body, hashlib.sha256).hexdigest()


def is_signed(header: str, body: bytes, secrets: Iterable[str], now_seconds: float) -> bool:
    """By any of the secrets in force, and not long ago. Every pair is compared, whatever fits."""
    if len(header) > _HEADER_CHARACTERS_MAX or not header.isascii():
        return False
    fields = [field.strip().partition("=") for field in header.split(",")]
    times = [value for name, _, value in fields if name == "t"]
    given = [value for name, _, value in fields if name == "v1"][:_SIGNATURES_MAX]
    if len(times) != 1 or not times[0].isdecimal() or len(times[0]) > 12:
        return False
    at = int(times[0])
    wanted = [_digest(secret, body, at) for secret in secrets]
    fits = [hmac.compare_digest(one, other) for one in wanted for other in given]
    return any(fits) and abs(now_seconds - at) <= SIGNATURE_AGE_SECONDS_MAX
