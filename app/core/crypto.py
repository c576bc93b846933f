"""Field encryption: AES-256-GCM under a data key of the company and quarter.

Format of a value: `0x01 | key number (4) | nonce (12) | ciphertext | tag (16)`; the additional authenticated data is
`v1|table|column|company|row`, so a ciphertext moved to another row, column or tenant does not open.
Look-ups by equality go through a blind index (HMAC-SHA256 under a per-company key that is never in the database).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import mapped_column

from app.core.keys import keyring

VERSION = b"\x01"
HEAD = 1 + 4  # version and key number
SHORTEST = HEAD + 12 + 16  # of an empty text: nonce and tag besides
NONCES = 1024  # taken from the system at once by a `Sealer`
T = TypeVar("T")


class Undecipherable(Exception):
    """The value was altered, moved, or its key was destroyed. The text names table and column, never the value."""


_ENCODE: dict[type, Callable[[Any], str]] = {
    str: str,
    date: date.isoformat,
    datetime: datetime.isoformat,
    Decimal: str,
    int: str,
    dict: lambda value: json.dumps(value, sort_keys=True, default=str),
    list: lambda value: json.dumps(value, default=str),
}
_DECODE: dict[type, Callable[[str], Any]] = {
    str: str,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    Decimal: Decimal,
    int: int,
    dict: json.loads,
    list: json.loads,
}


def encrypt_bytes(company_id: UUID, aad: str, plain: bytes, subject_id: UUID | None = None) -> bytes:
    """Encrypt under the company's current key, or the subject's own key so that it can be shredded."""
    number, cipher = keyring.current(company_id, subject_id)
    nonce = os.urandom(12)
    return VERSION + number.to_bytes(4, "big") + nonce + cipher.encrypt(nonce, plain, aad.encode())


def decrypt_bytes(company_id: UUID, aad: str, sealed: bytes) -> bytes:
    """Open a value made by `encrypt_bytes` with the same company and AAD.

    Raises:
        Undecipherable: altered, moved, of another tenant, or the key was destroyed.
    """
    return _opened(_cipher_of(company_id, aad, sealed), aad.encode(), sealed)


def _cipher_of(company_id: UUID, aad: str, sealed: bytes) -> AESGCM:
    if sealed[:1] != VERSION or len(sealed) < SHORTEST:
        raise Undecipherable(f"unknown encryption format in {aad.split('|')[1:3]}")
    cipher = keyring.by_number(company_id, int.from_bytes(sealed[1:HEAD], "big"))
    if cipher is None:
        raise Undecipherable(f"the key of {aad.split('|')[1:3]} was destroyed")
    return cipher


def _opened(cipher: AESGCM, aad: bytes, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(bytes(sealed[5:17]), bytes(sealed[17:]), aad)
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        raise Undecipherable(f"a value of {aad.decode().split('|')[1:3]} does not open") from None


def blind_index(company_id: UUID, domain: str, value: str) -> bytes:
    """16 bytes that are equal for equal values of one company and domain; useless without the index key."""
    return keyring.blind(company_id, f"{domain}|{value}")


def normalize(value: str) -> str:
    """Letters and digits only, lower case: `123-45-6789` and `123 45 6789` index alike."""
    folded = value.casefold()
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


class EncryptedField(Generic[T]):
    """A model attribute kept encrypted in `<name>_enc`; with `index`, findable through `<name>_bidx`.

    `Employee.ssn.matches("123-45-6789")` is a filter; `Employee.ssn.open(company_id, id, row.ssn_enc)` opens a Core row.
    Reading an attribute decrypts; assigning encrypts. The row's id and company_id must be set first (`Base.__init__` does).
    """

    def __init__(self, kind: type = str, *, index: str = "", subject: str = "", required: bool = False) -> None:
        self.kind, self.index, self.subject, self.required = kind, index, subject, required
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> BoundField[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        bound: BoundField[T] = BoundField(self, owner)
        if instance is None:
            return bound
        return bound.open(instance.company_id, instance.id, getattr(instance, f"{self.name}_enc"))

    def __set__(self, instance: Any, value: T | None) -> None:
        bound: BoundField[T] = BoundField(self, type(instance))
        subject_id = getattr(instance, self.subject) if self.subject else None
        setattr(instance, f"{self.name}_enc", bound.seal(instance.company_id, instance.id, value, subject_id))
        if self.index:
            setattr(instance, f"{self.name}_bidx", bound.blind(instance.company_id, value))


class BoundField(Generic[T]):
    """An encrypted field of one table: seal, open and find values without an ORM instance."""

    __slots__ = ("_aad", "column", "field", "owner")

    def __init__(self, field: EncryptedField[T], owner: type) -> None:
        self.field, self.owner = field, owner
        self.column = f"{field.name}_enc"
        self._aad = f"v1|{owner.__tablename__}|{field.name}|"  # type: ignore[attr-defined]

    def aad(self, company_id: UUID) -> str:
        """What a value is bound to, up to the id of its row."""
        return f"{self._aad}{company_id}|"

    def seal(self, company_id: UUID, row_id: UUID, value: T | None, subject_id: UUID | None = None) -> bytes | None:
        if value is None or value == "":
            return None
        text = _ENCODE[self.field.kind](value)
        return encrypt_bytes(company_id, f"{self._aad}{company_id}|{row_id}", text.encode(), subject_id)

    def open(self, company_id: UUID, row_id: UUID, sealed: bytes | None) -> T | None:
        if sealed is None:
            return None
        plain = decrypt_bytes(company_id, f"{self._aad}{company_id}|{row_id}", sealed).decode()
        return _DECODE[self.field.kind](plain)  # type: ignore[no-any-return]

    def blind(self, company_id: UUID, value: T | None) -> bytes | None:
        if value is None or value == "":
            return None
        return blind_index(company_id, self.field.index, normalize(_ENCODE[self.field.kind](value)))

    def matches(self, value: T, company_id: UUID | None = None) -> sa.ColumnElement[bool]:
        """A filter on the blind index, for the given company or the current tenant."""
        from app.core.db import current_tenant

        column: sa.ColumnElement[bytes] = getattr(self.owner, f"{self.field.name}_bidx")
        return column == self.blind(company_id or current_tenant(), value)


class Sealer:
    """Seals many values of one company: one look at the key, one call for a thousand nonces.

    Make a new one for each batch, so that a key that changed is used at once.
    """

    def __init__(self, company_id: UUID) -> None:
        number, cipher = keyring.current(company_id)
        self.company_id = company_id
        self._head = (VERSION + number.to_bytes(4, "big")).hex()
        self._encrypt = cipher.encrypt
        self._nonces: list[bytes] = []

    def field(self, bound: BoundField[Any]) -> Callable[[bytes, str], str]:
        """A function of (row id as text, plain text) that seals this field, as the hexadecimal digits of the value."""
        prefix = bound.aad(self.company_id).encode()
        head, encrypt, nonces, refill = self._head, self._encrypt, self._nonces, self._refill

        def seal(row: bytes, plain: str) -> str:
            nonce = nonces.pop() if nonces else refill()
            return head + (nonce + encrypt(nonce, plain.encode(), prefix + row)).hex()

        return seal

    def _refill(self) -> bytes:
        pool = os.urandom(12 * NONCES)
        self._nonces.extend(pool[start : start + 12] for start in range(0, len(pool), 12))
        return self._nonces.pop()


class Opener:
    """Opens many rows of one company, looking at each key once. Make a new one for each transaction."""

    def __init__(self, company_id: UUID) -> None:
        self._company_id = company_id
        self._ciphers: dict[bytes, AESGCM] = {}

    def fields(self, *bounds: BoundField[Any]) -> Callable[[UUID, Sequence[bytes | None]], list[Any]]:
        """A function of (row id, sealed values in the order of these fields) that opens them. Raises `Undecipherable`."""
        readers = [(bound.aad(self._company_id).encode(), _DECODE[bound.field.kind]) for bound in bounds]

        def opened(row_id: UUID, sealed: Sequence[bytes | None]) -> list[Any]:
            row = str(row_id).encode()
            return [
                None if value is None else decode(self._plain(prefix + row, value))
                for (prefix, decode), value in zip(readers, sealed, strict=True)
            ]

        return opened

    def _plain(self, aad: bytes, sealed: bytes) -> str:
        cipher = self._ciphers.get(sealed[:HEAD])
        if cipher is None:
            cipher = self._ciphers[sealed[:HEAD]] = _cipher_of(self._company_id, aad.decode(), sealed)
        return _opened(cipher, aad, sealed).decode()


def encrypted_fields(model: type) -> dict[str, EncryptedField[Any]]:
    """Name → field of every encrypted attribute of a model, mixins included."""
    found: dict[str, EncryptedField[Any]] = {}
    for owner in reversed(model.__mro__):
        found |= {name: value for name, value in vars(owner).items() if isinstance(value, EncryptedField)}
    return found


def install_encrypted_fields(model: type) -> None:
    """Give a model the columns of its encrypted fields (called by `Base` before mapping)."""
    for name, field in encrypted_fields(model).items():
        setattr(model, f"{name}_enc", mapped_column(sa.LargeBinary, nullable=not field.required))
        if field.index:
            setattr(model, f"{name}_bidx", mapped_column(sa.LargeBinary, nullable=True))
