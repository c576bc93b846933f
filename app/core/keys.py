"""Keys: key-encryption keys under a provider, data keys per company and quarter (or per person), in `data_key`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from uuid_utils.compat import uuid7

from app.core.clock import now
from app.core.config import get_settings
from app.core.errors import Unavailable

CACHE_SECONDS = 300.0  # a destroyed key is forgotten by every process within this time


class KeyProvider(Protocol):
    """Wraps data keys. The interface fits AWS KMS (Encrypt, Decrypt, ReEncrypt; `context` becomes the encryption context) and Vault
    transit (encrypt, decrypt, rewrap, rotate; `context` becomes the associated data). Called once per data key, never per value.

    A service that does not answer raises `Unavailable`; a wrapped key that was altered or meant for another context raises too.
    """

    def current_version(self) -> int:
        """Of the key-encryption key that `wrap` uses now."""
        ...

    def add_version(self) -> int:
        """Make a new key-encryption key current; older ones still open what they wrapped."""
        ...

    def wrap(self, data_key: bytes, context: bytes) -> tuple[int, bytes]: ...
    def unwrap(self, version: int, wrapped: bytes, context: bytes) -> bytes: ...

    def rewrap(self, version: int, wrapped: bytes, context: bytes) -> tuple[int, bytes]:
        """The same data key under the current version; a service does it without showing the key."""
        ...

    def index_root(self) -> bytes:
        """32 bytes that never change: the blind indexes of all companies hang on them."""
        ...

    def signing_key(self) -> Ed25519PrivateKey: ...

    def health(self) -> None:
        """Raises when a data key could not be wrapped and opened right now."""
        ...


class LocalKeyFile:
    """Key-encryption keys in a file of mode 0600. Made at first use, except in production, where it must exist."""

    def __init__(self, path: Path, *, may_create: bool) -> None:
        self.path = path
        if not path.exists():
            if not may_create:
                raise Unavailable(f"KEY_FILE {path} does not exist; restore it from escrow or run `corridor keys init`")
            self._save({"version": 1, "keys": {"1": _secret()}, "index": _secret(), "signing": _secret()})

    def _load(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.path.read_text())
        return content

    def _save(self, content: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}.{threading.get_ident()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        if content["version"] == 1 and "2" not in content["keys"]:
            try:
                os.link(partial, self.path)  # first writer wins when two processes start together
            except FileExistsError:
                pass
            finally:
                partial.unlink()
        else:
            partial.replace(self.path)

    def current_version(self) -> int:
        return int(self._load()["version"])

    def wrap(self, data_key: bytes, context: bytes) -> tuple[int, bytes]:
        content = self._load()
        nonce = os.urandom(12)
        cipher = AESGCM(base64.b64decode(content["keys"][str(content["version"])]))
        return int(content["version"]), nonce + cipher.encrypt(nonce, data_key, context)

    def unwrap(self, version: int, wrapped: bytes, context: bytes) -> bytes:
        cipher = AESGCM(base64.b64decode(self._load()["keys"][str(version)]))
        return cipher.decrypt(wrapped[:12], wrapped[12:], context)

    def rewrap(self, version: int, wrapped: bytes, context: bytes) -> tuple[int, bytes]:
        return self.wrap(self.unwrap(version, wrapped, context), context)

    def add_version(self) -> int:
        content = self._load()
        content["version"] = int(content["version"]) + 1
        content["keys"][str(content["version"])] = _secret()
        self._save(content)
        return int(content["version"])

    def index_root(self) -> bytes:
        return base64.b64decode(self._load()["index"])

    def signing_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self._load()["signing"]))

    def health(self) -> None:
        """A wrap/unwrap canary; raises what the provider raises."""
        version, wrapped = self.wrap(b"canary", b"health")
        if self.unwrap(version, wrapped, b"health") != b"canary":
            raise Unavailable("the key provider returned another key than it was given")


def _secret() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def key_provider() -> KeyProvider:
    """The configured provider. Only the local file exists today; KMS and Vault implement the same Protocol."""
    settings = get_settings()
    return LocalKeyFile(settings.key_file, may_create=not settings.production)


def quarter() -> str:
    moment = now()
    return f"{moment.year}Q{(moment.month + 2) // 3}"


class Keyring:
    """Unwrapped data keys of this process, cached for five minutes."""

    def __init__(self) -> None:
        self._current: dict[tuple[UUID, UUID | None], tuple[float, str, int, AESGCM]] = {}
        self._by_number: dict[tuple[UUID, int], tuple[float, AESGCM]] = {}
        self._index: dict[UUID, hmac.HMAC] = {}

    def forget(self) -> None:
        """Drop every cached key (after a rotation, a shredding, a fork)."""
        self.__init__()  # type: ignore[misc]

    def current(self, company_id: UUID, subject_id: UUID | None = None) -> tuple[int, AESGCM]:
        """Number and cipher to encrypt with: the quarter's company key, or the subject's own."""
        cached = self._current.get((company_id, subject_id))
        period = "subject" if subject_id else quarter()
        if cached and cached[0] > time.monotonic() and cached[1] == period:
            return cached[2], cached[3]
        with _own_transaction(company_id) as connection:
            number, cipher = self._load_current(connection, company_id, subject_id, period)
        expires = time.monotonic() + CACHE_SECONDS
        self._current[company_id, subject_id] = (expires, period, number, cipher)
        self._by_number[company_id, number] = (expires, cipher)
        return number, cipher

    def by_number(self, company_id: UUID, number: int) -> AESGCM | None:
        """The cipher of a key number, or None when that key was destroyed."""
        cached = self._by_number.get((company_id, number))
        if cached and cached[0] > time.monotonic():
            return cached[1]
        with _own_transaction(company_id) as connection:
            row = connection.execute(
                sa.text("SELECT id, wrapped, kek_version FROM data_key WHERE company_id = :c AND number = :n"),
                {"c": company_id, "n": number},
            ).one_or_none()
        if row is None or row.wrapped is None:
            return None
        cipher = AESGCM(key_provider().unwrap(row.kek_version, bytes(row.wrapped), _context(company_id, row.id)))
        self._by_number[company_id, number] = (time.monotonic() + CACHE_SECONDS, cipher)
        return cipher

    def prepare(self, company_id: UUID, subject_ids: Collection[UUID]) -> None:
        """Have the own keys of many persons ready for `current`: found or made in one transaction, not in one each."""
        moment = time.monotonic()
        held = {one for (company, one), kept in self._current.items() if company == company_id and kept[0] > moment}
        wanted = list(set(subject_ids) - held)
        if not wanted:
            return
        with _own_transaction(company_id) as connection:
            make_subject_keys(connection, company_id, wanted)
            rows = connection.execute(sa.text(_SUBJECT_KEYS), {"c": company_id, "subjects": wanted}).all()
        provider, expires = key_provider(), moment + CACHE_SECONDS
        for row in rows:
            if row.wrapped is not None:  # a destroyed key is refused by `current`
                context = _context(company_id, row.id)
                cipher = AESGCM(provider.unwrap(row.kek_version, bytes(row.wrapped), context))
                self._current[company_id, row.subject_id] = (expires, "subject", row.number, cipher)
                self._by_number[company_id, row.number] = (expires, cipher)

    def blind(self, company_id: UUID, text: str) -> bytes:
        return self._digest(company_id, text)[:16]

    def derive(self, company_id: UUID, purpose: str) -> bytes:
        """32 bytes for one purpose of one company, always the same. No text holds a NUL, so no blind index is one of them."""
        return self._digest(company_id, f"\0{purpose}")

    def _digest(self, company_id: UUID, text: str) -> bytes:
        keyed = self._index.get(company_id)
        if keyed is None:
            key = hmac.digest(key_provider().index_root(), company_id.bytes, hashlib.sha256)
            keyed = self._index[company_id] = hmac.new(key, digestmod="sha256")
        made = keyed.copy()  # half the time of a new one
        made.update(text.encode())
        return made.digest()

    def _load_current(
        self, connection: sa.Connection, company_id: UUID, subject_id: UUID | None, period: str
    ) -> tuple[int, AESGCM]:
        select = sa.text(
            "SELECT id, number, wrapped, kek_version FROM data_key WHERE company_id = :c AND period = :p"
            " AND subject_id IS NOT DISTINCT FROM :s AND retired_at IS NULL ORDER BY number DESC LIMIT 1"
        )
        values = {"c": company_id, "p": period, "s": subject_id}
        row = connection.execute(select, values).one_or_none()
        if row is None:
            make_data_key(connection, company_id, subject_id, period)
            row = connection.execute(select, values).one()
        if row.wrapped is None:
            raise Unavailable("this person's key was destroyed; nothing more can be written under it")
        cipher = AESGCM(key_provider().unwrap(row.kek_version, bytes(row.wrapped), _context(company_id, row.id)))
        return row.number, cipher


_LOCK = "SELECT pg_advisory_xact_lock(hashtext('data_key'), hashtext(:c))"


def make_data_key(connection: sa.Connection, company_id: UUID, subject_id: UUID | None, period: str) -> None:
    """Insert the next data key of a company. Its number is taken under an advisory lock, so two processes agree."""
    connection.execute(sa.text(_LOCK), {"c": str(company_id)})
    exists = connection.execute(
        sa.text(
            "SELECT 1 FROM data_key WHERE company_id = :c AND period = :p AND subject_id IS NOT DISTINCT FROM :s AND retired_at IS NULL"
        ),
        {"c": company_id, "p": period, "s": subject_id},
    ).first()
    if exists:
        return
    key_id = uuid7()
    version, wrapped = key_provider().wrap(AESGCM.generate_key(256), _context(company_id, key_id))
    connection.execute(
        sa.text(
            "INSERT INTO data_key (company_id, id, number, period, subject_id, wrapped, kek_version) SELECT :c, :i,"
            " coalesce(max(number), 0) + 1, :p, :s, :w, :v FROM data_key WHERE company_id = :c"
        ),
        {"c": company_id, "i": key_id, "p": period, "s": subject_id, "w": wrapped, "v": version},
    )


_SUBJECT_KEYS = (
    "SELECT DISTINCT ON (subject_id) id, subject_id, number, wrapped, kek_version FROM data_key WHERE company_id = :c"
    " AND period = 'subject' AND subject_id = ANY(:subjects) AND retired_at IS NULL ORDER BY subject_id, number DESC"
)


def make_subject_keys(connection: sa.Connection, company_id: UUID, subject_ids: Collection[UUID]) -> None:
    """Insert the own keys of those persons who have none yet, in one statement under the same lock as `make_data_key`."""
    connection.execute(sa.text(_LOCK), {"c": str(company_id)})
    known = connection.execute(sa.text(_SUBJECT_KEYS), {"c": company_id, "subjects": list(subject_ids)})
    provider, rows = key_provider(), []
    for subject_id in set(subject_ids) - {row.subject_id for row in known}:
        key_id = uuid7()
        version, wrapped = provider.wrap(AESGCM.generate_key(256), _context(company_id, key_id))
        rows.append((key_id, subject_id, version, wrapped))
    if not rows:
        return
    ids, subjects, versions, keys = map(list, zip(*rows, strict=True))
    connection.execute(
        sa.text(
            "INSERT INTO data_key (company_id, id, number, period, subject_id, wrapped, kek_version) SELECT :c, new.id,"
            " (SELECT coalesce(max(number), 0) FROM data_key WHERE company_id = :c) + new.place, 'subject', new.subject_id,"
            " new.wrapped, new.version FROM unnest(:ids, :subjects, :keys, :versions) WITH ORDINALITY"
            " AS new (id, subject_id, wrapped, version, place)"
        ),
        {"c": company_id, "ids": ids, "subjects": subjects, "keys": keys, "versions": versions},
    )


def _context(company_id: UUID, key_id: UUID) -> bytes:
    return b"data_key|" + company_id.bytes + key_id.bytes


@contextmanager
def _own_transaction(company_id: UUID) -> Iterator[sa.Connection]:
    # Apart from the caller's transaction: a key that was used must survive the caller's rollback.
    from app.core.db import engine, tenant

    with tenant(company_id), engine().begin() as connection:
        yield connection


keyring = Keyring()
