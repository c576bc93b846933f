"""Records in and out of JSON, JSON lines, XML, CSV, fixed width and Excel, by settings alone. Nothing here trusts a file.

`read_records` gives every record as a tree; `find` and `put` reach into one by a dotted path, whatever the format was.
"""

from app.integrations.formats.records.paths import find, find_all, put
from app.integrations.formats.records.reading import Problem, Read, Record, read_records
from app.integrations.formats.records.shape import Characters, Delimiter, Format, Shape
from app.integrations.formats.records.writing import write_records

__all__ = [
    "Characters", "Delimiter", "Format", "Problem", "Read", "Record", "Shape", "find", "find_all", "put", "read_records",
    "write_records",
]  # fmt: skip
