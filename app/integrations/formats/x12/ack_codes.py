"""What the codes of TA1, 999 and 997 mean, in plain words."""

from __future__ import annotations

SEGMENT_ERRORS = {
    "1": "is not known here", "2": "was not expected here", "3": "is required but missing",
    "4": "stands too often (its loop repeats too many times)", "5": "repeats too many times",
    "6": "is not defined in this transaction", "7": "is out of order", "8": "has a faulty element",
    "I4": "is not used by this guide", "I6": "stands in a loop that repeats too few times",
    "I7": "is missing although another segment requires it", "I8": "stands too few times",
    "I9": "depends on another segment that is missing",
}  # fmt: skip

ELEMENT_ERRORS = {
    "1": "is required but missing", "2": "is required because of another element", "3": "is one too many",
    "4": "is too short", "5": "is too long", "6": "holds a character that is not allowed",
    "7": "has a code that is not allowed", "8": "is no real date", "9": "is no real time",
    "10": "contradicts another element", "12": "repeats too many times", "13": "repeats too many times",
    "I6": "has a code the carrier does not accept", "I9": "depends on another element that is missing",
    "I10": "must not be sent", "I11": "is not unique", "I12": "is not accepted by the carrier",
    "I13": "is not accepted by the carrier",
}  # fmt: skip

SET_ERRORS = {
    "1": "the transaction type is not supported", "2": "the end of the transaction (SE) is missing",
    "3": "SE02 differs from ST02", "4": "the number of segments (SE01) is wrong", "5": "segments have errors",
    "6": "the transaction type is missing or wrong", "7": "the transaction number is missing or wrong",
    "8": "authentication key name unknown", "9": "encryption key name unknown",
    "10": "the requested service is not available", "11": "unknown security recipient",
    "12": "incorrect message length", "13": "message authentication failed", "15": "unknown security originator",
    "16": "syntax error in decrypted text", "17": "security not supported",
    "18": "the transaction does not belong into this group", "19": "invalid transaction set control number",
    "23": "the transaction number is used twice in the group", "24": "S3E security end segment missing",
    "25": "S3S security start segment missing", "26": "S4E security end segment missing",
    "27": "S4S security start segment missing", "I5": "the implementation guide is missing or unknown",
    "I6": "the implementation guide is not supported",
}  # fmt: skip

GROUP_ERRORS = {
    "1": "the group type is not supported", "2": "the group version is not supported",
    "3": "the end of the group (GE) is missing", "4": "GE02 differs from GS06",
    "5": "the number of transactions (GE01) is wrong", "6": "the group control number is wrong",
    "19": "the group control number was already used",
}  # fmt: skip

TA1_NOTES = {
    "000": "no error", "001": "IEA02 differs from ISA13", "002": "the standard (ISA11) is not supported",
    "003": "the version (ISA12) is not supported", "004": "the segment terminator is not valid",
    "005": "the sender's ID qualifier (ISA05) is not valid", "006": "the sender's ID (ISA06) is not known",
    "007": "the receiver's ID qualifier (ISA07) is not valid", "008": "the receiver's ID (ISA08) is not known",
    "009": "the receiver's ID is not known", "010": "ISA01 is not valid", "011": "ISA02 is not valid",
    "012": "ISA03 is not valid", "013": "ISA04 is not valid", "014": "the date (ISA09) is not valid",
    "015": "the time (ISA10) is not valid", "016": "the repetition separator (ISA11) is not valid",
    "017": "the version (ISA12) is not valid", "018": "the control number (ISA13) is not valid",
    "019": "ISA14 is not valid", "020": "test or production (ISA15) is not valid",
    "021": "the number of groups (IEA01) is not valid", "022": "the control structure is not valid",
    "023": "the file ended too early", "024": "the content is not valid", "025": "the control number was already used",
    "026": "the element separator is not valid", "027": "the component separator is not valid",
    "028": "the delivery date is not valid", "029": "the delivery time is not valid",
    "030": "the delivery time code is not valid", "031": "the grade of service is not valid",
}  # fmt: skip
