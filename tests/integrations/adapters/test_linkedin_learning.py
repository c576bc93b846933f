"""LinkedIn Learning: weeks that are always the same, pages by link, a mark that never passes what the provider has data for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.integrations.adapters import linkedin_learning
from app.integrations.adapters.linkedin_learning.adapter import LinkedInConfig
from app.integrations.adapters.linkedin_learning.manifest import MANIFEST, LinkedInSecrets
from app.integrations.completeness import faults
from app.integrations.failures import AuthFailed, ContractDrift, Forbidden, RateLimited, Rejected, ServerFailed
from app.integrations.sync.reading import Mode
from app.integrations.sync.records import LearningRecord
from sandbox.vendors.core.serving import serving
from sandbox.vendors.linkedin_learning import CLIENT, SECRET
from tests.integrations.adapters.talk import Talk

SAMPLES = Path(linkedin_learning.__file__).parent / "samples"
REPORTS = "/v2/learningActivityReports"


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with serving("linkedin_learning") as vendor:
        yield vendor


@pytest.fixture
def talk(server: Any) -> Talk:
    server.reset()
    secrets = LinkedInSecrets.model_validate({"client_id": CLIENT, "client_secret": SECRET})
    talk = Talk(server, MANIFEST, LinkedInConfig(history_days=28), secrets)
    talk.fetch_token()
    return talk


def week_of(days_ago: int) -> date:
    day = (datetime.now(UTC) - timedelta(days=days_ago)).date()
    return day - timedelta(days=day.weekday())


def records(talk: Talk, items: Any) -> dict[str, LearningRecord]:
    found = {}
    for item in items:
        mapped = talk.mapped("activity", item)
        assert mapped.problems == {}
        assert isinstance(mapped.record, LearningRecord)
        found[item.remote_id] = mapped.record
    return found


def test_the_manifest_is_complete() -> None:
    assert faults(MANIFEST, "linkedin_learning") == []
    assert [resource.name for resource in MANIFEST.synced] == ["activity"]


def test_a_sample_is_three_records(talk: Talk) -> None:
    talk.vendor.fault("status", REPORTS, status=200, body=(SAMPLES / "reports.json").read_text(), times=1)
    first = next(iter(talk.batches("activity")))
    found = list(records(talk, first.items).values())
    assert [one.engagement for one in found] == ["views", "views_unique", "seconds_viewed"]
    assert {one.email for one in found} == {"ada@example.com"}
    assert {(one.content, one.title) for one in found} == {("urn:li:lyndaCourse:100", "Time management")}
    assert [one.value for one in found] == [Decimal(3), Decimal(1), Decimal(2505)]
    assert {(one.ends_on - one.starts_on).days for one in found if one.ends_on and one.starts_on} == {6}
    assert "start" in dict(first.cursor["next"]), "the next page of the same week"
    assert all("@" not in item.remote_id for item in first.items)
    assert "Ada" not in repr([item.raw for item in first.items]), "a name is not needed, so it is not kept"


def test_everything_is_read_in_whole_weeks_page_after_page(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.integrations.adapters.linkedin_learning.adapter.PAGE", 2)
    items, cursor = talk.everything("activity")
    found = records(talk, items)
    assert len(found) == len(items), "each record once"
    seconds = [one.value for one in found.values() if one.engagement == "seconds_viewed"]
    assert sum(value or 0 for value in seconds) == 600 * 4 * 3
    asked = talk.vendor.asked(REPORTS)
    starts = [datetime.fromtimestamp(int(one.query["startedAt"]) / 1000, UTC) for one in asked]
    assert {start.weekday() for start in starts} == {0}
    assert max(int(one.query["timeOffset.duration"]) for one in asked) <= 14
    assert len(asked) > len(set(starts)), "some weeks had a second page"
    latest = talk.vendor.clock.now() - talk.vendor.lag  # type: ignore[attr-defined]
    assert abs(datetime.fromisoformat(cursor["mark"]) - (latest - timedelta(days=2))) < timedelta(minutes=1)


def test_the_next_run_reads_the_last_days_again_and_replaces_them(talk: Talk) -> None:
    items, cursor = talk.everything("activity")
    before = records(talk, items)
    talk.vendor.learn("0", "1", back="1")  # type: ignore[attr-defined]
    talk.vendor.journal.asked.clear()
    again, _ = talk.everything("activity", cursor, Mode.INCREMENTAL)
    after = before | records(talk, again)
    assert len(talk.vendor.asked(REPORTS)) <= 2, "only the weeks from the mark on"
    assert len(after) == len(before), "the same sums, with new values"
    changed = [key for key in before if before[key] != after[key]]
    assert {after[key].starts_on for key in changed} == {week_of(1)}
    assert sum(one.value or 0 for one in after.values() if one.engagement == "seconds_viewed") == 600 * (4 * 3 + 1)


def test_another_worker_goes_on_from_any_cursor(talk: Talk) -> None:
    whole, end = talk.everything("activity")
    first, second = list(talk.batches("activity"))[:2]
    rest, other_end = talk.everything("activity", json.loads(json.dumps(second.cursor)))
    found = {item.remote_id for item in (*first.items, *second.items, *rest)}
    assert found == {item.remote_id for item in whole}
    assert end["mark"][:16] == other_end["mark"][:16]


def test_the_mark_does_not_move_past_what_failed(talk: Talk) -> None:
    talk.vendor.fault("status", REPORTS, status=500, skip=2, times=1)
    kept: list[Any] = []
    with pytest.raises(ServerFailed):
        kept.extend(batch.cursor for batch in talk.batches("activity"))
    assert all("mark" not in cursor for cursor in kept)


def test_without_data_nothing_is_promised(talk: Talk) -> None:
    talk.vendor.rows.clear()
    assert talk.everything("activity") == ([], {})


def test_a_full_reading_ignores_the_mark(talk: Talk) -> None:
    _, cursor = talk.everything("activity")
    assert len(talk.everything("activity", cursor, Mode.FULL)[0]) == len(talk.everything("activity")[0])


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ({"status": 401}, AuthFailed),
        ({"status": 403}, Forbidden),
        ({"status": 429}, RateLimited),
        ({"status": 400}, Rejected),
        ({"do": "drift", "field": "elements", "to": "items"}, ContractDrift),
        ({"do": "drift", "field": "contentUrn", "to": "urn"}, ContractDrift),
    ],
)
def test_what_goes_wrong_is_said(talk: Talk, fault: dict[str, Any], failure: type[Exception]) -> None:
    talk.vendor.fault(**{"do": "status", "path": REPORTS, "times": 0, **fault})
    with pytest.raises(failure):
        talk.everything("activity")


def test_a_wrong_secret_is_told_at_the_token(talk: Talk) -> None:
    talk.secrets = LinkedInSecrets.model_validate({"client_id": CLIENT, "client_secret": "wrong"})
    with pytest.raises(AuthFailed):
        talk.fetch_token()
