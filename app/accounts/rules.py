"""What the accounts domain decides: no database, no clock.

Sources: NIST SP 800-63B-4 (passwords, throttling), OWASP ASVS 5.0 chapters 6 and 7, benefits_user_role_assignment (trainings).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from app.core.access import EVERYBODY, SCOPES, Can, Flag, Scope, grants


class Purpose(StrEnum):
    """What a one-use token is for."""

    INVITE = "invite"
    RESET = "reset"
    VERIFY = "verify"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"  # between password and second factor; lives in a cookie, never in a link


LINKS = (Purpose.INVITE, Purpose.RESET, Purpose.VERIFY, Purpose.SIGN_IN)
LIFETIME = {
    Purpose.INVITE: timedelta(days=7),
    Purpose.RESET: timedelta(minutes=60),
    Purpose.VERIFY: timedelta(days=2),
    Purpose.SIGN_IN: timedelta(minutes=30),
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
}
FRESH = timedelta(minutes=15)  # how long a sign-in or a second factor counts for what needs a step-up
SEEN_EVERY = timedelta(minutes=1)  # how often `last_seen_at` is written


class Method(StrEnum):
    """How a session began."""

    PASSWORD = "password"  # noqa: S105 - a method's name
    LINK = "link"
    INVITE = "invite"
    RESET = "reset"
    PASSKEY = "passkey"
    OIDC = "oidc"


METHOD_OF_LINK = {
    Purpose.INVITE: Method.INVITE,
    Purpose.RESET: Method.RESET,
    Purpose.VERIFY: Method.LINK,
    Purpose.SIGN_IN: Method.LINK,
}


class Counted(NamedTuple):
    """A throttle: `limit` tries per `window`."""

    limit: int
    window: timedelta


QUARTER_HOUR = timedelta(minutes=15)
LIMITS = {
    "account": Counted(10, QUARTER_HOUR),  # wrong passwords for one address, from devices it does not know
    "device": Counted(10, QUARTER_HOUR),  # the same from a device that signed in before
    "ip": Counted(100, QUARTER_HOUR),  # an office stands behind one address
    "code": Counted(8, QUARTER_HOUR),  # second-factor codes of one user
    "link": Counted(4, timedelta(hours=1)),  # mails asked for by one address
    "link-ip": Counted(40, timedelta(hours=1)),
    "api": Counted(600, timedelta(minutes=1)),  # requests of one API token
}


def window_start(moment: datetime, window: timedelta) -> datetime:
    """The beginning of the fixed window a moment lies in."""
    return datetime.fromtimestamp(moment.timestamp() // window.total_seconds() * window.total_seconds(), moment.tzinfo)


def network_of(address: str) -> str:
    """What an IP throttle counts: the IPv4 address, or the /64 an IPv6 customer owns. Unknown words count together."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ip_network(f"{found}/64", strict=False))


def tidy_email(email: str) -> str:
    """The form in which an address is kept and compared."""
    return email.strip().lower()


def safe_path(path: str | None, default: str = "/") -> str:
    """`path` when it is a path of this site, else `default`: a link must not lead away (open redirect)."""
    if not path or not path.startswith("/") or path.startswith("//") or len(path) > 500:
        return default
    if "\\" in path or any(ord(letter) < 33 or ord(letter) == 127 for letter in path):
        return default
    return path


# --- passwords --------------------------------------------------------------------------------------------------

SHORTEST, LONGEST = 15, 200


class WeakPassword(StrEnum):
    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    CONTEXT = "context"


def password_weakness(password: str, common: frozenset[str], words: Iterable[str]) -> WeakPassword | None:
    """Why a new password is refused; None when it is good. No rules about kinds of characters, no expiry (ASVS 6.2).

    Args:
        common: words of breached passwords, lower case.
        words: the person's address, name and company, which an attacker tries first.
    """
    if len(password) < SHORTEST:
        return WeakPassword.SHORT
    if len(password) > LONGEST:
        return WeakPassword.LONG
    plain = password.casefold()
    if len(set(plain)) < 5 or _is_repeated(plain) or _is_walk(plain) or _little_besides(plain, common):
        return WeakPassword.COMMON
    return WeakPassword.CONTEXT if _little_besides(plain, _context_words(words)) else None


def _little_besides(text: str, words: Iterable[str]) -> bool:
    """True when fewer than eight letters remain once these words are taken out."""
    rest = text
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != text and sum(character.isalpha() for character in rest) < 8


