"""Every public sample is read, or refused with a reason; none crashes."""

import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.integrations.failures import Refused
from app.integrations.formats.x12.acknowledgements import read_acknowledgement
from app.integrations.formats.x12.envelope import read_x12
from app.integrations.formats.x12.explain import Explanation, explain
from app.integrations.formats.x12.reader import read_834
from worker.cli.x12 import x12

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "x12"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not beside the repository")


def samples(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (CORPUS / folder).glob("*"))


ENROLLMENTS = samples("834", "834_4010")
ANSWERS = samples("999", "997", "TA1")  # the corpus has no folder of TA1 alone yet; ours are beside the adapter
OTHERS = [path for path in sorted(CORPUS.glob("*/*")) if path not in {*ENROLLMENTS, *ANSWERS}]

# What is wrong with the public samples that are not sound; the corpus' index says the same of each.
UNSOUND = {
    "lfh_enroll-employee-managed-care.834": "segment-1",
    "lfh_terminate-subscriber-eligibility.834": "self-and-subscriber",
    "pyx12_834_deident_family.834": "family-number-differs",
    "pyx12_834_deident_term.834": "tefra-for-terminated",
    "pyx12_example834_5010.834": "element-7",
    "pyx12_td_834_eol_in_element.834": "line-break-inside",
    "pyx12_td_834_lui_id_5010.834": "ssn-filler",
    "pyx12_td_834_lui_id.834": "version",
    "imsweb_x12_999_accepted.999": "iea-control",
}


@pytest.mark.parametrize("path", [*ENROLLMENTS, *ANSWERS, *OTHERS], ids=lambda p: p.name)
def test_the_command_says_sound_unsound_or_refused(path: Path) -> None:
    """Exit 0 with every member in words, or exit 1 with the reason; never a traceback."""
    result = CliRunner().invoke(x12, ["explain", str(path)])
    assert isinstance(result.exception, SystemExit | None), result.exception
    if path in OTHERS:
        assert result.exit_code == 1
        assert result.output.startswith("Refused: ")
        assert len(result.output) > 30
    elif path.name in UNSOUND:
        assert result.exit_code == 1
        assert f"[{UNSOUND[path.name]}]" in result.output
        assert "Not sound" in result.output
    else:
        assert result.exit_code == 0, result.output
        assert "ound" in result.output.splitlines()[-1]


@pytest.mark.parametrize("path", [*ENROLLMENTS, *ANSWERS, *OTHERS], ids=lambda p: p.name)
def test_damaged_it_is_read_or_refused_too(path: Path) -> None:
    """Cut, doubled, and with bytes changed anywhere, thirty times each, always the same ones."""
    whole, chance = path.read_bytes(), random.Random(path.name)
    for _ in range(30):
        explained = explained_or_refused(damaged(whole, chance))
        assert explained is None or explained.lines or explained.findings


def damaged(whole: bytes, chance: random.Random) -> bytes:
    data = bytearray(whole[: chance.randrange(1, len(whole) + 1)] if chance.random() < 0.4 else whole)
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(data) + 1)
        data[place : place + chance.randrange(3)] = bytes(
            chance.choices(b"*~:^ \r\n\x00\xff90AZ", k=chance.randrange(3))
        )
    return bytes(data)


def explained_or_refused(data: bytes) -> Explanation | None:
    try:
        return explain(data, gate=False)
    except Refused as refused:
        if len(refused.reason) <= 10:
            raise
        return None


@pytest.mark.parametrize("path", ENROLLMENTS, ids=lambda p: p.name)
def test_834(path: Path) -> None:
    file = read_834(path.read_bytes())
    assert file.members
    assert all(member.last_name and member.relationship for member in file.members)
    assert {f.code for f in file.findings} <= {"version"}
    assert explain(path.read_bytes(), gate=False).lines


@pytest.mark.parametrize("path", ANSWERS, ids=lambda p: p.name)
def test_acknowledgements(path: Path) -> None:
    answer = read_acknowledgement(path.read_bytes())
    assert answer.groups or answer.interchanges
    assert all(result.verdict.name != "UNKNOWN" for group in answer.groups for result in group.sets)
    assert explain(path.read_bytes()).kind == "acknowledgement"


@pytest.mark.parametrize("path", OTHERS, ids=lambda p: p.name)
def test_everything_else_is_refused_with_a_reason(path: Path) -> None:
    with pytest.raises(Refused) as caught:
        explain(path.read_bytes())
    assert len(caught.value.reason) > 20
    assert caught.value.code


FAULTS = {
    "imsweb_x12_bad_first_line.txt": {"isa-width", "se-count"},
    "imsweb_x12_multiple_gs.txt": {"se-count", "iea-count"},
    "imsweb_x12_multiple_st.txt": {"se-count", "st-repeated", "ge-count"},
    "imsweb_x12_valid_different_separators.txt": {"se-count"},
    "pyx12_td_blank1.txt": set(),
    "pyx12_td_fail_no_IEA.txt": {"se-count", "iea-missing"},
    "pyx12_td_mult_isa.txt": set(),
    "pyx12_td_trailer_errors.txt": {"se-count", "ge-control", "iea-count", "iea-control"},
    "pyx12_td_trailing_terms.txt": set(),
}


@pytest.mark.parametrize(("name", "codes"), FAULTS.items())
def test_envelope_faults(name: str, codes: set[str]) -> None:
    assert {f.code for f in read_x12((CORPUS / "envelope_faults" / name).read_bytes()).findings} == codes
