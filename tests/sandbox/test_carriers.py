"""A carrier as its client sees it: files in by SFTP, acknowledgements and census out."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyx12.params import params
from pyx12.x12n_document import x12n_document

from sandbox.client import CarrierClient, Sandbox
from sandbox.launch import Running, launch
from tests.sandbox.conftest import deliver, outbound, session, upload
from tests.sandbox.edi import LEO, MARIA, SAM, interchange, named, person, segments


def line(rows: list[dict[str, str]], first: str, plan: str) -> dict[str, str]:
    return next(row for row in rows if row["first_name"] == first and row["plan_code"] == plan)


def test_a_correct_file_is_accepted_and_applied(running: Running, evergreen: CarrierClient) -> None:
    acks = deliver(running, interchange(101, MARIA + LEO))
    assert named(acks["TA1"], "TA1") == [["TA1", "000000101", "261101", "0900", "A", "000"]]
    assert named(acks["999"], "AK1") == [["AK1", "BE", "101", "005010X220A1"]]
    assert named(acks["999"], "AK2") == [["AK2", "834", "0001", "005010X220A1"]]
    assert named(acks["999"], "IK5") == [["IK5", "A"]]
    assert named(acks["999"], "AK9") == [["AK9", "A", "1", "1", "1"]]
    maria, leo = evergreen.members()
    assert (maria["subscriber_id"], maria["last"], maria["contact"]["city"]) == ("E1001", "Lopez", "Portland")
    assert leo["member_id"] == maria["member_id"].replace("-00", "-01")
    assert [effect["member"] for effect in evergreen.effects()] == ["E1001/18/MARIA", "E1001/19/LEO"]
    assert evergreen.files()[0]["outcome"] == "accepted"
    assert evergreen.refusals() == []


def test_acknowledgements_are_well_formed(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(acks_together=True)
    text = deliver(running, interchange(102, MARIA, SAM))["TA1"]
    order = [segment[0] for segment in segments(text)]
    assert order[:4] == ["ISA", "TA1", "GS", "ST"]
    assert named(text, "GS")[0][8] == named(text, "ST")[0][3] == "005010X231A1"
    isa = named(text, "ISA")[0]
    assert (isa[6].strip(), isa[8].strip()) == ("EVERGREEN", "900000001")
    assert named(text, "IEA")[0][2] == isa[13]
    assert named(text, "SE")[0][1] == str(order.index("SE") - order.index("ST") + 1)


def test_the_999_passes_the_standard_itself(running: Running, evergreen: CarrierClient) -> None:
    wrong = MARIA.replace("DMG*D8*19850412*F", "DMG*D8*19851399*Q")
    text = deliver(running, interchange(103, wrong, SAM))["999"]
    assert x12n_document(params(), io.StringIO(text), None, None)


def test_control_numbers_are_our_own_and_never_repeat(running: Running, evergreen: CarrierClient) -> None:
    for isa in (104, 105):
        upload(running, interchange(isa, SAM), f"{isa}.834")
    running.client.wait_idle()
    texts = [body.decode() for body in outbound(running).values()]
    assert len(texts) == 4
    assert len({named(text, "ISA")[0][13] for text in texts}) == 4


def test_census_says_what_was_sent(running: Running, evergreen: CarrierClient) -> None:
    deliver(running, interchange(106, MARIA + LEO))
    (name,) = evergreen.send_census()
    rows = list(csv.DictReader(io.StringIO(outbound(running)[name].decode())))
    assert ",".join(rows[0]) == (
        "member_id,subscriber_id,last_name,first_name,birth_date,relationship,plan_code,tier,start_date,end_date,status"
    )
    assert len(rows) == 3
    gold = line(rows, "Maria", "GOLD")
    assert (gold["relationship"], gold["tier"], gold["start_date"]) == ("self", "FAM", "2026-11-01")
    assert (gold["birth_date"], gold["end_date"]) == ("1985-04-12", "")
    assert line(rows, "Leo", "GOLD")["relationship"] == "child"


def test_the_834_census_is_a_valid_verify_file(running: Running, evergreen: CarrierClient) -> None:
    deliver(running, interchange(107, MARIA + LEO, SAM))
    evergreen.set(census_format="both")
    names = evergreen.send_census()
    text = outbound(running)[names[1]].decode()
    assert named(text, "BGN")[0][8] == "4"
    assert x12n_document(params(), io.StringIO(text), None, None)
    assert len(named(text, "INS")) == 3


def test_temporary_names_are_left_alone(running: Running, evergreen: CarrierClient) -> None:
    with session(running) as sftp:
        sftp.putfo(io.BytesIO(interchange(108, SAM)), "inbound/x.834.tmp")
        running.client.wait_idle()
        assert sftp.listdir("inbound") == ["x.834.tmp"]
        assert evergreen.files() == []
        sftp.posix_rename("inbound/x.834.tmp", "inbound/x.834")
    running.client.wait_idle()
    assert len(evergreen.effects()) == 1


@pytest.mark.parametrize("isa", [109, 110], ids=["same interchange", "same group number"])
def test_a_number_seen_before_has_no_second_effect(running: Running, evergreen: CarrierClient, isa: int) -> None:
    deliver(running, interchange(109, SAM, gs=109))
    acks = deliver(running, interchange(isa, SAM, gs=109), "again.834")
    ta1 = sorted(body.decode() for name, body in outbound(running).items() if name.startswith("TA1"))
    assert any(f"TA1*{isa:09d}*261101*0900*R*025" in text for text in ta1)
    assert len(named(acks["999"], "AK9")) == 1
    assert len(evergreen.effects()) == 1
    assert evergreen.duplicates_refused() == 1
    assert evergreen.files()[0]["outcome"] == "duplicate"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"IEA*1*000000111~", b"IEA*1*000000112~", "001"),
        (b"IEA*1*", b"IEA*2*", "021"),
        (b"IEA*1*000000111~\n", b"", "023"),
        (b"*00501*", b"*00401*", "003"),
    ],
)
def test_a_broken_envelope_is_refused_by_ta1(
    running: Running, evergreen: CarrierClient, old: bytes, new: bytes, code: str
) -> None:
    acks = deliver(running, interchange(111, SAM).replace(old, new))
    assert named(acks["TA1"], "TA1")[0][4:] == ["R", code]
    assert "999" not in acks
    assert evergreen.effects() == []


def test_a_fault_rejects_its_own_set_only(running: Running, evergreen: CarrierClient) -> None:
    wrong = MARIA.replace("DMG*D8*19850412*F", "DMG*D8*19851399*Q")
    acks = deliver(running, interchange(113, wrong, SAM))
    assert [item[1] for item in named(acks["999"], "IK5")] == ["R", "A"]
    assert named(acks["999"], "AK9") == [["AK9", "P", "2", "2", "1"]]
    assert named(acks["999"], "IK3") == [["IK3", "DMG", "14", "", "8"]]
    assert [(item[1], item[3]) for item in named(acks["999"], "IK4")] == [("2", "8"), ("3", "7")]
    assert [effect["st02"] for effect in evergreen.effects()] == ["0002"]
    assert evergreen.files()[0]["outcome"] == "partial"


def test_an_hd_without_its_own_date_is_rejected(running: Running, evergreen: CarrierClient) -> None:
    """pyx12 does not see this one."""
    wrong = MARIA.replace("HD*021**HLT*GOLD*FAM~\nDTP*348*D8*20261101~\n", "HD*021**HLT*GOLD*FAM~\n")
    acks = deliver(running, interchange(114, wrong))
    assert [item[1] for item in named(acks["999"], "IK3")] == ["DTP"]
    assert named(acks["999"], "AK9")[0][1] == "R"


def test_an_unknown_guide_is_rejected_for_the_group(running: Running, evergreen: CarrierClient) -> None:
    acks = deliver(running, interchange(115, SAM).replace(b"005010X220A1", b"005010X307"))
    assert named(acks["999"], "AK9") == [["AK9", "R", "1", "1", "0", "2"]]


def test_noise_is_kept_but_not_answered(running: Running, evergreen: CarrierClient) -> None:
    assert deliver(running, b"\xff\xfehello") == {}
    assert evergreen.files()[0]["outcome"] == "unreadable"


def test_accents_and_other_delimiters(running: Running, evergreen: CarrierClient) -> None:
    text = interchange(116, SAM).decode().replace("~\n", "!").replace("*", "|")
    acks = deliver(running, ("\ufeff" + text).encode())
    assert named(acks["999"], "AK9")[0][1] == "A"


def test_codes_beyond_the_guide_by_profile(running: Running, evergreen: CarrierClient) -> None:
    life = SAM.replace("HD*021**HLT*SILVER*EMP", "HD*021**LIF*BASIC*EMP")
    assert named(deliver(running, interchange(117, life))["999"], "AK9")[0][1] == "R"
    evergreen.set_profile(extra_hd03=["LIF"])
    try:
        assert named(deliver(running, interchange(118, life), "b.834")["999"], "AK9")[0][1] == "A"
    finally:
        evergreen.set_profile(extra_hd03=[])


def test_twenty_uploads_at_once(running: Running, evergreen: CarrierClient) -> None:
    files = {f"{number}.834": interchange(1000 + number, person(number)) for number in range(20)}
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda item: upload(running, item[1], item[0]), files.items()))
    running.client.wait_idle(60)
    assert len({effect["member"] for effect in evergreen.effects()}) == len(evergreen.effects()) == 20
    assert len(outbound(running)) == 40


def test_a_restart_keeps_members_and_numbers(tmp_path: Path) -> None:
    with launch(tmp_path) as first:
        deliver(first, interchange(101, MARIA + LEO))
        first.client.carrier("evergreen").set(silence=True)
    with launch(tmp_path) as second:
        carrier = second.client.carrier("evergreen")
        assert second.host_key == first.host_key
        assert [member["first"] for member in carrier.members()] == ["Maria", "Leo"]
        assert carrier.state()["switches"]["silence"]
        deliver(second, interchange(101, MARIA + LEO), "again.834")
        assert carrier.duplicates_refused() == 1
        assert len(carrier.effects()) == 2


def test_more_carriers(running: Running, box: Sandbox) -> None:
    life = box.add_carrier("northlife", name="North Life", extra_hd03=["LIF"])
    profile = life.profile()
    running.carriers["northlife"] = {name: profile[name] for name in ("sftp_port", "user", "password")}
    text = SAM.replace("HD*021**HLT*SILVER*EMP", "HD*021**LIF*BASIC*EMP")
    assert named(deliver(running, interchange(101, text), user="northlife")["999"], "AK9")[0][1] == "A"
    assert len(life.effects()) == 1
    assert box.carrier("evergreen").effects() == []
