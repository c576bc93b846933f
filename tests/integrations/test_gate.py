"""The pyx12 gate: its faults stay inside, its findings come out in plain words."""

import logging

import pytest

from app.integrations.formats.x12.findings import Severity
from app.integrations.formats.x12.gate import check_syntax
from tests.integrations.people import family, profile, written

DATA = written().data


def test_sound_file() -> None:
    assert check_syntax(DATA) == []
    assert check_syntax(b"\xef\xbb\xbf" + DATA) == []


def test_repeated_element_does_not_crash_pyx12() -> None:
    assert check_syntax(DATA.replace(b"*19770303*F~", b"*19770303*F**:RET:R3^:RET:E1~")) == []


def test_old_u_in_isa11_is_no_separator() -> None:
    assert (
        check_syntax(
            DATA.replace(b"*1530*^*00501", b"*1530*U*00501").replace(b"DMG*D8*19770303*F~", b"DMG*D8*19770303*U~")
        )
        == []
    )


def test_fault_names_segment_position_and_member() -> None:
    (finding,) = check_syntax(DATA.replace(b"DMG*D8*19770303*F", b"DMG*D8*19770303*Q"))
    assert (finding.code, finding.segment, finding.position, finding.transaction) == ("element-7", "DMG", 22, "0001")
    assert finding.member_ref == "0001/17"
    assert finding.message.endswith("(DMG03) has a code that is not allowed.")
    assert finding.severity is Severity.ERROR


def test_values_are_not_repeated_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        findings = check_syntax(DATA.replace(b"*34*900000001", b"*XX*900000001"))
    assert findings
    assert "900000001" not in repr(findings) + caplog.text


def test_control_number_fault_that_the_999_hides() -> None:
    assert [f.code for f in check_syntax(DATA.replace(b"IEA*1*000000007", b"IEA*1*000000008"))] == ["envelope-001"]


def test_accents_are_found() -> None:
    findings = check_syntax(DATA.replace(b"SMITH*ROBERT", "SMÍTH*ROBERT".encode()))
    assert [f.code for f in findings] == ["element-6"]


def test_unknown_guide_and_rubbish_are_findings() -> None:
    assert [f.code for f in check_syntax(DATA.replace(b"005010X220A1", b"005010X307"))] == ["guide-unknown"]
    assert [f.code for f in check_syntax(b"")] == ["empty-file"]
    assert [f.code for f in check_syntax(b"hello")] == ["isa-missing"]


def test_basic_characters() -> None:
    asked = profile(charset="basic")
    assert check_syntax(written(family(1, last_name="Müller#%"), with_profile=asked).data, asked) == []
    assert {f.code for f in check_syntax(DATA.replace(b"ROBERT", b"Robert"), asked)} == {"charset"}


def test_it_tells_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []
    data = written(*(family(n) for n in range(1, 60))).data
    assert check_syntax(data, progress=lambda done, total: told.append((done, total))) == []
    assert told[-1] == (len(data), len(data))
    assert len({done for done, _ in told}) > 2
