"""Looking at a page: axe in both themes, nothing scrolls sideways; screenshots for a person who wants them."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.a11y import AXE, assert_accessible, assert_errors_linked

AXE_SOURCE = AXE.read_text(encoding="utf-8") + "; null"
THEMES = ("light", "dark")
SHOTS = os.environ.get("STORY_SHOTS", "")
"""A folder: every state that is looked at is kept there as a picture."""


@dataclass
class Eyes:
    """Counts what was looked at, so that a run says it."""

    seen: Counter[str] = field(default_factory=Counter)
    viewer: Any = None
    blind: list[Any] = field(default_factory=list)

    def lend(self, viewer: Any, *pages: Any) -> None:
        """axe needs JavaScript: what these pages show without it is looked at in the viewer, which runs none of ours."""
        viewer.route("**/*.js", lambda route: route.abort())
        self.viewer, self.blind = viewer, list(pages)

    def look(self, page: Any, name: str) -> None:
        """The state of the page as it is now, in light and in dark. Raises AssertionError with everything axe found."""
        shown = self._copy(page) if page in self.blind else page
        for theme in THEMES:
            shown.emulate_media(color_scheme=theme, reduced_motion="reduce")  # no color halfway
            assert_accessible(shown)
            self.seen["states"] += 1
            if SHOTS:
                shown.screenshot(path=Path(SHOTS) / f"{name}-{theme}.png", full_page=True, caret="initial")
        shown.emulate_media(color_scheme="light", reduced_motion="reduce")

    def look_at_errors(self, page: Any, name: str) -> None:
        """As `look`, and every error is linked from the summary."""
        self.look(page, name)
        assert_errors_linked(page)
        self.seen["error pages"] += 1

    def _copy(self, page: Any) -> Any:
        html = page.content().replace("<noscript>", "<div>").replace("</noscript>", "</div>")
        self.viewer.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html"))
        self.viewer.goto(page.url)
        self.viewer.unroute(page.url)
        return self.viewer
