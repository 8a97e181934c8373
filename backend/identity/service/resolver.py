"""Credentials to principals: what `api` asks for and `app` injects."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from backend.api.authorization.access import STEP_UP_SECONDS
from backend.api.context import Authenticated
from backend.db.scope import doorway_scope
from backend.identity import login_sessions
from backend.identity.login_sessions import LoginSession
from backend.identity.queries import directory
from backend.identity.service.views import is_excused
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
        if session.awaits_second_step:
            half = Principal(
                kind=PrincipalKind.MEMBER, account_id=session.account_id, awaits_second_step=True
            )
            return Authenticated(half, session.csrf_token)
        principal = self._principal(session, dict(who))
        return Authenticated(principal, session.csrf_token) if principal else None

    def _principal(self, session: LoginSession, who: dict[str, Any]) -> Principal | None:
        """None where the session is in a tenant the account is no longer a member of."""
        excused = is_excused(who, is_demo_mode=self._is_demo_mode)
        fresh = excused or login_sessions.is_fresh(session, STEP_UP_SECONDS)
        if session.tenant_id is not None:
            here = next((t for t in who["tenants"] if t["id"] == str(session.tenant_id)), None)
            if here is None:
                return None
            return Principal(
                kind=PrincipalKind.MEMBER,
                account_id=session.account_id,
                tenant_id=session.tenant_id,
                member_role=MemberRole(here["role"]),
                has_stepped_up=fresh,
            )
        roles = frozenset(StaffRole(role) for role in who["staff_roles"])
        return Principal(
            kind=PrincipalKind.STAFF if roles else PrincipalKind.MEMBER,
            account_id=session.account_id,
            staff_roles=roles,
            # A whole session of an account with a factor began with that factor.
            has_second_factor=excused or bool(who["factor_kinds"]),
            has_stepped_up=fresh,
        )

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
