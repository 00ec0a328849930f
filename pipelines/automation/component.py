"""A component: a function whose call, in a pipeline, is a step of the run."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from pipelines.automation import document, unsupported
from pipelines.automation.functions import CapturedFunction, capture
from pipelines.automation.lazy import is_lazy, source_of, values_in
from pipelines.automation.node import Node
from pipelines.automation.script_run import results_of
from pipelines.automation.values import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Optional

    from pipelines.automation.script_run import ScriptRun
    from pipelines.automation.templates import FunctionTemplates

    JSON = dict[str, Any]

_MIXED = Reference("${mixed}")


class Component:
    """A function and what was said of the steps that its calls are."""

    is_component = True

    def __init__(
        self,
        function: Callable[..., Any],
        said: Mapping[str, Any],
        run_of_call: Callable[[], Optional[ScriptRun]],
    ) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._said = dict(said)
        self._run_of_call = run_of_call
        self._captured: Optional[CapturedFunction] = None
        self.types: dict[str, Any] = {}
        self.more_requirements: set[str] = set()
        returns = said["return_values"]
        self.returns = [returns] if isinstance(returns, str) else list(returns or ())

    @property
    def name(self) -> str:
        """What its steps are called."""
        return str(self._said["name"] or self._function_name())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Add a step and give its results, which may not be there yet; elsewhere simply call."""
        run = self._run_of_call()
        if run is None:
            given = values_in(kwargs)
            return self._function(*values_in(args), **given)
        step = run.add(self, self.captured(run.templates).bind(args, kwargs))
        return results_of(step, self.returns)

    @property
    def task_type(self) -> str:
        """What its tasks are for, as its author has said."""
        return str(self._said["task_type"] or "")

    def captured(self, settings: FunctionTemplates) -> CapturedFunction:
        """The function as it is taken along, read once."""
        if self._captured is None:
            self._captured = capture(
                self._function,
                returns=self.returns,
                helper_functions=self._said["helper_functions"],
                packages=self._said["packages"],
                skip_global_imports=settings.skip_global_imports,
                serialization=settings.serialize,
                deserialization=settings.deserialize,
            )
            for note in self._captured.notes:
                sys.stderr.write(f"note: {note}\n")
        return self._captured

    def step(self, run: ScriptRun, name: str, given: Mapping[str, Any], parameters: JSON) -> JSON:
        """Say a call as a step of a document; what it executes is kept as a template first."""
        said = self._said
        if run.inside is None:
            self._note(run, given)
            template = run.templates.keep(self)
        else:
            # A step may keep none: the run's script has.
            template = run.templates.named(self)
        step: JSON = {
            "name": name,
            **template,
            "parameters": parameters,
            "parents": list(said["parents"] or ()) or None,
            "queue": run.queue if run.has_local_steps else said["execution_queue"] or run.queue,
            "cache": True if said["cache"] else None,
            "retries": document.retries(self._retry(run)),
            **document.monitors(
                said["monitor_metrics"], said["monitor_artifacts"], said["monitor_models"]
            ),
            "group": said["stage"],
            "tags": [said["tags"]] if isinstance(said["tags"], str) else said["tags"],
            "hooks": {kind: [{"kind": "script"}] for kind in self.callbacks(run)} or None,
        }
        step = document.without_nothing(step)
        document.tolerate([step], {**run.nodes, name: self.node(name, step)})
        return step

    def node(self, name: str, step: Mapping[str, Any]) -> Node:
        """Give a step as callbacks see it."""
        said = self._said
        return Node(
            name,
            queue=step.get("queue"),
            parents=document.parents_of(step),
            parameters=dict(step["parameters"]),
            cache_executed_step=bool(said["cache"]),
            return_artifacts=list(self.returns),
            stage=said["stage"],
            **document.continue_flags(said["continue_on_fail"], said["continue_behaviour"]),
        )

    def callbacks(self, run: ScriptRun) -> dict[str, Any]:
        """Whom the script has to call because of a step, by kind of call."""
        found = {
            "pre": self._said["pre_execute_callback"],
            "post": self._said["post_execute_callback"],
            "status": self._said["status_change_callback"],
            "retry": self._retry(run),
        }
        return {kind: function for kind, function in found.items() if callable(function)}

    def _retry(self, run: ScriptRun) -> Any:
        own = self._said["retry_on_failure"]
        return run.retry if own is None else own

    def _note(self, run: ScriptRun, given: Mapping[str, Any]) -> None:
        """Widen what is declared to what all calls gave, and require what makes their values."""
        for name, value in given.items():
            value = _MIXED if any(True for _ in _lazies_in(value)) else value
            if name in self.types and type(self.types[name]) is not type(value):
                value = _MIXED
            self.types[name] = value
            if self._said["packages"] is None:
                for step, _ in _lazies_in(given[name]):
                    producer = step.component.captured(run.templates)
                    self.more_requirements.update(producer.requirements)

    def _function_name(self) -> str:
        from pipelines.automation.sources import original_of

        return str(original_of(self._function).__name__)

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        raise TypeError(f"{self.name}: a method cannot be a component, only a function")

    def __repr__(self) -> str:
        return f"<component {self.name}>"


def _lazies_in(value: Any) -> Iterator[Any]:
    if is_lazy(value):
        source = source_of(value)
        if isinstance(source, tuple):
            yield source
    elif type(value) in (list, tuple):
        for one in value:
            yield from _lazies_in(one)
    elif type(value) is dict:
        for one in value.values():
            yield from _lazies_in(one)


def check_arguments(said: Mapping[str, Any]) -> None:
    """Warn of arguments that are not heeded here."""
    names: Sequence[str] = (
        "docker", "docker_args", "docker_bash_setup_script", "repo", "repo_branch", "repo_commit",
        "draft", "working_dir",
    )  # fmt: skip
    given = {name: said.get(name) or None for name in names}
    unsupported.tell_given({**given, **unsupported.place_of(said)}, stacklevel=4)
