"""A supervisor over small fake programs, run as a process of its own by `test_supervisor.py`.

Usage: python fake_programs.py DIRECTORY   (the directory gets pids, logs and the parts' data)
"""

import sys
from pathlib import Path

from worker.stack.child import Child
from worker.stack.parts import Parts
from worker.stack.supervisor import Supervisor, stop_on_signals

STEADY = "import time; print('steady', flush=True); time.sleep(600)"
# Ignores SIGTERM and has a child of its own in another session, as an RQ worker in the middle of a job has.
STUBBORN = (
    "import os, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True);"
    "note = open(sys.argv[1] + '.new', 'w'); note.write(str(p.pid)); note.close();"
    "os.replace(note.name, sys.argv[1]); time.sleep(600)"  # whoever sees the note sees all of it
)
CRASHING = "import sys; open(sys.argv[1], 'a').write('x'); sys.exit(3)"


def main(directory: Path) -> None:
    parts = Parts(directory / "parts")
    supervisor = Supervisor(parts, lambda name, line: print(f"{name}: {line}", flush=True), cwd=directory)  # noqa: T201
    with stop_on_signals(supervisor), supervisor:
        parts.start()
        for name, code in (("steady", STEADY), ("stubborn", STUBBORN), ("crashing", CRASHING)):
            command = [sys.executable, "-c", code, str(directory / f"{name}.note")]
            supervisor.add(Child(name, command, {}, directory / "log"))
        running = [child.process.pid for child in supervisor.children if child.process]
        (directory / "pids").write_text(" ".join(map(str, [*running, *parts.pids().values()])))
        print("watching", flush=True)  # noqa: T201
        supervisor.watch()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
