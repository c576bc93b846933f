"""`python -m sandbox`: starts every stand-in in one process and prints where they listen, as one JSON line."""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from werkzeug.serving import ThreadedWSGIServer

from sandbox.vendors.core.serving import QuietHandler
from sandbox.web import create_app
from sandbox.world import World


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    for name, default in (("http", 8100), ("sftp", 8122), ("smtp", 8125)):
        port = int(os.environ.get(f"SANDBOX_{name.upper()}_PORT", default))
        parser.add_argument(f"--{name}-port", type=int, default=port, help="0 picks a free port")
    parser.add_argument("--host", default=os.environ.get("SANDBOX_HOST", "127.0.0.1"))
    state = Path(os.environ.get("SANDBOX_STATE", ".sandbox"))
    parser.add_argument("--state", type=Path, default=state, help="directory kept between runs")
    auto = float(os.environ.get("SANDBOX_SCREENING_AUTO_SECONDS", 0))
    parser.add_argument("--screening-auto-seconds", type=float, default=auto, help="checks go on by themselves")
    parser.add_argument("--ready-file", type=Path, help="also write the JSON line here once ready")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    options = parse_arguments(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    world = World(options.state.resolve(), options.host, options.screening_auto_seconds)
    app = create_app(world)
    server = ThreadedWSGIServer(options.host, options.http_port, app, QuietHandler)
    world.start(options.sftp_port, options.smtp_port, server.server_port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    announce(json.dumps(world.addresses(server.server_port)), options.ready_file)
    stop.wait()
    server.shutdown()
    world.stop()


def announce(line: str, ready_file: Path | None) -> None:
    print(line, flush=True)
    if ready_file:
        unfinished = ready_file.with_name(f".{ready_file.name}.writing")
        unfinished.write_text(line)
        unfinished.rename(ready_file)


if __name__ == "__main__":
    main()
