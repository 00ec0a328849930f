"""Barriers are measured in colours that have arrived, however a page fades into another theme."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.barriers import barriers

pytestmark = pytest.mark.embedded

# The paragraph's colour depends on one that is on its way, so it sets out when that has arrived.
FADING = """<!doctype html><html lang="en"><title>Fading</title><style>
  :root {color-scheme: light dark; background: light-dark(white, black)}
  main {color: light-dark(%s, %s); transition: color 10s}
  div {color: color-mix(in srgb, currentcolor 90%%, transparent)}
  p {transition: color 10s}
</style><main><h1>Fades</h1><div><p>slowly</p></div></main>"""


def test_no_colour_is_measured_on_its_way(stranger: Page) -> None:
    stranger.set_content(FADING % ("black", "white"))
    assert barriers(stranger) == []
    # It is light again, for a moment; the page is left as it was, and so they are on their way.
    assert stranger.evaluate("document.getAnimations().length") > 0
    assert barriers(stranger) == []


def test_a_contrast_too_low_is_found_in_both_themes(stranger: Page) -> None:
    stranger.set_content(FADING % ("#aaa", "#444"))
    found = [barrier.split(": ")[:2] for barrier in barriers(stranger)]
    assert found == [["color-contrast", "h1"], ["color-contrast", "p"]] * 2


def test_whoever_wants_no_motion_sees_another_theme_at_once(page: Page, sample: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto("/pipelines/")
    colour = "getComputedStyle(document.querySelector('h1')).color"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(colour) != light
    assert page.evaluate("document.getAnimations().length") == 0
