"""Invented people for the tests. SSNs begin with 9: the government never issued and never will issue such numbers."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from app.integrations.formats.x12.eight34 import Address, Batch, Coverage, Family, Member
from app.integrations.formats.x12.profile import CarrierProfile
from app.integrations.formats.x12.writer import Control, Written, write_834

CREATED_AT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
HOME = Address("200 Oak Ave", "Riverside", "CA", "92501", line2="Apt 4")
CONTROL = Control(isa13=7, gs06=12)


def profile(**changes: Any) -> CarrierProfile:
    base: dict[str, Any] = {
        "sender_id": "CORRIDOR",
        "receiver_id": "CAREPLUS",
        "sponsor_name": "Widget Corporation",
        "sponsor_id": "234567891",
        "payer_name": "Careplus Health Plan",
        "payer_id": "876543219",
        "group_number": "GRP002",
        "time_zone": "UTC",
    }
    return CarrierProfile(**(base | changes))


def health(**changes: Any) -> Coverage:
    return dataclasses.replace(
        Coverage(line="HLT", plan_code="PPO500", tier="FAM", start_on=date(2026, 12, 1), premium=Decimal("412.50")),
        **changes,
    )


def subscriber(n: int = 1, **changes: Any) -> Member:
    member = Member(
        ref=f"E{n}",
        subscriber=True,
        relationship="18",
        maintenance="021",
        reason="28",
        subscriber_number=f"M{n:06d}",
        last_name="Smith",
        first_name="Robert",
        middle_name="J",
        employment_status="FT",
        ssn=f"9{n:08d}",
        birth_on=date(1975, 8, 20),
        gender="M",
        marital="M",
        address=HOME,
        eligible_on=date(2026, 12, 1),
        coverages=(health(), health(line="DEN", plan_code="DEN1", tier="EMP", premium=None)),
    )
    return dataclasses.replace(member, **changes)


def dependent(n: int = 1, relationship: str = "01", **changes: Any) -> Member:
    member = Member(
        ref=f"D{n}-{relationship}",
        subscriber=False,
        relationship=relationship,
        maintenance="021",
        reason="28",
        subscriber_number=f"M{n:06d}",
        last_name="Smith",
        first_name="Mary" if relationship == "01" else "Ann",
        ssn=f"9{n:06d}{relationship}",
        birth_on=date(1977, 3, 3) if relationship == "01" else date(2015, 6, 12),
        gender="F",
        eligible_on=date(2026, 12, 1),
        coverages=(health(premium=None),),
    )
    return dataclasses.replace(member, **changes)


def family(n: int = 1, **changes: Any) -> Family:
    return Family(subscriber(n, **changes), (dependent(n), dependent(n, "19")))


def batch(*families: Family, **changes: Any) -> Batch:
    base: dict[str, Any] = {"action": "2", "reference": "20261123-0007", "created_at": CREATED_AT}
    return Batch(families or (family(),), **(base | changes))


def written(*families: Family, with_profile: CarrierProfile | None = None, **changes: Any) -> Written:
    return write_834(batch(*families, **changes), with_profile or profile(), CONTROL)


def many(members: int) -> tuple[Family, ...]:
    return tuple(family(n) for n in range(1, members // 3 + 1))
