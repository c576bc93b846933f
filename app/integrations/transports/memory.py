"""A remote file store in memory: the twin of SFTP, for tests and for carriers that are only rehearsed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from datetime import UTC, datetime

from app.integrations.contracts import Placed, RemoteFile
from app.integrations.failures import Conflict, Rejected
from app.integrations.transports.paths import UNFINISHED, safe_file, safe_path

Files = list[RemoteFile]


class MemoryTransport:
    """Keeps files in `files` (path → bytes and time). `folders` must exist before a file is put into one."""

    def __init__(self, folders: Iterable[str] = ()) -> None:
        self.files: dict[str, tuple[bytes, datetime]] = {}
        self._folders = {".", *(safe_path(folder) for folder in folders)}

    def check(self) -> None:
        """Always well."""

    def list(self, folder: str) -> Files:
        """See `FileTransport.list`."""
        where = self._folder(safe_path(folder))
        return [
            RemoteFile(posixpath.basename(path), len(data), at)
            for path, (data, at) in sorted(self.files.items())
            if (posixpath.dirname(path) or ".") == where and not path.endswith(UNFINISHED)
        ]

    def read(self, path: str) -> bytes:
        """See `FileTransport.read`."""
        try:
            return self.files[safe_file(path)][0]
        except KeyError:
            raise Rejected("not-found", "There is no such file.") from None

    def put(self, path: str, data: bytes) -> Placed:
        """See `FileTransport.put`."""
        final = safe_file(path)
        self._folder(posixpath.dirname(final) or ".")
        if final in self.files:
            if self.files[final][0] == data:
                return Placed.ALREADY
            raise Conflict("name-taken")
        self.files[final] = (bytes(data), datetime.now(UTC).replace(microsecond=0))
        return Placed.NEW

    def remove(self, path: str) -> None:
        """See `FileTransport.remove`."""
        self.files.pop(safe_file(path), None)

    def close(self) -> None:
        """Nothing to close."""

    def _folder(self, folder: str) -> str:
        if folder not in self._folders:
            raise Rejected("not-found", "There is no such folder.")
        return folder
