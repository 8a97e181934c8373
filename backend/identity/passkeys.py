"""What a browser's authenticator says (WebAuthn level 2), checked against what was asked.

The challenge, the site and its origins come from us, never from the request. `webauthn`, with the
certificates' libraries under it, is imported by the first check: 0.1 s that no start needs.
"""

import ipaddress
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog

CHALLENGE_BYTES: Final = 32
ALGORITHMS: Final = (-8, -7, -257)  # EdDSA, ES256, RS256: what authenticators in use can do
ASKING_MS: Final = 120_000
_log = structlog.get_logger("clearsend.passkeys")
T = TypeVar("T")


class PasskeyRefused(Exception):
    """It proves nothing: another site, another challenge, nobody verified, a wrong signature."""


class Site(msgspec.Struct, frozen=True):
    """Passkeys are bound to `rp_id`; `origin` is the one address whose pages may ask for them."""

    rp_id: str
    origin: str


class NewPasskey(msgspec.Struct, frozen=True):
    credential_id: bytes
    public_key: bytes
    sign_count: int


def site_of(url: str) -> Site | None:
    """From the public URL of the installation. None for a bare address, which browsers refuse:
    only this machine's own can be spelt as a name.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return Site(host, f"{parts.scheme}://{parts.netloc}") if host else None
    if not address.is_loopback:
        return None
    port = f":{parts.port}" if parts.port else ""
    return Site("localhost", f"{parts.scheme}://localhost{port}")


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises PasskeyRefused."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise PasskeyRefused("not base64url") from None


def check_creation(
    site: Site, challenge: bytes, credential_id: str, client_data: str, attestation: str
) -> NewPasskey:
    """Raises PasskeyRefused. Which maker's device it is is nobody's business: no attestation."""
    from webauthn import verify_registration_response  # noqa: PLC0415 - see the module
    from webauthn.helpers.structs import (  # noqa: PLC0415 - see the module
        AuthenticatorAttestationResponse,
        RegistrationCredential,
    )

    raw_id = decode(credential_id)
    said = RegistrationCredential(
        id=credential_id,
        raw_id=raw_id,
        response=AuthenticatorAttestationResponse(
            client_data_json=decode(client_data), attestation_object=decode(attestation)
        ),
    )
    found = _checked(
        lambda: verify_registration_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    )
    if found.credential_id != raw_id:
        raise PasskeyRefused("the id is not the authenticator's")
    return NewPasskey(found.credential_id, found.credential_public_key, found.sign_count)


def check_assertion(  # noqa: PLR0917 - what the browser sent, beside what we know
    site: Site,
    challenge: bytes,
    public_key: bytes,
    credential_id: str,
    client_data: str,
    authenticator_data: str,
    signature: str,
) -> int:
    """How often the authenticator says it was used; whether that grew is the row's to say.

    Raises PasskeyRefused.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415 - see the module
    from webauthn.helpers.structs import (  # noqa: PLC0415 - see the module
        AuthenticationCredential,
        AuthenticatorAssertionResponse,
    )

    said = AuthenticationCredential(
        id=credential_id,
        raw_id=decode(credential_id),
        response=AuthenticatorAssertionResponse(
            client_data_json=decode(client_data),
            authenticator_data=decode(authenticator_data),
            signature=decode(signature),
        ),
    )
    return _checked(
        lambda: (
            verify_authentication_response(
                credential=said,
                expected_challenge=challenge,
                expected_rp_id=site.rp_id,
                expected_origin=site.origin,
                credential_public_key=public_key,
                # Compared by the statement that writes it, so that two cannot both be the next.
                credential_current_sign_count=0,
                require_user_verification=True,
            ).new_sign_count
        )
    )


def _checked(check: Callable[[], T]) -> T:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - parsers of bytes from anywhere raise anything
        _log.info("passkey_refused", error=type(error).__name__, detail=str(error)[:200])
        raise PasskeyRefused(type(error).__name__) from None
