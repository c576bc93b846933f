"""What is missing before a check may be ordered (reference/screening.md §3.5, `gate_order`). Nothing orders by another way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.screening.rules.words import AskStage


class Piece(StrEnum):
    """What may be missing, before an order and in adverse action."""

    RULES = "rules"
    ASK_STAGE = "ask_stage"
    CONSENT = "consent"
    DISCLOSURE = "disclosure"
    AUTHORIZATION = "authorization"
    STATE_DOCUMENTS = "state_documents"
    CERTIFICATION = "certification"
    FIRST_STAGE = "first_stage"
    REPORT = "report"
    RECORDS = "records"
    ASSESSMENT = "assessment"
    SECOND_PERSON = "second_person"
    ATTACHMENTS = "attachments"
    DELIVERY = "delivery"
    DATE = "date"
    OPEN_DISPUTE = "open_dispute"
    TOKENS = "tokens"
    SECOND_ASSESSMENT = "second_assessment"
    PERSON = "person"
    REASON = "reason"


WORDS: Mapping[Piece, str] = {
    Piece.RULES: "The rules of this place must be cleared by a person first",
    Piece.ASK_STAGE: "This place allows the check only at a later stage of hiring",
    Piece.CONSENT: "There is no consent in force: it was never given, was withdrawn, or has run out",
    Piece.DISCLOSURE: "The disclosure, alone in its document, is not signed",
    Piece.AUTHORIZATION: "The authorization is not signed",
    Piece.STATE_DOCUMENTS: "Documents of the place are missing",
    Piece.CERTIFICATION: "The certification to the provider is not stored",
    Piece.FIRST_STAGE: "The first stage, everything but criminal and driving records, is not closed",
    Piece.REPORT: "The report is not complete",
    Piece.RECORDS: "Choose the records the decision rests on",
    Piece.ASSESSMENT: "Write the individual assessment",
    Piece.SECOND_PERSON: "A second person must agree",
    Piece.ATTACHMENTS: "The notice lacks papers it must carry",
    Piece.DELIVERY: "The notice has not arrived",
    Piece.DATE: "The candidate still has time to answer",
    Piece.OPEN_DISPUTE: "A dispute is open",
    Piece.TOKENS: "The final notice lacks required details",
    Piece.SECOND_ASSESSMENT: "Write the second assessment",
    Piece.PERSON: "A person must do this; no job may",
    Piece.REASON: "Write down why",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """A piece that is missing, and which ones of it (document names, tokens)."""

    piece: Piece
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{WORDS[self.piece]}: {', '.join(self.names)}" if self.names else WORDS[self.piece]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What is known before an order. Everything counts as missing until somebody says otherwise.

    Attributes:
        ruled: `jurisdictions.decide` gave a ruling, and no stop.
        reached: the stage of hiring. needed: the ruling's `ask_stage`.
        consent_in_force: given, not withdrawn, not run out, for these documents, this package, provider and place.
        unsigned: names of the ruling's documents due before the check that the candidate has not signed or received.
        two_stages: the ruling asks for two. first_stage_closed: the first is done and its results are settled.
        criminal: the order holds criminal or driving records; one that does not belongs to the first stage.
    """

    ruled: bool = False
    reached: AskStage = AskStage.ANY_TIME
    needed: AskStage = AskStage.OFFER
    consent_in_force: bool = False
    disclosure_signed_alone: bool = False
    authorization_signed: bool = False
    unsigned: tuple[str, ...] = ()
    certified: bool = False
    two_stages: bool = False
    first_stage_closed: bool = False
    criminal: bool = True


def missing_for_order(facts: OrderFacts) -> tuple[Missing, ...]:
    """Every missing piece, in the order a person would deal with them. Empty: the order may go out."""
    stages = list(AskStage)
    early = facts.criminal and stages.index(facts.reached) < stages.index(facts.needed)
    first_stage = facts.criminal and facts.two_stages and not facts.first_stage_closed
    return pieces(
        (Piece.RULES, not facts.ruled),
        (Piece.ASK_STAGE, early),
        (Piece.FIRST_STAGE, first_stage),
        (Piece.CONSENT, not facts.consent_in_force),
        (Piece.DISCLOSURE, not facts.disclosure_signed_alone),
        (Piece.AUTHORIZATION, not facts.authorization_signed),
        (Piece.STATE_DOCUMENTS, facts.unsigned),
        (Piece.CERTIFICATION, not facts.certified),
    )


def pieces(*lacks: tuple[Piece, bool | tuple[str, ...]]) -> tuple[Missing, ...]:
    """Only what is really missing; names, where there are any, are carried along."""
    return tuple(Missing(piece, lack if isinstance(lack, tuple) else ()) for piece, lack in lacks if lack)


def names(missing: Iterable[Missing]) -> str:
    return "; ".join(map(str, missing))
