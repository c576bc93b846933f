"""The `corridor` command: subcommands found by file, and a doctor that says what to do."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.fixtures.slot import Slot
from worker.cli import doctor, main
from worker.cli.run import only_once
from worker.stack.errors import StackError
from worker.stack.ports import remembered


def test_every_sibling_module_is_a_command() -> None:
    listed = CliRunner().invoke(main, ["--help"])
    assert listed.exit_code == 0
    assert {"run", "doctor"} <= set(listed.output.split())
    assert "not available" not in listed.output


def test_a_broken_subcommand_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(doctor, "command")
    listed = CliRunner().invoke(main, ["--help"])
    assert re.search(r"doctor +\(not available:", listed.output)
    assert "Run everything on this machine" in listed.output


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["nonsense"]).exit_code == 2


def test_the_doctor_finds_this_machine_well(database: Slot) -> None:
    result = CliRunner().invoke(main, ["doctor", "--json"])
    findings = {finding["part"]: finding for finding in json.loads(result.output)}
    assert set(findings) >= {"Python", "Packages", "PDF engine", "Chromium", "PostgreSQL", "Valkey", "Queue", "Keys"}
    assert [part for part, finding in findings.items() if not finding["well"]] == []
    assert result.exit_code == 0


def test_the_doctor_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text("{}")
    keys.chmod(0o644)
    monkeypatch.setenv("KEY_FILE", str(keys))
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0" in result.output
    assert f"chmod 600 {keys}" in result.output


def test_a_missing_chromium_is_advice_not_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    finding = next(finding for finding in doctor.examine() if finding.part == "Chromium")
    assert (finding.well, finding.optional) == (False, True)


def test_a_role_that_bypasses_row_level_security_is_found(database: Slot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", str(database.server.admin))
    findings = {finding.part: finding for finding in doctor.examine()}
    assert not findings["Database"].well


def test_a_taken_port_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import socket

    monkeypatch.setattr("worker.cli.run.VAR", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"PORT={port + 1} make run"), only_once(port):
            pass


def test_a_second_run_in_the_same_checkout_names_the_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("worker.cli.run.VAR", tmp_path)
    with only_once(0), pytest.raises(StackError, match="already runs here: http"), only_once(0):
        pass


def test_ports_of_the_stand_ins_are_remembered(tmp_path: Path) -> None:
    first = remembered(tmp_path / "ports.json")
    assert remembered(tmp_path / "ports.json") == first
    assert set(first) == {"http", "smtp", "sftp"}
