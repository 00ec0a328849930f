"""Fixtures of the pages' tests."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pages.world import World


@pytest.fixture
def world(db: None) -> "World":
    # Conftests are read before Django is set up.
    from tests.pages.world import make_world

    return make_world()
