"""What all sides of a task rest on: its id, where its server is, what the server says of it."""

from __future__ import annotations

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pipelines.context import StepContext
    from pipelines.http import Api
    from pipelines.parameters import Parameters
    from pipelines.reporter import Reporter


class TaskCore:
    """A task as this process reaches it. The executing process has its own task's folder."""

    def __init__(self, task_id: str, context: StepContext, about: Mapping[str, Any]) -> None:
        self.id = task_id
        self._context = context
        self._about = about
        self._own_parameters: Parameters | None = None

    def reload(self) -> None:
        """Ask the server how the task is now."""
        self._about = self._api.get(self._path())

    @property
    def _api(self) -> Api:
        return self._context.api

    def _path(self, tail: str = "") -> str:
        from pipelines.http import in_path

        return f"tasks/{in_path(self.id)}/{tail}"

    def _details(self) -> Mapping[str, Any]:
        if not self._about:
            self.reload()
        return self._about

    def _now(self) -> Mapping[str, Any]:
        self.reload()
        return self._about

    def _change(self, **fields: Any) -> None:
        """Have the server change some fields, and take its answer over if it gives one."""
        answer = self._api.send("PATCH", self._path(), fields)
        self._about = answer if isinstance(answer, dict) and "id" in answer else {}

    @property
    def _is_own(self) -> bool:
        return self.id == self._context.task_id and not self._context.is_over

    def _must_be_own(self, verb: str) -> None:
        if not self._is_own:
            raise PipelinesError(f"this process cannot {verb} task {self.id}: it is another's")

    @property
    def _parameters(self) -> Parameters:
        if self._own_parameters is None:
            from pipelines.parameters import Parameters

            self._own_parameters = Parameters(self._context, self._tell_parameters)
        return self._own_parameters

    def _tell_parameters(self, values: Mapping[str, Any]) -> None:
        self._reporter.tell_parameters(values)

    @property
    def _reporter(self) -> Reporter:
        return self._context.reporter

    def _flush(self, patience: float) -> None:
        if self._context.has_reporter:
            self._context.reporter.flush(patience)
