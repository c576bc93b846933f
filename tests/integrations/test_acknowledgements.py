"""TA1, 999 and 997: per transaction, never more hopeful than the carrier."""

from pathlib import Path

import pytest

from app.integrations.adapters import edi834
from app.integrations.failures import Refused
from app.integrations.formats.x12.acknowledgements import Verdict, read_acknowledgement
from tests.integrations.people import written

SAMPLES = Path(edi834.__file__).parent / "samples"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def test_accepted_with_ta1_beside_it() -> None:
    answer = read_acknowledgement(sample("accepted.999"))
    (ta1,) = answer.interchanges
    assert (ta1.isa13, ta1.verdict, ta1.duplicate) == ("000000007", Verdict.ACCEPTED, False)
    group = answer.group("12")
    assert group is not None
    assert (group.verdict, group.included, group.received, group.accepted) == (Verdict.ACCEPTED, 2, 2, 2)
    assert group.verdict.accepted
    assert answer.interchange("7") is ta1
    assert answer.findings == ()


def test_partial_rejects_only_its_transactions() -> None:
    group = read_acknowledgement(sample("partial.999")).group("000012")
    assert group is not None
    assert (group.verdict, group.verdict.accepted) == (Verdict.PARTIAL, False)
    assert group.verdict_for("0001") is Verdict.REJECTED
    assert group.verdict_for("0002") is Verdict.ACCEPTED
    assert group.verdict_for("0003") is Verdict.UNKNOWN
    rejected = group.sets[0]
    assert rejected.reasons == ("segments have errors",)
    assert [(c.segment, c.position, c.element, c.message) for c in rejected.complaints] == [
        ("NM1", 9, 0, "Segment NM1 has a faulty element."),
        ("NM1", 9, 9, "NM109 has a code that is not allowed."),
    ]


def test_duplicate_interchange() -> None:
    answer = read_acknowledgement(sample("duplicate.ta1"))
    assert answer.groups == ()
    assert answer.interchanges[0].duplicate
    assert answer.interchanges[0].verdict is Verdict.REJECTED


def test_group_without_details_decides_for_all() -> None:
    bare = sample("accepted.999").decode()
    for st in ("0001", "0002"):
        bare = bare.replace(f"AK2*834*{st}*005010X220A1~\nIK5*A~\n", "")
    for code, verdict in (("A", Verdict.ACCEPTED), ("R", Verdict.REJECTED), ("P", Verdict.UNKNOWN)):
        group = read_acknowledgement(bare.replace("AK9*A", f"AK9*{code}").encode()).group("12")
        assert group is not None
        assert group.verdict_for("0001") is verdict


def test_old_997_reads_the_same() -> None:
    old = sample("partial.999").replace(b"IK", b"AK").replace(b"ST*999", b"ST*997")
    assert read_acknowledgement(old).groups == read_acknowledgement(sample("partial.999")).groups


def test_several_999s_for_one_group_merge() -> None:
    both = read_acknowledgement(sample("accepted.999") + sample("partial.999"))
    assert [g.verdict for g in both.groups] == [Verdict.PARTIAL]


def test_bad_values_are_not_repeated() -> None:
    data = sample("partial.999").replace(b"IK4*9*67*7", b"IK4*9*67*7*900000001")
    assert "900000001" not in repr(read_acknowledgement(data))


def test_unknown_codes_stay_unknown() -> None:
    data = sample("partial.999").replace(b"IK5*R*5", b"IK5*Q*99").replace(b"IK3*NM1*9**8", b"IK3*NM1*x**zz")
    group = read_acknowledgement(data).groups[0]
    assert group.verdict_for("0001") is Verdict.UNKNOWN
    assert group.sets[0].reasons == ("an unknown reason",)


def test_an_834_is_no_acknowledgement() -> None:
    with pytest.raises(Refused, match="no acknowledgement"):
        read_acknowledgement(written().data)
