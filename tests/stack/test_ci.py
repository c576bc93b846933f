"""Continuous integration: a skip must not look like success."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from worker.stack.state import CHECKOUT

SKIPPING = "import pytest\n\ndef test_it():\n    pytest.skip('no browser here')\n"
SKIPPED_MODULE = "import pytest\npytest.skip('no browser here', allow_module_level=True)\n"


@pytest.mark.parametrize("text", [SKIPPING, SKIPPED_MODULE])
@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skip_fails_only_under_ci(tmp_path: Path, text: str, ci: str, code: int) -> None:
    file = tmp_path / "test_skipping.py"
    file.write_text(text + "\ndef test_other():\n    pass\n" if text is SKIPPING else text)
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.fixtures.stack", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, f"--rootdir={tmp_path}", "-c", os.devnull, str(file)],
        cwd=CHECKOUT, env={**environment, "CI": ci}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if text is SKIPPED_MODULE and not ci:
        code = int(pytest.ExitCode.NO_TESTS_COLLECTED)
    assert done.returncode == code or (code == 1 and done.returncode == pytest.ExitCode.INTERRUPTED), done.stdout
    assert ("was skipped under CI" in done.stdout) == bool(ci)


def test_the_runner_needs_no_answers_and_stops_at_the_first_failure() -> None:
    text = (CHECKOUT / ".ci" / "run").read_text()
    assert "set -euo pipefail" in text
    assert "exec </dev/null" in text
    assert os.access(CHECKOUT / ".ci" / "run", os.X_OK)
