"""`python -m worker.cli` is `corridor`."""

from worker.cli import main

main(prog_name="corridor")
