"""The `corridor` command on a filled database: seed, audit, keys, intents, docs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from app.core.db import tenant, transaction
from app.core.jobs import enqueue, job
from sandbox.launch import launch
from worker.cli import main
from worker.cli._attach import companies


@pytest.fixture(scope="module")
def ready_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    state = tmp_path_factory.mktemp("sandbox")
    with launch(state) as running:
        file = state / "ready.json"
        file.write_text(json.dumps(addresses(running)))
        yield file


def addresses(running: Any) -> dict[str, Any]:
    """The ready line, as `make run` finds it."""
    return {
        "host": running.host, "url": running.client.url, "sftp_host_key": running.host_key, "carriers": running.carriers,
        "screening": running.screening,
    }  # fmt: skip


def corridor(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture
def demo(database: object, ready_file: Path) -> None:
    done = corridor("seed", "--sandbox", str(ready_file))
    assert done.exit_code == 0, done.output
    assert "hr@northwind.example" in done.output


def test_the_demo_company_is_believable_and_its_trail_whole(demo: None, ready_file: Path, admin: Any) -> None:
    count = {
        table: admin.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("employee", "dependent", "benefit_plan")
    }
    assert count["employee"] == 301
    assert count["dependent"] > 200
    assert count["benefit_plan"] == 14
    assert admin.execute("SELECT count(*) FROM carrier_change WHERE status = 'ready'").fetchone()[0] > 400

    again = corridor("seed", "--if-empty", "--sandbox", str(ready_file))
    assert again.exit_code == 0
    refused = corridor("seed", "--sandbox", str(ready_file))
    assert refused.exit_code == 1
    assert "There is a company already" in refused.output

    assert "seal 1 over" in corridor("audit", "seal").output
    assert "nothing new" in corridor("audit", "seal").output
    whole = corridor("audit", "verify")
    assert whole.exit_code == 0
    assert "Northwind Outfitters: whole" in whole.output
    admin.execute("DELETE FROM audit_event WHERE id = (SELECT id FROM audit_event LIMIT 1)")
    broken = corridor("audit", "verify")
    assert broken.exit_code == 1
    assert "missing" in broken.output

    admin.execute(
        "INSERT INTO control_number (company_id, id, connection_id, usage, next_number)"
        " SELECT company_id, id, id, 'P', 7 FROM connection WHERE name LIKE 'Evergreen%'"
    )
    assert "Evergreen Health, production: next is 000000007" in corridor("numbers", "list").output
    assert corridor("numbers", "ahead", "--by", "0").exit_code == 2
    assert "production: next is 000001007" in corridor("numbers", "ahead", "--by", "1000").output
    moved = admin.execute("SELECT count(*) FROM audit_event WHERE name = 'feeds.numbers.moved'").fetchone()[0]
    assert moved == 1

    rotated = corridor("keys", "rotate")
    assert rotated.exit_code == 0, rotated.output
    assert "0 left under an older key" in rotated.output
    assert "wrapped anew" in corridor("keys", "rotate", "--kek").output
    assert "persons erased again" in corridor("keys", "replay-shred-list").output
    assert "was there already" in corridor("keys", "init").output


def test_intents_are_listed_and_run_again(company_with_dead_intent: str) -> None:
    listed = corridor("intents", "list", "--state", "dead")
    assert "test.dead" in listed.output
    assert corridor("intents", "retry").exit_code == 2
    assert "1 intents run again" in corridor("intents", "retry", company_with_dead_intent).output
    assert corridor("intents", "retry", str(uuid4())).exit_code == 1
    assert corridor("intents", "retry", "--all-dead").exit_code == 1


def test_an_intent_that_waits_again_after_a_restore_is_settled(company_with_dead_intent: str, admin: Any) -> None:
    admin.execute("UPDATE job_intent SET state = 'pending'")
    assert "1 intents settled" in corridor("intents", "settle", company_with_dead_intent).output
    assert admin.execute("SELECT state FROM job_intent").fetchone()[0] == "canceled"
    again = corridor("intents", "settle", company_with_dead_intent)
    assert again.exit_code == 1
    assert "moved on meanwhile" in again.output
    assert corridor("intents", "settle", str(uuid4())).exit_code == 1


def test_every_dead_intent_at_once(company_with_dead_intent: str, admin: Any) -> None:
    assert "1 intents run again" in corridor("intents", "retry", "--all-dead").output
    assert admin.execute("SELECT state FROM job_intent").fetchone()[0] == "pending"


@pytest.fixture
def company_with_dead_intent(database: object, admin: Any) -> str:
    job("test.dead")(lambda run: None)
    company_id = uuid4()
    admin.execute(
        "INSERT INTO tenant_door (id, slug, name, brand_hue, active) VALUES (%s, 'a', 'Acme', 185, true)", (company_id,)
    )
    with tenant(company_id), transaction() as session:
        enqueue(session, "test.dead", uuid4(), key="1")
    admin.execute("UPDATE job_intent SET state = 'dead'")
    assert companies() == [(company_id, "Acme")]
    return str(admin.execute("SELECT id FROM job_intent").fetchone()[0])


def test_a_seed_without_sandbox_says_what_to_do(database: object, tmp_path: Path) -> None:
    refused = corridor("seed", "--sandbox", str(tmp_path / "nothing.json"))
    assert refused.exit_code == 1
    assert "make run" in refused.output
