"""Certn's codes in our words. A code that stands in no table is `unmapped`: it alerts, and it is never clear."""

from __future__ import annotations

from app.integrations.screening import Result, Status

CASE = {
    "draft": Status.ORDERED,
    "case_ordered": Status.ORDERED,
    "invite_undeliverable": Status.WAITING_CANDIDATE,  # it bounced: the code says so, and a person has to correct the address
    "applicant_expired": Status.INVITATION_EXPIRED,
    "applicant_invited": Status.WAITING_CANDIDATE,
    "applicant_opened": Status.WAITING_CANDIDATE,
    "applicant_started": Status.WAITING_CANDIDATE,
    "applicant_submitted": Status.IN_PROGRESS,
    "in_dispute": Status.DISPUTE,
    "in_progress": Status.IN_PROGRESS,
    "applicant_action_required": Status.CANDIDATE_ACTION,
    "client_action_required": Status.CLIENT_ACTION,
    "cancelled": Status.CANCELED,
    "complete": Status.COMPLETE,
}

# `superseded` stands in neither table: what took its place is not said.
CHECK = {
    "in_progress": Status.IN_PROGRESS,
    "in_dispute": Status.DISPUTE,
    "applicant_action_required": Status.CANDIDATE_ACTION,
    "client_action_required": Status.CLIENT_ACTION,
    "cancelled": Status.CANCELED,
    "complete": Status.COMPLETE,
}

# `restricted` and `not_applicable` say nothing that could be taken for either.
SCORE = {"clear": Result.CLEAR, "review": Result.CONSIDER, "reject": Result.CONSIDER}
