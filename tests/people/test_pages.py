"""Every page of people: reached, sent, refused; queries counted; the SSN nowhere it must not be."""

from __future__ import annotations

import contextvars
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from uuid_utils.compat import uuid7

from app.core.access import RoleType
from app.core.db import engine, enter_tenant, tenant, transaction
from app.core.errors import Invalid
from app.core.events import AuditEvent, system
from app.domains import people
from app.people import services
from app.people.rules.columns import COLUMNS
from tests.accounts.sign_in import make_user, sign_in
from tests.people import files
from tests.people.conftest import SSN, House, fields

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
KEY = re.compile(r'name="form_key" value="([^"]+)"')
SEEN = re.compile(r'name="seen"[^>]*value="([^"]+)"')


class Client(FlaskClient):
    """A browser whose requests leave the test's own tenant alone."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return contextvars.copy_context().run(super().open, *args, **kwargs)


@pytest.fixture
def as_role(app: Any, house: House, session: Any) -> Any:
    """`as_role(RoleType.X, employee_id=…)`: a client signed in with that role."""

    def make(*roles: RoleType, employee_id: UUID | None = None) -> FlaskClient:
        client = Client(app)
        email = f"{uuid7().hex}@example.com"
        sign_in(client, make_user(session, house.company_id, email=email, roles=roles, employee_id=employee_id))
        return client

    return make


@pytest.fixture
def hr(as_role: Any) -> FlaskClient:
    client: FlaskClient = as_role(RoleType.HR_ADMIN)
    return client


def send(client: FlaskClient, form_url: str, url: str | None = None, **values: Any) -> Any:
    """Open a form and send it with what a browser would send along."""
    shown = client.get(form_url)
    assert shown.status_code == 200, shown.status
    text = shown.get_data(as_text=True)
    for name, found in (("csrf_token", CSRF.search(text)), ("form_key", KEY.search(text)), ("seen", SEEN.search(text))):
        if found and name not in values:
            values[name] = found.group(1)
    return client.post(url or form_url, data=values)


def day3(name: str, value: date) -> dict[str, str]:
    return {f"{name}-month": str(value.month), f"{name}-day": str(value.day), f"{name}-year": str(value.year)}


def read(answer: Any) -> str:
    text: str = answer.get_data(as_text=True)
    return text


# --- the list ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", "1001 1002 1003 1004"),
        ("?q=lop", "1001"),
        ("?q=nunez", "1004"),
        ("?q=NÚÑEZ+dee", "1004"),
        ("?q=oneill", "1004"),
        ("?q=lop+kim", ""),
        ("?q=100", "1001 1002 1003 1004"),
        ("?q=1003", "1003"),
        ("?q=100%25", ""),
        ("?q=x", ""),
        ("?status=active", "1001 1002 1003 1004"),
        ("?status=terminated", ""),
        ("?status=nonsense", ""),
        ("?department=nonsense", ""),
        ("?department={ops}", "1003 1004"),
        ("?region={east}&q=ben", "1002"),
        ("?after=1002", "1003 1004"),
    ],
)
def test_the_list_finds(hr: FlaskClient, house: House, query: str, seen: str) -> None:
    answer = hr.get("/people" + query.format(ops=house.ops, east=house.east))
    assert answer.status_code == 200
    assert re.findall(r">(100\d)<", read(answer)) == seen.split()


def test_an_ssn_never_stays_in_the_address(hr: FlaskClient) -> None:
    answer = hr.get(f"/people?q={SSN[:3]}-{SSN[3:5]}-{SSN[5:]}&status=active")
    assert (answer.status_code, answer.location) == (303, "/people?status=active")


def test_a_viewer_of_one_department_sees_it_only(app: Any, house: House, session: Any) -> None:
    client = Client(app)
    user = make_user(session, house.company_id, email="v@example.com", roles=[RoleType.VIEWER], department_id=house.ops)
    sign_in(client, user)
    text = read(client.get("/people"))
    assert "1003" in text
    assert "1001" not in text
    assert client.get(f"/people/{house.ana}").status_code == 404
    shown = read(client.get(f"/people/{house.cho}"))
    assert "February 28, 1990" not in shown  # personal details need the right to sensitive data
    assert client.get("/people/new").status_code == 403
    assert client.get(f"/people/{house.cho}/ssn").status_code == 403


@pytest.fixture
def statements(app: Any) -> Iterator[list[str]]:
    """Every statement the engine sends."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    sa.event.listen(engine(), "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine(), "before_cursor_execute", note)


