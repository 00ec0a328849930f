"""The task that this process executes, and other tasks by their id."""

from __future__ import annotations

from pipelines.context import StepContext
from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable

    from pipelines.artifacts import Artifacts
    from pipelines.logger import Logger
    from pipelines.parameters import Parameters
    from pipelines.reporter import Reporter

_LAST_PATIENCE_SECONDS = 2.0


class Task:
    """A task: its parameters, artifacts, outputs, metrics and progress."""

    _current: Task | None = None

    def __init__(self, task_id: str, context: StepContext, about: Mapping[str, Any]) -> None:
        self.id = task_id
        self._context = context
        self._about = about
        self._own_parameters: Parameters | None = None
        self._own_reporter: Reporter | None = None
        self._artifacts: Artifacts | None = None

    @classmethod
    def current_task(cls) -> Task | None:
        """Give the task that an agent started this process for; None outside an agent."""
        if cls._current is None:
            context = StepContext.from_environment()
            if context is None:
                return None
            cls._current = cls(context.task_id, context, {})
            cls._current._offer_arguments()
        return cls._current

    @classmethod
    def get_task(cls, task_id: str) -> Task:
        """Give another task, as the server knows it."""
        from pipelines.http import in_path

        current = cls.current_task()
        if current is not None and task_id == current.id:
            return current
        context = current._context if current else StepContext.of_a_visitor()
        about = context.api.get(f"tasks/{in_path(task_id)}/")
        return cls(str(about["id"]), context, about)

    @property
    def name(self) -> str:
        """The task's name."""
        return str(self._details().get("name", ""))

    @property
    def status(self) -> str:
        """The task's status, as it is now."""
        from pipelines.http import in_path

        return str(self._context.api.get(f"tasks/{in_path(self.id)}/")["status"])

    @property
    def artifacts(self) -> Artifacts:
        """What the task has left behind, by name."""
        if self._artifacts is None:
            from pipelines.artifacts import Artifacts

            self._artifacts = Artifacts(self.id, self._context)
        return self._artifacts

    def get_parameters(self, cast: bool = False) -> dict[str, Any]:
        """Give all parameters by their full names; `cast` also reads what texts stand for."""
        values = dict(self._parameters.given if self._is_own else self._details()["parameters"])
        if self._is_own:
            values.update(self._parameters.used)
        if not cast:
            return values
        from pipelines.parameters import read_text

        return {name: read_text(value) for name, value in values.items()}

    def get_parameter(self, name: str, default: Any = None, cast: bool = False) -> Any:
        """Give one parameter; `cast` gives it the default's type.

        A bare name stands for General/name.
        """
        if self._is_own:
            return self._parameters.get(name, default, cast=cast)
        from pipelines.parameters import cast_like, full_name, read_text

        value = self._details()["parameters"].get(full_name(name), default)
        if not cast:
            return value
        return read_text(value) if default is None else cast_like(name, value, default)

    def connect(self, mutable: Any, name: str = "General") -> Any:
        """Put the task's parameters over a dictionary's values, in place, keeping their types.

        Its own values are the defaults, and are written back to the task. An argparse parser is
        taken too: its arguments are the parameters of the section Args.
        """
        self._must_be_own("connect parameters to")
        if isinstance(mutable, dict):
            self._parameters.connect(mutable, name)
        elif hasattr(mutable, "parse_known_args") and hasattr(mutable, "_actions"):
            from pipelines.arguments import offer_to_parser

            offer_to_parser(mutable, self._parameters)
        else:
            raise TypeError(
                f"a {type(mutable).__name__} cannot be connected; "
                "give a dictionary or an argparse parser"
            )
        return mutable

    def upload_artifact(
        self,
        name: str,
        artifact_object: Any,
        wait_on_upload: bool = False,
        metadata: Mapping[str, Any] | None = None,
    ) -> bool:
        """Keep a thing under a name: a file, a folder, text, bytes, or what JSON can hold.

        The agent collects it when the step ends; `wait_on_upload` sends it now instead.
        """
        from pipelines.artifacts import store_artifact, upload_artifact

        self._must_be_own("give an artifact to")
        store_artifact(self._context, name, artifact_object, metadata)
        if wait_on_upload:
            upload_artifact(self._context, name)
        return True

    def set_output(self, name: str, value: Any) -> None:
        """Give a value to the steps that come after, and to the run's outputs."""
        import json

        self._must_be_own("set an output of")
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise PipelinesError(f"output {name!r} cannot be kept as JSON: {error}") from error
        outputs = self._context.read_json("outputs.json")
        outputs[str(name)] = value
        self._context.write_json("outputs.json", outputs)

    def set_progress(self, progress: float) -> None:
        """Say how far the step is, in percent."""
        self._must_be_own("set the progress of")
        self._reporter.set_progress(min(max(float(progress), 0.0), 100.0) / 100)

    def register_abort_callback(
        self,
        callback_function: Callable[[], object] | None,
        callback_execution_timeout: float = 30.0,
    ) -> None:
        """Have a function called, in a thread of its own, when this task is asked to end.

        The process ends when it has returned, after its timeout, or when the step's grace is
        over, whichever comes first. There is one callback at a time; None takes it away.
        """
        from pipelines import aborting

        self._must_be_own("register an abort callback for")
        if callback_function is None:
            aborting.forget()
        else:
            aborting.register(callback_function, float(callback_execution_timeout), self._flush)

    def get_logger(self) -> Logger:
        """Give what takes metrics and text."""
        from pipelines.logger import Logger

        self._must_be_own("report for")
        return Logger(self._reporter)

    @property
    def _is_own(self) -> bool:
        return self.id == self._context.task_id

    @property
    def _parameters(self) -> Parameters:
        if self._own_parameters is None:
            from pipelines.parameters import Parameters

            self._own_parameters = Parameters(self._context)
        return self._own_parameters

    @property
    def _reporter(self) -> Reporter:
        if self._own_reporter is None:
            from pipelines.reporter import Reporter

            self._own_reporter = Reporter(self._context)
        return self._own_reporter

    def _flush(self) -> None:
        if self._own_reporter is not None:
            self._own_reporter.flush(_LAST_PATIENCE_SECONDS)

    def _details(self) -> Mapping[str, Any]:
        if not self._about:
            from pipelines.http import in_path

            self._about = self._context.api.get(f"tasks/{in_path(self.id)}/")
        return self._about

    def _offer_arguments(self) -> None:
        """Let a parser of command line arguments see the parameters that are meant for it."""
        if any(name.startswith("Args/") for name in self._parameters.given):
            from pipelines.arguments import offer_to_all_parsers

            offer_to_all_parsers(self._parameters)

    def _must_be_own(self, verb: str) -> None:
        if not self._is_own:
            raise PipelinesError(f"this process cannot {verb} task {self.id}: it is another's")

    def __repr__(self) -> str:
        return f"<Task {self.id}>"
