"""Checks the control numbers and totals of an X12 envelope while it is read."""

from __future__ import annotations

from app.integrations.formats.x12.findings import Finding, Severity


class Audit:
    """Sees every control segment; `position` counts segments inside the current transaction."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.position = 0
        self._isa13 = ""
        self._gs06 = ""
        self._st02 = ""
        self._groups = 0
        self._sets = 0
        self._seen: set[str] = set()
        self._open: list[str] = []

    def control(self, kind: str, elements: list[str]) -> None:
        """Handles one of ISA, TA1, GS, ST, SE, GE, IEA."""
        getattr(self, f"_{kind.lower()}")([part.strip() for part in elements])

    def end(self) -> None:
        """The file ended."""
        self._close_until("")

    def _isa(self, elements: list[str]) -> None:
        self._close_until("")
        self._open = ["ISA"]
        self._isa13 = _at(elements, 13)
        self._groups = 0
        self.position = 0
        if not self._isa13.isdecimal() or not int(self._isa13):
            self._find("isa-control", "The interchange control number (ISA13) is not a positive number.", "ISA")

    def _ta1(self, _: list[str]) -> None:
        self.position = 0

    def _gs(self, elements: list[str]) -> None:
        self._close_until("ISA")
        self._open.append("GS")
        self._gs06 = _at(elements, 6)
        self._groups += 1
        self._sets = 0
        self._seen = set()
        self.position = 0

    def _st(self, elements: list[str]) -> None:
        self._close_until("GS")
        if "GS" not in self._open:
            self._find("gs-missing", "A transaction (ST) stands outside any group (GS).", "ST")
        self._open.append("ST")
        self._st02 = _at(elements, 2)
        self._sets += 1
        self.position = 1
        if self._st02 in self._seen:
            self._find("st-repeated", f"The transaction number {self._st02} (ST02) is used twice in one group.", "ST")
        self._seen.add(self._st02)

    def _se(self, elements: list[str]) -> None:
        if self._open[-1:] != ["ST"]:
            self._find("se-unexpected", "A transaction ends (SE) that never began (ST).", "SE")
            return
        self._open.pop()
        self.position += 1
        self._total(elements, self.position, "se-count", "segments", "SE")
        self._match(_at(elements, 2), self._st02, "se-control", "SE02 differs from ST02.", "SE")

    def _ge(self, elements: list[str]) -> None:
        self._close_until("GS")
        self.position = 0
        if self._open[-1:] != ["GS"]:
            self._find("ge-unexpected", "A group ends (GE) that never began (GS).", "GE")
            return
        self._open.pop()
        self._total(elements, self._sets, "ge-count", "transactions", "GE")
        self._match(_at(elements, 2), self._gs06, "ge-control", "GE02 differs from GS06.", "GE")

    def _iea(self, elements: list[str]) -> None:
        self._close_until("ISA")
        self.position = 0
        self._open = []
        self._total(elements, self._groups, "iea-count", "groups", "IEA")
        self._match(_at(elements, 2), self._isa13, "iea-control", "IEA02 differs from ISA13.", "IEA")

    def _close_until(self, wanted: str) -> None:
        """Complains about everything still open below `wanted`."""
        endings = {"ISA": "IEA", "GS": "GE", "ST": "SE"}
        while self._open and self._open[-1] != wanted:
            begun = self._open.pop()
            ending = endings[begun]
            self._find(f"{ending.lower()}-missing", f"{ending}, the end of {begun}, is missing.", ending)

    def _total(self, elements: list[str], actual: int, code: str, what: str, segment: str) -> None:
        told = _at(elements, 1)
        if not told.isdecimal() or int(told) != actual:
            shown = told if told.isdecimal() and len(told) < 11 else "nothing usable"
            self._find(code, f"{segment}01 says {shown}, but there are {actual} {what}.", segment)

    def _match(self, told: str, begun: str, code: str, message: str, segment: str) -> None:
        if told != begun:
            self._find(code, message, segment)

    def _find(self, code: str, message: str, segment: str) -> None:
        self.findings.append(
            Finding(Severity.ERROR, code, message, segment, position=self.position, transaction=self._st02)
        )


def _at(elements: list[str], index: int) -> str:
    return elements[index] if index < len(elements) else ""