@pytest.mark.queries
def test_the_list_costs_the_same_for_1_25_and_100_rows(hr: FlaskClient, house: House, statements: list[str]) -> None:
    with transaction() as session:
        for number in range(100):
            services.hire(session, system("test"), **fields(f"2{number:03d}"))
    counts = []
    hr.get("/people")
    for query, shown in (("?q=1001", 1), ("?q=10", 4), ("?q=2", 25), ("", 25)):
        statements.clear()
        assert len(re.findall(r'href="/people/[0-9a-f-]{36}"', read(hr.get(f"/people{query}")))) == shown
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 4, statements


@pytest.mark.queries
def test_a_person_costs_at_most_6_queries(hr: FlaskClient, house: House, statements: list[str]) -> None:
    hr.get(f"/people/{house.ana}")
    statements.clear()
    hr.get(f"/people/{house.ana}")
    assert len(statements) <= 6, statements


def test_the_first_page_leads_to_the_next(hr: FlaskClient, house: House) -> None:
    with transaction() as session:
        for number in range(30):
            services.hire(session, system("test"), **fields(f"3{number:03d}"))
    text = read(hr.get("/people"))
    following = re.search(r'href="(/people\?after=[^"]+)"', text)
    assert following
    assert "3029" in read(hr.get(following.group(1)))


# --- one person -------------------------------------------------------------------------------------------------


def test_a_page_with_personal_data_is_recorded_and_shows_four_digits(hr: FlaskClient, house: House) -> None:
    text = read(hr.get(f"/people/{house.ana}"))
    assert SSN[-4:] in text
    assert SSN not in text.replace("-", "")
    with transaction() as session:
        seen = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "people.employee.viewed")).one()
        assert (seen.entity_id, seen.phi_accessed) == (house.ana, True)


def test_the_whole_number_needs_a_reason_and_is_recorded(hr: FlaskClient, house: House) -> None:
    url = f"/people/{house.ana}/ssn"
    refused = send(hr, url, reason=" ")
    assert refused.status_code == 422
    assert "Say in a few words" in read(refused)
    assert "900-12-3456" not in read(refused)
    shown = send(hr, url, reason="Carrier asked on the phone")
    assert shown.status_code == 200
    assert "900-12-3456" in read(shown)
    assert "no-store" in shown.headers["Cache-Control"]
    with transaction() as session:
        seen = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "people.ssn.viewed")).one()
        assert seen.reason == "Carrier asked on the phone"


def test_the_whole_number_of_a_dependent(hr: FlaskClient, house: House) -> None:
    with transaction() as session:
        kid = services.add_dependent(
            session, system("test"), house.ana, first_name="Leo", last_name="Lopez", date_of_birth=date(2019, 5, 1),
            relationship="child", ssn="900123457",
        )  # fmt: skip
    url = f"/people/dependents/{kid.id}/ssn"
    assert send(hr, url, reason="").status_code == 422
    assert "900-12-3457" in read(send(hr, url, reason="Carrier asked"))


