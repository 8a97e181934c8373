"""Secrets behind links in mails: random, kept as hashes, with an end, used once.

One is made when its mail is sent, not when it is asked for: so it stands in the mail and nowhere
else, and a mail that is sent again carries another one that works as well. Using any of a subject's
uses all of them up.
"""

import secrets
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from backend.db.scope import Scope, doorway_scope, platform_scope
from backend.identity.queries import proofs
from backend.identity.service.resolver import hash_secret
from backend.kernel.errors import MalformedInput
from backend.kernel.principal import system

SECRET_BYTES: Final = 32
TOKENS_KEPT_DAYS: Final = 7
"""After their end, so that an old link is told apart from one that never was."""


class Purpose(StrEnum):
    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose
    INVITATION = "invitation"


LIFETIMES: Final = {
    Purpose.CONFIRM_EMAIL: timedelta(days=3),
    Purpose.RESET_PASSWORD: timedelta(hours=1),
    Purpose.INVITATION: timedelta(days=7),
}


async def issue_token(purpose: Purpose, subject_id: UUID) -> str:
    """A use case of its own, committed before the mail leaves. An invitation's own end counts too:
    a link outlives it by nothing.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    async with doorway_scope("reset", system("mail token")) as scope:
        until = scope.now + LIFETIMES[purpose]
        await proofs.insert_token(scope, hash_secret(secret), purpose.value, subject_id, until)
    return secret


async def check_token(scope: Scope, secret: str, purpose: Purpose) -> UUID:
    """The subject of a link that could be used now. Raises MalformedInput `token_unknown`,
    `token_used`, `token_expired`.
    """
    row = await proofs.read_token(scope, hash_secret(secret), purpose.value)
    if row is None:
        raise MalformedInput("token_unknown", "This link is not complete, or was never ours.")
    if row["used_at"] is not None:
        raise MalformedInput("token_used", "This link was used already.")
    if row["expires_at"] <= scope.now:
        raise MalformedInput("token_expired", "This link is too old: ask for a new one.")
    subject_id: UUID = row["subject_id"]
    return subject_id


async def use_token(scope: Scope, secret: str, purpose: Purpose) -> UUID:
    """The subject, for one caller only; its other links of this purpose end with it."""
    subject_id = await proofs.use_token(scope, hash_secret(secret), purpose.value)
    if subject_id is None:
        await check_token(scope, secret, purpose)
        raise MalformedInput("token_used", "This link was used already.")
    await proofs.use_other_tokens(scope, subject_id, purpose.value)
    return subject_id


async def forget_old_tokens() -> int:
    async with platform_scope(system("clock"), "old links") as scope:
        return await proofs.forget_tokens(scope, scope.now - timedelta(days=TOKENS_KEPT_DAYS))
