"""Every public sample is read, or refused with a reason; none crashes."""

from pathlib import Path

import pytest

from app.integrations.failures import Refused
from app.integrations.formats.x12.acknowledgements import read_acknowledgement
from app.integrations.formats.x12.envelope import read_x12
from app.integrations.formats.x12.explain import explain
from app.integrations.formats.x12.reader import read_834

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "x12"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not beside the repository")


def samples(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (CORPUS / folder).glob("*"))


@pytest.mark.parametrize("path", samples("834", "834_4010"), ids=lambda p: p.name)
def test_834(path: Path) -> None:
    file = read_834(path.read_bytes())
    assert file.members
    assert all(member.last_name and member.relationship for member in file.members)
    assert {f.code for f in file.findings} <= {"version"}
    assert explain(path.read_bytes(), gate=False).lines


@pytest.mark.parametrize("path", samples("999", "997"), ids=lambda p: p.name)
def test_acknowledgements(path: Path) -> None:
    answer = read_acknowledgement(path.read_bytes())
    assert answer.groups
    assert all(result.verdict.name != "UNKNOWN" for group in answer.groups for result in group.sets)
    assert explain(path.read_bytes()).kind == "acknowledgement"


@pytest.mark.parametrize(
    "path", samples("envelope_faults", "270", "271", "277", "277CA", "820", "835"), ids=lambda p: p.name
)
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
