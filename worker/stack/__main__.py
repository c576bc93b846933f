"""`python -m worker.stack [command …]`: runs a command beside the parts, or prints their addresses and waits."""

import os
import signal
import subprocess
import sys

from worker.stack.errors import StackError
from worker.stack.parts import parts


def main(command: list[str]) -> int:
    """Returns the command's exit code."""
    try:
        with parts() as addresses:
            if command:
                environment = {**os.environ, **addresses.environment()}
                return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603
            for name, value in addresses.environment().items():
                print(f"export {name}='{value}'", flush=True)  # noqa: T201
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
            return 0
    except StackError as failure:
        print(failure, file=sys.stderr)  # noqa: T201
        return 1


if __name__ == "__main__":
    # Blocked, so that Ctrl-C ends the wait and not the cleaning up.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM} if len(sys.argv) == 1 else set())
    sys.exit(main(sys.argv[1:]))
