"""The employer of the feeds tests, and the sandbox carrier."""

from tests.feeds.conftest import _sandbox as _sandbox
from tests.feeds.conftest import company as company
from tests.feeds.conftest import sandbox as sandbox
from tests.feeds.conftest import server as server
from tests.feeds.conftest import world as world
