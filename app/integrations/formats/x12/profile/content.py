"""What the carrier wants said about coverage, and how."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.formats.x12.profile.question import ask


class FileKind(StrEnum):
    FULL = "full"
    CHANGES = "changes"
    BOTH = "both"


class EndMeaning(StrEnum):
    LAST_COVERED_DAY = "last covered day"
    FIRST_UNCOVERED_DAY = "first uncovered day"


class FullFileEnds(StrEnum):
    """How a full file tells that coverage ended."""

    LOOK_BACK = "within look-back"
    ONCE = "once"
    OMISSION = "by omission"


class EndedBy(StrEnum):
    """How a whole person's end is written."""

    MEMBER = "member"
    COVERAGE = "coverage"


class FullFileCodes(StrEnum):
    AUDIT = "030 for everyone"
    REAL = "real codes"


class Premium(StrEnum):
    NONE = "none"
    SUBSCRIBER = "subscriber only"
    ALL = "everyone"


class PlanCode(BaseModel):
    """The carrier's words for one of our plans: HD03 line and HD04 text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: str = Field(pattern=r"^[A-Z0-9]{2,3}$", title="Insurance line (HD03)", examples=["HLT"])
    code: str = Field("", max_length=50, title="Plan code (HD04)", examples=["PPO500"])


class Content(BaseModel):
    """What the carrier wants said, and how."""

    files: FileKind = ask("content", "Files the carrier takes", "Full, changes or both.", default=FileKind.FULL)
    full_action: str = ask(
        "content",
        "Full file is sent as (BGN08)",
        "4 = verify, RX = replace.",
        default="4",
        pattern=r"^(4|RX)$",
    )
    full_ends: FullFileEnds = ask(
        "content",
        "Ended coverage in a full file",
        "Sent while inside the look-back, once, or simply left out.",
        default=FullFileEnds.LOOK_BACK,
    )
    look_back_days: int = ask(
        "content",
        "Look-back (days)",
        "How long an ended coverage stays in full files.",
        default=60,
        ge=0,
        le=366,
    )
    absence_ends_coverage: bool = ask(
        "content",
        "Absence from a full file ends coverage",
        "Delta Dental, for one, says no; an end that is simply left out is then told once.",
        default=False,
    )
    full_codes: FullFileCodes = ask(
        "content",
        "Codes in a full file (INS03, HD01)",
        "030 for everyone still enrolled, or the real codes.",
        default=FullFileCodes.AUDIT,
    )
    full_reason: str = ask(
        "content",
        "Reason in a full file (INS04)",
        "XN, empty, or REAL for the real one.",
        default="XN",
        pattern=r"^(XN|REAL|)$",
    )
    ends_per: str = ask(
        "content",
        "An end is understood per",
        "Plan, or whole plan type (line): a new plan then ends the old one of its kind by itself.",
        default="plan",
        pattern=r"^(plan|line)$",
    )
    person_ends_by: EndedBy = ask(
        "content",
        "A whole person's end is written as",
        "Member: INS 024 and DTP*357, no HD. Coverage: an HD 024 with 349 for each plan.",
        default=EndedBy.COVERAGE,
    )
    end_means: EndMeaning = ask(
        "content",
        "The end date (349, 357) is the",
        "Ask the carrier with an example.",
        default=EndMeaning.LAST_COVERED_DAY,
    )
    ends_on_month_end: bool = ask(
        "content", "Coverage ends only at a month's end", "A warning is raised otherwise.", default=False
    )
    retro_limit_days: int = ask(
        "content",
        "Retroactive limit (days)",
        "How far back a start or an end may lie.",
        default=60,
        ge=0,
        le=366,
    )
    allow_life: bool = ask(
        "content",
        "Takes LIF, ADD and AC (HD03)",
        "Outside the HIPAA guide; life carriers want them.",
        default=False,
    )
    volume_qualifier: str = ask(
        "content",
        "Insured amount is sent as (AMT01)",
        "Empty: not sent.",
        default="",
        pattern=r"^(|B9|C1|D2|EBA|FK|P3|R)$",
        examples=["FK"],
    )
    premium: Premium = ask(
        "content", "Premium amounts (AMT*P3)", "For nobody, the subscriber or all.", default=Premium.NONE
    )
    extra_reason: bool = ask("content", "Mark cancel or term in loop 2750", "ADDL MAINT REASON.", default=False)
    plan_codes: dict[str, PlanCode] = ask(
        "content",
        "Plan codes",
        "Our plan → the carrier's line and code. A plan that is not listed is sent as it is.",
        default={},
    )
