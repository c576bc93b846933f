"""Data files: what is refused, and what every row of ours keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.screening.rules.rulebook import parse
from app.screening.rules.schema import Row, row_of
from app.screening.rules.words import Channel, Level, Reach
from tests.screening.rules.cases import BOOK

GOOD = """
[[row]]
key = "us-nv"
name = "Nevada"
short = "NV"
level = "state"
where = { country = "US", state = "NV" }
effective_from = 2026-01-01
sources = ["a statute"]
reviewed = false
doubt = "not read"
"""
RECEIPTS = """
[[receipt]]
key = "ours"
source = "policy"
when = [{ channel = "email", days = 1, unit = "business_days" }, { channel = "mail", days = 3, unit = "calendar_days" }]
"""
WAIT = 'wait = { days = 3, unit = "business_days", starts = "received", receipt = "ours" }\n'


def test_a_row_and_a_table_of_receipts_may_come_from_two_files() -> None:
    book = parse([GOOD + WAIT, RECEIPTS, '[zones]\nNV = ["America/Los_Angeles"]'])
    (row,) = book.rows
    assert row.wait is not None
    assert row.wait.receipt_source == "policy"
    assert row.wait.receipt(Channel.MAIL, Reach.ABROAD).days == 3
    assert book.zones == {"NV": ("America/Los_Angeles",)}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("key =", "kee ="), "kee"),
        (('level = "state"', 'level = "village"'), "level"),
        (('level = "state"', 'level = "city"'), "is city but its place is a state"),
        (('sources = ["a statute"]', "sources = []"), "names no source"),
        (('sources = ["a statute"]', 'sources = [""]'), "names no source"),
        (("reviewed = false", "reviewed = true"), "a review needs who and when"),
        (("reviewed = false", 'reviewed = false\nreviewed_by = "X"'), "a review needs who and when"),
        (('doubt = "not read"', 'doubt = ""'), "says why"),
        (
            ("reviewed = false", 'reviewed = true\nreviewed_by = "X"\nreviewed_on = 2026-02-01'),
            "a reviewed one has no doubt left",
        ),
        (
            ("effective_from = 2026-01-01", "effective_from = 2026-01-01\neffective_to = 2025-12-31"),
            "ends before it begins",
        ),
        (
            (
                "reviewed = false",
                'extensions = [{ triggers = [], days = 1, unit = "calendar_days" }]\nreviewed = false',
            ),
            "extends a wait that it does not have",
        ),
        (
            ("reviewed = false", 'wait = { days = 3, unit = "business_days", starts = "received" }\nreviewed = false'),
            "says nothing about when email, in_state, is received",
        ),
        (("reviewed = false", WAIT + "reviewed = false"), "no table of receipts called ours"),
        (
            (
                "reviewed = false",
                'wait = { days = 3, unit = "business_days", starts = "sent", '
                'receipts = [{ channel = "in_person", days = 0, unit = "calendar_days" }] }\nreviewed = false',
            ),
            "only e-mail and untracked mail are deemed",
        ),
        (("[[row]]", "[[raw]]"), "unknown parts of a data file: raw"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused(change: tuple[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse([GOOD.replace(*change)])


def test_two_rows_of_one_key_never_hold_on_one_day() -> None:
    later = GOOD.replace("2026-01-01", "2026-06-01")
    with pytest.raises(ValueError, match="two rows are in force on 2026-06-01"):
        parse([GOOD, later])
    ended = GOOD.replace("2026-01-01", "2026-01-01\neffective_to = 2026-05-31")
    book = parse([later, ended])
    assert [row.effective_from for row in book.rows] == [date(2026, 1, 1), date(2026, 6, 1)]
    assert [len(book.in_force(date(2026, 5, 31))), len(book.in_force(date(2026, 6, 1)))] == [1, 1]
    assert book.in_force(date(2025, 12, 31)) == ()


def test_a_row_survives_being_written_down() -> None:
    for row in BOOK.rows:
        assert row_of(row.as_json()) == row


def test_the_digest_is_of_the_rule_and_not_of_its_review() -> None:
    row = BOOK.rows[0]
    reviewed = replace(row, reviewed=True, reviewed_by="Counsel", reviewed_on=date(2026, 12, 1), doubt="")
    assert reviewed.digest == row.digest
    assert replace(row, name="Another").digest != row.digest


@pytest.mark.parametrize("row", BOOK.rows, ids=lambda row: f"{row.key}-{row.effective_from}")
def test_every_row_of_ours(row: Row) -> None:
    assert row.key.startswith("us-")
    assert row.sources
    assert not row.reviewed, "who read it? The row must name counsel, and this test goes for that row"
    assert row.doubt
    assert row.level is Level.FEDERAL or row.where.state in BOOK.zones
    if "§3.2" in row.doubt or row.doubt.startswith("K: we know"):
        assert row.ask_stage == "after_conditional_offer", "a place we know only by name is as strict as can be"
