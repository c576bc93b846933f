"""The gallery in Chromium: accessible in both themes, four hues and three widths; errors tied to their fields."""

from __future__ import annotations

from typing import Any

import pytest

from tests.a11y import assert_accessible, assert_errors_linked

pytestmark = pytest.mark.browser
HUES = (25, 100, 182, 290)
WIDTHS = (320, 390, 1280)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_component_is_accessible(tiny_page: Any, scheme: str) -> None:
    page = tiny_page(scheme=scheme)
    for hue in HUES:
        page.goto(f"/dev/components?as=ana&hue={hue}{'&errors=1' if hue in (25, 182) else ''}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            assert_accessible(page)


def test_every_hue_keeps_its_contrast(tiny_page: Any) -> None:
    """Every 30 degrees, on the page with tiles, buttons and tags."""
    for scheme in ("light", "dark"):
        page = tiny_page(scheme=scheme)
        for hue in range(0, 360, 60):
            page.goto(f"/dev/step?hue={hue}")
            assert_accessible(page)


def test_each_error_is_tied_to_its_field(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/components?errors=1")
    assert page.locator("main .error").count() == 12
    assert_errors_linked(page)


def test_linkage_check_notices_a_loose_error(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/components?errors=1")
    page.evaluate("() => document.getElementById('name').removeAttribute('aria-describedby')")
    with pytest.raises(AssertionError, match="#name is not described by its error"):
        assert_errors_linked(page)


def test_tap_targets_are_44_pixels_high(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/step")
    small = page.evaluate(
        """() => [...document.querySelectorAll("main button, main .tile, .input, .button, .languages a, .back")]
        .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert not small
    assert (
        page.evaluate(
            "() => Math.min(...[...document.querySelectorAll('.input')].map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )
        >= 16
    )


def test_twice_the_text_size_still_fits_a_phone(tiny_page: Any) -> None:
    page = tiny_page(width=390)
    for address in ("/dev/step", "/dev/list?as=ana"):
        page.goto(address)
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= 390, f"{address}: {wide}"


def test_a_company_sets_only_its_hue(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/step?hue=290")
    violet = page.evaluate("() => getComputedStyle(document.querySelector('.button.primary')).backgroundColor")
    page.goto("/dev/step?hue=25")
    assert violet != page.evaluate("() => getComputedStyle(document.querySelector('.button.primary')).backgroundColor")


def test_tables_stack_on_phones_and_keep_their_roles(tiny_page: Any) -> None:
    page = tiny_page(width=390)
    page.goto("/dev/list?as=ana")
    assert page.get_by_role("table").first.get_by_role("rowheader").first.is_visible()
    left = page.evaluate("() => document.querySelector('td').getBoundingClientRect().left")
    assert left < 60, "cells stand below each other"
    assert page.locator("td").first.get_attribute("data-label") == "Department"


def test_forced_colors_and_print_keep_the_content(tiny_page: Any) -> None:
    page = tiny_page(width=1280)
    page.goto("/dev/list?as=ana")
    page.emulate_media(forced_colors="active")
    assert_accessible(page)
    page.emulate_media(media="print", forced_colors="none")
    assert not page.locator(".side").is_visible()
    assert page.get_by_role("table").first.is_visible()
