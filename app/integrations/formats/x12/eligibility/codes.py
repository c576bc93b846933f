"""Words of the 271, and what they mean in plain words. A code that is not here is kept as unmapped and decides nothing.

Source: the code lists of 005010X279A1 as public descriptions of it give them; the corpus shows only a few of them in use.
"""

from __future__ import annotations

ACTIVE = frozenset({"1", "2", "3", "4"})
INACTIVE = frozenset({"6"})
PENDING = frozenset({"5", "7", "8"})  # the carrier itself does not know yet

BENEFITS = {
    "1": "active", "2": "active, full risk capitation", "3": "active, services capitated", "4": "active, services capitated to the doctor",
    "5": "active, being investigated", "6": "inactive", "7": "inactive, an update is pending", "8": "inactive, being investigated",
    "A": "co-insurance", "B": "co-payment", "C": "deductible", "CB": "coverage basis", "D": "benefit description", "E": "exclusions",
    "F": "limitations", "G": "out of pocket", "H": "unlimited", "I": "not covered", "J": "cost containment", "K": "reserve",
    "L": "primary care provider", "M": "pre-existing condition", "MC": "managed care coordinator", "N": "only with this provider",
    "O": "not a medical necessity", "P": "disclaimer", "Q": "second surgical opinion", "R": "another payer",
    "S": "history of prior years", "T": "card reported lost or stolen", "U": "ask somebody else", "V": "cannot be processed",
    "W": "another source of data", "X": "health care facility", "Y": "spend down",
}  # fmt: skip

BEGINS = frozenset({"346", "348", "356"})  # plan, benefit, eligibility
ENDS = frozenset({"347", "349", "357"})
SPANS = frozenset({"291", "292", "307"})  # a range, or one day it begins on
OTHER_DATES = frozenset({
    "096", "102", "152", "193", "194", "198", "290", "295", "304", "318", "340", "341", "342", "343", "382", "435", "442", "458",
    "472", "539", "540", "636", "771",
})  # fmt: skip

REFUSALS = {
    "04": "more was asked than is allowed", "15": "required data is missing", "33": "the input has errors", "35": "out of network",
    "41": "we are not allowed to ask", "42": "the carrier cannot answer now", "43": "our identifier is wrong or missing",
    "44": "our name is wrong or missing", "45": "the specialty is wrong or missing", "46": "the phone number is wrong or missing",
    "47": "the state is wrong or missing", "48": "the referring provider's identifier is wrong or missing",
    "49": "the provider is not the primary care physician", "50": "we are not eligible for inquiries", "51": "we are not on file",
    "52": "the day is outside the provider's enrollment", "53": "the benefit does not fit the kind of provider",
    "54": "the kind of product is wrong", "55": "the product is wrong", "56": "the date does not fit", "57": "the day is wrong or missing",
    "58": "the birth date is wrong or missing", "60": "the birth date is after the day asked for",
    "61": "the death was before the day asked for", "62": "the day is outside what may be asked for", "63": "the day lies ahead",
    "64": "the patient's number is wrong or missing", "65": "the patient's name is wrong or missing",
    "66": "the patient's gender is wrong or missing", "67": "the patient was not found", "68": "the patient's number is there twice",
    "69": "it does not fit the patient's age", "70": "it does not fit the patient's gender",
    "71": "the birth date is not the one the carrier has", "72": "the subscriber's number is wrong or missing",
    "73": "the subscriber's name is wrong or missing", "74": "the subscriber's gender is wrong or missing",
    "75": "the subscriber was not found", "76": "the subscriber's number is there twice",
    "77": "the subscriber was found, the patient was not", "78": "the subscriber is not in this group or plan",
    "79": "our identifier for the exchange is wrong", "80": "no answer came from the carrier behind",
    "97": "the provider's address is wrong or missing", "T4": "the payer's name or identifier is missing",
}  # fmt: skip

NEXT = {
    "C": "correct it and ask again", "N": "do not ask again", "P": "ask the same again", "R": "you may ask again",
    "S": "do not ask again, somebody else was asked", "W": "ask again in 30 days", "X": "ask again in 10 days",
    "Y": "do not ask again, an answer follows",
}  # fmt: skip
