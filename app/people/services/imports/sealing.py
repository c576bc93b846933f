"""Encryption of many fields at once: one look at the key, one call for the nonces. The format is `app.core.crypto`'s."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from uuid import UUID

from app.core.crypto import VERSION, BoundField
from app.core.keys import keyring

NONCES = 1024


class Sealer:
    """Seals values of one company. Make a new one for each batch, so that a key that changed is used at once."""

    def __init__(self, company_id: UUID) -> None:
        number, cipher = keyring.current(company_id)
        self._head = VERSION + number.to_bytes(4, "big")
        self._encrypt = cipher.encrypt
        self._nonces: list[bytes] = []
        self.company_id = company_id

    def field(self, bound: BoundField[Any]) -> Callable[[bytes, str], str]:
        """A function of (row id as text, plain text) that seals this field, as the hexadecimal digits of the value."""
        prefix = f"{bound._aad}{self.company_id}|".encode()
        head, encrypt, nonces, refill = self._head.hex(), self._encrypt, self._nonces, self._refill

        def seal(row: bytes, plain: str) -> str:
            nonce = nonces.pop() if nonces else refill()
            return head + nonce.hex() + encrypt(nonce, plain.encode(), prefix + row).hex()

        return seal

    def _refill(self) -> bytes:
        pool = os.urandom(12 * NONCES)
        self._nonces.extend(pool[start : start + 12] for start in range(0, len(pool), 12))
        return self._nonces.pop()
