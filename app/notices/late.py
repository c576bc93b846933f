"""What is made only in the moment a message leaves: links and codes, so that they lie in no table and no queue.

Notices knows nothing of the domains above it. A domain writes down, once, who makes what belongs to a `link_purpose`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from app.notices.models import Notice


@dataclass(frozen=True, slots=True)
class Late:
    """Attributes:
    link: absolute URL of the button. code: printed large, with the words around it in the notice. stop: where reminders are stopped.
    """

    link: str = ""
    code: str = ""
    stop: str = ""


Maker = Callable[[Session, "Notice"], Late]
_makers: dict[str, Maker] = {}


def writes(purpose: str) -> Callable[[Maker], Maker]:
    """Declare who makes the late part of notices with this `link_purpose`. It runs in a transaction that is committed before sending."""

    def declare(maker: Maker) -> Maker:
        known = _makers.get(purpose)
        if known is not None and known.__qualname__ != maker.__qualname__:
            raise ValueError(f"two makers for {purpose!r}")
        _makers[purpose] = maker
        return maker

    return declare


def late_part(session: Session, notice: Notice) -> Late | None:
    """What the domain adds now, or None when no domain has anything to say."""
    maker = _makers.get(notice.link_purpose)
    return maker(session, notice) if maker else None
