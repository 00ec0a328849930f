"""A pipeline written as a script: its steps are declared, then its run is started and followed."""

from __future__ import annotations

from pipelines.automation import document, unsupported
from pipelines.automation.building import Building
from pipelines.automation.declaring import callbacks_in
from pipelines.automation.node import AT_WORK
from pipelines.automation.node import Node as _Node
from pipelines.errors import PipelinesError
from pipelines.queues import SERVICES_QUEUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Optional, Union

    from pipelines.automation.driving import Driving
    from pipelines.logger import Logger
    from pipelines.task import Task
    from pipelines.task import Task as _Task

    Callback = Callable[..., Any]

_GOOD = frozenset({"completed", "cached", "skipped"})
_CONDITIONS = {
    "all": ("completed",),
    "failed": ("completed", "aborted"),
    "aborted": ("completed", "failed"),
}


class PipelineController(Building):
    """Declares a pipeline's steps, then drives its run from this process or from an agent."""

    Node = _Node
    _driving: Optional[Driving] = None

    def start(
        self,
        queue: Optional[str] = SERVICES_QUEUE,
        step_task_created_callback: Optional[Callback] = None,
        step_task_completed_callback: Optional[Callback] = None,
        wait: bool = True,
    ) -> bool:
        """Start the run on a queue: in a shell that ends this process; there it is driven.

        *queue* None makes a draft. Under an agent, *wait* False returns at once, and callbacks
        run in a thread of their own.
        """
        from pipelines.automation import launching, server

        self._declaring.callbacks = callbacks_in(
            created=step_task_created_callback, completed=step_task_completed_callback
        )
        self._declaring.queue = queue or self._declaring.queue
        if not server.is_under_agent():
            if queue is None:
                self.create_draft()
            else:
                launching.start_on_queue(self._declaring, self._packages)
            launching.leave()
        return self._drive(wait=wait)

    def start_locally(
        self,
        run_pipeline_steps_locally: bool = False,
        *,
        step_task_created_callback: Optional[Callback] = None,
        step_task_completed_callback: Optional[Callback] = None,
        wait: bool = True,
    ) -> None:
        """Drive the run from this process; its steps go to their queues, or run here too."""
        self._declaring.callbacks = callbacks_in(
            created=step_task_created_callback, completed=step_task_completed_callback
        )
        self._drive(wait=wait, with_local_steps=run_pipeline_steps_locally)

    def create_draft(self) -> None:
        """Register the pipeline and make a draft run of it, to be enqueued later."""
        from pipelines.automation import launching

        self._found = launching.make_draft(self._declaring, self._packages)

    def _drive(self, *, wait: bool, with_local_steps: bool = False) -> bool:
        from pipelines.automation import server
        from pipelines.automation.driving import Driving

        if self._driving is not None:
            raise PipelinesError("this pipeline has been started already")
        task = server.current_task()
        if task is None:
            from pipelines.task import Task

            task = Task.init(
                project_name=self._declaring.project,
                task_name=self._declaring.name,
                task_type="controller",
                reuse_last_task_id=False,
            )
        self._driving = Driving(self, self._declaring, task)
        self._driving.begin(
            with_local_steps=with_local_steps, keep=self._keep, packages=self._packages
        )
        if wait:
            self._driving.wait()
        return True

    def _keep(self, task: Task) -> None:
        """Keep with the run's task what was given before there was one."""
        from pipelines.automation.function_steps import upload_objects

        upload_objects(self._declaring.steps, task)
        waiting, self._configurations = self._configurations, []
        for configuration, name, description in waiting:
            task.connect_configuration(configuration, name=name, description=description)

    def get_parameters(self) -> dict[str, Any]:
        """The pipeline's parameters: the run's values where it is one, else the defaults."""
        values = {name: said.get("default") for name, said in self._declaring.parameters.items()}
        run = self._own_run()
        values.update(run.get("parameters") or {})
        return values

    def connect_configuration(
        self, configuration: Any, name: Optional[str] = None, description: Optional[str] = None
    ) -> Any:
        """Keep a configuration, a dictionary or a file, with the run; give back the run's."""
        from pipelines.automation import server

        task = self.task or (server.current_task() if server.is_under_agent() else None)
        if task is None:
            self._configurations.append((configuration, name, description))
            return configuration
        return task.connect_configuration(configuration, name=name, description=description)

    def stop(
        self,
        timeout: Optional[float] = None,
        mark_failed: bool = False,
        mark_aborted: bool = False,
    ) -> None:
        """End what has not ended, and wait so many minutes for it; callbacks may ask for it, too.

        Steps that run are aborted. *mark_failed* lets the run fail, *mark_aborted* aborts it with
        its script.
        """
        if self._driving is not None and (self._driving.is_running or mark_failed or mark_aborted):
            seconds = None if timeout is None else timeout * 60
            self._driving.stop(seconds, as_failed=mark_failed, as_aborted=mark_aborted)

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Wait so many minutes for the end of all steps; whether it has come."""
        if self._driving is None:
            return True
        return self._driving.wait(None if timeout is None else timeout * 60)

    def is_running(self) -> bool:
        """Whether steps may still run."""
        return self._driving is not None and self._driving.is_running

    def is_successful(self, fail_on_step_fail: bool = True, fail_condition: str = "all") -> bool:
        """Whether it has ended well: *fail_condition* says what counts as bad.

        "all": failed and aborted; "failed": failed only; "aborted": aborted only. With
        *fail_on_step_fail* every step counts, also one that may fail; cached and skipped are good.
        """
        if fail_condition not in _CONDITIONS:
            raise ValueError(
                f"fail_condition is one of {', '.join(_CONDITIONS)}, not {fail_condition!r}"
            )
        good = _CONDITIONS[fail_condition]
        if self._driving is None or self._driving.outcome() not in good:
            return False
        statuses = {node.status for node in self.get_pipeline_dag().values()}
        return not fail_on_step_fail or statuses <= _GOOD | set(good)

    def elapsed(self) -> float:
        """Minutes since the start; -1 before that."""
        return -1.0 if self._driving is None else self._driving.elapsed()

    def get_pipeline_dag(self) -> dict[str, _Node]:
        """All steps by name."""
        return self._declaring.nodes

    def get_processed_nodes(self) -> dict[str, _Node]:
        """The steps that have ended and let their children run."""
        return {name: node for name, node in self._declaring.nodes.items() if node.executed}

    def get_running_nodes(self) -> dict[str, _Node]:
        """The steps that wait in a queue or are executed."""
        nodes = self._declaring.nodes.items()
        return {name: node for name, node in nodes if node.status in AT_WORK}

    def update_execution_plot(self) -> None:
        """Look how the steps stand now; the run's page shows it by itself."""
        if self._driving is not None:
            self._driving.refresh()

    @property
    def task(self) -> Optional[Task]:
        """The run's task; None before there is a run."""
        if self._driving is not None:
            return self._driving.task
        run = self._own_run()
        if not run:
            return None
        from pipelines.task import Task

        task: Optional[_Task] = Task.get_task(str(run["id"]))
        return task

    @property
    def id(self) -> Optional[str]:
        """The run's id, which is also that of its task; None before there is a run."""
        run = self._own_run()
        return str(run["id"]) if run else None

    @property
    def tags(self) -> list[str]:
        """The words that the pipeline is found by."""
        return list(self._declaring.tags)

    @property
    def version(self) -> Optional[str]:
        """The version's label: as given, else as registered."""
        return self._declaring.version or self._found.get("label")

    def _own_run(self) -> dict[str, Any]:
        """The run that this process is, or that was found; empty without one."""
        from pipelines.automation import server

        if self._driving is not None:
            return self._driving.run
        if not self._found.get("run") and server.is_under_agent():
            from pipelines.automation.driving import run_of

            task = server.current_task()
            self._found["run"] = (run_of(task) if task else None) or {}
        return dict(self._found.get("run") or {})

    @classmethod
    def get_logger(cls) -> Logger:
        """Give the logger of the run's task, in its script or in one of its steps."""
        from pipelines.automation.of_the_run import task_of_the_run

        return task_of_the_run().get_logger()

    @classmethod
    def upload_artifact(  # noqa: PLR0913 - the names and their order are those of existing scripts
        cls,
        name: str,
        artifact_object: Any,
        metadata: Optional[Mapping[str, Any]] = None,
        delete_after_upload: bool = False,
        auto_pickle: Optional[bool] = None,
        preview: Any = None,
        wait_on_upload: bool = False,
        serialization_function: Optional[Callable[[Any], Any]] = None,
        sort_keys: bool = True,
    ) -> bool:
        """Keep an artifact with the run's task, from its script or from one of its steps."""
        from pipelines.automation.of_the_run import task_of_the_run

        given = {
            "metadata": metadata,
            "delete_after_upload": delete_after_upload or None,
            "auto_pickle": auto_pickle,
            "preview": preview,
            "serialization_function": serialization_function,
            "sort_keys": None if sort_keys else False,
        }
        more = document.without_nothing(given)
        task = task_of_the_run()
        return bool(task.upload_artifact(name, artifact_object, wait_on_upload=True, **more))

    @classmethod
    def upload_model(
        cls, model_name: str, model_local_path: str, upload_uri: Optional[str] = None
    ) -> Any:
        """Keep a model's file with the run's task, from its script or from one of its steps."""
        from pipelines.automation.of_the_run import task_of_the_run
        from pipelines.models import OutputModel

        unsupported.tell_given({"output_uri": upload_uri})
        model = OutputModel(task=task_of_the_run(), name=model_name)
        # At once: a step ends before anybody would bring it to the run's task.
        model.update_weights(weights_filename=model_local_path, async_enable=False)
        return model

    @classmethod
    def get(
        cls,
        pipeline_id: Optional[str] = None,
        pipeline_project: Optional[str] = None,
        pipeline_name: Optional[str] = None,
        pipeline_version: Optional[str] = None,
        pipeline_tags: Optional[Sequence[str]] = None,
        shallow_search: bool = False,
    ) -> PipelineController:
        """Give a pipeline that is there, with its newest run: to be cloned or enqueued."""
        from pipelines.automation import finding

        found = finding.find(
            pipeline_id, pipeline_project, pipeline_name, pipeline_version, pipeline_tags
        )
        return cls._of(found)

    @classmethod
    def clone(
        cls,
        pipeline_controller: Union[PipelineController, str],
        name: Optional[str] = None,
        comment: Optional[str] = None,
        parent: Optional[str] = None,
        project: Optional[str] = None,
        version: Optional[str] = None,
    ) -> PipelineController:
        """Make a draft run like a pipeline's, to be enqueued."""
        from pipelines.automation import finding

        source = cls._given(pipeline_controller)
        return cls._of(
            finding.clone(
                source._found, name=name, comment=comment, project=project, version=version
            )
        )

    @classmethod
    def enqueue(
        cls,
        pipeline_controller: Union[PipelineController, str],
        queue_name: Optional[str] = None,
        queue_id: Optional[str] = None,
        force: bool = False,
    ) -> Any:
        """Let a draft run start; one that has ended is run again with *force*."""
        from pipelines.automation import finding

        source = cls._given(pipeline_controller)
        source._found = finding.enqueue(source._found, queue_name or queue_id, force=force)
        return source._found["run"]

    @classmethod
    def create(  # noqa: PLR0913 - the names and their order are those of existing scripts
        cls,
        project_name: str,
        task_name: str,
        repo: Optional[str] = None,
        branch: Optional[str] = None,
        commit: Optional[str] = None,
        script: Optional[str] = None,
        working_directory: Optional[str] = None,
        packages: Union[bool, Sequence[str], None] = None,
        requirements_file: Optional[str] = None,
        docker: Optional[str] = None,
        docker_args: Optional[str] = None,
        docker_bash_setup_script: Optional[str] = None,
        argparse_args: Optional[Sequence[tuple[str, str]]] = None,
        force_single_script_file: bool = False,
        version: Optional[str] = None,
        add_run_number: bool = True,
        binary: Optional[str] = None,
        module: Optional[str] = None,
        detect_repository: bool = True,
    ) -> PipelineController:
        """Make a pipeline of a controller's script without running it here."""
        from pipelines.automation import finding

        unsupported.tell_given(
            {
                "repo": repo,
                "repo_branch": branch,
                "repo_commit": commit,
                "working_dir": working_directory,
                "docker": docker,
                "docker_args": docker_args,
                "docker_bash_setup_script": docker_bash_setup_script,
                "binary": binary,
                "module": module,
                "argparse_args": argparse_args,
            }
        )
        found = finding.create(
            project_name,
            task_name,
            script=script,
            packages=packages,
            requirements_file=requirements_file,
            version=version,
        )
        return cls._of(found)

    @classmethod
    def _of(cls, found: dict[str, Any]) -> PipelineController:
        """Give the controller of a pipeline that is on the server."""
        made = cls(found["name"], found["project"])
        made._declaring.tags = list(found.get("tags") or [])
        made._declaring.version = found.get("label")
        made._found = found
        return made

    @classmethod
    def _given(cls, given: Union[PipelineController, str]) -> PipelineController:
        if isinstance(given, PipelineController):
            if not given._found.get("pipeline"):
                raise ValueError(
                    "this controller is not registered yet: take one from get, create or clone, "
                    "or call create_draft first"
                )
            return given
        return cls.get(pipeline_id=str(getattr(given, "id", given)))

    def __repr__(self) -> str:
        return f"<PipelineController {self._declaring.project}/{self._declaring.name}>"
