"""One list, three ways: SCIM calls against a real service, a file, and nothing but eligibility in either."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.integrations.adapters import wellness_file
from app.integrations.adapters.wellness_file.adapter import Rendering, open_files
from app.integrations.adapters.wellness_file.manifest import MANIFEST
from app.integrations.adapters.wellness_file.settings import WellnessConfig, WellnessSecrets, presets
from app.integrations.completeness import faults
from app.integrations.contracts import NoSecrets
from app.integrations.failures import AuthFailed, ContractDrift, RateLimited, Rejected, ServerFailed
from app.integrations.ports import Eligible, Told
from sandbox.vendors.core.serving import serving
from sandbox.vendors.wellness_file import TOKEN
from tests.integrations.adapters.talk import Talk

SAMPLES = Path(wellness_file.__file__).parent / "samples"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5q0SkKc2oQsKsk1vA9RphqTsjOn4GQ2pmMFsN0zGGq"
SCIM = WellnessConfig.model_validate({"method": "api", "scim_url": "https://wellness.example/scim/v2"})


def person(number: int, **more: Any) -> Eligible:
    return replace(
        Eligible(f"p-{number}", f"person{number}@example.com", f"Person {number}", "Example", f"E-{number}"), **more
    )


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with serving("wellness_file") as vendor:
        yield vendor


@pytest.fixture
def talk(server: Any) -> Talk:
    server.reset()
    secrets = WellnessSecrets.model_validate({"scim_token": TOKEN})
    return Talk(server, MANIFEST, SCIM, secrets, base="/scim/v2")


def tell(talk: Talk, people: list[Eligible]) -> Told:
    return talk.run(Rendering(SCIM).tell_eligibility(people, "key"))


def active(talk: Talk) -> set[str]:
    return {row.facts["userName"] for row in talk.vendor.rows.all("user") if row.facts["active"]}


def write(people: list[Eligible], **settings: Any) -> str:
    config = WellnessConfig.model_validate({"method": "sftp", "file": settings})
    return Rendering(config).write_eligibility(people, "list-1").data.decode()


def test_the_manifest_is_complete() -> None:
    assert faults(MANIFEST, "wellness_file") == []


@pytest.mark.parametrize("slug", presets())
def test_a_preset_is_settings_and_names_what_is_open(slug: str) -> None:
    preset = presets()[slug]
    made = WellnessConfig.model_validate(dict(preset.settings))
    assert made.provider == slug
    assert preset.open
    if made.method.value != "api":
        assert Rendering(made).write_eligibility([person(1)], "a").data


def test_scim_tells_the_list_once(talk: Talk) -> None:
    people = [person(n) for n in range(1, 121)]
    assert tell(talk, people) == Told(120)
    assert tell(talk, people) == Told(0)
    assert len(talk.vendor.asked("/scim/v2/Users", "POST")) == 120
    assert tell(talk, [replace(person(1), last_name="Married"), *people[2:]]) == Told(2)
    assert "person2@example.com" not in active(talk)
    assert "admin@provider.example" in active(talk), "who is not ours stays"
    assert len(active(talk)) == 120
    assert tell(talk, people) == Told(2), "somebody may come back"
    assert len(active(talk)) == 121


def test_scim_sends_only_eligibility(talk: Talk) -> None:
    tell(talk, [person(1)])
    sent = json.loads(talk.vendor.asked("/scim/v2/Users", "POST")[0].body)
    assert set(sent) == {"schemas", "externalId", "userName", "name", "emails", "active"}
    assert talk.vendor.asked("/scim/v2/Users", "POST")[0].headers["content-type"] == "application/scim+json"


def test_scim_one_who_is_refused_stops_nobody(talk: Talk) -> None:
    told = tell(talk, [person(1, email="nowhere"), person(2, email="admin@provider.example"), person(3)])
    assert told == Told(1, {"p-1": "rejected-400", "p-2": "conflict"})


def test_scim_an_answer_that_was_lost_makes_nobody_twice(talk: Talk) -> None:
    talk.vendor.fault("status", "/scim/v2/Users", method="POST", status=500, after=True)
    with pytest.raises(ServerFailed):
        tell(talk, [person(1), person(2)])
    assert tell(talk, [person(1), person(2)]) == Told(1)
    assert len(active(talk)) == 3


def test_scim_half_a_list_of_users_changes_nobody(talk: Talk) -> None:
    tell(talk, [person(n) for n in range(1, 121)])
    before = active(talk)
    talk.vendor.fault("one_page", "/scim/v2/Users", method="GET", times=0)
    with pytest.raises(ContractDrift):
        tell(talk, [person(1)])
    assert active(talk) == before


def test_a_wrong_token_is_said(talk: Talk) -> None:
    talk.secrets = WellnessSecrets.model_validate({"scim_token": "wrong"})
    with pytest.raises(AuthFailed):
        tell(talk, [person(1)])


def test_a_limit_is_said(talk: Talk) -> None:
    talk.vendor.fault("status", "/scim/v2/Users", status=429, retry_after="7")
    with pytest.raises(RateLimited):
        tell(talk, [person(1)])


def test_a_list_of_nobody_is_refused_either_way(talk: Talk) -> None:
    with pytest.raises(Rejected, match="nobody-eligible"):
        tell(talk, [])
    with pytest.raises(Rejected, match="nobody-eligible"):
        write([person(1, active=False)])
    assert talk.vendor.asked() == []


def test_the_file_is_the_sample() -> None:
    ada = Eligible("p-1", "ada@example.com", "Ada", "Example", "E-1")
    assert write([ada]) == (SAMPLES / "eligibility.csv").read_bytes().decode()


def test_the_columns_are_the_providers() -> None:
    people = [person(1), person(2, active=False)]
    columns = "Work Email = email\nStatus = active"
    rows = list(csv.DictReader(io.StringIO(write(people, columns=columns, active="A", inactive="T"))))
    assert rows == [
        {"Work Email": "person1@example.com", "Status": "A"},
        {"Work Email": "person2@example.com", "Status": "T"},
    ]
    assert len(list(csv.DictReader(io.StringIO(write(people, columns=columns))))) == 1
    layout = {"email": "1-30", "active": "31-34"}
    line = write([person(1)], format="fixed_width", layout=layout, columns="email = email\nactive = active")
    assert (line[:19], line[30:34]) == ("person1@example.com", "true")


def test_the_same_list_is_the_same_file_and_goes_to_its_folder() -> None:
    server = {"host": "sftp.wellness.example", "username": "corridor", "host_key": KEY, "outbound": "in/eligibility"}
    config = WellnessConfig.model_validate({"method": "sftp", "sftp": server})
    first, second = (Rendering(config).write_eligibility([person(1)], "list-1") for _ in range(2))
    assert first == second
    assert first.path == "in/eligibility/eligibility-list-1.csv"
    with pytest.raises(Rejected):
        Rendering(config).write_eligibility([person(1)], "../x")


def test_a_column_for_anything_else_cannot_be_saved() -> None:
    with pytest.raises(ValidationError, match="leave_reason"):
        write([person(1)], columns="Reason = leave_reason")


def test_a_name_that_a_spreadsheet_would_run_is_refused() -> None:
    with pytest.raises(Rejected, match="formula"):
        write([person(1, first_name="=HYPERLINK(1)")])


def test_each_way_refuses_the_other(talk: Talk) -> None:
    with pytest.raises(Rejected, match="not-by-file"):
        Rendering(SCIM).write_eligibility([person(1)], "a")
    with pytest.raises(Rejected, match="not-by-api"):
        talk.run(Rendering(WellnessConfig.model_validate({})).tell_eligibility([person(1)], "a"))
    with pytest.raises(Rejected, match="server-missing"):
        open_files(SCIM, NoSecrets())
