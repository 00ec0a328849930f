"""No page holds a script, a style or a handler of its own: the policy would refuse it."""

import re

import pytest

from tests.pages.test_who_sees_which_page import PAGES, address
from tests.pages.world import World

INLINE = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style",
    "a handler": r"<[^>]*\son[a-z]+\s*=",
    "a script": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    "an address of script": r"javascript:",
    "another host": r"(?:src|href)=\"(?:https?:)?//",
}


@pytest.mark.parametrize("route", PAGES)
def test_nothing_stands_inline(world: World, route: str) -> None:
    response = world.client("ada").get(address(world, PAGES[route][0]))
    page = re.sub(
        r"<pre.*?</pre>|<textarea.*?</textarea>", "", response.content.decode(), flags=re.S
    )
    found = [what for what, pattern in INLINE.items() if re.search(pattern, page, re.I)]
    assert not found
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


@pytest.mark.parametrize("route", PAGES)
def test_ids_are_given_once_and_names_lead_to_something(world: World, route: str) -> None:
    page = world.client("ada").get(address(world, PAGES[route][0])).content.decode()
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    for attribute in ("for", "aria-labelledby", "aria-describedby"):
        named = re.findall(rf'\s{attribute}="([^"]*)"', page)
        missing = {one for text in named for one in text.split()} - set(ids)
        assert not missing, attribute


@pytest.mark.parametrize("route", PAGES)
def test_a_fragment_is_the_content_without_the_frame(world: World, route: str) -> None:
    url = address(world, PAGES[route][0])
    fragment = world.client("ada").get(url, headers={"X-Fragment": "yes"})
    page = fragment.content.decode()
    assert '<main id="main"' in page
    assert "<nav" not in page.split("<main")[0]
    assert "stylesheet" not in page
    assert "X-Fragment" in fragment["Vary"]
