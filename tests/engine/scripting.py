"""Runs of versions that a Python script drives, and that script played by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.actions.calls import answer_call
from orchestrator.actions.pipelines import checked_pins
from orchestrator.actions.runs import start_run
from orchestrator.controller import advance
from orchestrator.domain.document import content_hash, normalise
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Agent, Pipeline, PipelineVersion, Run, Task
from orchestrator.queries.calls import calls
from orchestrator.store import execution, signals
from orchestrator.store.definitions import definition_row
from tests.engine.playing import check_run, claim, end, queued_tasks, settle
from tests.engine.starting import Document
from tests.makers import make_agent, make_pipeline, make_project, make_template

CALLBACK = {"kind": "script"}
STEP_CALLBACKS = ("pre", "retry", "post", "status")
RUN_CALLBACKS = ("created", "completed")

Answer = Callable[[Mapping[str, Any]], Any]
Ends = Callable[[str, int], TaskEvent]


class Raises(Exception):
    """What a callback answers that fails."""


def asking(*names: str, timeout: float | None = None, **step: Any) -> Document:
    """load → next; the script is called of load and of the run."""
    callback = CALLBACK if timeout is None else {**CALLBACK, "timeout": timeout}
    own = {name: [callback] for name in names if name in STEP_CALLBACKS}
    of_run = {name: [callback] for name in names if name in RUN_CALLBACKS}
    load = {"name": "load", "template": "load", "hooks": own, **step}
    follows = {"name": "next", "template": "load", "parents": ["load"], "trigger": "none_failed"}
    return {"schema": 1, "hooks": of_run, "steps": [load, follows]}


def driven(document: Document, driver: str = "controller") -> Run:
    """A run of a document that a script has registered, waiting for its first turn."""
    project = make_project()
    make_template(project)
    return driven_in(make_pipeline(project, published=False), document, driver)


def driven_in(pipeline: Pipeline, document: Document, driver: str = "controller") -> Run:
    """The same of a pipeline that there is."""
    register(pipeline, document, driver)
    return start_run(actor="ada", pipeline=pipeline)


def register(pipeline: Pipeline, document: Document, driver: str = "controller") -> PipelineVersion:
    """Keep a document as a version that its script drives."""
    tidy = normalise(document)
    return PipelineVersion.objects.create(
        pipeline=pipeline,
        number=pipeline.versions.count() + 1,
        document=tidy,
        pins=checked_pins(pipeline, tidy, "ada", driven=True),
        content_hash=content_hash(tidy),
        driver=driver,
        script=definition_row("python", {"script": "print('driving')\n"}),
        author="ada",
    )


def open_calls(run: Run) -> list[dict[str, Any]]:
    """What the script is asked and has not answered, oldest first."""
    return calls(run, only_open=True, by="script")


def answer(run: Run, number: int, value: Any = None) -> None:
    """Answer one call and let the run take it up."""
    said = {"reason": f"ValueError: {value}", "traceback": "Traceback: line 1"}
    answer_call(
        run=run, number=number, said=said if isinstance(value, Raises) else {"value": value}
    )
    settle()
    run.refresh_from_db()


def told(call: Mapping[str, Any]) -> str:
    """A call in words: its kind, its step and the status that it tells of."""
    return f"{call['kind']} {call['step']} {call['event_status']}".strip()


class Script:
    """The script of a run, and the agent that executes it and the steps."""

    def __init__(self, run: Run, answers: Answer | None = None) -> None:
        self.run = run
        self.answers = answers or (lambda call: None)
        self.agent: Agent = make_agent("hand", queues=("default", "services"))
        self.seen: list[str] = []
        self.calls: list[dict[str, Any]] = []

    @property
    def task(self) -> Task:
        return Task.objects.get(pk=self.run.pk)

    def begin(self) -> None:
        """An agent claims the script, which registers the steps of the run's version."""
        settle()
        task = self.task
        assert execution.claim(task.pk, task.fence, self.agent.pk, 1000), f"it is {task.status}"
        self.turn()
        if self.run.driver == Run.Driver.CONTROLLER:
            Run.objects.filter(pk=self.run.pk).update(graph_open=False)
            signals.put(self.run.pk, "go_on", {"steps": [], "unspread": {}})
            self.turn()

    def end(self, event: TaskEvent = TaskEvent.END_WELL, **more: Any) -> None:
        """The script's process ends so."""
        task = self.task
        assert task.agent_id is not None
        result = execution.Result(event, **more)
        assert execution.finish(task.pk, task.fence, task.agent_id, result)
        self.turn()

    def turn(self) -> None:
        settle()
        self.run.refresh_from_db()

    def until_it_rests(self, ends: Ends = lambda _n, _a: TaskEvent.END_WELL) -> None:
        """Answer and execute what there is, until nothing is left; then the script ends."""
        while self.answered() or self.executed(ends):
            pass
        if self.task.status in (Status.RUNNING, Status.ABORTING):
            self.end()
        check_run(self.run)

    def answered(self) -> bool:
        """Answer the oldest call, if there is one."""
        self.turn()
        for call in open_calls(self.run)[:1]:
            self.seen.append(told(call))
            self.calls.append(call)
            answer(self.run, call["number"], self.answers(call))
            return True
        return False

    def executed(self, ends: Ends) -> bool:
        """Execute the first step that waits for an agent, if there is one."""
        for task in queued_tasks(self.run)[:1]:
            self.seen.append(f"run {task.name}")
            claim(task, self.agent)
            end(task, ends(task.name, task.attempts.get().number), outputs={"score": 1})
            advance(self.run.pk)
            return True
        return False
