"""What the second factor takes in and gives out. Bytes travel as base64url without padding."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from backend.identity.schemas import PASSWORD_CHARACTERS_MAX
from backend.kernel.views import Input, View

FACTOR_NAME_CHARACTERS_MAX: Final = 60
PASSKEY_CHARACTERS_MAX: Final = 20_000
"""An attestation with its chain of certificates is a few thousand; keys alone a few hundred."""
CREDENTIAL_ID_CHARACTERS_MAX: Final = 1_364
"""1,023 bytes (WebAuthn §5.8.3)."""

FactorKind = Literal["totp", "passkey"]
FactorName = Annotated[
    str, Meta(min_length=1, max_length=FACTOR_NAME_CHARACTERS_MAX, examples=["My telephone"])
]
TotpCode = Annotated[str, Meta(pattern="^[0-9]{6}$", examples=["492039"])]
Bytes = Annotated[
    str,
    Meta(pattern="^[A-Za-z0-9_-]+$", max_length=PASSKEY_CHARACTERS_MAX, examples=["AAECAwQ"]),
]
CredentialId = Annotated[
    str,
    Meta(pattern="^[A-Za-z0-9_-]+$", max_length=CREDENTIAL_ID_CHARACTERS_MAX, examples=["AAECAwQ"]),
]
Transport = Annotated[str, Meta(pattern="^[a-z-]{1,20}$", examples=["internal"])]


class CodeProof(Input, kw_only=True, frozen=True):
    code: TotpCode


class RecoveryProof(Input, kw_only=True, frozen=True):
    code: Annotated[str, Meta(min_length=1, max_length=40, examples=["abcd-efgh-jkmn-pqrs"])]


class PasswordProof(Input, kw_only=True, frozen=True):
    password: Annotated[str, Meta(min_length=1, max_length=PASSWORD_CHARACTERS_MAX)]


class PasskeyProof(Input, kw_only=True, frozen=True):
    credential_id: CredentialId
    client_data: Bytes
    authenticator_data: Bytes
    signature: Bytes


class TotpAddition(Input, kw_only=True, frozen=True):
    name: FactorName
    code: TotpCode


class PasskeyAddition(Input, kw_only=True, frozen=True):
    name: FactorName
    credential_id: CredentialId
    client_data: Bytes
    attestation_object: Bytes
    transports: Annotated[list[Transport], Meta(max_length=10)] = []


class FactorUpdate(Input, kw_only=True, frozen=True):
    name: FactorName


class QrCodeView(View, kw_only=True, frozen=True):
    """An SVG path over a square of `modules` units."""

    modules: int
    path: str


class TotpOffer(View, kw_only=True, frozen=True):
    """A secret for an authenticator app; it counts once a code of it came back."""

    secret: str
    address: str
    qr: QrCodeView


class PasskeyRef(View, kw_only=True, frozen=True):
    id: str
    transports: list[str]


class PasskeyOffer(View, kw_only=True, frozen=True):
    """What `navigator.credentials.create()` is asked; user verification is required."""

    challenge: str
    rp_id: str
    rp_name: str
    user_id: str
    user_name: str
    user_display_name: str
    algorithms: list[int]
    known: list[PasskeyRef]
    timeout_ms: int


class PasskeyRequest(View, kw_only=True, frozen=True):
    """What `navigator.credentials.get()` is asked; user verification is required."""

    challenge: str
    rp_id: str
    known: list[PasskeyRef]
    timeout_ms: int


class SecondFactorView(View, kw_only=True, frozen=True):
    id: UUID
    kind: FactorKind
    name: str
    created_at: datetime
    last_used_at: datetime | None


class SecondFactorsView(View, kw_only=True, frozen=True):
    """`is_required`: of our own people the last one stays. `passkey_host` is the name pages have to
    be opened under for passkeys to work; null where this installation has none.
    `recovery_codes` are shown this once: only hashes are kept.
    """

    factors: list[SecondFactorView]
    is_required: bool
    is_changeable: bool
    passkey_host: str | None
    recovery_codes_left: int
    recovery_codes: list[str] | None = None


class FactorRow(Struct, kw_only=True, frozen=True):
    id: UUID
    account_id: UUID
    kind: FactorKind
    name: str
    created_at: datetime
    last_used_at: datetime | None
    secret_sealed: bytes | None
    last_step: int | None
    credential_id: bytes | None
    public_key: bytes | None
    sign_count: int | None
    transports: list[str]


class SecurityEventView(View, kw_only=True, frozen=True):
    """Something that was done to an account's credentials."""

    id: UUID
    at: datetime
    action: str
    """`factor_added`, `factor_renamed`, `factor_removed`, `recovery_codes_made`,
    `recovery_code_used`, `codes_guessed`, `factors_reset`, `passkey.count_fell`.
    """
    factor: str | None
    """The name it was given."""
    is_own: bool
    remote_address: str
