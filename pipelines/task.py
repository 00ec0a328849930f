"""The task that this process executes, other tasks, and new ones."""

from __future__ import annotations

import os

from pipelines import task_types
from pipelines.context import StepContext
from pipelines.task_fields import TaskFields
from pipelines.task_moves import TaskMoves
from pipelines.task_parameters import TaskParameters
from pipelines.task_results import TaskResults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Optional, Union

    Named = Union[str, "Task"]


class Task(TaskFields, TaskParameters, TaskResults, TaskMoves):
    """A task: its parameters, artifacts, outputs, metrics and progress."""

    TaskTypes = task_types.TaskTypes
    TaskStatusEnum = task_types.TaskStatusEnum

    _current: Optional[Task] = None

    @classmethod
    def init(  # noqa: PLR0913 - the arguments are ClearML's
        cls,
        project_name: Optional[str] = None,
        task_name: Optional[str] = None,
        task_type: Union[str, task_types.TaskTypes] = task_types.TaskTypes.training,
        tags: Optional[Sequence[str]] = None,
        reuse_last_task_id: Union[bool, str] = True,
        continue_last_task: Union[bool, str, int] = False,
        output_uri: Union[str, bool, None] = None,
        auto_connect_arg_parser: Union[bool, Mapping[str, bool]] = True,
        auto_connect_frameworks: Union[bool, Mapping[str, Any]] = True,
        auto_resource_monitoring: Union[bool, Mapping[str, Any]] = True,
        auto_connect_streams: Union[bool, Mapping[str, bool]] = True,
        deferred_init: bool = False,
    ) -> Task:
        """Give the task of this process: an agent's, or a new one that begins here.

        Under an agent the names do not count. In a shell the task is made anew each time; with the
        id of one that has ended as *reuse_last_task_id* that one begins again. It ends as the
        process ends. Asked again in one process, it is the same.
        """
        current = cls.current_task()
        if current is not None:
            return current
        if continue_last_task:
            raise ValueError(
                "continue_last_task: a task that has ended is not continued here; "
                "give its id as reuse_last_task_id to begin it again"
            )
        from pipelines.task_start import begin

        again = reuse_last_task_id if isinstance(reuse_last_task_id, str) else None
        context, about = begin(
            project=project_name,
            name=task_name,
            type=str(task_type),
            tags=list(tags or []),
            again=again,
            captures=bool(auto_connect_streams),
        )
        cls._current = made = cls(context.task_id, context, about)
        made._say(f"task {made.name} ({made.id}): {made.get_output_log_web_page()}")
        made._offer_arguments(auto_connect_arg_parser)
        return made

    @classmethod
    def current_task(cls) -> Optional[Task]:
        """Give the task of this process: an agent's, or the one begun here; else None."""
        if Task._current is None:
            context = StepContext.from_environment()
            if context is None:
                return None
            Task._current = cls(context.task_id, context, {})
            Task._current._offer_arguments()
        return Task._current

    @classmethod
    def create(  # noqa: PLR0913 - the arguments are ClearML's
        cls,
        project_name: Optional[str] = None,
        task_name: Optional[str] = None,
        task_type: Union[str, task_types.TaskTypes, None] = None,
        repo: Optional[str] = None,
        branch: Optional[str] = None,
        commit: Optional[str] = None,
        script: Optional[str] = None,
        working_directory: Optional[str] = None,
        packages: Union[bool, str, Sequence[str], None] = None,
        requirements_file: Optional[str] = None,
        docker: Optional[str] = None,
        docker_args: Optional[str] = None,
        docker_bash_setup_script: Optional[str] = None,
        argparse_args: Optional[Sequence[tuple[str, str]]] = None,
        base_task_id: Optional[str] = None,
        add_task_init_call: bool = True,
        force_single_script_file: bool = False,
        binary: Optional[str] = None,
        module: Optional[str] = None,
        detect_repository: bool = True,
    ) -> Task:
        """Make a draft of a script, or like another task, without running it.

        Raises ValueError for what a task cannot be made of here: a repository, a container, a
        module.
        """
        from pipelines.creating import create

        for word, value in {
            "repo": repo,
            "docker": docker,
            "binary": binary,
            "module": module,
        }.items():
            if value:
                raise ValueError(f"Task.create: {word} has no equal here; a task is one script")
        return create(
            cls,
            project=project_name,
            name=task_name,
            type=str(task_type or task_types.TaskTypes.training),
            script=script,
            folder=working_directory or "",
            packages=packages,
            requirements_file=requirements_file,
            arguments=argparse_args or (),
            base=base_task_id,
        )

    @classmethod
    def get_task(
        cls,
        task_id: Optional[str] = None,
        project_name: Optional[str] = None,
        task_name: Optional[str] = None,
        tags: Optional[Sequence[str]] = None,
        allow_archived: bool = True,
        task_filter: Optional[Mapping[str, Any]] = None,
    ) -> Any:
        """Give one task: by its id, or the last changed of that project and exact name.

        None when there is none of the name; ValueError for an unknown project, RequestRefused for
        an unknown id.
        """
        from pipelines import finding

        return finding.get_task(cls, task_id, project_name, task_name, tags, task_filter)

    @classmethod
    def get_tasks(
        cls,
        task_ids: Optional[Sequence[str]] = None,
        project_name: Union[str, Sequence[str], None] = None,
        task_name: Optional[str] = None,
        tags: Optional[Sequence[str]] = None,
        allow_archived: bool = True,
        task_filter: Optional[Mapping[str, Any]] = None,
    ) -> list[Task]:
        """Give all tasks of these ids, or whose names hold a text, the last changed first."""
        from pipelines import finding

        return finding.get_tasks(cls, task_ids, project_name, task_name, tags, task_filter)

    @classmethod
    def query_tasks(
        cls,
        project_name: Union[str, Sequence[str], None] = None,
        task_name: Optional[str] = None,
        tags: Optional[Sequence[str]] = None,
        additional_return_fields: Optional[Sequence[str]] = None,
        task_filter: Optional[Mapping[str, Any]] = None,
    ) -> Union[list[str], list[dict[str, Any]]]:
        """Give the ids of tasks; with further fields, dictionaries of these."""
        found = cls.get_tasks(None, project_name, task_name, tags, True, task_filter)
        if not additional_return_fields:
            return [task.id for task in found]
        fields = ("id", *additional_return_fields)
        return [{field: task.data.get(field) for field in fields} for task in found]

    @classmethod
    def clone(
        cls,
        source_task: Optional[Named] = None,
        name: Optional[str] = None,
        comment: Optional[str] = None,
        parent: Optional[Named] = None,
        project: Optional[str] = None,
    ) -> Task:
        """Make a draft like a task, by default like the one of this process."""
        from pipelines import finding

        source = source_task if source_task is not None else cls.current_task()
        if source is None:
            raise ValueError("Task.clone: which task? this process has none of its own")
        if not isinstance(source, str):
            source._flush(_PATIENCE_SECONDS)
        return finding.clone(cls, source, name, comment, parent, project)

    @classmethod
    def enqueue(
        cls,
        task: Named,
        queue_name: Optional[str] = None,
        queue_id: Optional[str] = None,
        force: bool = False,
    ) -> dict[str, Any]:
        """Put a draft into a queue; *force* makes one that has ended a draft first.

        Raises ValueError for an unknown queue.
        """
        from pipelines import finding

        return finding.enqueue(task, queue_name or queue_id, force=force)

    @classmethod
    def dequeue(cls, task: Named) -> dict[str, Any]:
        """Take a task out of its queue: a draft again."""
        from pipelines import finding

        return finding.dequeue(task)

    @classmethod
    def get_num_enqueued_tasks(
        cls, queue_name: Optional[str] = None, queue_id: Optional[str] = None
    ) -> int:
        """Count the tasks that wait in a queue; raises ValueError for an unknown one."""
        from pipelines import finding

        return int(finding.about_queue(queue_name or queue_id or "default")["waiting"])

    @classmethod
    def add_requirements(cls, package_name: str, package_version: Optional[str] = None) -> None:
        """Say, before Task.init, what this script requires; also the path of a list of it."""
        from pipelines.script_source import add_requirement

        add_requirement(package_name, package_version)

    @staticmethod
    def running_locally() -> bool:
        """Tell whether no agent started this process."""
        return StepContext.from_environment() is None

    @staticmethod
    def force_store_standalone_script(force: bool = True) -> None:
        """Do nothing: it is always the script alone that is kept."""

    def set_project(
        self, project_id: Optional[str] = None, project_name: Optional[str] = None
    ) -> None:
        """Refuse: a task remains in its project, a copy of it can be made in another."""
        raise ValueError("a task remains in its project; Task.clone(project=…) makes a copy")

    def _say(self, text: str) -> None:
        from pipelines.task_start import session_of

        session_of(self._context).say(text)

    def _offer_arguments(self, wanted: Union[bool, Mapping[str, bool]] = True) -> None:
        """Let a parser of command line arguments see the parameters that are meant for it."""
        left_out = [n for n, w in wanted.items() if not w] if isinstance(wanted, dict) else []
        is_given = any(name.startswith("Args/") for name in self._parameters.given)
        if wanted and (is_given or not self._context.has_agent):
            from pipelines.arguments import offer_to_all_parsers

            offer_to_all_parsers(
                self._parameters, left_out=left_out, notes_parsed=not self._context.has_agent
            )

    @classmethod
    def _left(cls, task_id: str) -> None:
        """Forget the task of this process once it has ended."""
        if Task._current is not None and Task._current.id == task_id:
            Task._current = None

    def __repr__(self) -> str:
        return f"<Task {self.id}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)


_PATIENCE_SECONDS = 60.0


def _attach() -> None:
    """Be ready for a parser that parses before the script asks for its task."""
    import sys

    if "argparse" in sys.modules:
        from pipelines.arguments import remember_parsed

        remember_parsed()
    if os.environ.get("PIPELINES_TASK") and os.path.exists(
        os.path.join(os.environ.get("PIPELINES_DIR", ""), "parameters.json")
    ):
        Task.current_task()


_attach()
