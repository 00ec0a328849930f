"""A run whose script adds steps as it comes to them, waits for results, and goes on with them.

Every step is added under a key, a component's name and a count: a script that is executed again,
because its machine died, is given the same steps and the results that are there.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from urllib.parse import quote

from pipelines.automation import server
from pipelines.automation.answering import Answering
from pipelines.automation.document import written
from pipelines.automation.lazy import LazyEvalWrapper, is_lazy, source_of
from pipelines.automation.node import Node
from pipelines.automation.templates import FunctionTemplates
from pipelines.automation.values import Reference, arguments, fetch_value, keep_value
from pipelines.errors import PipelinesError
from pipelines.following import FINAL, follow
from pipelines.http import in_path
from pipelines.queues import LOCAL_QUEUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Callable, Optional

    from pipelines.automation.component import Component
    from pipelines.task import Task

    JSON = dict[str, Any]

_GOOD = frozenset({"completed", "cached"})
_HELD_SECONDS = 20
_LOOK_SECONDS = 1.0
_FIRST_PAUSE_SECONDS = 0.05


class StepFailed(PipelinesError, ValueError):
    """A component whose result was asked for has not completed."""


class AddedStep:
    """A step that a call of a component has added."""

    def __init__(self, run: ScriptRun, component: Component, node: Node, index: int) -> None:
        self.run = run
        self.component = component
        self.node = node
        self.index = index
        self.is_known_to_have_failed = False
        self._values: JSON = {}

    @property
    def name(self) -> str:
        """Its name in the run."""
        return self.node.name

    def reference(self, result: str) -> Reference:
        """Give what another step's parameters say to be handed one of the results."""
        return Reference(f"${{{written(self.name)}.artifacts.{_escaped(result)}}}")

    def value(self, result: str) -> Any:
        """Wait for the step's end and give one of its results; raises StepFailed."""
        if result in self._values:
            return self._values[result]
        about = self.run.ended(self)
        attempts = about.get("attempts") or [{}]
        task = attempts[-1].get("task")
        if about["status"] not in _GOOD:
            self._check(about, task)
        outputs = attempts[-1].get("outputs") or {}
        found = self.run.artifact(task, result) if task and result else None
        if found is None:
            # Completed by hand, or one that may fail: there is what somebody gave, or nothing.
            return outputs.get(result)
        self._values[result] = fetch_value(found, self.run.deserialize)
        return self._values[result]

    def _check(self, about: JSON, task: Optional[str]) -> None:
        status = about["status"]
        goes_on = self.node.continue_on_abort if status == "aborted" else self.node.continue_on_fail
        if goes_on:
            return
        # What is aborted together with the whole run is no failure of the script.
        server.end_if_asked(self.run.task)
        self.is_known_to_have_failed = True
        reason = f": {about['reason']}" if about.get("reason") else ""
        word = "failed" if status == "crashed" else status
        raise StepFailed(f'Pipeline step "{self.name}", Task ID={task} {word}{reason}')


