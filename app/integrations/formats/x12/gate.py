"""The outbound gate: pyx12 checks a file against the 834 guide before it leaves, and we say in plain words why not.

pyx12 4.0.0 has faults of its own, all kept inside this module: it opens paths as ASCII (we give it text), fails on
repeated elements (we give it the first), raises on unknown guides and answers nothing for an unreadable ISA (both
become findings), builds a 999 that must never be sent (we read its JSON instead), and returns False for some errors
that appear nowhere in that 999 (we trust the boolean first).
"""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pyx12
import pyx12.params
import pyx12.x12n_document

from app.integrations.failures import Refused
from app.integrations.formats.x12.ack_codes import ELEMENT_ERRORS, SEGMENT_ERRORS
from app.integrations.formats.x12.eight34 import File834
from app.integrations.formats.x12.envelope import X12Stream
from app.integrations.formats.x12.findings import Finding, Severity
from app.integrations.formats.x12.profile import CarrierProfile, Charset
from app.integrations.formats.x12.reader import member_at, read_834
from app.integrations.formats.x12.tokens import Tokens

_NOT_BASIC = re.compile(r"[^A-Z0-9 !\"&'()*+,\-./:;?=]")
_MAP_834 = "834.5010.X220.A1.xml"
_HEALTH_LINE = "<code>HLT</code>"


Progress = Callable[[int, int], None]


def check_syntax(data: bytes, profile: CarrierProfile | None = None, progress: Progress | None = None) -> list[Finding]:
    """Every fault pyx12 sees in the file, in order; empty = the file keeps the guide. Never raises.

    With a profile that allows life lines, LIF, ADD and AC are taken as HD03. About 2 ms a member: run it in a job.
    `progress`: called with how many characters pyx12 has taken and how many there are.
    """
    try:
        text = _first_repetitions(data)
    except Refused as refused:
        return [Finding(Severity.ERROR, refused.code, refused.reason)]
    accepted, report, broken = _run_pyx12(text, profile, progress)
    findings = list(_findings(report, _readable(data)))
    if profile and profile.charset is Charset.BASIC:
        findings += _beyond_basic(data)
    if broken:
        findings.append(Finding(Severity.ERROR, "guide-unknown", "The checker does not know this kind of file."))
    elif not accepted and not findings:
        findings.append(Finding(Severity.ERROR, "not-accepted", "The checker refuses this file without a reason."))
    return findings


class _Counted(io.StringIO):
    """A text that tells how far it was read."""

    def __init__(self, text: str, progress: Progress) -> None:
        super().__init__(text)
        self._tell, self._total = progress, len(text)

    def read(self, size: int | None = -1, /) -> str:
        part = super().read(size)
        self._tell(self.tell(), self._total)
        return part


def _run_pyx12(
    text: str, profile: CarrierProfile | None, progress: Progress | None
) -> tuple[bool, dict[str, Any], bool]:
    """(accepted, JSON report, whether pyx12 itself failed)."""
    parameters = pyx12.params.params()
    maps = _life_maps() if profile and profile.allow_life else None
    report = io.StringIO()
    source = _Counted(text, progress) if progress else io.StringIO(text)
    _silence()
    try:
        accepted = pyx12.x12n_document.x12n_document(
            parameters, source, None, None, None, fd_json=report, map_path=maps
        )
        return bool(accepted), json.loads(report.getvalue() or "{}"), False
    except Exception:  # pyx12 raises anything from EngineError to IndexError on input it did not foresee
        return False, {}, True


def _beyond_basic(data: bytes) -> Iterator[Finding]:
    """Our own check of the basic character set: pyx12's would refuse every file for the "^" of its ISA11."""
    stream = X12Stream(data)
    for elements in stream:
        if elements[0] != "ISA" and _NOT_BASIC.search("".join(elements)):
            message = "A character is outside the basic set the carrier asks for."
            yield Finding(Severity.ERROR, "charset", message, elements[0], stream.position, transaction=stream.st02)


def _silence() -> None:
    """pyx12 logs the values it dislikes, which are health data."""
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "pyx12"]:
        logging.getLogger(name).disabled = True
    logging.getLogger("pyx12").disabled = True


def _first_repetitions(data: bytes) -> str:
    """The file as text, each repeated element cut to its first repetition, which is all pyx12 can read."""
    tokens = Tokens(data)
    lines: list[str] = []
    for elements in tokens:
        marks = tokens.delimiters
        repeats = marks.repetition and elements[0] != "ISA"
        kept = [part.split(marks.repetition)[0] for part in elements] if repeats else elements
        lines.append(marks.element.join(kept) + marks.terminator)
    return "".join(lines)


@cache
def _life_maps() -> str:
    """A copy of pyx12's maps that also takes LIF, ADD and AC in HD03; lives as long as the process."""
    folder = tempfile.TemporaryDirectory(prefix="corridor-maps-")
    _kept.append(folder)
    source = Path(pyx12.__file__).parent / "map"
    for path in source.iterdir():
        if path.suffix in (".xml", ".xsd"):
            shutil.copy(path, folder.name)
    target = Path(folder.name) / _MAP_834
    text = target.read_text(encoding="utf-8")
    life = "".join(f"<code>{line}</code>" for line in ("AC", "ADD", "LIF"))
    target.write_text(text.replace(_HEALTH_LINE, life + _HEALTH_LINE), encoding="utf-8")
    return folder.name


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _readable(data: bytes) -> File834 | None:
    try:
        return read_834(data)
    except Refused:
        return None


def _findings(report: dict[str, Any], file: File834 | None) -> Iterator[Finding]:
    for interchange in report.get("interchanges", ()):
        yield from _envelope_faults("ISA", interchange["errors"])
        for group in interchange["groups"]:
            yield from _envelope_faults("GS", group["errors"])
            for transaction in group["transactions"]:
                st02 = str(transaction["trn_set_control_num"])
                yield from _envelope_faults("ST", transaction["errors"], st02)
                for segment in transaction["segments"]:
                    yield from _segment_faults(segment, st02, file)


def _envelope_faults(segment: str, errors: list[dict[str, Any]], st02: str = "") -> Iterator[Finding]:
    names = {"ISA": "interchange", "GS": "group", "ST": "transaction"}
    for error in errors:
        message = f"The control numbers or totals of the {names[segment]} do not agree."
        yield Finding(Severity.ERROR, f"envelope-{error['err_cde']}", message, segment, transaction=st02)


def _segment_faults(segment: dict[str, Any], st02: str, file: File834 | None) -> Iterator[Finding]:
    name, position = str(segment["seg_id"]), int(segment["seg_count"] or 0)
    member = member_at(file, st02, position) if file else None
    ref = member.ref if member else ""
    for error in segment["errors"]:
        words = SEGMENT_ERRORS.get(str(error["err_cde"]), "has an error")
        message = f"{segment['name'] or 'Segment'} ({name}) {words}."
        yield Finding(Severity.ERROR, f"segment-{error['err_cde']}", message, name, position, ref, st02)
    for element in segment["elements"]:
        at = f"{name}{int(element['ele_pos'] or 0):02d}"
        for error in element["errors"]:
            words = ELEMENT_ERRORS.get(str(error["err_cde"]), "has an error")
            message = f"{element['name'] or 'Element'} ({at}) {words}."
            yield Finding(Severity.ERROR, f"element-{error['err_cde']}", message, name, position, ref, st02)