def _is_repeated(text: str) -> bool:
    """`passwordpassword`, `abcabcabcabcabc`: the same thing over and over."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))


WALKS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
)
_STEPS = frozenset(pair for walk in WALKS for line in (walk, walk[::-1]) for pair in pairwise(line))


def _is_walk(text: str) -> bool:
    """`qwertyuiopasdfgh`, `123456789abcdef`: mostly neighbors on a keyboard or in the alphabet."""
    steps = sum(pair in _STEPS for pair in pairwise(text))
    return steps >= (len(text) - 1) * 0.7


def _context_words(words: Iterable[str]) -> set[str]:
    parts = {part for word in words for part in "".join(c if c.isalnum() else " " for c in word.casefold()).split()}
    return {part for part in parts if len(part) >= 4} | {"corridor", "benefits", "password"}


# --- roles ------------------------------------------------------------------------------------------------------


class Assignment(Protocol):
    """The columns of an assignment joined with its role."""

    is_active: bool
    role_is_active: bool
    expires_on: date | None
    hipaa_training_required: bool
    hipaa_training_status: str
    benefits_certification_required: bool
    benefits_certification_status: str
    compliance_training_required: bool
    compliance_training_status: str
    fcra_certification_required: bool
    fcra_certification_status: str
    background_check_required: bool
    background_check_status: str


TRAININGS = (
    "hipaa_training", "benefits_certification", "compliance_training", "fcra_certification", "background_check",
)  # fmt: skip
PASSED = "certified"


def assignment_stops(assignment: Assignment, today: date) -> str:
    """Why an assignment does not count today: the name of its obstacle, or "" when it counts. It counts on its last day."""
    if not assignment.is_active:
        return "inactive"
    if not assignment.role_is_active:
        return "role_inactive"
    if assignment.expires_on is not None and assignment.expires_on < today:
        return "expired"
    for training in TRAININGS:
        if getattr(assignment, f"{training}_required") and getattr(assignment, f"{training}_status") != PASSED:
            return training
    return ""


def assignment_counts(assignment: Assignment, today: date) -> bool:
    return not assignment_stops(assignment, today)


def narrowed(level: str, department_id: UUID | None, region_id: UUID | None) -> Scope:
    """The scope of an assignment: the role's level, narrowed to a department or region. A level without its place is NONE."""
    scope = SCOPES.get(level, Scope.NONE)
    if scope <= Scope.REPORTS:
        return scope
    if department_id is not None:
        return Scope.DEPARTMENT
    if region_id is not None and scope >= Scope.REGION:
        return Scope.REGION
    return scope if scope is Scope.ALL else Scope.NONE


@dataclass(frozen=True, slots=True)
class Granted:
    """What all assignments of a user that count today add up to."""

    grants: dict[Can, Scope]
    places: dict[Can, frozenset[UUID]]
    label: str


def add_up(assignments: Iterable[Any], today: date) -> Granted:
    """The widest scope per permission over the assignments that count; everybody may do their own things.

    Places are kept per permission: a role in one department gives nothing in the department of another role.
    """
    total: dict[Can, Scope] = dict.fromkeys(EVERYBODY, Scope.OWN)
    places: dict[Can, frozenset[UUID]] = {}
    names: list[str] = []
    for one in assignments:
        if not assignment_counts(one, today):
            continue
        names.append(one.role_name)
        scope = narrowed(one.data_access_level, one.department_id, one.region_id)
        place = {Scope.DEPARTMENT: one.department_id, Scope.REGION: one.region_id}.get(scope)
        for can, width in grants(flags_of(one), scope).items():
            if width > total.get(can, Scope.NONE):
                total[can], places[can] = width, frozenset()
            if width == total[can] and place:
                places[can] |= {place}
    return Granted(total, places, ", ".join(sorted(names)))


LONGEST_TOKEN = timedelta(days=365)
JWT_LIFETIME = timedelta(minutes=15)
NEVER_BY_TOKEN = EVERYBODY | {Can.USER_MANAGE, Can.ROLE_MANAGE, Can.TOKEN_MANAGE}
"""What a program is never given: a person's own pages, and what makes new ways in."""


def within(granted: Granted, scopes: Iterable[str], name: str) -> Granted:
    """What an API token may do: those of its scopes that its maker holds today, over the same rows. Any token may ask who it is."""
    allowed = set(scopes)
    kept = {can: scope for can, scope in granted.grants.items() if can.value in allowed and can not in NEVER_BY_TOKEN}
    places = {can: found for can, found in granted.places.items() if can in kept}
    return Granted({Can.ACCOUNT_OWN: Scope.OWN, **kept}, places, f"API token {name}")


def flags_of(role: Any) -> frozenset[Flag]:
    """The flags that are set on a role row."""
    return frozenset(flag for flag in Flag if getattr(role, flag.value))


STRONG_ROLES = frozenset(
    {
        Flag.MANAGE_USERS,
        Flag.VIEW_SENSITIVE_DATA,
        Flag.EXPORT_DATA,
        Flag.MANAGE_PROVIDERS,
        Flag.VIEW_AUDIT_LOGS,
        Flag.VIEW_RESULTS,
        Flag.ADVERSE_ACTION,
    }
)


def needs_second_factor(flags: frozenset[Flag]) -> bool:
    """Roles that reach many people's health data, or other people's rights, need a second factor."""
    return bool(flags & STRONG_ROLES)
