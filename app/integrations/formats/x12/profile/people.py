"""Which facts about people are sent, and where."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel

from app.integrations.formats.x12.profile.question import ask


class NumberSource(StrEnum):
    SUBSCRIBER_NUMBER = "subscriber number"
    SSN = "ssn"


class MemberIdSource(StrEnum):
    SSN = "ssn"
    MEMBER_NUMBER = "member number"
    NONE = "none"


class People(BaseModel):
    """Which facts about people are sent, and where."""

    subscriber_number_is: NumberSource = ask(
        "people", "REF*0F carries", "Number of the subscriber.", default=NumberSource.SUBSCRIBER_NUMBER
    )
    member_id_is: MemberIdSource = ask(
        "people",
        "NM109 carries",
        "SSN (34), carrier's member number (ZZ), nothing.",
        default=MemberIdSource.SSN,
    )
    class_qualifier: str = ask(
        "people",
        "Employee class is sent as",
        "REF qualifier; empty: not sent.",
        default="",
        pattern=r"^(|17|23|DX|ZZ|3H|6O|F6|Q4)$",
        examples=["17"],
    )
    division_qualifier: str = ask(
        "people",
        "Division is sent as",
        "REF qualifier; empty: not sent.",
        default="",
        pattern=r"^(|17|23|DX|ZZ|3H|6O|F6|Q4)$",
        examples=["DX"],
    )
    location_qualifier: str = ask(
        "people",
        "Location is sent as",
        "REF qualifier; empty: not sent.",
        default="",
        pattern=r"^(|17|23|DX|ZZ|3H|6O|F6|Q4)$",
        examples=["ZZ"],
    )
    dependents_carry_coverage: bool = ask(
        "people", "Dependents repeat their plans (HD)", "Nearly all carriers: yes.", default=True
    )
    tier_on_dependents: bool = ask(
        "people", "Tier (HD05) on dependents too", "Otherwise on the subscriber only.", default=True
    )
    address_on_dependents: bool = ask(
        "people", "Address on dependents too", "Otherwise on the subscriber only.", default=False
    )
    contact_details: bool = ask(
        "people", "Phone and e-mail (PER)", "Least necessary: off unless wanted.", default=False
    )
    employment_status_on_dependents: bool = ask(
        "people", "Employment status (INS08) on dependents", "Usually no.", default=False
    )
