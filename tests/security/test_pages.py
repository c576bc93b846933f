"""What every page of a company's own answers: no crash, no change, the headers of a page, nothing made of what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import cycle, product

import pytest
from werkzeug.test import TestResponse

from tests.security.conftest import Crowd
from tests.security.crawl import Visitor, addresses, digests

# A request notes that the session is used, counts tries, and records that protected data was looked at. Nothing else.
MAY_CHANGE = ("user_session", "audit_event", "throttle", "process_heartbeat", "data_key")
NOT_PAGES = ("dev.", "assets.", "health.", "accounts.oidc", "accounts.passkeys_script")
VOID = set("area base br col embed hr img input link meta source track wbr path circle rect line polyline use".split())
NONCE = re.compile(r"script-src 'nonce-([A-Za-z0-9_-]{20,})' 'strict-dynamic'")

pytestmark = pytest.mark.long


class Wellformed(HTMLParser):
    """Every element that is opened is closed, in order; ids are there once; one title, one h1."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.seen: list[str] = []
        self.trouble: list[str] = []
        self.nonces: set[str | None] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        given = dict(attrs)
        if "id" in given:
            self.ids.append(str(given["id"]))
        if tag == "script":
            self.nonces.add(given.get("nonce"))
        self.trouble += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.trouble.append(f"</{tag}> closes nothing")

    def verdict(self) -> list[str]:
        doubled = {name for name in self.ids if self.ids.count(name) > 1}
        found = [*self.trouble, *(f"<{tag}> is left open" for tag in self.open)]
        found += [f"id {name} twice" for name in sorted(doubled)]
        return found + [
            f"{self.seen.count(tag)} <{tag}>" for tag in ("title", "h1", "main") if self.seen.count(tag) != 1
        ]


def page_trouble(answer: TestResponse, nonces: set[str], *, signed_in: bool) -> Iterator[str]:
    """Everything that is wrong with one HTML answer."""
    reader = Wellformed()
    reader.feed(answer.text)
    yield from reader.verdict()
    policy = answer.headers.get("Content-Security-Policy", "")
    nonce = NONCE.search(policy)
    if nonce is None or "unsafe" in policy or nonce[1] in nonces:
        yield f"policy {policy}"
    else:
        nonces.add(nonce[1])
        if reader.nonces - {nonce[1]}:
            yield "a script without the nonce"
    for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        if part not in policy:
            yield f"policy without {part}"
    if signed_in and "no-store" not in answer.headers.get("Cache-Control", ""):
        yield "may be stored"
    if not {"HX-Request"} <= {name.strip() for name in answer.headers.get("Vary", "").split(",")}:
        yield "does not vary by what htmx asked for"


@pytest.mark.timeout(900)
def test_every_page_of_our_own_is_sound_and_changes_nothing(crowd: Crowd, say: Callable[[str], None]) -> None:
    everybody = list(crowd.visitors())  # signing in is noted with the user
    before, wrong, nonces, pages, requests = digests(crowd.admin, None, MAY_CHANGE), [], set[str](), 0, 0
    for visitor in everybody:
        for rule in crowd.rules:
            if "GET" not in (rule.methods or ()) or (rule.endpoint.startswith(NOT_PAGES) and visitor.name != "nobody"):
                continue
            for path in addresses(rule, crowd.a, most=2):
                answer = visitor.get(path)
                said = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
                if answer.mimetype == "text/html" and answer.get_data() and not answer.location:
                    pages += 1
                    said += page_trouble(answer, nonces, signed_in=visitor.twin is not None)
                wrong += [f"{visitor.name} {path}: {one}" for one in said]
        requests += visitor.requests
    after = digests(crowd.admin, None, MAY_CHANGE)
    say(f"Own pages: {pages} HTML answers in {requests} requests, {len(wrong)} wrong")
    assert "\n".join(sorted(set(wrong))) == ""
    assert {name for name in before if before[name] != after[name]} == set(), "GET changed rows"


WORDS = (
    "'", "\\", "' OR '1'='1' --", "%", "\x00'", "\ud7ff\ufffe", "é" * 200, "9" * 5_000, "-1", "0",
    "1e309", "NaN", "[]", "{}", "{{1337*7919}}", "${1337*7919}", "../../etc/passwd", "00000000-0000-0000-0000-000000000000", "a" * 41, "٣", "²",
    "2026-02-30", "<script>alert(1)</script>", "null", " ", "\r\nSet-Cookie: x=1",
)  # fmt: skip
QUERY = re.compile(r"args(?:\.get(?:list)?\(|\[)\s*\"([\w-]+)\"")


def parameters() -> list[str]:
    """Every query parameter some view or filter form reads, found in the source."""
    from tests.security.test_source import APP

    text = "\n".join(path.read_text(encoding="utf-8") for path in APP)
    own = {
        "q",
        "status",
        "state",
        "after",
        "kind",
        "owner",
        "severity",
        "department",
        "region",
        "actor",
        "name",
        "from",
        "to",
        "on",
        "entity",
        "risk",
    }
    return sorted(set(QUERY.findall(text)) | own)


@pytest.mark.timeout(900)
def test_no_word_in_a_query_breaks_a_page_or_comes_back_as_markup(crowd: Crowd, say: Callable[[str], None]) -> None:
    """Each page is asked nine times, with another word for each parameter each time; every word meets every parameter on some page."""
    names, wrong = parameters(), []
    visitor, nobody = Visitor(crowd.app, crowd.a, "everything"), Visitor(crowd.app, None, "nobody")
    for number, rule in enumerate(crowd.rules):
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(("assets.", "health.", "dev.")):
            continue
        path = next(addresses(rule, crowd.a))
        for asker in (visitor, nobody) if rule.endpoint.startswith("accounts.") else (visitor,):
            for turn in range(0, len(WORDS), 3):
                words = {name: WORDS[(place + number + turn) % len(WORDS)] for place, name in enumerate(names)}
                answer = asker.get(path, query_string=words)
                if answer.status_code >= 500:
                    wrong.append(f"{path} from word {(number + turn) % len(WORDS)}: {answer.status_code}")
                if "<script>alert(1)" in answer.text or "Set-Cookie: x=1" in str(answer.headers).replace("%0D%0A", ""):
                    wrong.append(f"{path} from word {(number + turn) % len(WORDS)}: comes back as it is")
                if "10587703" in answer.text:
                    wrong.append(f"{path}: was calculated")
    say(f"Words in queries: {len(names)} parameters, {visitor.requests + nobody.requests} requests, {len(wrong)} wrong")
    assert "\n".join(wrong) == ""


@pytest.mark.timeout(900)
def test_one_parameter_at_a_time_where_a_list_takes_several(crowd: Crowd) -> None:
    """A first bad parameter may hide what a second would do."""
    visitor, wrong, words = Visitor(crowd.app, crowd.a, "everything"), [], cycle(("'", "9" * 5_000, "%", "²"))
    lists = [
        rule.rule
        for rule in crowd.rules
        if "GET" in (rule.methods or ()) and not rule.arguments and not rule.endpoint.startswith(NOT_PAGES)
    ]
    for path, name in product(lists, parameters()):
        word = next(words)
        answer = visitor.get(path, query_string={name: word})
        if answer.status_code >= 500:
            wrong.append(f"{path}?{name}={word[:10]!r}: {answer.status_code}")
    assert wrong == []
