"""Credentials to principals: what `api` asks for and `app` injects."""

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from redis.asyncio import Redis

from backend.api.context import Authenticated
from backend.db.scope import doorway_scope
from backend.identity import login_sessions
from backend.identity.queries import directory
from backend.kernel.errors import Unauthenticated
from backend.kernel.principal import (
    KeyScope,
    MemberRole,
    Principal,
    PrincipalKind,
    StaffRole,
    system,
)

LIVE_PREFIX = "sk_live"
TEST_PREFIX = "sk_test"
USE_NOTED_EVERY = timedelta(minutes=1)
"""For a person who asks whether a key is still in use; a write per request would say no more."""


def hash_secret(secret: str) -> bytes:
    """SHA-256: 32 random bytes need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


class Resolver:
    """Looks at the database on every request: a role taken away is gone with the next click."""

    def __init__(self, redis: Redis, *, is_demo_mode: bool) -> None:
        self._redis = redis
        self._is_demo_mode = is_demo_mode

    async def by_login_session(self, token: str) -> Authenticated | None:
        session = await login_sessions.find(self._redis, token)
        if session is None:
            return None
        async with doorway_scope("login", system("resolve")) as scope:
            who = await directory.who_is(scope, session.account_id)
        if who is None or who["state"] != "active":
            return None
        if who["is_demo"] and not self._is_demo_mode:
            return None
        if who["login_generation"] != session.generation:
            return None
        here = next((t for t in who["tenants"] if t["id"] == str(session.tenant_id)), None)
        if session.tenant_id is not None and here is None:
            return None
        roles = frozenset(StaffRole(role) for role in who["staff_roles"])
        if here is not None:
            principal = Principal(
                kind=PrincipalKind.MEMBER,
                account_id=session.account_id,
                tenant_id=session.tenant_id,
                member_role=MemberRole(here["role"]),
            )
        else:
            principal = Principal(
                kind=PrincipalKind.STAFF if roles else PrincipalKind.MEMBER,
                account_id=session.account_id,
                staff_roles=roles,
                # Demo staff count as having theirs; nobody else can be a demo account.
                has_second_factor=bool(who["is_demo"]) and self._is_demo_mode,
            )
        return Authenticated(principal, session.csrf_token)

    async def by_api_key(self, secret: str) -> Principal:
        """Raises Unauthenticated `key_invalid`, `key_revoked`, `key_expired`."""
        prefix = "_".join(secret.split("_")[:3])
        async with doorway_scope("api_key", system("resolve")) as scope:
            row = await directory.key_by_prefix(scope, prefix)
            now = scope.now
        stored = row["secret_hash"] if row is not None else bytes(32)
        if not hmac.compare_digest(stored, hash_secret(secret)) or row is None:
            raise Unauthenticated("key_invalid", "This API key is not known.")
        _check_alive(row["revoked_at"], row["expires_at"], now)
        last_used_at = row["last_used_at"]
        if last_used_at is None or now - last_used_at >= USE_NOTED_EVERY:
            async with doorway_scope("api_key", system("resolve")) as scope:
                await directory.note_key_used(scope, row["id"], now - USE_NOTED_EVERY)
        return Principal(
            kind=PrincipalKind.API_KEY,
            tenant_id=_uuid(row["tenant_id"]),
            key_id=_uuid(row["id"]),
            key_scopes=frozenset(KeyScope(name) for name in row["scopes"]),
            is_test_key=row["is_test"],
        )


def _check_alive(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> None:
    if revoked_at is not None:
        raise Unauthenticated("key_revoked", "This API key was revoked.")
    if expires_at is not None and expires_at <= now:
        raise Unauthenticated("key_expired", "This API key has expired.")


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
