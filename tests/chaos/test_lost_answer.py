"""The carrier took the file and the line broke before its answer: the file is found by its acknowledgement, not sent again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from uuid_utils.compat import uuid7

from app.connections.models import Connection
from app.core.db import fetch, tenant, transaction
from sandbox.launch import launch
from tests.chaos.proxy import Proxy
from tests.chaos.test_crash_points import connected, exact, heal, upload
from tests.chaos.test_crash_points import quick_look as quick_look
from tests.feeds import world as w
from tests.fixtures.slot import Slot


@pytest.mark.timeout(120)
def test_taken_but_never_heard(database: Slot, tmp_path: Path, quick_look: None) -> None:
    with (
        launch(tmp_path) as box,
        tenant(uuid7()),
        database.admin(database.database) as admin,
    ):
        proxy = Proxy(box.carriers["evergreen"]["sftp_port"])
        world = connected(box)
        with transaction() as session:
            row = fetch(session, Connection, world.connection.id)
            row.settings = row.settings | {"sftp": row.settings["sftp"] | {"port": proxy.port}}
        upload(world, box)
        inbound = tmp_path / "carriers" / "evergreen" / "inbound"
        hits: list[bool] = []
        watcher = threading.Thread(target=lambda: hits.append(proxy.cut_when(lambda: landed(inbound), 40)))
        watcher.start()
        w.run_jobs(kinds=("feeds.upload",))
        watcher.join()
        assert hits == [True]
        (file,) = w.files()
        assert (file.state, file.upload_tries, file.sent_at) == ("ready", 1, None), "nobody may say that it was sent"
        assert w.intents("feeds.upload") == [("pending", "rename-unanswered")]
        heal(world, box, admin)
        exact(box, "cut after rename")
        assert w.files()[0].upload_tries == 1, "its acknowledgement was proof enough"
        assert box.client.carrier("evergreen").duplicates_refused() == 0
        proxy.close()


def landed(folder: Path) -> bool:
    return any(path.suffix != ".tmp" for path in folder.iterdir())
