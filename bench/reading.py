"""Reads an 834 with nothing else imported and tells the most memory it held: `python -m bench.reading FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from app.integrations.formats.x12.reader import Reader834
from bench.usage import peak_mib


def main() -> None:
    with Path(sys.argv[1]).open("rb") as source:
        for _ in Reader834(source):
            pass
    print(peak_mib())


if __name__ == "__main__":
    main()
