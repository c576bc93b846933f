"""The sandbox clock: real time plus an offset that tests and the home page can move."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta


class Clock:
    """Real time plus an offset. Acknowledgement delays run on this clock, so moving it forward releases them."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The sandbox time, UTC and aware."""
        with self._lock:
            return datetime.now(UTC) + self._offset

    def today(self) -> date:
        return self.now().date()

    @property
    def offset_seconds(self) -> float:
        with self._lock:
            return self._offset.total_seconds()

    def set_offset(self, seconds: float) -> None:
        with self._lock:
            self._offset = timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """It is that moment now, and goes on from there."""
        self.set_offset((moment - datetime.now(UTC)).total_seconds())

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._offset += timedelta(seconds=seconds)
