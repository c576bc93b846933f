"""Employee files: upload, check, apply."""

from app.people.services.imports.flow import (
    choose_columns,
    confirm,
    counts,
    discard,
    import_of,
    recent,
    refusals,
    upload,
)
from app.people.services.imports.retention import destroy_old
from app.people.services.imports.work import Work, apply, begin, check, checked, fail, note_progress

__all__ = [
    "Work", "apply", "begin", "check", "checked", "choose_columns", "confirm", "counts", "destroy_old", "discard", "fail", "import_of",
    "note_progress", "recent", "refusals", "upload",
]  # fmt: skip
