"""One case's values: enough for every text."""

from __future__ import annotations

from datetime import date

from app.screening.documents import Value
from app.screening.documents.schema import VALUES

DAY = date(2026, 11, 25)

FULL: dict[str, Value] = {
    **dict.fromkeys(VALUES, "something"),
    "employer": "Lakeside Stores, Inc.",
    "employer_address": "12 Harbor Road\nOakland, CA 94607",
    "employer_contact": "Dana Reyes, 510-555-0114",
    "candidate": "María José O'Neil",
    "position": "Store manager",
    "work_location": "Oakland, CA",
    "cra_name": "Plain Sight Reports",
    "cra_address": "1 Main Street\nReno, NV 89501",
    "cra_phone": "800-555-0199",
    "written_on": DAY,
    "notified_on": date(2026, 11, 10),
    "respond_by": date(2026, 12, 7),
    "consent_until": date(2027, 2, 23),
    "dispute_received_on": DAY,
    "checks": ["Criminal records, 7 years", "Driving record"],
    "records": ["Theft, misdemeanor, Alameda County, 2022-03-14"],
    "record_sources": ["Superior Court of Alameda County"],
    "searched_sources": ["Superior Court of Alameda County"],
    "disputed": ["The record is of another person"],
    "assessment": [("Nature and gravity of the offense", "Goods of $80.\nNo violence."), ("Nature of the job", "Handles cash.")],
    "second_assessment": [("Nature and gravity of the offense", "Restitution was paid.")],
    "attachments": ["Copy of the report", "Summary of Your Rights"],
    "how_to_respond": "Use the link in our message.\n\nPhone: 510-555-0114",
}  # fmt: skip
