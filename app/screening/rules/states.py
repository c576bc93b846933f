"""Words of the screening tables (values as stored). Field source: screening specification §3, the choices of its fields, in US spelling.

The provider's own words are `app.integrations.screening.Status` and `Result`; our decision and the stage of adverse action are in
`outcomes` and `adverse`. These are what the employer's side calls things.
"""

from __future__ import annotations

from enum import StrEnum


class RequestType(StrEnum):
    PRE_EMPLOYMENT = "pre_employment"
    POST_OFFER = "post_offer"
    PERIODIC = "periodic"
    PROMOTION = "promotion"
    CONTRACT_RENEWAL = "contract_renewal"
    VOLUNTEER = "volunteer"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"
    EMERGENCY = "emergency"


class RequestStatus(StrEnum):
    """Ours, derived from consent, order and the provider's status (`progress.status_of`)."""

    INITIATED = "initiated"
    SUBMITTED = "submitted"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    ON_HOLD = "on_hold"


class ConsentState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class BillingMethod(StrEnum):
    COMPANY_PAID = "company_paid"
    CANDIDATE_PAID = "candidate_paid"
    SHARED = "shared"


class OrderState(StrEnum):
    """The order at the provider. UNKNOWN: it may have arrived, nobody knows; a person decides, nothing is repeated blindly."""

    NONE = "none"
    RELEASED = "released"  # the gate is passed, a worker will place it
    PLACING = "placing"
    PLACED = "placed"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class OrderFileState(StrEnum):
    """An order file. UNKNOWN: an upload broke off and one of its orders may not go out any more; a person looks."""

    READY = "ready"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class Part(StrEnum):
    """New York City's two stages: everything but criminal and driving records first."""

    WHOLE = "whole"
    FIRST = "first"
    SECOND = "second"


class Blocker(StrEnum):
    """Who must move next."""

    CANDIDATE = "candidate"
    PROVIDER = "provider"
    COURT = "court"
    US = "us"
    NOBODY = "nobody"


class Bucket(StrEnum):
    """The three columns of a recruiter's board."""

    ACTIVE = "active"
    REVIEW = "review"
    DONE = "done"


class CheckType(StrEnum):
    CRIMINAL = "criminal"
    EDUCATION = "education"
    EMPLOYMENT = "employment"
    CREDIT = "credit"
    DRUG_TEST = "drug_test"
    MVR = "mvr"
    PROFESSIONAL_LICENSE = "professional_license"
    REFERENCE = "reference"
    IDENTITY_VERIFICATION = "identity_verification"
    OTHER = "other"  # a provider's word that is in no table


class CheckStatus(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    NOT_APPLICABLE = "not_applicable"


class ResultStatus(StrEnum):
    CLEAR = "clear"
    CONSIDER = "consider"
    ADVERSE_ACTION = "adverse_action"
    PENDING_REVIEW = "pending_review"
    DATA_NOT_FOUND = "data_not_found"
    ERROR = "error"


class Severity(StrEnum):
    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Recommendation(StrEnum):
    HIRE = "hire"
    DO_NOT_HIRE = "do_not_hire"
    CONDITIONAL_HIRE = "conditional_hire"
    FURTHER_REVIEW = "further_review"


class ApplicationStatus(StrEnum):
    OPEN = "open"
    HIRED = "hired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Choice(StrEnum):
    """What an adjudicator makes of one record."""

    OPEN = "open"
    RELIED_ON = "relied_on"
    SET_ASIDE = "set_aside"


class Hint(StrEnum):
    """What the company's matrix says of a record; a person decides."""

    ELIGIBLE = "eligible"
    REVIEW = "review"
    ESCALATE = "escalate"


class NoticeKind(StrEnum):
    PRE_ADVERSE = "pre_adverse"
    FINAL = "final"
    CANCELED = "canceled"
    DISPUTE_RECEIPT = "dispute_receipt"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"


class Answer(StrEnum):
    """How a candidate answered one document."""

    AGREED = "agreed"  # a signature or a consent
    ACKNOWLEDGED = "acknowledged"  # seen, nothing agreed to
    DECLINED = "declined"


class Proof(StrEnum):
    """How a candidate showed who they are."""

    BIRTH_DATE = "birth_date"
    EMAIL_CODE = "email_code"
    SMS_CODE = "sms_code"


class EvidenceOf(StrEnum):
    """What a link of the chain of evidence is about."""

    SIGNATURE = "screening_signature"
    NOTICE = "screening_notice"
    ASSESSMENT = "screening_assessment"
    RECEIPT = "screening_receipt"  # the PDF of what was signed; its subject is the last signature
