"""Nothing is ordered while a piece is missing: every combination."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from app.core.errors import Conflict
from app.screening.rules import adverse
from app.screening.rules.adverse import Action, Facts, Stage
from app.screening.rules.gate import WORDS, Missing, OrderFacts, Piece, missing_for_order
from app.screening.rules.words import AskStage
from tests.screening.rules.cases import CASE_DAY

READY = OrderFacts(
    ruled=True,
    reached=AskStage.OFFER,
    needed=AskStage.OFFER,
    consent_in_force=True,
    disclosure_signed_alone=True,
    authorization_signed=True,
    certified=True,
)
BOTH = (False, True)


def order(facts: OrderFacts) -> bool:
    try:
        step = adverse.after(Stage.GATE, Action.ORDER, Facts(CASE_DAY, order=facts))
    except Conflict:
        return False
    return step.stage is Stage.REVIEW


def test_every_combination_names_exactly_what_is_missing() -> None:
    """2^8 facts by 4 stages reached and 4 needed: ordered only when nothing is missing, and each missing piece is named."""
    ordered = 0
    for ruled, consent, alone, signed, certified, two, closed, criminal in product(BOTH, repeat=8):
        for reached, needed in product(AskStage, AskStage):
            facts = OrderFacts(ruled, reached, needed, consent, alone, signed, (), certified, two, closed, criminal)
            late_enough = not criminal or list(AskStage).index(reached) >= list(AskStage).index(needed)
            expected = {
                Piece.RULES: ruled,
                Piece.ASK_STAGE: late_enough,
                Piece.FIRST_STAGE: not (criminal and two) or closed,
                Piece.CONSENT: consent,
                Piece.DISCLOSURE: alone,
                Piece.AUTHORIZATION: signed,
                Piece.CERTIFICATION: certified,
            }
            assert [item.piece for item in missing_for_order(facts)] == [
                p for p, there in expected.items() if not there
            ]
            assert order(facts) is all(expected.values())
            ordered += order(facts)
    # Without criminal records all 16 pairs of stages and all 4 of New York's facts will do; with them 10 pairs and 3 facts.
    assert ordered == 16 * 4 + 10 * 3


def test_documents_of_the_place_are_named() -> None:
    (lack,) = missing_for_order(replace(READY, unsigned=("Copy of Article 23-A", "California ICRAA disclosure")))
    assert lack == Missing(Piece.STATE_DOCUMENTS, ("Copy of Article 23-A", "California ICRAA disclosure"))
    assert str(lack) == "Documents of the place are missing: Copy of Article 23-A, California ICRAA disclosure"
    assert not order(replace(READY, unsigned=("x",)))


def test_a_ready_order_goes_out_and_an_empty_one_lacks_everything() -> None:
    assert order(READY)
    assert {item.piece for item in missing_for_order(OrderFacts())} == {
        Piece.RULES, Piece.ASK_STAGE, Piece.CONSENT, Piece.DISCLOSURE, Piece.AUTHORIZATION, Piece.CERTIFICATION,
    }  # fmt: skip


def test_new_york_city_keeps_criminal_records_for_the_second_stage() -> None:
    city = replace(READY, two_stages=True)
    assert [item.piece for item in missing_for_order(city)] == [Piece.FIRST_STAGE]
    assert order(replace(city, first_stage_closed=True))
    first = replace(city, criminal=False, reached=AskStage.APPLICATION)
    assert order(first), "references, education and the like come before the offer"


def test_every_piece_has_words() -> None:
    assert set(WORDS) == set(Piece)
