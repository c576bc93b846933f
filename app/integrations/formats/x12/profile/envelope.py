"""Who we are, who they are, and the punctuation between."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel

from app.integrations.formats.x12.profile.question import Qualifier, ask


class Charset(StrEnum):
    BASIC = "basic"
    EXTENDED = "extended"


class Envelope(BaseModel):
    """Who we are, who they are, and the punctuation between."""

    sender_qualifier: Qualifier = ask(
        "identity",
        "Our ID qualifier (ISA05)",
        "ZZ unless told otherwise.",
        default="ZZ",
        examples=["ZZ", "30", "01"],
    )
    sender_id: str = ask(
        "identity",
        "Our ID (ISA06)",
        "The interchange ID the carrier gave us.",
        pattern=r"^[A-Z0-9 ._-]{2,15}$",
        examples=["CORRIDOR01"],
    )
    receiver_qualifier: Qualifier = ask(
        "identity",
        "Carrier ID qualifier (ISA07)",
        "ZZ, 30 (tax ID) or 01.",
        default="ZZ",
        examples=["ZZ", "30"],
    )
    receiver_id: str = ask(
        "identity",
        "Carrier ID (ISA08)",
        "The carrier's interchange ID.",
        pattern=r"^[A-Z0-9 ._-]{2,15}$",
        examples=["CAREPLUS"],
    )
    group_sender: str = ask(
        "identity",
        "Our application code (GS02)",
        "Empty: the same as ISA06.",
        default="",
        pattern=r"^[A-Z0-9 ._-]{0,15}$",
        examples=["CORRIDOR01"],
    )
    group_receiver: str = ask(
        "identity",
        "Carrier application code (GS03)",
        "Empty: the same as ISA08.",
        default="",
        pattern=r"^[A-Z0-9 ._-]{0,15}$",
        examples=["CAREPLUS"],
    )
    want_ta1: bool = ask("identity", "Ask for a TA1 (ISA14)", "The carrier confirms the envelope.", default=False)
    sponsor_name: str = ask(
        "identity",
        "Employer name (N1*P5)",
        "As on the group contract.",
        max_length=60,
        min_length=1,
        examples=["Widget Corporation"],
    )
    sponsor_id_qualifier: str = ask(
        "identity",
        "Employer ID type (N103)",
        "FI = federal tax ID.",
        default="FI",
        pattern=r"^(24|94|FI)$",
        examples=["FI"],
    )
    sponsor_id: str = ask(
        "identity",
        "Employer ID (N104)",
        "Nine digits, no hyphen, for a tax ID.",
        pattern=r"^[A-Z0-9-]{2,80}$",
        examples=["234567891"],
    )
    payer_name: str = ask(
        "identity",
        "Carrier name (N1*IN)",
        "As in the companion guide.",
        max_length=60,
        min_length=1,
        examples=["Careplus Health Plan"],
    )
    payer_id_qualifier: str = ask(
        "identity",
        "Carrier ID type (N103)",
        "FI = federal tax ID.",
        default="FI",
        pattern=r"^(94|FI|XV)$",
        examples=["FI"],
    )
    payer_id: str = ask(
        "identity",
        "Carrier ID (N104)",
        "Given by the carrier.",
        pattern=r"^[A-Z0-9-]{2,80}$",
        examples=["876543219"],
    )
    broker_name: str = ask("identity", "Broker (N1*BO)", "Only if the carrier wants it.", default="", max_length=60)
    broker_id: str = ask(
        "identity", "Broker ID", "Federal tax ID of the broker.", default="", pattern=r"^[A-Z0-9-]{0,80}$"
    )
    master_policy: str = ask(
        "identity",
        "Master policy number (REF*38)",
        "Empty: not sent.",
        default="",
        pattern=r"^[A-Z0-9 ./-]{0,50}$",
        examples=["GRP001"],
    )
    group_number: str = ask(
        "identity",
        "Group number (REF*1L)",
        "Used where a member has no own sub-group.",
        default="",
        pattern=r"^[A-Z0-9 ./-]{0,50}$",
        examples=["123456001"],
    )
    element_separator: str = ask("format", "Element separator", "Almost always *.", default="*", pattern=r"^[*|!~]$")
    component_separator: str = ask(
        "format", "Component separator (ISA16)", "Almost always :.", default=":", pattern=r"^[:>\\|]$"
    )
    repetition_separator: str = ask(
        "format", "Repetition separator (ISA11)", "Almost always ^.", default="^", pattern=r"^[\^!{}]$"
    )
    terminator: str = ask("format", "Segment terminator", "Almost always ~.", default="~", pattern=r"^[~'\\|]$")
    line_breaks: bool = ask("format", "Line break after each segment", "Easier to read by eye.", default=False)
    charset: Charset = ask(
        "format",
        "Character set",
        "Basic has no @, so e-mail addresses are left out.",
        default=Charset.EXTENDED,
    )
    upper_case: bool = ask("format", "Upper case only", "Most carriers want it.", default=True)
    members_per_set: int = ask(
        "format",
        "Members per transaction (ST)",
        "0: all in one. A rejected ST rejects all its members, so 1 is the safest. Families are never split.",
        default=0,
        ge=0,
    )
    send_counts: bool = ask("format", "Send totals (QTY)", "Totals of members, dependents, subscribers.", default=False)
    time_zone: str = ask(
        "format",
        "Time zone of dates in the header",
        "The carrier's office.",
        default="America/New_York",
        examples=["America/Chicago"],
    )
