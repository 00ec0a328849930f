"""The pipeline that a decorated function is, as its own code and its callbacks see it."""

from __future__ import annotations

import time

from pipelines.automation.node import AT_WORK, Node
from pipelines.automation.pipeline import PipelineController

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional

    from pipelines.automation.script_run import ScriptRun
    from pipelines.task import Task


class CurrentPipeline(PipelineController):
    """A controller whose steps are those that its script has added so far."""

    def __init__(self, run: ScriptRun, said: Mapping[str, Any]) -> None:
        super().__init__(said["name"], said["project"], said["version"])
        self._script_run = run
        self._began = time.monotonic()

    @property
    def task(self) -> Optional[Task]:
        """The run's task."""
        return self._script_run.task

    def get_pipeline_dag(self) -> dict[str, Node]:
        """The steps that there are, by name."""
        return self._script_run.nodes

    def get_processed_nodes(self) -> dict[str, Node]:
        """The steps that have ended and let their children run."""
        return {name: node for name, node in self.get_pipeline_dag().items() if node.executed}

    def get_running_nodes(self) -> dict[str, Node]:
        """The steps that wait in a queue or are executed."""
        nodes = self.get_pipeline_dag().items()
        return {name: node for name, node in nodes if node.status in AT_WORK}

    def is_running(self) -> bool:
        """Whether its function is at work: who asks is told so from inside of it."""
        return True

    def elapsed(self) -> float:
        """Minutes since the start."""
        return (time.monotonic() - self._began) / 60

    def stop(
        self,
        timeout: Optional[float] = None,
        mark_failed: bool = False,
        mark_aborted: bool = False,
    ) -> None:
        """End the run: as a failure, else by aborting it, with its script."""
        if mark_failed:
            from pipelines.automation.driving import mark_failed as fail

            fail(self._script_run.task)
        else:
            self._script_run.api.send("POST", f"runs/{self._script_run.id}/abort/", {})

    def _own_run(self) -> dict[str, Any]:
        return dict(self._script_run.run)
