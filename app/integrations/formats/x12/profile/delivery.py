"""How and when files travel."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel

from app.integrations.formats.x12.profile.question import ask

FILE_NAME_PARTS = frozenset({"sender", "group", "carrier", "date", "time", "control", "usage", "kind"})


class Phase(StrEnum):
    TEST = "test"
    PARALLEL = "parallel"
    PRODUCTION = "production"


class Delivery(BaseModel):
    """How and when files travel."""

    phase: Phase = ask("delivery", "Phase", "Test → parallel → production.", default=Phase.TEST)
    live: bool = ask(
        "delivery",
        "Send as production (ISA15 = P)",
        "The go-live switch. A file marked T is silently ignored in production.",
        default=False,
    )
    transport: str = ask(
        "delivery",
        "Transport",
        "SFTP today; AS2 is known but not built.",
        default="sftp",
        pattern=r"^(sftp|as2|manual)$",
    )
    pgp_required: bool = ask(
        "delivery", "Files must be PGP encrypted", "Known but not built: sending is refused.", default=False
    )
    file_name: str = ask(
        "delivery",
        "File name",
        "Parts in braces: " + ", ".join(sorted(FILE_NAME_PARTS)) + ".",
        default="{sender}_834_{date}_{control}_{usage}.txt",
        pattern=r"^[A-Za-z0-9_.{}-]{1,120}$",
    )
    schedule: str = ask(
        "delivery",
        "Schedule",
        "Days the carrier expects a file.",
        default="weekly",
        pattern=r"^(daily|weekly|every two weeks|monthly)$",
    )
    weekday: int = ask("delivery", "Weekday", "1 Monday … 7 Sunday.", default=3, ge=1, le=7)
    cut_off: str = ask(
        "delivery",
        "Cut-off time",
        "Later files count for the next run (carrier's time zone).",
        default="18:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        examples=["18:00"],
    )
    acknowledge_hours: int = ask(
        "delivery",
        "Acknowledgement expected within (hours)",
        "No 999 by then is an alarm.",
        default=24,
        ge=1,
        le=240,
    )
    hold_loss_percent: float = ask(
        "delivery",
        "Hold when losing more than (%)",
        "Members or coverages lost against the last accepted file.",
        default=3.0,
        ge=0,
        le=100,
    )
    census_columns: dict[str, str] = ask(
        "delivery", "Census columns", "Our field → the title in the carrier's CSV.", default={}
    )
