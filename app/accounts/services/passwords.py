"""Passwords: Argon2id, never reversible, rehashed when the parameters grow."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP Password Storage: Argon2id, 19 MiB, 2 passes, 1 lane. Small enough that tries in parallel do not empty the machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    return HASHER.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """True when the password fits. Without a stored hash the same work is done, so time tells nothing."""
    try:
        fits = HASHER.verify(stored or _nobody(), password[:1000])
    except (VerificationError, InvalidHashError):
        return False
    return fits and stored is not None


def is_outdated(stored: str) -> bool:
    """True when the hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """What breached passwords are made of, lower case; see `rules.password_weakness`."""
    text = resources.files("app.accounts").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip().casefold() for line in text.splitlines() if line and not line.startswith("#"))
