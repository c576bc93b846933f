"""The tolerant reader: delimiters, damage, and what is no X12 at all."""

import pytest

from app.integrations.failures import Refused
from app.integrations.formats.x12.envelope import X12Stream, read_x12
from app.integrations.formats.x12.reader import read_834
from tests.integrations.people import family, many, written

DATA = written().data


def codes(data: bytes) -> set[str]:
    return {finding.code for finding in read_x12(data).findings}


@pytest.mark.parametrize(
    "data",
    [
        DATA,
        b"\xef\xbb\xbf" + DATA,
        b"\r\n " + DATA,
        DATA.replace(b"~", b"~\r\n"),
        DATA.replace(b"~", b"\n"),
        DATA.replace(b"~", b"\r\n"),
        DATA.replace(b"*", b"|").replace(b":", b">"),
        DATA + b"\r\n\r\n",
        DATA.rstrip(b"~"),
    ],
)
def test_harmless_forms(data: bytes) -> None:
    file = read_x12(data)
    assert file.findings == ()
    assert [len(t.segments) for t in file.transactions] == [33]
    assert file.transactions[0].segments[0][0] == "ST"
    assert file.interchanges[0].sender == "CORRIDOR"
    assert file.interchanges[0].usage == "T"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (b"\x1f\x8b....", "compressed"),
        (b"-----BEGIN PGP MESSAGE-----", "PGP"),
        ("ISA*".encode("utf-16"), "UTF-16"),
        (b"ISA*00\x00", "binary"),
        (b"GS*BE*A*B~", "cut at the start"),
        (b"<html>", "does not begin with ISA"),
        (b"ISA", "no separator"),
        (b"ISAAB", "no separator"),
        (b"ISA*00*          *00*", "incomplete"),
        (DATA[:105], "incomplete"),
        (DATA[:105] + b"X" + DATA[106:], "end of the ISA"),
    ],
)
def test_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        read_x12(data)
    assert reason in caught.value.reason


def test_endless_segment_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        read_x12(DATA[:106] + b"A" * 3_000_000)
    assert caught.value.code == "segment-endless"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"SE*33*", b"SE*32*", "se-count"),
        (b"SE*33*0001", b"SE*33*0002", "se-control"),
        (b"GE*1*", b"GE*2*", "ge-count"),
        (b"GE*1*12", b"GE*1*13", "ge-control"),
        (b"IEA*1*", b"IEA*x*", "iea-count"),
        (b"IEA*1*000000007", b"IEA*1*000000008", "iea-control"),
        (b"IEA*1*000000007~", b"", "iea-missing"),
        (b"GE*1*12~", b"", "ge-missing"),
        (b"SE*33*0001~", b"", "se-missing"),
        (b"ST*834*0001*005010X220A1~", b"", "se-unexpected"),
        (b"GS*BE*CORRIDOR*CAREPLUS*20261123*1530*12*X*005010X220A1~", b"", "gs-missing"),
        (b"*00501*000000007*", b"*00501*000000000*", "isa-control"),
    ],
)
def test_audit(old: bytes, new: bytes, code: str) -> None:
    assert old in DATA
    assert code in codes(DATA.replace(old, new))


def test_repeated_st_number() -> None:
    start, end = DATA.index(b"ST*834"), DATA.index(b"GE*1")
    twice = DATA[:end] + DATA[start:end] + DATA[end:].replace(b"GE*1", b"GE*2")
    assert codes(twice) == {"st-repeated"}


def test_several_interchanges_with_other_delimiters() -> None:
    file = read_x12(DATA + b"\n" + DATA.replace(b"*", b"|") + DATA.replace(b"~", b"'"))
    assert len(file.transactions) == len(file.interchanges) == 3
    assert file.findings == ()


def test_text_after_the_end() -> None:
    assert codes(DATA + b"\x1a") == {"text-after-end"}


def test_cut_file() -> None:
    assert {"file-cut", "se-missing", "ge-missing", "iea-missing"} <= codes(DATA[: len(DATA) // 2])


def test_segments_between_transactions_do_not_count() -> None:
    assert codes(DATA.replace(b"GE*1", b"ZZZ*1~GE*1")) == set()


def test_a_large_file_streams() -> None:
    data = written(*many(6000)).data
    assert len(data) > 1_000_000
    stream = X12Stream(data)
    assert sum(elements[0] == "INS" for elements in stream) == 6000
    assert stream.offset == len(data)
    assert stream.findings == []


def test_latin1_names_are_read() -> None:
    data = DATA.replace(b"SMITH*ROBERT", "MÜLLER*ROBERT".encode("latin-1"))
    assert read_834(data).members[0].last_name == "MÜLLER"
    assert read_834(DATA.replace(b"SMITH*ROBERT", "MÜLLER*ROBERT".encode())).members[0].last_name == "MÜLLER"


def test_members_keep_their_transaction() -> None:
    assert [m.ref for m in read_834(written(family(1)).data).members] == ["0001/5", "0001/17", "0001/25"]
