"""Keys turn over while people write; a destroyed key stays destroyed."""

import threading
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.core import storage
from app.core.config import get_settings
from app.core.crypto import Undecipherable
from app.core.db import fetch, tenant, transaction
from app.core.keys import LocalKeyFile, keyring
from app.core.models import DataKey
from app.core.rotation import encrypted_models, replay_shred_list, rewrap, rotate, shred
from app.domains import people
from tests.core.test_spine import add_employee


def test_every_value_moves_to_the_new_key_and_reads_the_same(company: UUID, admin: object) -> None:
    ids = [add_employee(str(number)) for number in range(30)]
    with transaction() as session:
        kept = storage.keep(session, b"hello", name="a.txt", content_type="text/plain", purpose="test")
    assert rotate(company) == 0
    with transaction() as session:
        assert {fetch(session, people.Employee, row_id).ssn for row_id in ids} == {"900123456"}
        assert storage.read(session, kept.id) == b"hello"
        assert session.scalars(sa.select(people.Employee).where(people.Employee.ssn.matches("900123456"))).first()
    numbers = admin.execute("SELECT DISTINCT substring(ssn_enc, 2, 4) FROM employee").fetchall()
    assert len(numbers) == 1


def test_a_live_writer_loses_nothing(company: UUID) -> None:
    ids = [add_employee(str(number)) for number in range(40)]
    written: dict[UUID, str] = {}
    stop = threading.Event()

    def write() -> None:
        count = 0
        with tenant(company):
            while not stop.is_set():
                row_id = ids[count % len(ids)]
                with transaction() as session:
                    fetch(session, people.Employee, row_id, lock=True).last_name = f"Name{count}"
                written[row_id] = f"Name{count}"
                count += 1

    thread = threading.Thread(target=write)
    thread.start()
    left = rotate(company)
    stop.set()
    thread.join()
    assert left == 0
    with transaction() as session:
        assert {row_id: fetch(session, people.Employee, row_id).last_name for row_id in written} == written


def test_a_new_key_encryption_key_wraps_all_data_keys_anew(company: UUID) -> None:
    row_id = add_employee()
    LocalKeyFile(get_settings().key_file, may_create=False).add_version()
    assert rewrap(company) >= 1
    keyring.forget()
    with transaction() as session:
        assert fetch(session, people.Employee, row_id).ssn == "900123456"
        assert set(session.scalars(sa.select(DataKey.kek_version))) == {
            LocalKeyFile(get_settings().key_file, may_create=False).current_version()
        }


def test_a_shredded_person_s_documents_stay_unreadable_after_a_restore(company: UUID, admin: object) -> None:
    person = uuid4()
    with transaction() as session:
        kept = storage.keep(
            session, b"secret", name="x.pdf", content_type="application/pdf", purpose="test", person_id=person
        )
    backup = admin.execute("SELECT wrapped FROM data_key WHERE subject_id = %s", (person,)).fetchone()[0]
    with transaction() as session:
        shred(session, person)
    admin.execute("UPDATE data_key SET wrapped = %s WHERE subject_id = %s", (backup, person))
    keyring.forget()
    assert replay_shred_list() >= 1
    with transaction() as session, pytest.raises(Undecipherable):
        storage.read(session, kept.id)


def test_every_model_with_phi_is_rotated() -> None:
    assert {"employee", "dependent", "enrollment", "connection", "notice"} <= {
        m.__tablename__ for m in encrypted_models()
    }
