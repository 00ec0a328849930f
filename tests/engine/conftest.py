"""What most tests of the engine's scripts begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from orchestrator.models import Agent, Project, Run


@pytest.fixture
def project() -> Project:
    """A project with one template, "load"."""
    from tests.makers import make_project, make_template

    made = make_project()
    make_template(made)
    return made


@pytest.fixture
def agent() -> Agent:
    """An agent of the queues for steps and for scripts."""
    from tests.makers import make_agent

    return make_agent(queues=("services", "default"))


@pytest.fixture
def run(project: Project, agent: Agent) -> Run:
    """A run whose script is being executed and has added nothing yet."""
    from tests.engine.driving import claimed
    from tests.engine.playing import settle
    from tests.makers import drive, make_pipeline, make_run

    document = {"schema": 1, "steps": []}
    made = make_run(drive(make_pipeline(project, "looping", document=document)))
    settle()
    claimed(made, agent)
    return made