def test_hire_through_the_page_once_even_when_sent_twice(hr: FlaskClient, house: House) -> None:
    values: dict[str, Any] = {
        "first_name": "Eva", "last_name": "Ito", "employee_number": "5001", "gender": "female", "employment_type": "full_time",
        "pay_frequency": "weekly", "weekly_hours": "37.5", "manager_number": "1001", "ssn": "900-55-1234",
        "department_id": str(house.care), "region_id": "", "annual_salary": "61,500", "form_key": uuid7().hex,
        **day3("date_of_birth", date(1988, 4, 3)), **day3("hired_on", date(2026, 11, 2)),
    }  # fmt: skip
    first, second = send(hr, "/people/new", **values), send(hr, "/people/new", **values)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    with transaction() as session:
        made = session.scalars(sa.select(people.Employee).where(people.Employee.employee_number == "5001")).one()
        assert (made.ssn, made.manager_id, str(made.annual_salary)) == ("900551234", house.ana, "61500.00")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"first_name": ""}, "Enter a first name"),
        ({"employee_number": "1001"}, "Another employee has this number"),
        ({"manager_number": "9999"}, "No other employee has this number"),
        ({"ssn": "000-12-3456"}, "Check the Social Security number"),
        ({"weekly_hours": "many"}, "Enter the hours of a week"),
        ({"weekly_hours": "200"}, "from 0 to 168"),
        ({"work_email": "nobody"}, "Enter an e-mail address"),
        ({"hired_on-year": "1990"}, "under 14"),
    ],
)
def test_what_cannot_be_hired_is_said_at_its_field(
    hr: FlaskClient, house: House, wrong: dict[str, str], message: str
) -> None:
    values: dict[str, Any] = {
        "first_name": "Eva", "last_name": "Ito", "employee_number": "5001", "gender": "female", "employment_type": "full_time",
        "pay_frequency": "weekly", "department_id": "", "region_id": "",
        **day3("date_of_birth", date(1988, 4, 3)), **day3("hired_on", date(2026, 11, 2)),
    }  # fmt: skip
    answer = send(hr, "/people/new", **(values | wrong))
    assert answer.status_code == 422
    assert message in read(answer)


PERSONAL = {
    "first_name": "Ana", "last_name": "Lopez", "gender": "female", "preferred_language": "es", "state": "CA", "tobacco": "no",
    "city": "Oakland", "zip_code": "94601", "address_line1": "1 Test Street", "marital_status": "married",
    **day3("date_of_birth", date(1990, 2, 28)),
}  # fmt: skip


def test_change_personal_details(hr: FlaskClient, house: House) -> None:
    url = f"/people/{house.ana}/personal"
    shown = read(hr.get(url))
    assert SSN not in shown
    assert send(hr, url, **PERSONAL).status_code == 303
    assert send(hr, url, **(PERSONAL | {"ssn": "900-66-7788"})).status_code == 303
    with transaction() as session:
        ana = services.employee(session, system("test"), house.ana, services_view())
        assert (ana.city, ana.tobacco_user, ana.ssn) == ("Oakland", False, "900667788")
        changes = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "people.employee.changed")).all()
        last = next(c for c in changes if "ssn" in c.new_values)
        assert last.new_values["ssn"] == "•••-••-7788"
        assert last.phi == {"old": {"ssn": SSN}, "new": {"ssn": "900667788"}}


def services_view() -> Any:
    from app.core.access import Can

    return Can.EMPLOYEE_VIEW


def test_personal_details_are_refused_at_their_field(hr: FlaskClient, house: House) -> None:
    url = f"/people/{house.ana}/personal"
    assert "Enter a ZIP code" in read(send(hr, url, **(PERSONAL | {"zip_code": "1"})))
    assert send(hr, url, **(PERSONAL | {"first_name": ""})).status_code == 422


def test_two_people_change_the_same_person(hr: FlaskClient, house: House) -> None:
    url = f"/people/{house.ana}/personal"
    stale = SEEN.search(read(hr.get(url)))
    assert stale
    assert send(hr, url, **PERSONAL).status_code == 303
    assert send(hr, url, **(PERSONAL | {"city": "Reno", "seen": stale.group(1)})).status_code == 409


