"""Stand-ins for AWS KMS and Vault transit, and providers over them: what they show is that the interface fits both.

The services keep their keys to themselves, as the real ones do: a provider sees ciphertext and answers, never a key-encryption key.
"""

from __future__ import annotations

import base64
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.errors import Unavailable


class Kms:
    """Encrypt, Decrypt and ReEncrypt of a customer key; a ciphertext names the key it needs."""

    def __init__(self) -> None:
        self.away = False
        self.calls: list[str] = []
        self._keys = {"key-1": AESGCM(AESGCM.generate_key(256))}

    def create_key(self) -> str:
        name = f"key-{len(self._keys) + 1}"
        self._keys[name] = AESGCM(AESGCM.generate_key(256))
        return name

    def encrypt(self, key_id: str, plaintext: bytes, encryption_context: dict[str, str]) -> bytes:
        self._note("Encrypt")
        nonce = os.urandom(12)
        sealed = self._keys[key_id].encrypt(nonce, plaintext, repr(sorted(encryption_context.items())).encode())
        return key_id.encode() + b"|" + nonce + sealed

    def decrypt(self, blob: bytes, encryption_context: dict[str, str]) -> bytes:
        self._note("Decrypt")
        return self._open(blob, encryption_context)

    def re_encrypt(self, blob: bytes, encryption_context: dict[str, str], destination_key_id: str) -> bytes:
        self._note("ReEncrypt")
        nonce = os.urandom(12)
        aad = repr(sorted(encryption_context.items())).encode()
        plaintext = self._open(blob, encryption_context)
        return (
            destination_key_id.encode() + b"|" + nonce + self._keys[destination_key_id].encrypt(nonce, plaintext, aad)
        )

    def _open(self, blob: bytes, encryption_context: dict[str, str]) -> bytes:
        key_id, _, sealed = blob.partition(b"|")
        aad = repr(sorted(encryption_context.items())).encode()
        return self._keys[key_id.decode()].decrypt(sealed[:12], sealed[12:], aad)

    def _note(self, call: str) -> None:
        if self.away:
            raise ConnectionError
        self.calls.append(call)


class Vault:
    """encrypt, decrypt, rewrap and rotate of one transit key: base64 in, `vault:v<version>:<base64>` out."""

    def __init__(self) -> None:
        self.away = False
        self.calls: list[str] = []
        self._versions = [AESGCM(AESGCM.generate_key(256))]

    def write(self, path: str, **fields: str) -> dict[str, str]:
        if self.away:
            raise ConnectionError
        self.calls.append(path)
        aad = base64.b64decode(fields.get("associated_data", ""))
        if path == "rotate":
            self._versions.append(AESGCM(AESGCM.generate_key(256)))
        if path == "decrypt":
            return {"plaintext": base64.b64encode(self._open(fields["ciphertext"], aad)).decode()}
        if path == "rewrap":
            return {"ciphertext": self._seal(self._open(fields["ciphertext"], aad), aad)}
        if path == "encrypt":
            return {"ciphertext": self._seal(base64.b64decode(fields["plaintext"]), aad)}
        return {"latest_version": str(len(self._versions))}

    def _seal(self, plaintext: bytes, aad: bytes) -> str:
        nonce = os.urandom(12)
        sealed = nonce + self._versions[-1].encrypt(nonce, plaintext, aad)
        return f"vault:v{len(self._versions)}:{base64.b64encode(sealed).decode()}"

    def _open(self, ciphertext: str, aad: bytes) -> bytes:
        _, version, text = ciphertext.split(":")
        sealed = base64.b64decode(text)
        return self._versions[int(version[1:]) - 1].decrypt(sealed[:12], sealed[12:], aad)


class Fixed:
    """What a service holds only wrapped: the index root and the signing key, opened once when the process starts."""

    def __init__(self) -> None:
        self._index, self._signing = os.urandom(32), Ed25519PrivateKey.generate()

    def index_root(self) -> bytes:
        return self._index

    def signing_key(self) -> Ed25519PrivateKey:
        return self._signing


class KmsProvider(Fixed):
    """A version is the place of a key in the list of keys the operator names."""

    def __init__(self, service: Kms) -> None:
        super().__init__()
        self.service, self._keys = service, ["key-1"]

    def current_version(self) -> int:
        return len(self._keys)

    def add_version(self) -> int:
        self._keys.append(self.service.create_key())
        return len(self._keys)

    def wrap(self, data_key: bytes, context: bytes) -> tuple[int, bytes]:
        try:
            return len(self._keys), self.service.encrypt(self._keys[-1], data_key, {"corridor": context.hex()})
        except ConnectionError:
            raise Unavailable("KMS does not answer") from None

    def unwrap(self, version: int, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self.service.decrypt(wrapped, {"corridor": context.hex()})
        except ConnectionError:
            raise Unavailable("KMS does not answer") from None

    def rewrap(self, version: int, wrapped: bytes, context: bytes) -> tuple[int, bytes]:
        return len(self._keys), self.service.re_encrypt(wrapped, {"corridor": context.hex()}, self._keys[-1])

    def health(self) -> None:
        self.unwrap(*self.wrap(b"canary", b"health"), b"health")


class VaultProvider(Fixed):
    """A version is Vault's own, read out of the ciphertext."""

    def __init__(self, service: Vault) -> None:
        super().__init__()
        self.service = service

    def current_version(self) -> int:
        return int(self._ask("read")["latest_version"])

    def add_version(self) -> int:
        return int(self._ask("rotate")["latest_version"])

    def wrap(self, data_key: bytes, context: bytes) -> tuple[int, bytes]:
        return _versioned(self._ask("encrypt", context, plaintext=base64.b64encode(data_key).decode()))

    def unwrap(self, version: int, wrapped: bytes, context: bytes) -> bytes:
        return base64.b64decode(self._ask("decrypt", context, ciphertext=wrapped.decode())["plaintext"])

    def rewrap(self, version: int, wrapped: bytes, context: bytes) -> tuple[int, bytes]:
        return _versioned(self._ask("rewrap", context, ciphertext=wrapped.decode()))

    def health(self) -> None:
        self.unwrap(*self.wrap(b"canary", b"health"), b"health")

    def _ask(self, path: str, context: bytes = b"", **fields: str) -> dict[str, str]:
        try:
            return self.service.write(path, associated_data=base64.b64encode(context).decode(), **fields)
        except ConnectionError:
            raise Unavailable("Vault does not answer") from None


def _versioned(answer: dict[str, str]) -> tuple[int, bytes]:
    return int(answer["ciphertext"].split(":")[1][1:]), answer["ciphertext"].encode()
