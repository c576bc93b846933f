"""Plain words, at the library and at the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.integrations.adapters import edi834
from app.integrations.failures import Refused
from app.integrations.formats.x12.explain import explain, mask_ssn
from tests.integrations.people import family, written
from worker.cli.x12 import x12

SAMPLES = Path(edi834.__file__).parent / "samples"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(x12, ["explain", *map(str, arguments)])


def test_834_in_words() -> None:
    explained = explain(written().data)
    assert explained.sound
    assert explained.lines == (
        "Transaction 0001: changes only (test) from WIDGET CORPORATION to CAREPLUS HEALTH PLAN, 3 member(s), "
        "reference 20261123-0007.",
        "  ROBERT J SMITH (the subscriber, number M000001, •••-••-0001); add; because of initial enrollment; "
        "active, full time; eligible from 2026-12-01.".replace("the subscriber", "subscriber"),
        "    health PPO500, family, add, from 2026-12-01.",
        "    dental DEN1, employee only, add, from 2026-12-01.",
        "  MARY SMITH (spouse, number M000001, •••-••-0101); add; because of initial enrollment; active; "
        "eligible from 2026-12-01.",
        "    health PPO500, family, add, from 2026-12-01.",
        "  ANN SMITH (child, number M000001, •••-••-0119); add; because of initial enrollment; active; "
        "eligible from 2026-12-01.",
        "    health PPO500, family, add, from 2026-12-01.",
    )


def test_person_who_ends_altogether() -> None:
    lines = explain(written(family(1, maintenance="024", reason="08", coverages=())).data, gate=False).lines
    assert "    All coverage of this person ends." in lines


def test_other_kinds_are_refused() -> None:
    with pytest.raises(Refused, match="820"):
        explain(written().data.replace(b"ST*834", b"ST*820"))


@pytest.mark.parametrize(("ssn", "shown"), [("900000001", "•••-••-0001"), (None, "no SSN"), ("12", "no SSN")])
def test_mask(ssn: str | None, shown: str) -> None:
    assert mask_ssn(ssn) == shown


def test_command_on_a_sound_file() -> None:
    result = run(SAMPLES / "family.834")
    assert result.exit_code == 0, result.output
    assert "ROBERT J SMITH" in result.output
    assert "900000001" not in result.output
    assert "Sound" in result.output


def test_command_on_a_wrong_file(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.834"
    wrong.write_bytes(written(family(1, employment_status="")).data)
    result = run("--quiet", "--no-gate", wrong)
    assert result.exit_code == 1
    assert "ST 0001, segment 5" in result.output
    assert "ROBERT" not in result.output


def test_command_refuses_with_the_reason(tmp_path: Path) -> None:
    other = tmp_path / "x.pdf"
    other.write_bytes(b"%PDF-1.7")
    result = run(other)
    assert result.exit_code == 1
    assert "This is a PDF" in result.output


def test_command_on_acknowledgements() -> None:
    assert "accepted in part" in run(SAMPLES / "partial.999").output
    assert "already used" in run(SAMPLES / "duplicate.ta1").output
    assert run(SAMPLES / "accepted.999").exit_code == 0
