"""270 and 271: what is asked, what an answer means, and that nothing but "active" is ever good news."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app.integrations.failures import Refused
from app.integrations.formats.x12.eligibility import (
    Asked,
    Benefit,
    Eligibility,
    Question,
    Refusal,
    Standing,
    read_271,
    write_270,
)
from app.integrations.formats.x12.envelope import read_x12
from app.integrations.formats.x12.writer import Control
from tests.integrations.people import profile

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "x12"
corpus = pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not beside the repository")
AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
ADA = Asked("Lovelace", "Ada", "W123456", date(1990, 12, 10), "F", "123-45-6789")
KID = Asked("Lovelace", "Björn", birth_on=date(2019, 5, 2), gender="M")


def segments(question: Question, **changes: object) -> list[list[str]]:
    data = write_270(question, profile(**changes), Control(7, 7), AT)
    file = read_x12(data)
    assert file.findings == ()
    (transaction,) = file.transactions
    assert (transaction.code, transaction.version, transaction.group.code) == ("270", "005010X279A1", "HS")
    return transaction.segments


def lines(question: Question, **changes: object) -> list[str]:
    return ["*".join(elements) for elements in segments(question, **changes)]


def answer(*told: str) -> Eligibility:
    """One subscriber, of whom an answer says this."""
    text = "~".join((
        "ISA*00*          *00*          *ZZ*CARRIER        *ZZ*CORRIDOR       *261126*0930*^*00501*000000001*0*T*:",
        "GS*HB*CARRIER*CORRIDOR*20261126*0930*1*X*005010X279A1", "ST*271*0001*005010X279A1", "BHT*0022*11*Q1*20261126*0930",
        "HL*1**20*1", "NM1*PR*2*CARRIER*****PI*1", "HL*2*1*21*1", "NM1*P5*2*US*****FI*234567891", "HL*3*2*22*0", "TRN*2*Q1*1234567890",
        "NM1*IL*1*LOVELACE*ADA****MI*W123456", *told, f"SE*{10 + len(told)}*0001", "GE*1*1", "IEA*1*000000001~",
    ))  # fmt: skip
    found = read_271(text.encode())
    assert found.findings == ()
    (person,) = found.people
    return person


def test_a_question_about_a_subscriber() -> None:
    asked = lines(Question(ADA, date(2026, 12, 1), "Q1"), sponsor_id="234567891", group_number="GRP1")
    assert asked[1].startswith("BHT*0022*13*Q1*20261126*")
    assert asked[6:] == [
        "HL*3*2*22*0", "TRN*1*Q1*1234567891", "NM1*IL*1*LOVELACE*ADA****MI*W123456", "REF*6P*GRP1", "DMG*D8*19901210*F", "DTP*291*D8*20261201",
        "EQ*30", f"SE*{len(asked)}*0001",
    ]  # fmt: skip
    assert not any("123456789" in line for line in asked if line.startswith("REF")), "a number is enough"


def test_a_question_about_a_dependent() -> None:
    asked = lines(Question(ADA, date(2026, 12, 1), "Q1", KID, ("35", "AL")), group_number="")
    assert asked[6:-1] == [
        "HL*3*2*22*1", "NM1*IL*1*LOVELACE*ADA****MI*W123456", "HL*4*3*23*0", "TRN*1*Q1*1234567891", "NM1*03*1*LOVELACE*BJORN",
        "DMG*D8*20190502*M", "DTP*291*D8*20261201", "EQ*35^AL",
    ]  # fmt: skip


def test_the_ssn_goes_only_where_there_is_no_number() -> None:
    unnumbered = Asked("Lovelace", "Ada", "", date(1990, 12, 10), "F", "123-45-6789")
    assert "REF*SY*123456789" in lines(Question(unnumbered, date(2026, 12, 1), "Q1"))
    assert "123" not in repr(unnumbered)


def test_the_carriers_delimiters_and_the_same_bytes_again() -> None:
    asked = Question(ADA, date(2026, 12, 1), "Q1", services=("30", "35"))
    kept = profile(element_separator="|", repetition_separator="!")
    data = write_270(asked, kept, Control(7, 7), AT)
    assert data == write_270(asked, kept, Control(7, 7), AT)
    assert b"EQ|30!35~" in data


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (Question(ADA, date(2026, 12, 1), "q one"), "trace-unusable"),
        (Question(ADA, date(2026, 12, 1), "Q1", services=()), "services-unusable"),
        (Question(ADA, date(2026, 12, 1), "Q1", services=("3*0",)), "services-unusable"),
        (Question(Asked("Lovelace", "Ada"), date(2026, 12, 1), "Q1"), "member-unknown"),
        (Question(Asked(" ", "Ada", "W1"), date(2026, 12, 1), "Q1"), "name-missing"),
        (Question(Asked("Lovelace", "Ada", "W1", gender="*"), date(2026, 12, 1), "Q1"), "gender-unusable"),
    ],
)
def test_what_cannot_be_asked_is_refused(question: Question, code: str) -> None:
    with pytest.raises(Refused) as refused:
        write_270(question, profile(), Control(1, 1), AT)
    assert refused.value.code == code
    assert "Lovelace" not in refused.value.reason


def test_nothing_gets_out_of_its_element() -> None:
    asked = lines(Question(Asked("Love*lace~NM1", "A:d^a", "W*1"), date(2026, 12, 1), "Q1"))
    assert len(asked) == len(lines(Question(Asked("Lovelace", "Ada", "W1"), date(2026, 12, 1), "Q1")))
    assert next(line for line in asked if line.startswith("NM1*IL")).count("*") == 9


@pytest.mark.parametrize(
    ("told", "standing", "plan"),
    [
        (("EB*1**30**GOLD",), Standing.ACTIVE, "GOLD"),
        (("EB*6**30**GOLD",), Standing.INACTIVE, ""),
        (("EB*5**30",), Standing.UNKNOWN, ""),
        (("EB*7**30",), Standing.UNKNOWN, ""),
        (("EB*ZZ**30",), Standing.UNKNOWN, ""),
        (("EB*1**30", "EB*ZZ**30"), Standing.UNKNOWN, ""),
        (("EB*6**30**OLD", "EB*1**30**NEW"), Standing.ACTIVE, "NEW"),
        (("EB*1**30**A", "EB*1**30**B"), Standing.ACTIVE, ""),
        (("EB*1**30", "EB*6**35"), Standing.ACTIVE, ""),
        (("EB*1**35",), Standing.ACTIVE, ""),
        (("EB*B**30***27*10",), Standing.UNKNOWN, ""),
        ((), Standing.UNKNOWN, ""),
        (("AAA*N**75*C",), Standing.UNKNOWN, ""),
        (("EB*1**30", "AAA*Y**42*P"), Standing.UNKNOWN, ""),
    ],
)
def test_only_active_is_active(told: tuple[str, ...], standing: Standing, plan: str) -> None:
    person = answer(*told)
    assert (person.standing, person.plan, person.trace) == (standing, plan, "Q1")


def test_what_nobody_mapped_is_kept_and_decides_nothing() -> None:
    person = answer("DTP*999*D8*20260101", "DTP*346*D8*2026AB01", "EB*Q9**30", "AAA*Y**99*Z")
    assert person.unmapped == ("DTP01=999", "DTP02=D8", "EB01=Q9", "AAA03=99", "AAA04=Z")
    assert (person.starts_on, person.standing) == (None, Standing.UNKNOWN)
    assert person.refusals == (Refusal("99", "", "", "subscriber"),)


def test_dates_before_a_benefit_are_everybodys_and_after_it_its_own() -> None:
    person = answer(
        "DTP*291*RD8*20260101-20261231",
        "DTP*472*D8*20260608",
        "EB*1**30**GOLD",
        "EB*1**35",
        "DTP*348*D8*20260301",
        "DTP*349*D8*20260930",
    )
    assert (person.starts_on, person.ends_on) == (date(2026, 1, 1), date(2026, 12, 31))
    assert [(one.starts_on, one.ends_on) for one in person.benefits] == [
        (date(2026, 1, 1), date(2026, 12, 31)), (date(2026, 3, 1), date(2026, 9, 30)),
    ]  # fmt: skip


def test_amounts_and_shares() -> None:
    person = answer("EB*B*IND*98**GOLD*27*25.50", "EB*A*IND*98***27**.2****Y", "EB*C*FAM*30***23*x")
    assert [(one.amount, one.percent, one.in_network) for one in person.benefits] == [
        (Decimal("25.50"), None, ""), (None, Decimal("0.2"), "Y"), (None, None, ""),
    ]  # fmt: skip


def test_somebody_named_inside_a_benefit_is_not_the_member() -> None:
    person = answer("EB*1**30", "LS*2120", "NM1*IL*1*OTHER*NAME****MI*X9", "DTP*346*D8*20200101", "LE*2120")
    assert (person.last_name, person.number, person.benefits[0].starts_on) == ("LOVELACE", "W123456", None)


@corpus
def test_the_corpus_answers() -> None:
    (person,) = read_271((CORPUS / "271" / "lfh_subscriber-health-benefit-check.271").read_bytes()).people
    assert (person.standing, person.plan, person.starts_on, person.number) == (
        Standing.ACTIVE,
        "GOLD 123 PLAN",
        date(2006, 1, 1),
        "123456789",
    )
    assert person.trace == "93175-012547"
    assert person.benefits[3] == Benefit(
        "B", "co-payment", None, ("1", "33", "35", "47", "86", "88", "98", "AL", "MH", "UC"), "", "HM", "GOLD 123 PLAN",
        Decimal("10.00"), None, "Y", date(2006, 1, 1),
    )  # fmt: skip
    (dependent,) = read_271((CORPUS / "271" / "lfh_dependent-health-benefit-check.271").read_bytes()).people
    assert (dependent.dependent, dependent.first_name, dependent.birth_on) == (True, "MARY", date(1998, 10, 14))
    assert dependent.standing is Standing.ACTIVE
    (eligible,) = read_271((CORPUS / "271" / "herophilus_271Sample_Eligible.271").read_bytes()).people
    assert (eligible.standing, eligible.starts_on, len(eligible.benefits), eligible.unmapped) == (
        Standing.ACTIVE,
        date(2010, 6, 1),
        14,
        (),
    )
    (old,) = read_271((CORPUS / "271" / "imsweb_x271.271").read_bytes()).people
    assert (old.standing, old.plan) == (Standing.ACTIVE, "GOLD 123 PLAN")


@corpus
def test_the_corpus_refusal() -> None:
    found = read_271((CORPUS / "271" / "lfh_subscriber-health-benefit-check-error.271").read_bytes())
    assert found.people == ()
    assert found.refusals == (Refusal("50", "we are not eligible for inquiries", "do not ask again", "receiver"),)
    assert [finding.code for finding in found.findings] == ["se-control"]


@corpus
@pytest.mark.parametrize("path", sorted((CORPUS / "270").glob("*")), ids=lambda path: path.name)
def test_a_question_is_no_answer(path: Path) -> None:
    with pytest.raises(Refused, match="not-a-271"):
        read_271(path.read_bytes())


@corpus
def test_our_question_has_the_shape_of_theirs() -> None:
    theirs = read_x12((CORPUS / "270" / "lfh_subscriber-health-benefit-check.270").read_bytes()).transactions[0]
    ours = segments(Question(ADA, date(2026, 12, 1), "Q1"), group_number="")
    assert [one[0] for one in ours] == [one[0] for one in theirs.segments]
    theirs = read_x12((CORPUS / "270" / "lfh_dependent-health-benefit-check.270").read_bytes()).transactions[0]
    ours = segments(Question(ADA, date(2026, 12, 1), "Q1", KID), group_number="")
    assert [one[0] for one in ours] == [one[0] for one in theirs.segments]
