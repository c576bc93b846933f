"""A company, and a receiver of webhooks that really listens."""

from collections.abc import Iterator

import pytest

from tests.accounts.conftest import company as company
from tests.hooks.receiver import Receiver


@pytest.fixture(scope="module")
def _receiver() -> Iterator[Receiver]:
    listening = Receiver()
    yield listening
    listening.stop()


@pytest.fixture
def receiver(_receiver: Receiver) -> Receiver:
    """It answers 204 until told otherwise."""
    _receiver.reset()
    return _receiver
