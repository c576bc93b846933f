"""Invented people. Social Security numbers begin with 9 and are therefore never issued (SSA, POMS RM 10201.035)."""

from __future__ import annotations

import random

FIRST = {
    "female": (
        "Maya Ana Grace Olivia Sofia Hannah Leila Naomi Ruth Elena Priya Chloe Zoe Irene Dalia Teresa Yuki Amara Ingrid Paula"
        " Rosa Camille Fatima Joyce Linda Keiko Miriam Nadia Ophelia Renee Sandra Tamara Uma Valerie Wanda Ximena Yvonne Beatriz"
    ).split(),
    "male": (
        "Leo Sam Marcus Diego Noah Ethan Omar Victor Julian Andre Felix Hugo Ivan Jonas Kevin Luis Mateo Nikhil Oscar Peter"
        " Quentin Rafael Stefan Tomas Ulises Vikram Walter Xavier Yusuf Zachary Amir Bruno Carlos Darnell Emil Franco Gabriel Henry"
    ).split(),
}
LAST = (
    "Lopez Nguyen Smith Okafor Garcia Kim Johnson Patel Silva Brown Haddad Rossi Chen Davis Martinez Novak Wilson Ali Moore"
    " Tanaka Taylor Ferreira Anderson Cohen Thomas Jackson Reyes White Harris Kowalski Martin Thompson Torres Young Walker Hall"
    " Allen King Wright Scott Green Baker Adams Nelson Hill Campbell Mitchell Roberts Carter Phillips Evans Turner Diaz Parker"
).split()
STREETS = "Maple Oak Cedar Pine Elm Lake Hill Park River Mill Church Spring Union Prospect Highland".split()
CITIES = {
    "NY": (("New York", "10001"), ("Albany", "12207"), ("Buffalo", "14201")),
    "NJ": (("Newark", "07102"), ("Princeton", "08540")),
    "TX": (("Austin", "78701"), ("Dallas", "75201"), ("Houston", "77002")),
    "CA": (("Oakland", "94607"), ("San Diego", "92101"), ("Fresno", "93721")),
}


def ssn(chance: random.Random, taken: set[str]) -> str:
    """Nine digits of the never issued 9xx range, not given twice."""
    while True:
        number = f"9{chance.randint(0, 99):02d}{chance.randint(10, 99)}{chance.randint(1000, 9999)}"
        if number not in taken:
            taken.add(number)
            return number


def address(chance: random.Random, state: str) -> dict[str, str]:
    city, zip_code = chance.choice(CITIES[state])
    street = f"{chance.randint(2, 980)} {chance.choice(STREETS)} {chance.choice(('St', 'Ave', 'Rd', 'Ln'))}"
    return {"address_line1": street, "city": city, "state": state, "zip_code": zip_code}


def phone(chance: random.Random) -> str:
    """Numbers of the fictitious 555-01xx range."""
    return f"{chance.choice((212, 512, 510, 973))}55501{chance.randint(0, 99):02d}"
