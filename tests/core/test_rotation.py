"""Keys turn over while people write; a destroyed key stays destroyed."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
import time_machine

from app.core import storage
from app.core.clock import now
from app.core.config import get_settings
from app.core.crypto import Undecipherable
from app.core.db import fetch, tenant, transaction
from app.core.keys import LocalKeyFile, keyring
from app.core.models import DataKey
from app.core.rotation import encrypted_models, replay_shred_list, rewrap, rotate, shred, unfinished
from app.domains import people
from tests.core.test_spine import add_employee
from worker.stack.state import CHECKOUT


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


KILLED_AT = """
import os, signal, sys, uuid
from app import domains
from app.core import rotation
from app.core.db import tenant
domains.load_jobs()
rotation.BATCH = 7
company, most = uuid.UUID(sys.argv[1]), int(sys.argv[2])
with tenant(company):
    rotation.rotate(company, lambda done, _total: os.kill(os.getpid(), signal.SIGKILL) if done >= most else None)
"""


@pytest.mark.parametrize("most", [1, 3, 20])
def test_killed_anywhere_it_goes_on_where_it_was(company: UUID, admin: Any, most: int) -> None:
    """Two documents first, then the people in sevens: the process is killed -9 after one, after both, and among the people."""
    ids = [add_employee(str(number)) for number in range(40)]
    with transaction() as session:
        kept = [storage.keep(session, b"hello", name="a.txt", content_type="text/plain", purpose="test") for _ in "ab"]
    killed = subprocess.run([sys.executable, "-c", KILLED_AT, str(company), str(most)], check=False, cwd=CHECKOUT)
    assert killed.returncode == -signal.SIGKILL
    keyring.forget()
    under = admin.execute("SELECT max(number) FROM data_key").fetchone()[0]
    assert unfinished(company) == under
    moved = admin.execute("SELECT count(*) FROM employee WHERE get_byte(ssn_enc, 4) = %s", (under,)).fetchone()[0]
    assert moved == {1: 0, 3: 7, 20: 21}[most]
    told: list[tuple[int, int]] = []
    assert rotate(company, lambda done, total: told.append((done, total))) == 0
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert admin.execute("SELECT max(number) FROM data_key").fetchone()[0] == under, "it made no third key"
    assert unfinished(company) == 0
    with transaction() as session:
        assert {fetch(session, people.Employee, row_id).ssn for row_id in ids} == {"900123456"}
        assert [storage.read(session, one.id) for one in kept] == [b"hello", b"hello"]


def test_a_finished_rotation_is_followed_by_a_new_one(company: UUID, admin: Any) -> None:
    add_employee()
    for _ in range(2):
        before = admin.execute("SELECT count(*) FROM data_key").fetchone()[0]
        assert unfinished(company) == 0
        assert rotate(company) == 0
        assert admin.execute("SELECT count(*) FROM data_key").fetchone()[0] == before + 1


def test_a_new_quarter_is_no_interrupted_rotation(company: UUID) -> None:
    add_employee()
    with time_machine.travel(now() + timedelta(days=100)):
        keyring.forget()
        add_employee("2")
        assert unfinished(company) == 0
    keyring.forget()


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