def test_change_work_details(hr: FlaskClient, house: House) -> None:
    url = f"/people/{house.ben}/work"
    values = {
        "employee_number": "1002", "employment_type": "part_time", "pay_frequency": "monthly", "weekly_hours": "20",
        "department_id": str(house.ops), "region_id": "", "manager_number": "1004", "status": "inactive",
        "annual_salary": "40000", "employee_class": "standard", **day3("hired_on", date(2020, 1, 6)),
    }  # fmt: skip
    assert send(hr, url, **values).status_code == 303
    assert send(hr, url, **(values | {"employee_number": "1001"})).status_code == 422
    assert send(hr, url, **(values | {"employee_number": ""})).status_code == 422
    assert send(hr, url, **(values | {"manager_number": "1002"})).status_code == 422
    with transaction() as session:
        ben = services.employee(session, system("test"), house.ben, services_view())
        assert (ben.status, ben.manager_id, ben.region_id, str(ben.weekly_hours)) == (
            "inactive",
            house.dee,
            None,
            "20.00",
        )


def test_end_an_employment(hr: FlaskClient, house: House) -> None:
    url = f"/people/{house.ben}/end"
    assert send(hr, url).status_code == 422
    assert "not before the date of hire" in read(send(hr, url, **day3("last_day", date(2019, 1, 1))))
    assert send(hr, url, **day3("last_day", date(2026, 10, 30)), reason="Moved away").status_code == 303
    with transaction() as session:
        ben = services.employee(session, system("test"), house.ben, services_view())
        assert (ben.status, ben.termination_reason) == ("terminated", "Moved away")


# --- dependents -------------------------------------------------------------------------------------------------

KID = {
    "first_name": "Leo", "last_name": "Lopez", "relationship": "child", "gender": "male", "ssn": "900-12-9999",
    "ssn_missing_reason": "",
    **day3("date_of_birth", date(2019, 5, 1)),
}  # fmt: skip


@pytest.mark.parametrize("own", [False, True])
def test_the_life_of_a_dependent(as_role: Any, house: House, own: bool) -> None:
    client = as_role(
        RoleType.EMPLOYEE_SELF_SERVICE if own else RoleType.HR_ADMIN, employee_id=house.ana if own else None
    )
    add = "/me/dependents/new" if own else f"/people/{house.ana}/dependents/new"
    assert "say why there is none" in read(send(client, add, **(KID | {"ssn": ""})))
    assert "older than one year" in read(send(client, add, **(KID | {"ssn": "", "ssn_missing_reason": "newborn"})))
    assert send(client, add, **(KID | {"first_name": ""})).status_code == 422
    assert send(client, add, **KID).status_code == 303
    with transaction() as session:
        kid = session.scalars(sa.select(people.Dependent)).one()
    one = f"/me/dependents/{kid.id}" if own else f"/people/dependents/{kid.id}"
    assert "900-12-9999" not in read(client.get(one))
    assert send(client, one, **(KID | {"ssn": "", "first_name": ""})).status_code == 422
    assert (
        send(
            client, one, **(KID | {"ssn": "", "relationship": "child", **day3("date_of_birth", date(2039, 1, 1))})
        ).status_code
        == 422
    )
    shown = {
        name: value for name, value in KID.items() if name != "ssn_missing_reason"
    }  # no question once there is a number
    assert send(client, one, **(shown | {"ssn": "", "first_name": "Leonardo", "student": "y"})).status_code == 303
    home = "/me/dependents" if own else f"/people/{house.ana}"
    assert "Leonardo" in read(client.get(home))
    assert send(client, f"{one}/end", **{"removed_on-month": "1"}).status_code == 422
    assert send(client, f"{one}/end", **day3("removed_on", date(2026, 11, 1)), reason="Moved").status_code == 303
    assert "Leonardo was removed" in read(client.get(home))
    assert "Leonardo" not in read(client.get(home))
    assert client.get(one).status_code == 404
    with transaction() as session:
        kid = session.scalars(sa.select(people.Dependent)).one()
        assert (kid.ssn, kid.status) == ("900129999", "inactive")


