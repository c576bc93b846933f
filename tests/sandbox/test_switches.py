"""Every switch of a carrier does what its label says."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import paramiko
import pytest

from sandbox.client import CarrierClient, NotIdle, Sandbox, SandboxError
from sandbox.launch import Running
from tests.sandbox.conftest import deliver, outbound, session, upload, wait_until
from tests.sandbox.edi import LEO, MARIA, SAM, interchange, named


def census(running: Running, carrier: CarrierClient) -> list[dict[str, str]]:
    (name,) = carrier.send_census()
    return list(csv.DictReader(io.StringIO(outbound(running)[name].decode())))


def test_reject_syntax(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(reject_syntax=True)
    acks = deliver(running, interchange(201, SAM))
    assert named(acks["TA1"], "TA1")[0][4] == "A"
    assert named(acks["999"], "IK5") == [["IK5", "R", "5"]]
    assert named(acks["999"], "AK9") == [["AK9", "R", "1", "1", "0"]]
    assert evergreen.effects() == []


def test_reject_interchange(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(reject_interchange=True)
    acks = deliver(running, interchange(202, SAM))
    assert named(acks["TA1"], "TA1")[0][4] == "R"
    assert "999" not in acks
    assert evergreen.effects() == []


def test_partial(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(partial=2)
    acks = deliver(running, interchange(203, MARIA, SAM, LEO))
    assert [item[1] for item in named(acks["999"], "IK5")] == ["A", "R", "A"]
    assert named(acks["999"], "AK9") == [["AK9", "P", "3", "3", "2"]]
    assert [effect["st02"] for effect in evergreen.effects()] == ["0001", "0003"]


def test_silence_applies_without_answering(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(silence=True)
    assert deliver(running, interchange(204, SAM)) == {}
    assert len(evergreen.effects()) == 1


def test_duplicate_acks(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(duplicate_acks=True)
    deliver(running, interchange(205, SAM))
    contents = list(outbound(running).values())
    assert (len(contents), len(set(contents))) == (4, 2)


def test_garbage(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(garbage=True)
    upload(running, interchange(206, SAM), "file.834")
    running.client.wait_idle()
    contents = outbound(running)
    assert len(contents) == 2
    assert all(b"\xff\xfe" in body for body in contents.values())


def test_delayed_acks_wait_for_the_sandbox_clock(running: Running, box: Sandbox, evergreen: CarrierClient) -> None:
    evergreen.set(ack_delay_seconds=3600)
    assert deliver(running, interchange(207, SAM)) == {}
    with pytest.raises(NotIdle):
        box.wait_idle(0.3, with_delayed=True)
    box.advance_clock(3601)
    box.wait_idle(with_delayed=True)
    assert sorted(name[:3] for name in outbound(running)) == ["999", "TA1"]


def test_pickup_delay_leaves_the_file(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(pickup_seconds=60)
    upload(running, interchange(208, SAM), "wait.834")
    time.sleep(0.5)
    with session(running) as sftp:
        assert sftp.listdir("inbound") == ["wait.834"]
    evergreen.set(pickup_seconds=0)
    running.client.wait_idle()
    assert len(evergreen.effects()) == 1


def test_slow(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(slow_seconds=0.4)
    began = time.monotonic()
    upload(running, interchange(209, SAM), "slow.834")
    assert time.monotonic() - began >= 0.4
    evergreen.set(slow_seconds=0, slow_bytes_per_second=1000)
    began = time.monotonic()
    upload(running, b"x" * 500, "drip.834")
    assert time.monotonic() - began >= 0.5


@pytest.mark.parametrize(("mistake", "column"), [("plan", "plan_code"), ("tier", "tier"), ("dates", "start_date")])
def test_a_wrong_value_in_the_census(running: Running, evergreen: CarrierClient, mistake: str, column: str) -> None:
    deliver(running, interchange(210, MARIA, SAM))
    evergreen.set(wrong_member=mistake)
    true, told = evergreen.rows(), census(running, evergreen)
    different = [name for right, wrong in zip(true, told, strict=True) for name in right if right[name] != wrong[name]]
    assert different == [column]


def test_a_missing_and_an_extra_member(running: Running, evergreen: CarrierClient) -> None:
    deliver(running, interchange(211, MARIA, SAM))
    evergreen.set(wrong_member="missing")
    assert len(census(running, evergreen)) == 2
    evergreen.set(wrong_member="extra")
    assert census(running, evergreen)[-1]["last_name"] == "Stranger"
    evergreen.set(wrong_member="all")
    rows = census(running, evergreen)
    assert (rows[0]["plan_code"], rows[-1]["last_name"]) == ("WRONGPLAN", "Stranger")


def test_census_by_itself(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(census_interval_seconds=0.3)
    wait_until(lambda: len(outbound(running)) >= 2)


def test_sftp_down_and_up_again(running: Running, box: Sandbox, evergreen: CarrierClient) -> None:
    with session(running) as sftp:
        evergreen.set(sftp_down=True)
        with pytest.raises((OSError, EOFError, paramiko.SSHException)):
            sftp.listdir("inbound")
    with pytest.raises(ConnectionRefusedError), session(running):
        pass
    with session(running, "brightline"):
        pass
    evergreen.set(sftp_down=False)
    with session(running) as sftp:
        assert sorted(sftp.listdir("/")) == ["inbound", "outbound"]


def test_host_key_changed(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(host_key_changed=True)
    with pytest.raises(paramiko.SSHException, match="Bad host key"), session(running):
        pass


def test_wrong_password(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(wrong_password=True)
    with pytest.raises(paramiko.AuthenticationException), session(running):
        pass


def test_disk_full(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(disk_full=True)
    with pytest.raises(OSError, match="size mismatch"):
        upload(running, interchange(212, SAM), "full.834")


def test_a_public_key_signs_in(running: Running, evergreen: CarrierClient, tmp_path: Path) -> None:
    from sandbox.carriers.sftp import host_key

    key = host_key(tmp_path / "key")
    with pytest.raises(paramiko.AuthenticationException), session(running, pkey=key):
        pass
    evergreen.set_profile(public_keys=[f"{key.get_name()} {key.get_base64()} someone"])
    with session(running, pkey=key) as sftp:
        assert sftp.listdir("inbound") == []


def test_users_are_shut_into_their_folder(running: Running, box: Sandbox) -> None:
    with session(running) as sftp:
        for path in ("../../sandbox.sqlite", "/etc/passwd", "../brightline/inbound/x"):
            with pytest.raises(OSError, match=r"denied|No such"):
                sftp.open(path)
        with pytest.raises(PermissionError):
            sftp.open("outbound/planted.x12", "w")
        with pytest.raises(OSError, match=r".+"):
            sftp.open("inbound/../../x", "w")
        assert sftp.normalize("../..") == "/"


def test_a_rename_never_overwrites_unless_asked(running: Running, evergreen: CarrierClient) -> None:
    evergreen.set(pickup_seconds=60)
    with session(running) as sftp:
        for name in ("a.tmp", "b.tmp"):
            sftp.putfo(io.BytesIO(name.encode()), f"inbound/{name}")
        with pytest.raises(OSError, match="Failure"):
            sftp.rename("inbound/a.tmp", "inbound/b.tmp")
        sftp.posix_rename("inbound/a.tmp", "inbound/b.tmp")
        assert sftp.open("inbound/b.tmp").read() == b"a.tmp"


def test_acknowledgements_can_be_cleared_by_the_client(running: Running, evergreen: CarrierClient) -> None:
    deliver(running, interchange(213, SAM))
    with session(running) as sftp:
        for name in sftp.listdir("outbound"):
            sftp.remove(f"outbound/{name}")
        assert sftp.listdir("outbound") == []
    assert len(evergreen.sent()) == 2


def test_either_user_may_use_either_port(running: Running, box: Sandbox) -> None:
    port = running.sftp_port
    with session(running, "brightline", port=port, password="brightline-sandbox") as sftp:
        sftp.putfo(io.BytesIO(interchange(214, SAM)), "inbound/x.834")
    box.wait_idle()
    assert len(box.carrier("brightline").effects()) == 1
    assert box.carrier("evergreen").effects() == []


def test_the_api_refuses_what_it_does_not_know(box: Sandbox, evergreen: CarrierClient) -> None:
    for values in ({"silense": True}, {"wrong_member": "hat"}, {"ack_delay_seconds": -1}, {"partial": "x"}):
        with pytest.raises(SandboxError, match="422"):
            evergreen.set(**values)
    with pytest.raises(SandboxError, match="404"):
        box.carrier("nobody").effects()
    with pytest.raises(SandboxError, match="422"):
        box.add_carrier("evergreen")
