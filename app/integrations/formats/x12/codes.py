"""Code values of the 834 and its acknowledgements, and what they mean in plain words."""

from __future__ import annotations

from enum import StrEnum


class Relationship(StrEnum):
    """INS02, the ones Corridor itself uses; `RELATIONSHIPS` knows all."""

    SELF = "18"
    SPOUSE = "01"
    CHILD = "19"
    STEPCHILD = "17"
    ADOPTED_CHILD = "09"
    FOSTER_CHILD = "10"
    WARD = "15"
    EX_SPOUSE = "25"
    LIFE_PARTNER = "53"


class Maintenance(StrEnum):
    """INS03 and HD01."""

    CHANGE = "001"
    ADD = "021"
    END = "024"
    REINSTATE = "025"
    AUDIT = "030"


class Reason(StrEnum):
    """INS04, the ones Corridor itself sends; `REASONS` knows all."""

    DIVORCE = "01"
    BIRTH = "02"
    DEATH = "03"
    RETIREMENT = "04"
    ADOPTION = "05"
    BENEFITS_ENDED = "07"
    EMPLOYMENT_ENDED = "08"
    COBRA = "09"
    VOLUNTARY_WITHDRAWAL = "14"
    ACTIVE = "20"
    PLAN_CHANGE = "22"
    IDENTITY_CHANGED = "25"
    INITIAL_ENROLLMENT = "28"
    BENEFIT_SELECTION = "29"
    MARRIAGE = "32"
    PERSONNEL_DATA = "33"
    RE_ENROLLMENT = "41"
    MOVED = "43"
    NON_PAYMENT = "59"
    NOTIFICATION_ONLY = "XN"


class BenefitStatus(StrEnum):
    """INS05. TEFRA is "T", which does NOT mean terminated."""

    ACTIVE = "A"
    COBRA = "C"
    SURVIVING = "S"
    TEFRA = "T"


class EmploymentStatus(StrEnum):
    """INS08."""

    ACTIVE = "AC"
    MILITARY_OVERSEAS = "AO"
    MILITARY_US = "AU"
    FULL_TIME = "FT"
    LEAVE = "L1"
    PART_TIME = "PT"
    RETIRED = "RT"
    TERMINATED = "TE"


class Tier(StrEnum):
    """HD05, the common ones."""

    EMPLOYEE = "EMP"
    EMPLOYEE_SPOUSE = "ESP"
    EMPLOYEE_CHILDREN = "ECH"
    FAMILY = "FAM"
    INDIVIDUAL = "IND"
    TWO_PARTY = "TWO"


class Action(StrEnum):
    """BGN08."""

    CHANGES = "2"
    FULL = "4"
    REPLACE = "RX"


CHILDREN = frozenset({"05", "07", "09", "10", "15", "17", "19", "23", "38"})
SPOUSES = frozenset({"01", "53"})
LIFE_LINES = frozenset({"LIF", "ADD", "AC"})

RELATIONSHIPS = {
    "01": "spouse", "03": "parent", "04": "grandparent", "05": "grandchild", "06": "uncle or aunt",
    "07": "nephew or niece", "08": "cousin", "09": "adopted child", "10": "foster child", "11": "child-in-law",
    "12": "brother or sister-in-law", "13": "mother or father-in-law", "14": "sibling", "15": "ward",
    "16": "step-parent", "17": "stepchild", "18": "the subscriber", "19": "child", "23": "sponsored dependent",
    "24": "dependent of a minor dependent", "25": "former spouse", "26": "guardian", "31": "court-appointed guardian",
    "38": "collateral dependent", "53": "life partner", "60": "annuitant", "D2": "trustee", "G8": "other relationship",
    "G9": "other relative",
}  # fmt: skip

MAINTENANCE = {
    "001": "change", "002": "delete", "021": "add", "024": "end", "025": "reinstate", "026": "correction",
    "030": "still enrolled (full file)", "032": "employee information only",
}  # fmt: skip

REASONS = {
    "01": "divorce", "02": "birth", "03": "death", "04": "retirement", "05": "adoption", "06": "strike",
    "07": "benefits ended", "08": "employment ended", "09": "COBRA", "10": "COBRA premium paid",
    "11": "surviving spouse", "14": "voluntary withdrawal", "15": "primary care provider changed", "16": "quit",
    "17": "fired", "18": "suspended", "20": "active", "21": "disability", "22": "plan change",
    "25": "correction of identity", "26": "declined coverage", "27": "pre-enrollment", "28": "initial enrollment",
    "29": "benefit selection", "31": "legal separation", "32": "marriage", "33": "personnel data",
    "37": "leave with benefits", "38": "leave without benefits", "39": "lay-off with benefits",
    "40": "lay-off without benefits", "41": "re-enrollment", "43": "moved", "59": "premium not paid",
    "AA": "dissatisfied with office staff", "AB": "dissatisfied with medical care",
    "AC": "inconvenient office location", "AD": "dissatisfied with office hours",
    "AE": "dissatisfied with appointments", "AF": "dissatisfied with referrals", "AG": "less respect",
    "AH": "patient moved", "AI": "no reason given", "AJ": "appointment times", "AL": "algorithm assigned",
    "EC": "member benefit selection", "XN": "notification only", "XT": "transfer",
}  # fmt: skip

BENEFIT_STATUSES = {"A": "active", "C": "COBRA", "S": "surviving insured", "T": "TEFRA"}

EMPLOYMENT_STATUSES = {
    "AC": "active", "AO": "active military overseas", "AU": "active military in the US", "FT": "full time",
    "L1": "on leave", "PT": "part time", "RT": "retired", "TE": "employment ended",
}  # fmt: skip

LINES = {
    "AG": "preventative care", "AH": "24-hour care", "AJ": "medical risk", "AK": "mental health",
    "DCP": "dental capitation", "DEN": "dental", "EPO": "exclusive provider organization", "FAC": "facility",
    "HE": "hearing", "HLT": "health", "HMO": "health maintenance organization", "LTC": "long-term care",
    "LTD": "long-term disability", "MM": "major medical", "MOD": "mail-order drug", "PDG": "prescription drug",
    "POS": "point of service", "PPO": "preferred provider organization", "PRA": "practitioners",
    "STD": "short-term disability", "UR": "utilization review", "VIS": "vision",
    "LIF": "life insurance", "ADD": "accidental death and dismemberment", "AC": "accident",
}  # fmt: skip

TIERS = {
    "EMP": "employee only", "ESP": "employee and spouse", "ECH": "employee and children", "FAM": "family",
    "IND": "individual", "TWO": "two party", "CHD": "children only", "SPO": "spouse only",
    "SPC": "spouse and children", "DEP": "dependents only", "E1D": "employee and one dependent",
    "E2D": "employee and two dependents", "E3D": "employee and three dependents",
    "E5D": "employee and one or more dependents", "E6D": "employee and two or more dependents",
    "E7D": "employee and three or more dependents", "E8D": "employee and four or more dependents",
    "E9D": "employee and five or more dependents",
}  # fmt: skip

ACTIONS = {"2": "changes only", "4": "full file", "RX": "full replacement"}
USAGES = {"T": "test", "P": "production"}