class ScriptRun:
    """The run that this process is the script of."""

    def __init__(  # noqa: PLR0913 - a run has that many settings
        self,
        task: Task,
        run: JSON,
        *,
        queue: Optional[str] = None,
        retry: Any = None,
        serialize: Optional[Callable[[Any], bytes]] = None,
        deserialize: Optional[Callable[[bytes], Any]] = None,
        skip_global_imports: bool = False,
        inside: Optional[str] = None,
    ) -> None:
        self.task = task
        self.run = run
        self.id = str(run["id"])
        self.owner: Any = None
        self.queue = queue
        self.retry = retry
        self.serialize = serialize
        self.deserialize = deserialize
        self.api = server.own_api(task)
        self.steps: dict[str, AddedStep] = {}
        self.templates = FunctionTemplates(
            self.api,
            project=str(run["project"]),
            pipeline=str(run["pipeline"]),
            skip_global_imports=skip_global_imports,
            serialize=serialize,
            deserialize=deserialize,
        )
        self.inside = inside
        self._counts: dict[str, int] = {}
        self._stored: set[str] = set()
        self._adding = threading.Lock()
        self._changed = threading.Condition()
        self._statuses: dict[int, str] = {}
        self._by_index: dict[int, AddedStep] = {}
        self._attempts: dict[int, JSON] = {}
        self._is_adding = False
        self._asked_too_early: set[str] = set()
        self._inner: dict[str, AddedStep] = {}
        self._error: Optional[BaseException] = None
        self._follower: Optional[threading.Thread] = None
        self._calls: Optional[Answering] = None
        self._local: Any = None

    @property
    def has_local_steps(self) -> bool:
        """Whether all steps run on this machine."""
        return self.queue == LOCAL_QUEUE

    @property
    def nodes(self) -> dict[str, Node]:
        """The steps' nodes by name, in the order in which they were added."""
        return {name: step.node for name, step in self.steps.items()}

    def add(self, component: Component, given: Mapping[str, Any]) -> AddedStep:
        """Add a step that calls a component; it may start at once."""
        with self._adding:
            name, key = self._named(component.name)
            handed = {name: self._handed(value) for name, value in given.items()}
            parameters = arguments(handed, self._store_for(name), verbatim=True)
            said = component.step(self, name, given, parameters)
            with self._while_adding():
                row = self._added(key, said)
                node = component.node(row["name"], said)
                step = AddedStep(self, component, node, int(row["index"]))
                was_asked = self._knows(step)
        self.start()
        if was_asked and self._calls is not None:
            self._calls.answer_open()
        return step

    def _knows(self, step: AddedStep) -> bool:
        """Take up a step and what has been heard of it; whether something was asked of it."""
        with self._changed:
            self.steps[step.name] = self._by_index[step.index] = step
            step.node.stands(self._statuses.get(step.index, "pending"))
            self._has_attempt(step, self._attempts.get(step.index, {}))
            was_asked = step.name in self._asked_too_early
            self._asked_too_early.discard(step.name)
        return was_asked

    @contextmanager
    def _while_adding(self) -> Iterator[None]:
        """Let calls of steps that are not known wait until this one is."""
        self._is_adding = True
        try:
            yield
        finally:
            with self._changed:
                self._is_adding = False
                self._changed.notify_all()

    def _is_known(self, name: str) -> bool:
        """Whether a step is one of this script's, which may be about to hear how it is called.

        The turn may ask for a callback before the script has heard the name that the step was
        given. And a script that is executed again comes to some of its steps much later: what is
        asked of them is answered then.
        """
        with self._changed:
            while name and name not in self.steps and self._is_adding:
                self._changed.wait(_LOOK_SECONDS)
            if not name or name in self.steps or self._added_inside(name):
                return True
            self._asked_too_early.add(name)
            return False

    def _added_inside(self, name: str) -> Optional[AddedStep]:
        """Find a step that another one has added; its component's callbacks are in this script."""
        if name in self._inner:
            return self._inner[name]
        for outer in (*self.steps.values(), *self._inner.values()):
            for component in outer.component.captured(self.templates).components:
                start, _, count = name.partition(f"{outer.name}_{component.name}")
                if not start and name != count and (not count or count[1:].isdigit()):
                    node = component.node(name, {"parameters": {}})
                    self._inner[name] = AddedStep(self, component, node, -1)
                    return self._inner[name]
        return None

    def ended(self, step: AddedStep) -> JSON:
        """Wait for a step's end; give all that is known of it."""
        path = f"runs/{self.id}/steps/{in_path(step.name)}/"
        while True:
            if self.inside is not None:
                self._look(step, path)
            self._wait_for(step)
            about = dict(self.api.get(path))
            if about["status"] in FINAL:
                step.node.stands(about["status"], about.get("reason"))
                return about
            self._is_open_again(step, about["status"])

    def _wait_for(self, step: AddedStep) -> None:
        with self._changed:
            while self._statuses.get(step.index, "") not in FINAL and self._error is None:
                # An interrupt is heard in between only.
                self._changed.wait(_LOOK_SECONDS)
        if self._error is not None:
            raise PipelinesError(f"the run cannot be followed: {self._error}") from self._error

    def _is_open_again(self, step: AddedStep, status: str) -> None:
        """Take up that a step which had ended is tried once more."""
        with self._changed:
            if self._statuses.get(step.index) in FINAL:
                self._statuses[step.index] = status

    def _look(self, step: AddedStep, path: str) -> None:
        """See how a step stands: a step's token does not let it follow its run."""
        pause = _FIRST_PAUSE_SECONDS
        while (status := self.api.get(path)["status"]) not in FINAL:
            time.sleep(pause)
            pause = min(pause * 1.5, _LOOK_SECONDS)
        self._statuses[step.index] = status

    def artifact(self, task_id: str, name: str) -> Any:
        """Give what a task has left under a name; None when it has not."""
        from pipelines.artifacts import Artifacts

        return Artifacts(task_id, self.task._context).get(name)

    def close(self) -> None:
        """Wait until all steps have ended; raises StepFailed when one has failed unseen."""
        rows = self._all_ended()
        self._wait_for_calls()
        for step in self.steps.values():
            is_bad = rows[step.name]["status"] in ("failed", "crashed", "aborted")
            if is_bad and not step.node.continue_on_fail and not step.is_known_to_have_failed:
                about = self.ended(step)
                step._check(about, (about.get("attempts") or [{}])[-1].get("task"))

    def _all_ended(self) -> dict[str, JSON]:
        while self.steps:
            for step in self.steps.values():
                self._wait_for(step)
            rows = {row["name"]: row for row in self.api.get(f"runs/{self.id}/steps/")}
            open_ones = [
                one for one in self.steps.values() if rows[one.name]["status"] not in FINAL
            ]
            if not open_ones:
                return rows
            for step in open_ones:
                self._is_open_again(step, rows[step.name]["status"])
        return {}

    def start(self) -> None:
        """Begin to follow the run, and to run its steps here if that is wished."""
        if self._follower is not None:
            return
        if self.inside is not None:
            return
        if self.has_local_steps:
            from pipelines.local_steps import LocalSteps

            self._local = LocalSteps(self.api, self.id)
            self._local.start()
        self._follower = threading.Thread(
            target=self._follow, name="pipelines-script-run", daemon=True
        )
        self._follower.start()

    def stop(self) -> None:
        """Let the steps that run here end."""
        if self._local is not None:
            self._local.stop()

    def _named(self, name: str) -> tuple[str, str]:
        """Give a call's step its name, and the key under which it is added."""
        count = self._counts.get(name, 0)
        self._counts[name] = count + 1
        numbered = f"{name}_{count}" if count else name
        if self.inside is None:
            return numbered, f"{name} #{count + 1}"
        return f"{self.inside}_{numbered}", f"{self.inside}: {name} #{count + 1}"

    def _handed(self, value: Any) -> Any:
        """Put references in the place of other components' results, at any depth."""
        if is_lazy(value):
            source = source_of(value)
            if isinstance(source, tuple) and source[0].run is self:
                return source[0].reference(source[1])
            return value.__reduce_ex__(4)[1][0]
        if type(value) in (list, tuple):
            return type(value)(self._handed(one) for one in value)
        if type(value) is dict:
            return {key: self._handed(one) for key, one in value.items()}
        return value

    def _store_for(self, step: str) -> Callable[[str, Any], str]:
        def store(name: str, value: Any) -> str:
            from pipelines.storing import upload_artifact

            artifact = first = f"{step}.{name}"
            count = 1
            while artifact in self._stored:
                count += 1
                artifact = f"{first}-{count}"
            self._stored.add(artifact)
            keep_value(self.task._context, artifact, value, self.serialize)
            upload_artifact(self.task._context, artifact)
            return f"artifact://{self.task.id}/{quote(artifact)}"

        return store

    def _added(self, key: str, said: JSON) -> JSON:
        """Have the step added; an answer that takes its time is asked for again."""
        path = f"runs/{self.id}/steps/?wait={_HELD_SECONDS}"
        while True:
            answer = self.api.send("POST", path, {"steps": [{"key": key, "step": said}]})
            if answer.get("steps"):
                return dict(answer["steps"][0])

    def _follow(self) -> None:
        calls = self._calls = Answering(
            self.api,
            self.id,
            owner=self.owner,
            node_of=self._node_of,
            callback_of=self._callback_of,
            is_known=self._is_known,
        )
        try:
            for change in follow(self.api, self.id):
                self._take(change["kind"], change["data"])
                if _calls_script(change):
                    calls.answer_open()
            raise PipelinesError("it has ended")
        # Whoever waits is told, whatever it was.
        except BaseException as error:
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _take(self, kind: str, data: JSON) -> None:
        if kind == "run_status" and data["status"] == "aborting":
            server.ask_to_end(self.task)
        if kind not in ("step_status", "attempt_added", "attempt_status"):
            return
        with self._changed:
            step = self._by_index.get(data["step"])
            if kind == "step_status":
                self._statuses[data["step"]] = data["status"]
                self._changed.notify_all()
                if step is not None:
                    step.node.stands(data["status"], data.get("reason"))
            elif "task" in data:
                self._attempts[data["step"]] = data
                if step is not None:
                    self._has_attempt(step, data)

    def _has_attempt(self, step: AddedStep, data: JSON) -> None:
        if data:
            step.node.attempt = int(data["number"])
            step.node.has_task(data["task"])

    def _node_of(self, name: str) -> Optional[Node]:
        step = self.steps.get(name) or self._inner.get(name)
        return step.node if step else None

    def _callback_of(self, name: str, kind: str) -> Optional[Callable[..., Any]]:
        step = self.steps.get(name) or self._inner.get(name)
        return step.component.callbacks(self).get(kind) if step else None

    def _wait_for_calls(self) -> None:
        """Do not leave before the calls of the last steps are answered."""
        if not any(step.component.callbacks(self) for step in self.steps.values()):
            return
        path = f"runs/{self.id}/calls/?open=1&by=script"
        while self._error is None:
            # What is asked of steps that it does not come to is not waited for.
            if not any(call["step"] in self.steps for call in self.api.get(path)):
                return
            time.sleep(0.1)


def _calls_script(change: JSON) -> bool:
    return bool(change["kind"] == "called" and change["data"].get("by") == "script")


def _escaped(name: str) -> str:
    return name.replace(".", "\\.")


def results_of(step: AddedStep, names: list[str]) -> Any:
    """Give a call's results, which may not be there yet: one by itself, several as a list."""
    found = [_result_of(step, name) for name in names] or [_result_of(step, "")]
    return found[0] if len(found) == 1 else found


def _result_of(step: AddedStep, name: str) -> LazyEvalWrapper:
    return LazyEvalWrapper(lambda: step.value(name), source=(step, name))