def test_people_reach_nobody_else(as_role: Any, house: House) -> None:
    with transaction() as session:
        kid = services.add_dependent(
            session, system("test"), house.ben, first_name="Leo", last_name="Okafor", date_of_birth=date(2019, 5, 1),
            relationship="child", ssn_missing_reason="applied",
        )  # fmt: skip
    client = as_role(employee_id=house.ana)
    for url in (f"/me/dependents/{kid.id}", f"/me/dependents/{kid.id}/end"):
        assert client.get(url).status_code == 404
    assert client.get("/people").status_code == 403
    assert client.get(f"/people/{house.ben}").status_code == 403


def test_my_details(as_role: Any, house: House) -> None:
    client = as_role(employee_id=house.ana)
    text = read(client.get("/me"))
    assert "Lopez" in text
    assert SSN not in text
    values = {
        "city": "Oakland",
        "zip_code": "94601",
        "preferred_language": "en",
        "state": "",
        "tobacco": "yes",
        "marital_status": "",
    }
    assert send(client, "/me/contact", **values, first_name="Mallory", annual_salary="1").status_code == 303
    assert send(client, "/me/contact", **(values | {"zip_code": "x"})).status_code == 422
    with transaction() as session:
        ana = services.employee(session, system("test"), house.ana, services_view())
        assert (ana.city, ana.first_name, ana.annual_salary, ana.tobacco_user) == ("Oakland", "Ana", None, True)
    assert "You have not added anybody" in read(client.get("/me/dependents"))


def test_a_user_without_an_employee_has_no_own_pages(as_role: Any) -> None:
    client = as_role(RoleType.HR_ADMIN)
    for url in ("/me", "/me/contact", "/me/dependents", "/me/dependents/new"):
        assert client.get(url).status_code == 404


# --- company ----------------------------------------------------------------------------------------------------

COMPANY = {
    "name": "Acme Foods", "pay_frequency": "monthly", "time_zone": "America/Denver", "brand_hue": "200", "new_hire_days": "31",
    "state": "", "tax_id": "12-3456789",
}  # fmt: skip


def test_company_settings(hr: FlaskClient, house: House) -> None:
    assert send(hr, "/company", **COMPANY).status_code == 303
    text = read(hr.get("/company"))
    assert "•••6789" in text
    assert "12-3456789" not in text
    for wrong in ({"name": ""}, {"brand_hue": "400"}, {"new_hire_days": "0"}, {"tax_id": "1"}, {"zip_code": "x"}):
        assert send(hr, "/company", **(COMPANY | wrong)).status_code == 422, wrong
    with transaction() as session:
        row = services.company(session, system("test"))
        assert (row.name, row.brand_hue, row.tax_id) == ("Acme Foods", 200, "12-3456789")
        from app.accounts.models import TenantDoor

        door = session.get_one(TenantDoor, house.company_id)
        assert (door.name, door.brand_hue, door.time_zone) == ("Acme Foods", 200, "America/Denver")


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300)) -> bytes:
    from PIL import Image, PngImagePlugin

    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "<script>alert(1)</script>")
    out = io.BytesIO()
    Image.new("RGB", size, (10, 20, 30)).save(out, kind, **({"pnginfo": note} if kind == "PNG" else {}))
    return out.getvalue() + b"PK\x03\x04 a second file behind the first"


@pytest.mark.parametrize(("kind", "name"), [("PNG", "a.png"), ("JPEG", "a.JPG")])
def test_a_logo_is_drawn_anew(hr: FlaskClient, house: House, kind: str, name: str) -> None:
    assert send(hr, "/company", "/company/logo", logo=(io.BytesIO(picture(kind)), name)).status_code == 303
    page = read(hr.get("/company"))
    found = re.search(r'src="(/logo/[^"]+)" alt="" height="36"', page)
    assert found, "in the header"
    assert page.count(found.group(1)) == 2
    answer = hr.get(found.group(1))
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.mimetype == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    data = answer.get_data()
    assert b"script" not in data
    assert b"second file" not in data
    assert len(data) < 20_000
    assert hr.get(f"/logo/{uuid7()}.png").status_code == 404


