"""The last page of a signed PDF says what the evidence says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.screening import documents
from app.screening.rules.evidence import facts_of, link
from tests.screening.documents.test_rendering import text
from tests.screening.documents.values import DAY
from tests.screening.rules.test_evidence import DOCUMENT, FACTS, HTML, SIGNED

SEALED = link(None, "screening_signature", SIGNED.signature_id, FACTS)


def page(facts: bytes = FACTS, language: str = "en") -> str:
    sealed = link(None, "screening_signature", SIGNED.signature_id, facts)
    values = documents.certificate_values(facts, DOCUMENT, sealed)
    return text(documents.render_html(documents.document("signature_certificate", language, DAY), values))


def test_it_prints_the_facts() -> None:
    said = page()
    for part in (
        SIGNED.intent, "maria jose oneil", documents.sha256(HTML), "4 / 4", "2026-11-25 18:04:26 UTC",
        "2026-11-25 10:04:26 America/Los_Angeles", "proof: sms_code", "Aceptado", "203.0.113.9", "us-fcra, us-ca-fca, us-ca-icraa", SEALED.hash,
    ):  # fmt: skip
        assert part in said
    assert "Registro de la firma" in page(language="es")


def test_what_is_not_there_is_a_dash_and_a_box_shows_its_answer() -> None:
    assert "Read to the end —" in page(facts_of(replace(SIGNED, scrolled_at=None)))
    ticked = replace(SIGNED, choice="Send me a copy", copy_requested=True)
    assert "☑ Send me a copy" in page(facts_of(ticked))
    assert "☐ Send me a copy" in page(facts_of(replace(ticked, copy_requested=False)))
    assert "es (fr)" in page(facts_of(replace(SIGNED, asked_language="fr")))


def test_only_facts_that_belong_together_are_printed() -> None:
    with pytest.raises(ValueError, match="other facts"):
        documents.certificate_values(FACTS + b" ", DOCUMENT, SEALED)
    with pytest.raises(ValueError, match="another document"):
        documents.certificate_values(FACTS, documents.document("fcra_disclosure", "es", DAY), SEALED)
