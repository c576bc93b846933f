"""The words in which jurisdictions are written down (values as they stand in the data files)."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """Who made the rule, the widest first."""

    FEDERAL = "federal"
    STATE = "state"
    COUNTY = "county"
    CITY = "city"


class AskStage(StrEnum):
    """From when on a criminal record may be asked about or ordered, the loosest first: a later one includes the earlier."""

    ANY_TIME = "any_time"
    APPLICATION = "after_application"
    INTERVIEW = "after_interview"
    OFFER = "after_conditional_offer"


class Unit(StrEnum):
    CALENDAR = "calendar_days"
    BUSINESS = "business_days"


class StartsFrom(StrEnum):
    SENT = "sent"
    RECEIVED = "received"


class Channel(StrEnum):
    """How a notice travels."""

    EMAIL = "email"
    TRACKED_MAIL = "tracked_mail"
    MAIL = "mail"
    IN_PERSON = "in_person"


class Reach(StrEnum):
    """Where a letter goes, seen from the place whose rule is read."""

    IN_STATE = "in_state"
    OUT_OF_STATE = "out_of_state"
    ABROAD = "abroad"


class Trigger(StrEnum):
    """What a candidate may say that gives more time."""

    DISPUTE_ANNOUNCED = "dispute_announced"
    EVIDENCE_ANNOUNCED = "evidence_announced"


class Moment(StrEnum):
    """When a document is due."""

    BEFORE_CHECK = "before_check"
    WITH_PRE_ADVERSE = "with_pre_adverse"
    WITH_FINAL = "with_final"


class RecordKind(StrEnum):
    """What a report may hold about a person, as far as a rule limits its use."""

    ARREST = "arrest"
    FELONY = "felony"
    MISDEMEANOR = "misdemeanor"
    INFRACTION = "infraction"
    SEALED = "sealed"
    JUVENILE = "juvenile"
    DIVERSION = "diversion"
    DECRIMINALIZED = "decriminalized"
    CIVIL_SUIT = "civil_suit"
    BANKRUPTCY = "bankruptcy"
    CREDIT_HISTORY = "credit_history"
    OTHER = "other"
