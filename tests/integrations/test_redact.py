"""Stored bodies hold nobody's Social Security number, birth date or license number, however the provider wrote them."""

import json
import time

import pytest

from app.integrations.transports.http.calls import Call, Form, Json, Reply
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.memory import MemoryCarrier
from app.integrations.transports.http.redact import HIDDEN, redacted_body


@pytest.mark.parametrize(
    "name",
    [
        "ssn", "SSN", "socialSecurityNumber", "social_security_number", "dob", "dateOfBirth", "date_of_birth", "birthDate", "sin",
        "licenseNumber", "driver_license_number", "passportNumber", "national-id", "last4SSN", "Tax ID", "password", "basicAuth",
    ],
)  # fmt: skip
def test_json_loses_them_by_name(name: str) -> None:
    body = {"candidate": [{"id": "7", name: "123456789", "city": "Reno"}], "since": "1972-09-21"}
    hidden = json.loads(redacted_body(json.dumps(body).encode()))
    assert hidden == {"candidate": [{"id": "7", name: HIDDEN, "city": "Reno"}], "since": "1972-09-21"}


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (123456789, HIDDEN), ({"type": "ssn", "number": "1234"}, {"type": HIDDEN, "number": HIDDEN}), (["1", 2], [HIDDEN, HIDDEN]),
        (None, None), ("", ""), (True, True),
    ],
)  # fmt: skip
def test_whatever_stands_under_the_name(value: object, left: object) -> None:
    assert json.loads(redacted_body(json.dumps({"government_id": value, "ok": "1"}).encode())) == {
        "government_id": left,
        "ok": "1",
    }


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("firstName=Ann&ssn=123456789&dob=1972-09-21&zip=98011", f"firstName=Ann&ssn={HIDDEN}&dob={HIDDEN}&zip=98011"),
        ("candidate.ssn=123456789", f"candidate.ssn={HIDDEN}"),
        ('{"payload": {"ssn": "123456789", "dob":"1972-09-21", "id"', f'{{"payload": {{"ssn": "{HIDDEN}", "dob":"{HIDDEN}", "id"'),
        ("<a><SSN type='x'>123456789</SSN><City>Reno</City></a>", f"<a><SSN type='x'>{HIDDEN}</SSN><City>Reno</City></a>"),
        (
            "<wd:National_ID>\n <wd:National_ID_Data><wd:ID>123456789</wd:ID></wd:National_ID_Data>\n</wd:National_ID><A>Reno</A>",
            f"<wd:National_ID>\n <wd:National_ID_Data><wd:ID>{HIDDEN}</wd:ID></wd:National_ID_Data>\n</wd:National_ID><A>Reno</A>",
        ),
        ('{"governmentIDs": [{"idValue": "123456789"}]}', f'{{"governmentIDs": [{{"idValue": "{HIDDEN}"}}]}}'),
        ("Applicant 123-45-6789 called", f"Applicant {HIDDEN} called"),
        ('["note 123-45-6789."]', f'["note {HIDDEN}."]'),
        ('{"\\u0073sn": "123456789"}', f'{{"ssn": "{HIDDEN}"}}'),
    ],
)  # fmt: skip
def test_other_texts(text: str, left: str) -> None:
    assert redacted_body(text.encode()).decode() == left


@pytest.mark.parametrize(
    "body",
    [
        b"", b"%PDF-1.7 \xff\xfe ssn", b'{ "id" : "123456789" }', b'{"name": "Sinclair", "business": "x", "passing": 1}',
        b'{"ssn_trace": {"id": "1"}}', b'{"ssn": null}', b"order=123-456-7890", b'{"license": {"type": "personal"}}',
        b'{"phone": "702-123-4567", "id": "2f64d134-1c54-4028-8e8b-9cfa7bd8011c"}',
    ],
)  # fmt: skip
def test_everything_else_stays_byte_for_byte(body: bytes) -> None:
    assert redacted_body(body) == body


def test_an_exchange_is_handed_over_without_them_and_read_with_them() -> None:
    answered = b'{"id": "1", "candidate": {"ssn": "123456789"}}'
    carrier = MemoryCarrier(lambda _asked: Reply(200, (), answered))
    client = HttpClient(Http("https://provider.example"), carrier)
    for body in (Json({"ssn": "123456789", "id": 1}), Form((("ssn", "123456789"),))):
        done = client.exchange(Call("candidates.create", "POST", "/candidates", body=body))
        assert b"123456789" in carrier.seen[-1].body, "the provider gets it"
        assert b"123456789" not in done.request_body + done.answer_body
        assert done.result().json()["candidate"]["ssn"] == "123456789"
        assert done.record.answer_bytes == len(answered)


@pytest.mark.parametrize("body", [b"sin x " * 100_000, b"ssn   " * 100_000, b"x" * 10_000_000, b'{"a":"dob"}' * 50_000])
def test_no_text_makes_it_slow(body: bytes) -> None:
    begun = time.monotonic()
    redacted_body(body)
    assert time.monotonic() - begun < 2
