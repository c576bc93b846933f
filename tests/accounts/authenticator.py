"""A passkey made of software: what a phone does, and the ways in which it can be wrong."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One credential. Each method takes the server's options and returns what passkeys.js would send."""

    def __init__(self, origin: str, rp_id: str = "localhost") -> None:
        self.origin, self.rp_id = origin, rp_id
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.user_handle = b""
        self.sign_count = 0
        self.verifies = True
        self.kinds = {"create": "webauthn.create", "get": "webauthn.get"}

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        self.user_handle = data(options["user"]["id"])
        length = len(self.credential_id).to_bytes(2, "big")
        credential = bytes(16) + length + self.credential_id + self._public_key()
        statement = {"fmt": "none", "attStmt": {}, "authData": self._authenticator_data(ATTESTED) + credential}
        client = self._client_data("create", options["challenge"])
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(cbor2.dumps(statement))})

    def sign_in(self, options: dict[str, Any]) -> dict[str, Any]:
        self.sign_count += 1
        client, authenticator = self._client_data("get", options["challenge"]), self._authenticator_data(0)
        signature = self.key.sign(authenticator + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(client), "authenticatorData": text(authenticator), "signature": text(signature),
                "userHandle": text(self.user_handle),
            }
        )  # fmt: skip

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        number = text(self.credential_id)
        return {
            "id": number, "rawId": number, "type": "public-key", "response": response, "clientExtensionResults": {},
        }  # fmt: skip

    def _client_data(self, act: str, challenge: str) -> bytes:
        return json.dumps({"type": self.kinds[act], "challenge": challenge, "origin": self.origin}).encode()

    def _authenticator_data(self, more: int) -> bytes:
        flags = USER_PRESENT | (USER_VERIFIED if self.verifies else 0) | more
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.sign_count.to_bytes(4, "big")

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
