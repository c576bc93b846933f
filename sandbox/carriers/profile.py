"""What a sandbox carrier is (profile) and how it misbehaves (switches). Both are kept in the state file as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self


def switch(default: Any, label: str, *choices: str) -> Any:
    return field(default=default, metadata={"label": label, "choices": choices})


class Settings:
    """Reads a dataclass from loose input (JSON or a form): unknown names and wrong values raise ValueError."""

    def changed(self, values: dict[str, Any]) -> Self:
        known = {item.name: item for item in fields(self)}  # type: ignore[arg-type]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"Unknown setting: {', '.join(unknown)}. Known: {', '.join(known)}.")
        merged = asdict(self)  # type: ignore[call-overload]
        for name, value in values.items():
            merged[name] = convert(merged[name], value, name, known[name].metadata.get("choices") or ())
        return type(self)(**merged)


def convert(old: Any, value: Any, name: str, choices: tuple[str, ...]) -> Any:
    """The new value in the type of the old one."""
    if isinstance(old, bool):
        return value if isinstance(value, bool) else str(value).lower() in {"1", "true", "on", "yes"}
    if isinstance(old, int | float):
        number = type(old)(value)
        if number < 0:
            raise ValueError(f"{name} cannot be negative.")
        return number
    if isinstance(old, list):
        return [str(item) for item in value] if isinstance(value, list) else str(value).splitlines()
    if choices and str(value) not in choices:
        raise ValueError(f"{name} must be one of: {', '.join(repr(choice) for choice in choices)}.")
    return str(value)


@dataclass(frozen=True)
class Profile(Settings):
    slug: str
    name: str
    user: str
    password: str
    member_prefix: str = "SBX"
    public_keys: list[str] = field(default_factory=list)  # OpenSSH lines, any of them signs in
    absent_in_full_file: str = "terminate"  # or "keep": what absence from a full file (BGN08 4 or RX) means
    ta1: str = "always"  # or "requested": only when ISA14 asks for one (a refusal is always sent)
    expected_receiver: str = ""  # ISA08 we answer to; empty: any
    extra_hd03: list[str] = field(default_factory=list)  # codes taken beyond the HIPAA guide: LIF, ADD, …
    sftp_port: int = 0


@dataclass(frozen=True)
class Switches(Settings):
    reject_syntax: bool = switch(False, "Reject the syntax of every transaction set (999 R)")
    reject_interchange: bool = switch(False, "Reject every interchange (TA1 R)")
    partial: int = switch(0, "Reject every nth transaction set (AK9 P); 0 is off")
    silence: bool = switch(False, "Send no acknowledgements")
    duplicate_acks: bool = switch(False, "Send every acknowledgement twice")
    garbage: bool = switch(False, "Send garbage in place of acknowledgements")
    acks_together: bool = switch(False, "Send TA1 and 999 in one interchange")
    ack_delay_seconds: float = switch(0.0, "Delay acknowledgements, in seconds of sandbox time")
    pickup_seconds: float = switch(0.2, "Leave an uploaded file in inbound this long, in seconds")
    slow_seconds: float = switch(0.0, "Wait before each SFTP read or write, in seconds")
    slow_bytes_per_second: int = switch(0, "Drip SFTP reads and writes, in bytes a second; 0 is off")
    wrong_member: str = switch(
        "", "Put a mistake in the census", "", "plan", "tier", "dates", "missing", "extra", "all"
    )
    census_format: str = switch("csv", "Census format", "csv", "834", "both")
    census_interval_seconds: float = switch(0.0, "Send a census every so many seconds; 0 is off")
    sftp_down: bool = switch(False, "Close the SFTP port")
    host_key_changed: bool = switch(False, "Show another SFTP host key")
    wrong_password: bool = switch(False, "Refuse every SFTP sign-in")
    disk_full: bool = switch(False, "Fail every SFTP write")


DEFAULT_CARRIERS = (
    Profile("evergreen", "Evergreen Health", "evergreen", "evergreen-sandbox", "EVG"),
    Profile("brightline", "BrightLine Vision", "brightline", "brightline-sandbox", "BLV"),
)
