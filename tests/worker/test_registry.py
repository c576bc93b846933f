"""Every declared job is known to workers and dispatcher."""

from __future__ import annotations

import re
from pathlib import Path

from app.domains import load_jobs


def test_each_job_in_the_source_is_loaded() -> None:
    """A job whose module nobody imports is never started, and nothing says so."""
    declared = {
        kind
        for path in Path("app").rglob("*.py")
        for kind in re.findall(r'^@job\(\s*"([^"]+)"', path.read_text(), flags=re.MULTILINE)
    }
    assert declared
    assert declared <= set(load_jobs()), "import the module in app.domains.load_jobs"
