"""A step of a controller as callbacks see it: what it is made from, how it stands, its task."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable, Optional, Union

    from pipelines.task import Task

# How steps stand, in the words of callbacks: of the server's they leave three out.
_WORDS = {"crashed": "failed", "aborting": "running", "awaiting": "pending"}
_GOOD = frozenset({"completed", "cached"})
OVER = frozenset({"completed", "cached", "failed", "aborted", "skipped"})
AT_WORK = frozenset({"queued", "running"})


def in_words(status: str) -> str:
    """Say how a step stands in the words of callbacks."""
    return _WORDS.get(status, status)


class Node:
    """One step. ``executed``: its task's id once its children may run, False once they may not."""

    def __init__(self, name: str, **given: Any) -> None:
        self.name = name
        self.status = "pending"
        self.base_task_id: Optional[str] = None
        self.task_factory_func: Optional[Callable[[Node], Any]] = None
        self.queue: Optional[str] = None
        self.parents: list[str] = []
        self.timeout: Optional[float] = None
        self.parameters: dict[str, Any] = {}
        self.configurations: dict[str, Any] = {}
        self.task_overrides: dict[str, Any] = {}
        self.executed: Union[str, bool, None] = None
        self.clone_task = True
        self.job: Optional[NodeJob] = None
        self.job_type: Optional[str] = None
        self.job_started: Optional[float] = None
        self.job_ended: Optional[float] = None
        self.job_code_section: Optional[str] = None
        self.skip_job = False
        self.cache_executed_step = False
        self.return_artifacts: list[str] = []
        self.monitor_metrics: list[Any] = []
        self.monitor_artifacts: list[Any] = []
        self.monitor_models: list[Any] = []
        self.recursively_parse_parameters = False
        self.output_uri: Union[str, bool, None] = None
        self.draft = False
        self.continue_on_fail = False
        self.continue_on_abort = False
        self.skip_children_on_fail = True
        self.skip_children_on_abort = True
        self.stage: Optional[str] = None
        self.reason = ""
        self.attempt = 0
        for field, value in given.items():
            if not hasattr(self, field):
                raise TypeError(f"a node has no field {field!r}")
            setattr(self, field, value)

    @property
    def is_over(self) -> bool:
        """Whether the step has ended in some way."""
        return self.status in OVER

    def stands(self, status: str, reason: Optional[str] = None) -> None:
        """Take up how the step stands, in the server's words."""
        self.status = in_words(status)
        if reason is not None:
            self.reason = reason
        self.skip_job = self.status == "skipped"
        self.executed = self._executed()

    def has_task(self, task_id: Optional[str]) -> None:
        """Take up which task the step's current attempt is."""
        if task_id is None:
            self.job = None
        elif self.job is None or self.job.task_id() != task_id:
            self.job = NodeJob(self, task_id)
        self.executed = self._executed()

    def _executed(self) -> Union[str, bool, None]:
        task = self.job.task_id() if self.job else None
        if self.status in _GOOD:
            return task or True
        if self.status == "failed":
            return False if self.skip_children_on_fail else task or True
        if self.status == "aborted":
            return False if self.skip_children_on_abort else task or True
        return None

    def copy_named(self, name: str) -> Node:
        """Make the node of one item of a fan-out."""
        import copy

        item = copy.copy(self)
        item.name, item.status, item.job, item.executed = name, "pending", None, None
        return item

    def __repr__(self) -> str:
        return f"<Node {self.name} ({self.status})>"


class NodeJob:
    """The execution of a step: its task."""

    def __init__(self, node: Node, task_id: str) -> None:
        self._node = node
        self._task_id = task_id
        self._task: Optional[Task] = None

    @property
    def task(self) -> Task:
        """The step's task, from the server."""
        if self._task is None:
            from pipelines.task import Task

            self._task = Task.get_task(self._task_id)
        return self._task

    @property
    def task_parameter_override(self) -> Mapping[str, Any]:
        """What the step sets of its task's parameters."""
        return self._node.parameters

    def task_id(self) -> str:
        """The task's id."""
        return self._task_id

    def status(self) -> str:
        """The task's status, as it is now."""
        return str(self.task.status)

    def is_pending(self) -> bool:
        """Whether it has not begun."""
        return self._node.status in ("pending", "queued")

    def is_running(self) -> bool:
        """Whether it is executed now."""
        return self._node.status == "running"

    def is_completed(self) -> bool:
        """Whether it has ended well."""
        return self._node.status in _GOOD

    def is_failed(self) -> bool:
        """Whether it has failed."""
        return self._node.status == "failed"

    def is_aborted(self) -> bool:
        """Whether it was aborted."""
        return self._node.status == "aborted"

    def is_stopped(self, aborted_nonresponsive_as_running: bool = False) -> bool:
        """Whether it has ended in some way."""
        return self._node.is_over

    def is_cached_task(self) -> bool:
        """Whether an earlier task's result was taken."""
        return self._node.status == "cached"

    def __repr__(self) -> str:
        return f"<NodeJob {self._task_id}>"
