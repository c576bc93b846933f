"""The trail says when somebody touched it: every kind of tampering a database superuser can do."""

import time
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.core import audit
from app.core.audit import seal, verify, write_checkpoint
from app.core.db import transaction
from app.core.events import record, system


def write_events(count: int = 3, *, wait: bool = True) -> None:
    for index in range(count):
        with transaction() as session:
            record(session, system("test"), "test.thing.happened", ("thing", uuid4()), new={"index": index})
    if wait:
        settled()


def settled() -> None:
    """Wait until no older transaction runs anywhere on the server: only then is a row ripe for sealing."""
    ripe = sa.text(
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > coalesce(max(txid), 0) FROM audit_event"
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with transaction() as session:
            if session.execute(ripe).scalar():
                return
        time.sleep(0.05)
    raise AssertionError("another test holds a transaction open for two minutes")


@pytest.fixture
def trail(company: UUID) -> UUID:
    """Two seals over three rows each, checkpoint written, one row unsealed."""
    for _ in range(2):
        write_events()
        with transaction() as session:
            made = seal(session)
        assert made is not None
        assert made.row_count == 3
        write_checkpoint(made)
    write_events(1)
    return company


def codes() -> set[str]:
    with transaction() as session:
        return {problem.code for problem in verify(session)}


def test_an_untouched_trail_is_whole(trail: UUID) -> None:
    assert codes() == set()


def test_nothing_new_makes_no_seal(trail: UUID) -> None:
    with transaction() as session:
        assert seal(session) is not None
    with transaction() as session:
        assert seal(session) is None


FIRST = "(SELECT id FROM audit_event ORDER BY txid LIMIT 1)"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"UPDATE audit_event SET name = 'nothing.happened' WHERE id = {FIRST}", {"edited", "forged"}),
        (f"UPDATE audit_event SET occurred_at = now() - interval '1 day' WHERE id = {FIRST}", {"edited", "forged"}),
        (f"DELETE FROM audit_event WHERE id = {FIRST}", {"missing"}),
        (
            "UPDATE audit_event SET txid = (SELECT from_txid FROM audit_seal WHERE number = 2) WHERE id = " + FIRST,
            {"missing", "inserted"},
        ),
        ("DELETE FROM audit_seal WHERE number = 1", {"broken-chain"}),
        ("DELETE FROM audit_seal WHERE number = 2", {"truncated"}),
        ("DELETE FROM audit_seal", {"truncated"}),
        ("UPDATE audit_seal SET row_count = 2 WHERE number = 1", {"bad-signature"}),
        ("UPDATE audit_seal SET number = number + 10", {"bad-signature"}),
        (
            "CREATE TEMP TABLE copied AS SELECT * FROM audit_event WHERE id = "
            f"{FIRST}; UPDATE copied SET id = gen_random_uuid(); INSERT INTO audit_event SELECT * FROM copied",
            {"inserted", "forged"},
        ),
    ],
    ids=[
        "edited", "back-dated", "deleted", "reordered", "seal deleted", "last seal deleted", "all seals deleted",
        "seal edited", "seals renumbered", "inserted",
    ],
)  # fmt: skip
def test_tampering_is_found(trail: UUID, admin: object, statement: str, expected: set[str]) -> None:
    admin.execute(statement)
    assert codes() >= expected


def test_cutting_the_end_off_with_its_seal_is_found_by_the_checkpoint(trail: UUID, admin: object) -> None:
    admin.execute("DELETE FROM audit_event WHERE txid >= (SELECT from_txid FROM audit_seal WHERE number = 2)")
    admin.execute("DELETE FROM audit_seal WHERE number = 2")
    assert codes() == {"truncated"}


def test_a_row_the_application_did_not_write_is_forged_even_unsealed(trail: UUID, admin: object) -> None:
    admin.execute(
        "UPDATE audit_event SET actor_label = 'somebody else' WHERE txid = (SELECT max(txid) FROM audit_event)"
    )
    assert codes() == {"forged"}


def test_a_slow_commit_is_sealed_later_not_lost(company: UUID) -> None:
    from app.core.db import Session, engine

    with Session(engine()) as slow:
        slow.begin()
        record(slow, system("slow"), "test.slow.happened", ("thing", uuid4()))
        slow.flush()
        write_events(2, wait=False)
        with transaction() as session:
            early = seal(session)
        slow.commit()
    settled()
    with transaction() as session:
        later = seal(session)
    assert early is None
    assert later is not None
    assert later.row_count == 3
    assert codes() == set()


def test_erased_phi_leaves_the_trail_whole(company: UUID) -> None:
    from app.core.crypto import Undecipherable
    from app.core.events import AuditEvent
    from app.core.rotation import shred

    person = uuid4()
    with transaction() as session:
        record(
            session,
            system("test"),
            "test.person.changed",
            ("employee", person),
            phi={"ssn": "900123456"},
            person_id=person,
        )
    settled()
    with transaction() as session:
        assert seal(session) is not None
        assert shred(session, person) == 1
    with transaction() as session:
        event = session.scalars(sa.select(AuditEvent)).one()
        with pytest.raises(Undecipherable):
            _ = event.phi
    assert codes() == set()


def test_the_sealing_job_writes_the_checkpoint(company: UUID) -> None:
    from app.core.config import get_settings
    from app.core.jobs import JobIntent, claim, enqueue

    write_events()
    with transaction() as session:
        enqueue(session, "audit.seal", company, key="now")
        run = claim(session, company, session.scalars(sa.select(JobIntent.id).filter_by(kind="audit.seal")).one())
    assert run is not None
    audit.seal_trail(run)
    assert (get_settings().checkpoint_dir / f"{company}.json").exists()
    assert len(audit.public_key_hex()) == 64
