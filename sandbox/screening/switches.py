"""How the screening providers misbehave. Kept in the state file; every one is a form field of the page."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.carriers.profile import Settings, switch

FAULTS = (
    "", "slow", "server_error", "unavailable", "bad_auth", "forbidden", "rate_limited", "drop_before", "server_error_after",
    "drop_after", "hang_after", "garbage", "truncated", "empty",
)  # fmt: skip


@dataclass(frozen=True)
class ScreeningSwitches(Settings):
    auto_seconds: float = switch(0.0, "Move everything a step further after so many seconds; 0: only by hand or clock")
    candidate_finishes: bool = switch(False, "Candidates finish invitations by themselves, as a step")
    default_scenario: str = switch("clear", "Scenario of candidates who carry no tag")
    fault: str = switch("", "What goes wrong with requests", *FAULTS)
    fault_where: str = switch("", "Only where this stands in `METHOD /path`, such as `POST /checkr/v1/invitations`")
    fault_times: int = switch(0, "So many times; 0: until switched off")
    slow_seconds: float = switch(3.0, "How long slow and hanging answers take, in seconds")
    rate_limit: int = switch(1200, "Requests an account may make in a minute")
    duplicate_limits: bool = switch(True, "Refuse a third duplicate candidate and a fourth report in 24 hours (409)")
    uuid4_keys: bool = switch(False, "Refuse idempotency keys that are no version 4 UUID")
    errors_as_list: bool = switch(False, "Errors as a list also when there is one")
    old_status_shape: bool = switch(False, "Searches say clear or consider as their status, without a result")
    adverse_shape: str = switch("list", "How adverse items are written", "list", "bare", "ids")
    duplicate_events: int = switch(0, "So many extra copies of every event")
    disorder_seconds: float = switch(0.0, "Shuffle the events of so many seconds (of sandbox time)")
    delay_seconds: float = switch(0.0, "Send events this much later, in seconds of sandbox time")
    lose_next: int = switch(0, "Lose the next so many events")
    loss: float = switch(0.0, "Lose events with this probability, 0 to 1")
    wrong_signature: bool = switch(False, "Sign events with another key")
    no_signature: bool = switch(False, "Send events without the signature header")
    sentence_signature: bool = switch(False, "A sentence in the signature header, as for an account without a key")
    spaced_body: bool = switch(False, "Sign the compact body, send it with blanks")
    retry_seconds: float = switch(60.0, "Pause before each of the first ten repeats, in seconds of sandbox time")
    seed: int = switch(1, "Seed of what is lost and how events are shuffled")
