"""The company behind the BambooHR stand-in: thirty invented people, and as many generated ones as wanted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

DEPARTMENTS = ("Engineering", "Operations", "Sales", "Finance", "People")
TITLES = {"Engineering": "Engineer", "Operations": "Coordinator", "Sales": "Account Executive", "Finance": "Accountant",
          "People": "HR Partner"}  # fmt: skip
PLACES = {"Oakland": "California", "Austin": "Texas", "Toronto": "Ontario"}
DOMAIN = "maplecedar.example"

# first, last, department, manager's number, hired days ago (negative: in the future), status; the first of a department leads it
PEOPLE = """
Ines Calloway,People,0,3650,Full-Time | Tobias Merriweather,Engineering,1,3100,Full-Time | Salome Okonjo,Operations,1,2900,Full-Time
Bram Vesterly,Sales,1,2800,Full-Time | Junia Halloran,Finance,1,2700,Full-Time | Piet Lindqvist,Engineering,2,2300,Full-Time
Amara Osei,Engineering,2,2100,Full-Time | Leif Tanaka,Engineering,2,1900,Full-Time | Noor Castellan,Engineering,6,1500,Full-Time
Dov Petrakis,Engineering,6,1200,Part-Time | Wren Abiodun,Engineering,6,900,Full-Time | Mara Sandoval,Engineering,2,400,Full-Time
Cyrus Engel,Operations,3,2000,Full-Time | Thea Bonnaire,Operations,3,1700,Part-Time | Rafi Quillon,Operations,13,1400,Full-Time
Odalys Brandt,Operations,13,1100,Full-Time | Kit Sorensen,Operations,13,600,Part-Time | Hana Duval,Operations,3,300,Full-Time
Milo Ferreira,Sales,4,1600,Full-Time | Anouk Weir,Sales,4,1300,Full-Time | Jasper Iyer,Sales,19,800,Full-Time
Selma Novak,Sales,19,500,Full-Time | Otis Carrow,Sales,4,250,Part-Time | Greta Mbeki,Finance,5,1800,Full-Time
Elio Strand,Finance,5,1000,Full-Time | Vida Raskin,Finance,24,450,Part-Time | Bodhi Larkin,People,1,700,Full-Time
Yara Fontaine,People,1,350,Full-Time | Silas Rowntree,People,27,1250,Full-Time | Nell Ashgrove,Engineering,2,-20,Full-Time
"""
GENDERS, MARITAL = ("Female", "Male", "Non-binary"), ("Single", "Married", "Domestic Partnership")
PART_TIME, TERMINATED, ON_LEAVE, FUTURE = "10", "29", "16", "30"
SAME_EMAIL = ("25", "26")  # two people, one mailbox


def person(
    number: int, first: str, last: str, department: str, manager: str, hired: date, status: str
) -> dict[str, Any]:
    """What a row holds: plain fields, and the two tables with effective dates."""
    place = (*PLACES,)[number % len(PLACES)]
    title = TITLES.get(department, "Specialist")
    job = {"date": hired.isoformat(), "location": place, "department": department, "division": "North America",
           "jobTitle": title, "reportsTo": manager}  # fmt: skip
    return {
        "firstName": first, "lastName": last, "preferredName": None, "middleName": None, "employeeNumber": f"MC-{number:05}",
        "workEmail": f"{first}.{last}@{DOMAIN}".lower(), "homeEmail": f"{first}.{number}@mail.example".lower(),
        "workPhone": None, "mobilePhone": f"555-010-{number % 10000:04}", "hireDate": hired.isoformat(), "terminationDate": "0000-00-00",
        "dateOfBirth": date(1960 + number % 40, number % 12 + 1, number % 28 + 1).isoformat(), "gender": GENDERS[number % len(GENDERS)],
        "maritalStatus": MARITAL[number % len(MARITAL)], "ssn": f"{501 + number % 99}-{number // 99 % 98 + 1:02}-{number % 9999 + 1:04}",
        "address1": f"{number} Cedar Street", "address2": None, "city": place, "state": PLACES[place], "zipcode": f"{94600 + number % 99}",
        "country": "Canada" if place == "Toronto" else "United States", "payType": "Salary" if status == "Full-Time" else "Hourly",
        "jobInfo": [job], "employmentStatus": [{"date": hired.isoformat(), "employmentStatus": status}],
    }  # fmt: skip


def company(today: date) -> Iterator[dict[str, Any]]:
    """The thirty. Some lead, six work part-time, one has left, one begins in twenty days, two share a work e-mail."""
    lines = [line.strip() for line in PEOPLE.replace("\n", "|").split("|") if line.strip()]
    for number, line in enumerate(lines, 1):
        name, department, manager, days, status = line.split(",")
        first, last = name.split()
        boss = "" if manager == "0" else manager
        made = person(number, first, last, department, boss, today - timedelta(days=int(days)), status)
        if str(number) == TERMINATED:
            end(made, today - timedelta(days=30))
        if str(number) in SAME_EMAIL:
            made["workEmail"] = f"payables@{DOMAIN}"
        yield made


def generated(count: int, first_number: int, today: date) -> Iterator[dict[str, Any]]:
    """Many, cheaply: everybody another name, nobody a manager."""
    for number in range(first_number, first_number + count):
        hired = today - timedelta(days=number % 4000 + 1)
        department = DEPARTMENTS[number % len(DEPARTMENTS)]
        yield person(number, f"Given{number}", f"Family{number}", department, "1", hired, "Full-Time")


def end(facts: dict[str, Any], on: date) -> None:
    facts["terminationDate"] = on.isoformat()
    facts["employmentStatus"] = [*facts["employmentStatus"], {"date": on.isoformat(), "employmentStatus": "Terminated"}]


def at(rows: list[dict[str, Any]], day: str) -> dict[str, Any]:
    """The row of a dated table that is in force on that day; empty before the first."""
    return max((row for row in rows if row["date"] <= day), key=lambda row: row["date"], default={})
