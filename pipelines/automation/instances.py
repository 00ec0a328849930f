"""Several runs of one script: waited for one by one, or together."""

from __future__ import annotations

from pipelines.automation import server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from pipelines.automation.pipeline_function import PipelineFunction

    JSON = dict[str, Any]


class Instances:
    """The runs that were started, and what those that are over have given, not yet asked for."""

    def __init__(self) -> None:
        self._started: list[Callable[[], Any]] = []

    def add(self, run: JSON, function: PipelineFunction) -> Any:
        """Take up a run: give what its function returns, or nothing yet where all run at once."""
        if function.runs_parallel:
            self._started.append(lambda: _result_of(run, function))
            return None
        return _result_of(run, function)

    def over(self, result: Any) -> None:
        """Take up what a run has given that was over when its call returned."""
        self._started.append(lambda: result)

    def wait(self) -> list[Any]:
        """Wait for all; what each has returned, in the order of the calls."""
        started, self._started = self._started, []
        return [result() for result in started]


def _result_of(about: JSON, function: PipelineFunction) -> Any:
    from pipelines.artifacts import Artifacts
    from pipelines.automation.values import fetch_value
    from pipelines.context import StepContext
    from pipelines.runs import Run

    api = server.api()
    Run(api, about).wait(raise_on_failure=True)
    name = function.return_value
    if not name:
        return None
    found = Artifacts(str(about["id"]), StepContext.of_client(api)).get(name)
    return None if found is None else fetch_value(found, function.deserialize)
