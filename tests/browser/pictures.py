"""Pictures of stories: both themes are always shown, and kept if TEST_PICTURES names a folder."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page


def pictures(page: Page, name: str) -> None:
    folder = os.environ.get("TEST_PICTURES")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        if folder:
            # Colours fade into each other; a picture of the middle is of no use.
            page.wait_for_timeout(500)
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}-{theme}.png")
