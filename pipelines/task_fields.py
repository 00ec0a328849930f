"""What is written on a task: its name, words, labels, how far it is; and how it stands."""

from __future__ import annotations

from pipelines.task_core import TaskCore
from pipelines.task_types import TaskStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Optional, Union

    from pipelines.task_types import TaskTypes

    Tags = Union[str, Sequence[str]]

PROPERTIES = "properties"


class TaskFields(TaskCore):
    """The parts of a task that describe it."""

    @property
    def name(self) -> str:
        """The task's name."""
        return str(self._details().get("name", ""))

    @name.setter
    def name(self, name: str) -> None:
        self.set_name(name)

    @property
    def task_id(self) -> str:
        """The task's id."""
        return self.id

    @property
    def status(self) -> TaskStatus:
        """How the task stands now; equal to our word for it and to ClearML's."""
        return TaskStatus(self._now()["status"])

    @property
    def task_type(self) -> str:
        """What the task is for."""
        return str(self._details().get("type", ""))

    @property
    def comment(self) -> str:
        """What somebody wrote about it."""
        return str(self._details().get("comment") or "")

    @comment.setter
    def comment(self, comment: str) -> None:
        self.set_comment(comment)

    @property
    def parent(self) -> Optional[str]:
        """The id of the task that this one was made like or by."""
        found = self._details().get("parent")
        return None if found is None else str(found)

    @property
    def project(self) -> str:
        """The project that it belongs to."""
        return str(self._details().get("project", ""))

    @property
    def data(self) -> Mapping[str, Any]:
        """All that the server says of it, as last heard."""
        return self._details()

    def get_status(self) -> TaskStatus:
        """How the task stands now."""
        return self.status

    def get_status_message(self) -> Optional[str]:
        """Why it ended as it did; None when there is nothing to say."""
        return str((self._now().get("outcome") or {}).get("reason") or "") or None

    def get_project_name(self) -> str:
        """The name of its project."""
        return self.project

    def get_task_output_log_web_page(self) -> str:
        """Where its page is."""
        return self.get_output_log_web_page()

    def get_output_log_web_page(self) -> str:
        """Where its page is."""
        return f"{self._api.site}/tasks/{self.id}/"

    def get_progress(self) -> Optional[int]:
        """How far it is, in percent."""
        found = self._now().get("progress")
        return None if found is None else round(float(found) * 100)

    def set_progress(self, progress: float) -> None:
        """Say how far the task of this process is, in percent."""
        self._must_be_own("set the progress of")
        self._reporter.set_progress(min(max(float(progress), 0.0), 100.0) / 100)

    def set_name(self, name: str) -> None:
        """Call it something else."""
        self._change(name=str(name))

    def rename(self, new_name: str) -> bool:
        """Call it something else."""
        self.set_name(new_name)
        return True

    def set_comment(self, comment: str) -> None:
        """Write something about it."""
        self._change(comment=str(comment))

    def set_parent(self, parent: Optional[Union[str, TaskCore]]) -> None:
        """Say which task it was made like or by."""
        self._change(parent=parent.id if isinstance(parent, TaskCore) else parent)

    def set_task_type(self, task_type: Union[str, TaskTypes]) -> None:
        """Say what it is for."""
        self._change(type=str(task_type))

    def get_tags(self) -> list[str]:
        """Its labels."""
        return list(self._now().get("tags") or [])

    def set_tags(self, tags: Tags) -> None:
        """Give it these labels and no others."""
        self._change(tags=_tags(tags))

    def add_tags(self, tags: Tags) -> None:
        """Give it more labels."""
        before = self.get_tags()
        self.set_tags([*before, *(tag for tag in _tags(tags) if tag not in before)])

    def remove_tags(self, tags: Tags) -> None:
        """Take labels away from it."""
        gone = set(_tags(tags))
        self.set_tags([tag for tag in self.get_tags() if tag not in gone])

    def export_task(self) -> dict[str, Any]:
        """Give all that the server says of it."""
        return dict(self._now())


def _tags(tags: Tags) -> list[str]:
    return [tags] if isinstance(tags, str) else [str(tag) for tag in tags]
