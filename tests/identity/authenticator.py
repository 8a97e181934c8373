"""A security key in software: makes credentials and signs assertions as WebAuthn level 2 says, and
lies wherever a test asks it to.
"""

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from backend.identity.passkeys import encode

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """`counts` False: always says 0, as synced passkeys do."""

    def __init__(self, *, counts: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.count = 0
        self.counts = counts

    def _data(self, rp_id: str, *, verified: bool, attested: bytes = b"") -> bytes:
        self.count += 1 if self.counts else 0
        flags = PRESENT | (VERIFIED if verified else 0) | (ATTESTED if attested else 0)
        place = hashlib.sha256(rp_id.encode()).digest()
        return place + bytes([flags]) + self.count.to_bytes(4, "big") + attested

    @staticmethod
    def _client(kind: str, challenge: str, origin: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def create(
        self, offer: dict[str, Any], *, origin: str = ORIGIN, verified: bool = True
    ) -> dict[str, Any]:
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )
        size = len(self.credential_id).to_bytes(2, "big")
        attested = bytes(16) + size + self.credential_id + cose
        data = self._data(offer["rp_id"], verified=verified, attested=attested)
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return {
            "name": "A key",
            "credential_id": encode(self.credential_id),
            "client_data": encode(self._client("webauthn.create", offer["challenge"], origin)),
            "attestation_object": encode(statement),
            "transports": ["usb"],
        }

    def sign(
        self,
        request: dict[str, Any],
        *,
        origin: str = ORIGIN,
        rp_id: str | None = None,
        verified: bool = True,
    ) -> dict[str, Any]:
        client = self._client("webauthn.get", request["challenge"], origin)
        data = self._data(rp_id or request["rp_id"], verified=verified)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return {
            "credential_id": encode(self.credential_id),
            "client_data": encode(client),
            "authenticator_data": encode(data),
            "signature": encode(signature),
        }
