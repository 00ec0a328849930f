"""What made a run fail first: named with its way down and its last lines."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.domain.states import TaskEvent
from orchestrator.models import Attempt, LogPiece, Run, Step
from tests.api.asking import Asker
from tests.engine.playing import make_agent, play
from tests.makers import make_pipeline

pytestmark = pytest.mark.django_db


def played(project: Any, *bad: str, b: Any = None, **a: Any) -> Run:
    """a → b beside c; those that are named fail."""
    from orchestrator.actions.runs import start_run
    from tests.makers import make_template

    make_template(project)
    steps = [
        {"name": "a", "template": "load", **a},
        {"name": "b", "template": "load", "parents": ["a"], **(b or {})},
        {"name": "c", "template": "load"},
    ]
    pipeline = make_pipeline(project, document={"schema": 1, "steps": steps})
    run = start_run(actor="ada", pipeline=pipeline)
    ends = dict.fromkeys(bad, TaskEvent.END_BADLY)
    return play(run, make_agent(), lambda name, _: ends.get(name, TaskEvent.END_WELL))


def test_a_failed_run_names_the_step_that_failed_first_and_its_last_lines(
    ada: Asker, project: Any, broker: Any
) -> None:
    run = played(project, "a", "c")
    early, late = (Step.objects.get(run=run, path=name) for name in ("c", "a"))
    Step.objects.filter(pk=late.pk).update(ended_at=run.ended_at)
    Step.objects.filter(pk=early.pk).update(ended_at=run.started_at)
    task = Attempt.objects.get(step=early).task
    assert task is not None
    text = "".join(f"line {n}\n" for n in range(20)) + "\x1b[31mValueError: no\x1b[0m\n"
    LogPiece.objects.create(
        task=task, fence=task.fence, n=0, stream="stdout", byte_from=0, line_from=0, text=text
    )
    cause = ada.get(f"runs/{run.pk}/cause/").json()["cause"]
    assert (cause["step"], cause["status"], cause["reason"]) == ("c", "failed", "told to")
    assert (cause["attempt"], cause["agent"]) == (1, "hand")
    assert [line["text"] for line in cause["log"]][-2:] == ["line 19", "ValueError: no"]
    assert len(cause["log"]) == 8
    assert cause["url"] == f"/runs/alpha/chain/{run.number}/?step=c"
    assert [place["step"] for place in cause["way"]] == ["c"]


def test_what_may_fail_is_no_cause_and_a_run_that_went_well_has_none(
    ada: Asker, project: Any, broker: Any
) -> None:
    run = played(project, "a", "b", may_fail=True)
    assert ada.get(f"runs/{run.pk}/cause/").json()["cause"]["step"] == "b"
    Run.objects.filter(pk=run.pk).update(status="completed")
    assert ada.get(f"runs/{run.pk}/cause/").json() == {"cause": None}


def test_a_step_that_could_not_start_has_a_reason_and_no_log(
    ada: Asker, project: Any, broker: Any
) -> None:
    run = played(project, parameters={"General/rows": "${c.outputs.nope}"})
    cause = ada.get(f"runs/{run.pk}/cause/").json()["cause"]
    assert (cause["step"], cause["log"]) == ("a", [])
    assert 'gave no output "nope"' in cause["reason"]


def test_a_fan_out_failed_of_the_item_that_failed_first(
    ada: Asker, project: Any, broker: Any
) -> None:
    run = played(project, "b[1]", "b[2]", b={"for_each": {"list": [1, 2, 3]}})
    cause = ada.get(f"runs/{run.pk}/cause/").json()["cause"]
    assert [place["step"] for place in cause["way"]] == ["b", "b[1]"]
    assert (cause["step"], cause["reason"], cause["attempt"]) == ("b[1]", "told to", 1)


def test_the_cause_of_a_nested_pipeline_is_the_step_inside_it(
    ada: Asker, project: Any, broker: Any
) -> None:
    inner = played(project, "a")
    outer_pipeline = make_pipeline(
        project, "outer", document={"schema": 1, "steps": [{"name": "whole", "template": "load"}]}
    )
    from orchestrator.actions.runs import start_run

    outer = start_run(actor="ada", pipeline=outer_pipeline)
    play(outer, make_agent("other"), lambda *_: TaskEvent.END_BADLY)
    # As if its step had run the other pipeline.
    Attempt.objects.filter(run=outer).update(task=inner.pk)
    cause = ada.get(f"runs/{outer.pk}/cause/").json()["cause"]
    assert [(place["pipeline"], place["step"]) for place in cause["way"]] == [
        ("outer", "whole"),
        ("chain", "a"),
    ]
    assert cause["run"] == str(inner.pk)
