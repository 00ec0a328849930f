"""A run's own history of actions: who asked what, when, and what came of it."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions.places import move_to_front
from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import (
    abort_run,
    abort_steps,
    change_draft_run,
    clone_run,
    enqueue_run,
)
from orchestrator.controller import advance
from orchestrator.domain.errors import Conflict
from orchestrator.models import Run
from tests.api.asking import Asker
from tests.engine.playing import claim, end, make_agent, play, queued_tasks
from tests.engine.starting import diamond, started
from tests.makers import make_member, make_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(broker: Any) -> Run:
    return started(diamond())


def told(run: Run) -> list[dict[str, Any]]:
    """The actions, the oldest first, as their admin reads them."""
    asker = Asker(make_token(run.project.memberships.get(role="admin").user))
    found: list[dict[str, Any]] = asker.get(f"runs/{run.pk}/actions/").json()
    return found[::-1]


def lines(run: Run) -> list[tuple[str, str, str, str]]:
    return [(a["actor"], a["what"], a["state"], a["reason"] or a["came_of"]) for a in told(run)]


def test_every_action_stands_there_with_its_actor_and_what_came_of_it(run: Run) -> None:
    agent = make_agent()
    advance(run.pk)
    (load,) = queued_tasks(run)
    claim(load, agent)
    end(load)
    advance(run.pk)
    abort_steps(actor="ben", run=run, steps=["left"])
    advance(run.pk)
    abort_steps(actor="ben", run=run, steps=["left"])
    play(run, agent)
    rerun(actor="cy", run=run, steps=["left"])
    play(run, agent)
    assert run.status == "completed"
    assert lines(run) == [
        ("ada", "created the run (token)", "done", ""),
        ("ben", 'asked "left" to end', "done", "1 aborted, 1 skipped"),
        ("ben", 'asked "left" to end', "refused", 'step "left" is aborted already'),
        ("cy", 'asked for new attempts of "left"', "done", "1 new attempt"),
    ]


def test_an_abort_says_when_the_run_had_ended(run: Run) -> None:
    agent = make_agent()
    advance(run.pk)
    (load,) = queued_tasks(run)
    claim(load, agent)
    advance(run.pk)
    abort_run(actor="ada", run=run)
    waiting = told(run)[-1]
    assert (waiting["verb"], waiting["state"]) == ("abort", "waiting")
    advance(run.pk)
    assert lines(run)[-1][3] == "1 aborting, 3 skipped; not ended yet"
    assert told(run)[-1]["signal"] == waiting["signal"]
    from orchestrator.domain.states import TaskEvent

    load.refresh_from_db()
    end(load, TaskEvent.CONFIRM_GONE)
    advance(run.pk)
    assert "; the run was aborted " in lines(run)[-1][3]


def test_what_is_done_beside_the_turns_stands_there_too(run: Run) -> None:
    advance(run.pk)
    (load,) = queued_tasks(run)
    make_member(run.project, "ben", "operator")
    move_to_front(actor="ben", task=load)
    assert lines(run)[-1] == ("ben", 'moved "load" to the front of its queue', "done", "")
    draft = clone_run(actor="ben", run=run)
    with pytest.raises(Conflict):
        change_draft_run(actor="ada", run=run, parameters={})
    change_draft_run(actor="ada", run=draft, parameters={})
    enqueue_run(actor="ben", run=draft)
    advance(draft.pk)
    assert [line[:2] for line in lines(draft)] == [
        ("ben", "created the run (token)"),
        ("ada", "changed the parameters of the draft"),
        ("ben", "asked the run to start"),
    ]
