"""Names and numbers: blind prefix tokens for search, and member numbers."""

from __future__ import annotations

import os
from base64 import b32encode
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.crypto import blind_index
from app.core.db import own_company
from app.people.models import Employee
from app.people.rules.identity import prefixes_of, searched_prefixes

TOKEN_BYTES = 8
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0/O and 1/I
_AS_OURS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())
MEMBER_LENGTH = 10  # 50 random bits: two equal numbers among a million employees happen once in 2,000 companies


@lru_cache(maxsize=50_000)
def _token(company_id: UUID, prefix: str) -> bytes:
    return blind_index(company_id, "name", prefix)[:TOKEN_BYTES]


def name_tokens(company_id: UUID, *names: str | None) -> list[bytes]:
    """Keyed hashes of every prefix of every word of a name, for `Employee.name_tokens`.

    Cut to 8 bytes: enough to search a million people, too little to say which of two prefixes was meant after a leak.
    """
    found = [token for name in names if name for token in _tokens_of(company_id, name)]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=50_000)
def _tokens_of(company_id: UUID, name: str) -> tuple[bytes, ...]:
    return tuple(_token(company_id, prefix) for prefix in prefixes_of(name))


def name_matches(company_id: UUID, text: str, tokens: Any = Employee.name_tokens) -> sa.ColumnElement[bool] | None:
    """A filter for people of whose names each word of the text is a beginning; None when the text has no such word.

    Args:
        tokens: the column of `name_tokens` to search.
    """
    prefixes = searched_prefixes(text)
    if not prefixes:
        return None
    found: sa.ColumnElement[bool] = tokens.contains([_token(company_id, prefix) for prefix in prefixes])
    return found


def new_member_number() -> str:
    """A number carriers know the subscriber by: random, so it says nothing about the person and is never the SSN."""
    return new_member_numbers(1)[0]


def new_member_numbers(count: int) -> list[str]:
    """Many at once, with one call for the randomness."""
    letters = b32encode(os.urandom(-(-count * MEMBER_LENGTH // 8) * 5)).translate(_AS_OURS).decode()
    return ["M" + letters[start : start + MEMBER_LENGTH] for start in range(0, count * MEMBER_LENGTH, MEMBER_LENGTH)]


def full_name(first: str | None, last: str | None) -> str:
    return " ".join(part for part in (first, last) if part)


def names_of(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Employee id → name, in one query. The caller has checked that the actor may see them."""
    columns = (Employee.company_id, Employee.id, Employee.first_name_enc, Employee.last_name_enc)  # type: ignore[attr-defined]
    query = sa.select(*columns).options(own_company).where(Employee.id.in_(list(ids)))
    rows = session.connection().execute(query)
    return {row.id: opened_name(row) for row in rows}


def opened_name(row: Any) -> str:
    """The name in a Core row that has company_id, id, first_name_enc and last_name_enc."""
    first = Employee.first_name.open(row.company_id, row.id, row.first_name_enc)
    return full_name(first, Employee.last_name.open(row.company_id, row.id, row.last_name_enc))
