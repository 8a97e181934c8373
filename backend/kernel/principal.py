"""Who is asking. Made by authentication, carried into every scope, never built from input."""

import hashlib
from enum import StrEnum
from uuid import UUID

import msgspec


class MemberRole(StrEnum):
    """What a member may do in a tenant (DESIGN §1)."""

    OWNER = "owner"
    MANAGER = "manager"
    SENDER = "sender"
    EDITOR = "editor"
    VIEWER = "viewer"
    BILLING = "billing"


class StaffRole(StrEnum):
    """Our own people."""

    MODERATOR = "moderator"
    LEAD = "lead"
    FINANCE = "finance"
    ADMIN = "admin"
    EXTERNAL = "external"
    """A moderator from outside: no recipient's number, no rules."""


class KeyScope(StrEnum):
    """What an API key may do; `admin` operations have no scope and so no key."""

    SUBSCRIBERS_READ = "subscribers:read"
    SUBSCRIBERS_WRITE = "subscribers:write"
    OPTOUTS_WRITE = "optouts:write"
    TEMPLATES_WRITE = "templates:write"
    SESSIONS_WRITE = "sessions:write"
    SESSIONS_CANCEL = "sessions:cancel"
    REPORTS_READ = "reports:read"
    PII_READ = "pii:read"
    EXPORTS_CREATE = "exports:create"
    BALANCE_READ = "balance:read"
    AUDIT_READ = "audit:read"


class PrincipalKind(StrEnum):
    MEMBER = "member"
    STAFF = "staff"
    API_KEY = "api_key"
    SYSTEM = "system"


class Idempotency(msgspec.Struct, frozen=True):
    """The client's key and the SHA-256 (hex) of operation, path and body it came with."""

    key: str
    operation: str
    request_hash: str

    def covering(self, content: bytes) -> "Idempotency":
        """Also of what was streamed, and not in memory when the hash was made."""
        digest = hashlib.sha256(self.request_hash.encode() + content).hexdigest()
        return msgspec.structs.replace(self, request_hash=digest)


class Principal(msgspec.Struct, frozen=True):
    kind: PrincipalKind
    account_id: UUID | None = None
    tenant_id: UUID | None = None
    member_role: MemberRole | None = None
    staff_roles: frozenset[StaffRole] = frozenset()
    key_id: UUID | None = None
    key_scopes: frozenset[KeyScope] = frozenset()
    is_test_key: bool = False
    has_second_factor: bool = False
    has_stepped_up: bool = False
    """Proved again who it is, by the strongest it has, in the last minutes."""
    awaits_second_step: bool = False
    """The password was right, and that is all: nothing but the second step is open."""
    request_id: str = ""
    remote_address: str = ""
    idempotency: Idempotency | None = None

    @property
    def actor(self) -> str:
        """`kind:id`, as written into audit rows, transfers and events."""
        return f"{self.kind.value}:{self.account_id or self.key_id or 'system'}"


def system(name: str, tenant_id: UUID | None = None) -> Principal:
    """The product acting by itself: `name` is the actor or command, for the audit rows."""
    return Principal(kind=PrincipalKind.SYSTEM, tenant_id=tenant_id, request_id=f"system:{name}")
