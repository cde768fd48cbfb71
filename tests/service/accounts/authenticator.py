"""An authenticator in software: a key pair, CBOR and signatures as WebAuthn level 2 asks. What it says, a test can bend.

Written from the specification (sections 6.1, 6.5.1 and 7), apart from the library that checks it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(given: str) -> bytes:
    return base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))


class Authenticator:
    def __init__(self, host: str = "testserver", scheme: str = "http") -> None:
        self.host, self.origin = host, f"{scheme}://{host}"
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.flags = PRESENT | VERIFIED

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, more_flags: int = 0) -> bytes:
        digest = hashlib.sha256(self.host.encode()).digest()
        return digest + struct.pack(">BI", self.flags | more_flags, self.count)

    def make(self, options: str) -> str:
        """What a browser answers to ``options_to_add``."""
        asked = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._data(HAS_KEY) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", asked["challenge"])
        return self._whole({"clientDataJSON": text(client_data), "attestationObject": text(attestation)})

    def use(self, options: str, *, counts: bool = True) -> str:
        """What a browser answers to ``options_to_prove``."""
        asked = json.loads(options)
        self.count += counts
        data, client_data = self._data(), self._client_data("webauthn.get", asked["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._whole(
            {"clientDataJSON": text(client_data), "authenticatorData": text(data), "signature": text(signed)}
        )

    def _whole(self, response: dict[str, Any]) -> str:
        return json.dumps(
            {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
        )
