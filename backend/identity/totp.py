"""Codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds) and recovery codes.

SHA-1 and six digits because the widespread apps ignore any other parameter of the address.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from itertools import groupby
from typing import Final

import msgspec
import pyotp
import segno

from backend.kernel.sealing import derived_key

ISSUER: Final = "Clearsend"
STEP_SECONDS: Final = 30
CLOCK_STEPS_MAX: Final = 1
"""A telephone's clock may be half a minute off, either way."""
RECOVERY_CODES: Final = 10
RECOVERY_CODE_CHARACTERS: Final = 16
_RECOVERY_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_RECOVERY_GROUP: Final = 4
_RECOVERY_PURPOSE: Final = "recovery_codes.code_hash"
_QUIET_MODULES: Final = 4  # the white around it that a reader needs


class QrCode(msgspec.Struct, frozen=True):
    """As an SVG path over a square of `modules` units: drawn by the page, never parsed as HTML."""

    modules: int
    path: str


def new_secret() -> str:
    """160 bits, as RFC 4226 recommends, in the base32 that people can type."""
    return pyotp.random_base32(32)


def address_of(secret: str, email: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Which step's code it is. Every step is compared, whichever fits, in the same time."""
    generator, current = pyotp.HOTP(secret), step_at(now)
    found = None
    for step in range(current - CLOCK_STEPS_MAX, current + CLOCK_STEPS_MAX + 1):
        if hmac.compare_digest(generator.at(step), code):
            found = step
    return found


def qr_code(address: str) -> QrCode:
    matrix = [list(row) for row in segno.make_qr(address, error="m").matrix]
    parts = []
    for y, row in enumerate(matrix):
        x = 0
        for is_dark, run in groupby(row, key=bool):
            width = len(list(run))
            if is_dark:
                parts.append(f"M{x + _QUIET_MODULES} {y + _QUIET_MODULES}h{width}v1h-{width}z")
            x += width
    return QrCode(modules=len(matrix) + 2 * _QUIET_MODULES, path="".join(parts))


def new_recovery_codes() -> list[str]:
    """`abcd-efgh-jkmn-pqrs`: 79 bits each, which nobody guesses."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def _recovery_code() -> str:
    made = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(RECOVERY_CODE_CHARACTERS))
    return "-".join(made[at : at + _RECOVERY_GROUP] for at in range(0, len(made), _RECOVERY_GROUP))


def hash_recovery_code(secret_key: str, account_id: bytes, code: str) -> bytes:
    """Under the server's key: a copy of the table alone cannot be searched. Typed in capitals,
    with spaces or without its dashes it is the same code.
    """
    normal = "".join(c for c in code.lower() if c.isalnum()).encode()
    key = derived_key(secret_key, _RECOVERY_PURPOSE)
    return hmac.new(key, account_id + normal, hashlib.sha256).digest()
