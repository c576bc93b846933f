"""The how-to page cannot rot: its example runs, and it names only fields that exist."""

import re
from pathlib import Path

from app.integrations.formats.x12.profile import CarrierProfile
from app.integrations.transports.sftp import SftpConfig

PAGE = (Path(__file__).parents[2] / "docs" / "add-a-carrier.md").read_text()


def test_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    names: dict[str, object] = {}
    exec(example, names)
    assert isinstance(names["profile"], CarrierProfile)


def test_every_named_field_exists() -> None:
    rows = [line.split("|")[2] for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(named) > 30
    assert named <= CarrierProfile.model_fields.keys() | SftpConfig.model_fields.keys()
