"""People who exist nowhere else, and every shape in which their data could lie in a dump."""

from __future__ import annotations

import base64
from datetime import date

# Letters that occur nowhere else; numbers of the test range; a birthday nobody else has.
FIRST, LAST, CHILD, IMPORTED, SIGNED = "Wilhelmixa", "Plantedottir", "Kunigundex", "Ermintrudex", "Ambroselix"
HIS, HERS, THEIRS, FROM_FILE, NEW = "900778812", "900778813", "900778814", "900778815", "900778816"
# Of a check: the candidate, what a report says, what was weighed and answered, the provider's own address, and what came over the wire.
CANDIDATE, RECORD, WEIGHED, ANSWER = "Hildebrandixa", "Zwickelbergum", "Quastenflosso", "Brombeerixus"
INVITATION, OVER_THE_WIRE, DELIVERED = "invitatrixum", "leitungsklang", "posthornixum"
BORN = (date(1961, 2, 27), date(2015, 11, 29), date(1963, 4, 23))


def shapes(text: str) -> set[bytes]:
    """How a word looks in a dump: as it is, as hexadecimal, as base64 at each offset."""
    found = {text.lower().encode(), text.encode().hex().encode()}
    for offset in range(3):
        packed = base64.b64encode(b"\0" * offset + text.encode())
        found.add(packed[4 if offset else 0 : len(packed) // 4 * 4 - 4].lower())
    return {shape for shape in found if len(shape) > 7}


def planted() -> dict[str, set[bytes]]:
    """Word → every shape of it."""
    words = [
        FIRST,
        LAST,
        CHILD,
        IMPORTED,
        SIGNED,
        CANDIDATE,
        RECORD,
        WEIGHED,
        ANSWER,
        INVITATION,
        OVER_THE_WIRE,
        DELIVERED,
    ]
    for number in (HIS, HERS, THEIRS, FROM_FILE, NEW):
        words += [number, f"{number[:3]}-{number[3:5]}-{number[5:]}", f"{number[:3]} {number[3:5]} {number[5:]}"]
    for day in BORN:
        words += [day.isoformat(), f"{day:%m/%d/%Y}", f"{day:%Y%m%d}"]
    return {word: shapes(word) for word in words}


def hits(data: bytes) -> list[str]:
    low = data.lower()
    return sorted(word for word, found in planted().items() if any(shape in low for shape in found))