def test_strangers_see_the_logo_until_it_is_removed(app: Any, hr: FlaskClient, house: House) -> None:
    assert send(hr, "/company", "/company/logo", logo=(io.BytesIO(picture()), "a.png")).status_code == 303
    stranger = app.test_client()
    found = re.search(r'src="(/logo/[^"]+)"', stranger.get("/sign-in").text)
    assert found
    assert stranger.get(found.group(1)).data.startswith(b"\x89PNG")
    enter_tenant(house.company_id)
    assert send(hr, "/company", "/company/logo/removal").status_code == 303
    assert stranger.get(found.group(1)).status_code == 404
    assert "/logo/" not in stranger.get("/sign-in").text
    enter_tenant(house.company_id)
    with transaction() as session:
        from app.accounts.models import TenantDoor

        assert session.get_one(TenantDoor, house.company_id).logo_file_id is None


@pytest.mark.parametrize(
    ("ink", "ground"),
    [((20, 30, 90), (255, 255, 255)), ((250, 250, 245), (22, 33, 31)), ((200, 30, 30), (255, 255, 255))],
)
def test_a_transparent_logo_gets_the_ground_it_is_read_on(ink: Any, ground: Any) -> None:
    from PIL import Image

    from app.people.services.logo import redrawn

    drawn = Image.new("RGBA", (400, 100), (0, 0, 0, 0))
    drawn.paste((*ink, 255), (100, 20, 300, 80))
    out = io.BytesIO()
    drawn.save(out, "PNG")
    with Image.open(io.BytesIO(redrawn(out.getvalue()))) as kept:
        assert kept.convert("RGB").getpixel((1, 1)) == ground
        assert kept.height <= 150
        center = kept.convert("RGB").getpixel((kept.width // 2, kept.height // 2))
        assert all(abs(a - b) < 8 for a, b in zip(center, ink, strict=True))


def test_a_busy_picture_is_made_small_and_an_empty_one_refused() -> None:
    import os

    from PIL import Image

    from app.people.services.logo import MOST_BYTES, redrawn

    noise, empty = io.BytesIO(), io.BytesIO()
    Image.frombytes("RGB", (900, 900), os.urandom(900 * 900 * 3)).save(noise, "PNG")
    assert len(redrawn(noise.getvalue())) <= MOST_BYTES
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(empty, "PNG")
    with pytest.raises(Invalid, match="transparent"):
        redrawn(empty.getvalue())


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"not an image", "a.png"),
        (b"", "a.png"),
        (picture()[:60], "a.png"),
        (picture(size=(4200, 10)), "a.png"),
        (b"<svg/>", "a.svg"),
    ],
)
def test_other_logos_are_refused(hr: FlaskClient, house: House, data: bytes, name: str) -> None:
    assert send(hr, "/company", "/company/logo", logo=(io.BytesIO(data), name)).status_code == 422


def test_departments_and_regions(hr: FlaskClient, house: House) -> None:
    assert send(hr, "/company/regions/new", name="North", code="n").status_code == 303
    assert send(hr, "/company/departments/new", name="Legal", code="LEG", region_id=str(house.west)).status_code == 303
    assert send(hr, "/company/departments/new", name="Legal", code="LEG", region_id="").status_code == 422
    assert send(hr, "/company/departments/new", name="", code="X", region_id="").status_code == 422
    assert send(hr, f"/company/departments/{house.care}", name="Care", code="OPS", region_id="").status_code == 422
    assert (
        send(hr, f"/company/departments/{house.care}", name="Care team", code="CARE", region_id="").status_code == 303
    )
    assert send(hr, f"/company/regions/{house.east}", name="East", code="=E").status_code == 422
    assert send(hr, f"/company/regions/{house.east}", name="East", code="E").status_code == 303
    text = read(hr.get("/company/places"))
    assert "Care team" in text
    assert "LEG" in text
    assert hr.get(f"/company/departments/{uuid7()}").status_code == 404
    assert hr.get(f"/company/regions/{house.care}").status_code == 404


# --- files ------------------------------------------------------------------------------------------------------


