"""The self-check notices whatever got lost between the facts and the bytes."""

import dataclasses

import pytest

from app.integrations.formats.x12.readback import read_back
from tests.integrations.people import batch, family, profile, written

FAMILIES = (family(1), family(2))


@pytest.mark.parametrize("action", ["2", "4"])
def test_a_true_file(action: str) -> None:
    asked = profile(members_per_set=3)
    result = written(*FAMILIES, with_profile=asked, action=action)
    assert read_back(result, batch(*FAMILIES, action=action), asked) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"INS*N*19*021", b"INS*N*19*024", "member-differs"),
        (b"DMG*D8*19750820", b"DMG*D8*19750821", "member-differs"),
        (b"HD*021**DEN*DEN1*EMP~DTP*348*D8*20261201~", b"", "totals-differ"),
        (b"INS*N*19", b"ZZZ*N*19", "member-lost"),
        (b"*0001*", b"*0009*", "transaction-differs"),
    ],
)
def test_what_is_noticed(old: bytes, new: bytes, code: str) -> None:
    result = written(*FAMILIES)
    broken = dataclasses.replace(result, data=result.data.replace(old, new))
    assert code in {f.code for f in read_back(broken, batch(*FAMILIES), profile())}


def test_somebody_too_many() -> None:
    assert "member-differs" in {f.code for f in read_back(written(*FAMILIES), batch(FAMILIES[0]), profile())}
