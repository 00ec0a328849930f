"""A project, its pipeline, and the people around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

# Rows can be imported only when Django is set up, which is after this file is read.
if TYPE_CHECKING:
    from orchestrator.models import Pipeline, Project
    from tests.api.asking import Asker, People


@pytest.fixture
def project(db: None) -> Project:
    from tests.makers import make_project

    return make_project("alpha", owner="ada")


@pytest.fixture
def pipeline(project: Project) -> Pipeline:
    from tests.makers import make_pipeline

    return make_pipeline(project)


@pytest.fixture
def people(project: Project) -> People:
    from tests.api.asking import Asker, People
    from tests.makers import make_member, make_project, make_token, make_user

    owner = project.memberships.get().user
    colleague = make_member(project, "ben", "viewer")
    stranger = make_user("eve")
    make_project("beta", owner=stranger)
    return People(
        owner=Asker(make_token(owner)),
        colleague=Asker(make_token(colleague)),
        stranger=Asker(make_token(stranger)),
        anonymous=Asker(None),
    )


@pytest.fixture
def ada(people: People) -> Asker:
    return people.owner