def test_a_file_from_upload_to_people(hr: FlaskClient, house: House) -> None:
    rows = files.made_rows(3)
    rows[1][12] = "12"  # a ZIP code that is none
    up = send(hr, "/people/imports", file=(io.BytesIO(files.csv_of(rows)), "people.csv"))
    assert up.status_code == 303
    assert up.location.endswith("/columns")
    with transaction() as session:
        kept = session.scalars(sa.select(people.PeopleImport)).one()
        chosen = {column.field: kept.mapping.get(column.field, "") for column in COLUMNS}
    state = f"/people/imports/{kept.id}"
    assert send(hr, up.location, **(chosen | {"first_name": ""})).status_code == 422
    assert send(hr, up.location, **(chosen | {"middle_name": chosen["first_name"]})).status_code == 422
    assert send(hr, up.location, **chosen, create_missing="y").status_code == 303
    assert 'hx-trigger="every 2s"' in read(hr.get(state))
    files.run_next(house.company_id, "people.check_import")
    text = read(hr.get(state))
    assert "ZIP code with 5 or 9 digits" in text
    assert "Import these rows" in text
    problems = hr.get(f"{state}/problems.csv")
    assert "3,Zip,Enter a ZIP code" in read(problems)
    assert send(hr, state, f"{state}/confirm").status_code == 303
    files.run_next(house.company_id, "people.apply_import")
    assert "The file is imported" in read(hr.get(state))
    assert "E0000003" in read(hr.get("/people?q=E000"))
    assert send(hr, state, f"{state}/confirm", do="discard").status_code == 409


def test_what_is_no_file_is_refused(hr: FlaskClient, house: House) -> None:
    for data, name in ((b"", "a.csv"), (b"x", "a.exe"), (b"only,headings\n", "a.csv"), (b"PK\x03\x04", "a.xlsx")):
        assert send(hr, "/people/imports", file=(io.BytesIO(data), name)).status_code == 422
    assert send(hr, "/people/imports").status_code == 422


def test_a_file_without_a_usable_row_cannot_be_imported(hr: FlaskClient, house: House) -> None:
    rows = files.made_rows(1)
    rows[0][13] = ""
    kept = files.check(files.upload(files.csv_of(rows)))
    state = f"/people/imports/{kept.id}"
    answer = send(hr, state, f"{state}/confirm")
    assert answer.status_code == 422
    assert "No row of this file can be used" in read(answer)
    assert send(hr, state, f"{state}/confirm", do="discard").status_code == 303
    assert "Discarded" in read(hr.get("/people/imports"))


def test_the_export_is_safe_scoped_and_recorded(hr: FlaskClient, house: House) -> None:
    with transaction() as session:
        services.change(session, system("test"), house.ben, job_title="=HYPERLINK(1)")
    answer = send(hr, "/people", "/people/export", department=str(house.care))
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = read(answer)
    assert "'=HYPERLINK(1)" in text
    assert "1003" not in text
    assert SSN not in text
    with transaction() as session:
        seen = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "people.employee.exported")).one()
        assert seen.new_values["rows"] == 2


def test_too_many_for_one_export(hr: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.people.services import exporting

    monkeypatch.setattr(exporting, "MOST_ROWS", 2)
    answer = send(hr, "/people", "/people/export")
    assert answer.status_code == 303


def test_pages_speak_spanish_without_breaking(hr: FlaskClient, house: House) -> None:
    for url in ("/people", f"/people/{house.ana}", "/people/new", "/company", "/people/imports"):
        assert hr.get(url + "?lang=es").status_code == 200


def test_another_company_gets_nothing(app: Any, hr: FlaskClient, house: House, session: Any) -> None:
    other = uuid7()
    with tenant(other):
        with transaction() as own:
            own.add(people.Company(id=other, name="Other", slug="other"))
        client = Client(app)
        sign_in(client, make_user(session, other, email="o@example.com", roles=[RoleType.HR_ADMIN]))
    for url in (f"/people/{house.ana}", f"/people/{house.ana}/personal", f"/company/departments/{house.care}"):
        assert client.get(url).status_code == 404
    assert "1001" not in read(client.get("/people"))
