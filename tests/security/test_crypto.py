"""Field encryption: every bit counts, every value belongs to one row of one column of one company, nonces never repeat."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.crypto import (
    BoundField,
    EncryptedField,
    Opener,
    Sealer,
    Undecipherable,
    blind_index,
    decrypt_bytes,
    encrypt_bytes,
    encrypted_fields,
    normalize,
)
from app.core.db import engine, transaction
from app.core.errors import Unavailable
from app.core.keys import keyring
from app.domains import Base
from app.people.models import Dependent, Employee

SSN = "900114321"
AAD = "v1|employee|ssn|company|row"
Two = tuple[UUID, UUID]
ENCRYPTED = [(m.class_, n) for m in Base.registry.mappers for n in encrypted_fields(m.class_)]
# JSON has neither NaN nor infinity; PostgreSQL text has no NUL, and encrypted text never meets it.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
VALUES: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(min_size=1),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    int: st.integers(),
    dict: st.dictionaries(st.text(), JSON),
    list: st.lists(JSON),
}
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def field(kind: type, name: str = "value") -> BoundField[Any]:
    made: EncryptedField[Any] = EncryptedField(kind)
    made.name = name
    return BoundField(made, Employee)


@QUICK
@given(data=st.data())
def test_every_type_comes_back_as_it_went_in(two: Two, data: st.DataObject) -> None:
    for kind, values in VALUES.items():
        bound, row_id, value = field(kind), uuid4(), data.draw(values, label=kind.__name__)
        sealed = bound.seal(two[0], row_id, value)
        assert bound.open(two[0], row_id, sealed) == (value if value != "" else None)


def test_every_kind_of_field_is_tried() -> None:
    assert {encrypted_fields(model)[name].kind for model, name in ENCRYPTED} <= set(VALUES)


@QUICK
@given(data=st.binary(max_size=4_096))
def test_documents_come_back_as_they_went_in(two: Two, data: bytes) -> None:
    assert decrypt_bytes(two[0], AAD, encrypt_bytes(two[0], AAD, data)) == data


def test_nothing_is_kept_as_nothing(two: Two) -> None:
    bound = field(str)
    assert bound.seal(two[0], uuid4(), None) is None
    assert bound.seal(two[0], uuid4(), "") is None
    assert bound.open(two[0], uuid4(), None) is None


def test_every_flipped_bit_is_noticed(two: Two) -> None:
    sealed = encrypt_bytes(two[0], AAD, SSN.encode())
    for place, bit in product(range(len(sealed)), range(8)):
        damaged = bytearray(sealed)
        damaged[place] ^= 1 << bit
        with pytest.raises(Undecipherable) as caught:
            decrypt_bytes(two[0], AAD, bytes(damaged))
        assert SSN not in str(caught.value)


def test_every_truncation_is_noticed(two: Two) -> None:
    sealed = encrypt_bytes(two[0], AAD, SSN.encode())
    for length in range(len(sealed)):
        with pytest.raises(Undecipherable):
            decrypt_bytes(two[0], AAD, sealed[:length])


def test_a_value_opens_in_its_own_row_column_table_and_company_only(two: Two) -> None:
    rows = (uuid4(), uuid4())
    places = list(product((Employee, Dependent), ("ssn", "last_name"), two, rows))
    sealed = {place: _bound(*place[:2]).seal(place[2], place[3], SSN) for place in places}
    for source, target in product(places, places):
        bound = _bound(*target[:2])
        if source == target:
            assert bound.open(target[2], target[3], sealed[source]) == SSN
        else:
            with pytest.raises(Undecipherable):
                bound.open(target[2], target[3], sealed[source])


def test_values_sealed_in_bulk_are_the_same_as_one_by_one(two: Two) -> None:
    row, bound, born = uuid4(), _bound(Employee, "ssn"), _bound(Employee, "date_of_birth")
    value = bytes.fromhex(Sealer(two[0]).field(bound)(str(row).encode(), SSN))
    birth = born.seal(two[0], row, date(1990, 5, 17))
    assert bound.open(two[0], row, value) == SSN
    opened = Opener(two[0]).fields(bound, bound, born)
    assert opened(row, [value, None, birth]) == [SSN, None, date(1990, 5, 17)]
    assert opened(row, [value, value, birth]) == [SSN, SSN, date(1990, 5, 17)]


def test_in_bulk_too_a_moved_or_damaged_value_does_not_open(two: Two) -> None:
    row, bound = uuid4(), _bound(Employee, "ssn")
    value = bound.seal(two[0], row, SSN)
    assert value is not None
    opener = Opener(two[0])
    opened = opener.fields(bound)
    assert opened(row, [value]) == [SSN]
    wrong = [(uuid4(), value), *((row, value[:length]) for length in range(len(value)))]
    for row_id, sealed in wrong:
        with pytest.raises(Undecipherable) as caught:
            opened(row_id, [sealed])
        assert SSN not in str(caught.value)
    for other in (opener.fields(_bound(Employee, "last_name")), Opener(two[1]).fields(bound)):
        with pytest.raises(Undecipherable):
            other(row, [value])


def _bound(model: type[Any], name: str) -> BoundField[Any]:
    return BoundField(encrypted_fields(model)[name], model)


def test_nonces_do_not_repeat_and_use_every_bit(two: Two) -> None:
    number = 200_000
    nonces = {encrypt_bytes(two[0], AAD, b"")[5:17] for _ in range(number)}
    assert len(nonces) == number
    for place in range(12):
        counts = Counter(nonce[place] for nonce in nonces)
        assert len(counts) == 256
        assert max(counts.values()) < number / 256 + 8 * math.sqrt(number / 256)


def test_equal_values_look_different_and_lengths_are_all_that_shows(two: Two) -> None:
    sealed = {encrypt_bytes(two[0], AAD, SSN.encode()) for _ in range(50)}
    assert len(sealed) == 50
    assert {len(one) for one in sealed} == {1 + 4 + 12 + len(SSN) + 16}


def test_a_blind_index_matches_inside_one_company_and_one_kind_of_field_only(two: Two) -> None:
    a, b = two
    assert blind_index(a, "ssn", SSN) == blind_index(a, "ssn", SSN)
    assert blind_index(a, "ssn", SSN) != blind_index(b, "ssn", SSN)
    assert blind_index(a, "ssn", SSN) != blind_index(a, "birth", SSN)
    assert normalize("900-11-4321") == normalize("900 11 4321") == SSN


def test_the_column_of_a_protected_field_holds_nothing_readable(two: Two, admin: Any) -> None:
    """The rows of `two` have "alpha" or "bravo" in every encrypted text."""
    checked = 0
    for model, name in ENCRYPTED:
        if encrypted_fields(model)[name].subject:
            continue  # under a person's own key; tests/core/test_rotation.py
        kept = admin.execute(f"SELECT {name}_enc FROM {model.__tablename__} WHERE {name}_enc IS NOT NULL").fetchall()
        assert len(kept) == 2, f"{model.__tablename__}.{name}"
        for (sealed,) in kept:
            assert sealed[:1] == b"\x01"
            assert not any(word in sealed for word in (b"alpha", b"bravo", b"1990-05-04", b"61000.50"))
        checked += 1
    assert checked > 40


def test_keys_of_many_persons_are_made_at_once_and_only_once(two: Two) -> None:
    people = [uuid4() for _ in range(50)]
    numbers = {person: keyring.current(two[0], person)[0] for person in people[:5]}
    keyring.forget()
    keyring.prepare(two[0], people)
    with counted_transactions() as begun:
        numbers |= {person: keyring.current(two[0], person)[0] for person in people if person not in numbers}
        assert {person: keyring.current(two[0], person)[0] for person in people} == numbers
        keyring.prepare(two[0], people)
    assert not begun
    assert len(set(numbers.values())) == len(people)
    keyring.forget()
    assert {person: keyring.current(two[0], person)[0] for person in people} == numbers


def test_a_prepared_key_opens_what_it_sealed_and_a_destroyed_one_stays_destroyed(two: Two) -> None:
    kept, gone = uuid4(), uuid4()
    keyring.prepare(two[0], [kept, gone])
    sealed = encrypt_bytes(two[0], AAD, b"phi", kept)
    with transaction(two[0]) as session:
        session.execute(sa.text("UPDATE data_key SET wrapped = NULL WHERE subject_id = :s"), {"s": gone})
    keyring.forget()
    keyring.prepare(two[0], [kept, gone])
    assert decrypt_bytes(two[0], AAD, sealed) == b"phi"
    with pytest.raises(Unavailable):
        encrypt_bytes(two[0], AAD, b"phi", gone)


@contextmanager
def counted_transactions() -> Iterator[list[int]]:
    begun: list[int] = []

    def note(_connection: Any) -> None:
        begun.append(1)

    sa.event.listen(engine(), "begin", note)
    try:
        yield begun
    finally:
        sa.event.remove(engine(), "begin", note)
