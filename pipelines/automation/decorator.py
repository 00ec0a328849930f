"""Pipelines as decorated functions: what they call are the steps, as they call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.automation import component as _component
from pipelines.automation import pipeline_function as _pipeline_function
from pipelines.automation import server
from pipelines.automation.component import Component
from pipelines.automation.instances import Instances
from pipelines.automation.pipeline import PipelineController
from pipelines.automation.pipeline_function import PipelineFunction
from pipelines.automation.script_run import ScriptRun
from pipelines.queues import SERVICES_QUEUE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Optional, Union

    Function = Callable[..., Any]
    Names = Union[str, Sequence[str]]


class PipelineDecorator(PipelineController):
    """``component`` makes steps of functions, ``pipeline`` runs of functions that call these."""

    _default_execution_queue: Optional[str] = None
    _runs_locally = False
    _debugs = False
    _is_used = False
    _run: Optional[ScriptRun] = None
    _inside: Optional[ScriptRun] = None
    _instances = Instances()
    _components: ClassVar[list[Component]] = []

    @classmethod
    def component(  # noqa: PLR0913 - the names and their order are those of existing scripts
        cls,
        _func: Optional[Function] = None,
        *,
        return_values: Names = ("return_object",),
        name: Optional[str] = None,
        cache: bool = False,
        packages: Union[bool, str, Sequence[str], None] = None,
        parents: Optional[Sequence[str]] = None,
        execution_queue: Optional[str] = None,
        continue_on_fail: bool = False,
        docker: Optional[str] = None,
        docker_args: Optional[str] = None,
        docker_bash_setup_script: Optional[str] = None,
        task_type: Optional[str] = None,
        auto_connect_frameworks: Any = None,
        auto_connect_arg_parser: Any = None,
        repo: Optional[str] = None,
        repo_branch: Optional[str] = None,
        repo_commit: Optional[str] = None,
        helper_functions: Optional[Sequence[Function]] = None,
        monitor_metrics: Optional[Sequence[Any]] = None,
        monitor_artifacts: Optional[Sequence[Any]] = None,
        monitor_models: Optional[Sequence[Any]] = None,
        retry_on_failure: Union[int, Function, None] = None,
        pre_execute_callback: Optional[Function] = None,
        post_execute_callback: Optional[Function] = None,
        status_change_callback: Optional[Function] = None,
        tags: Optional[Names] = None,
        output_uri: Union[str, bool, None] = None,
        draft: bool = False,
        working_dir: Optional[str] = None,
        continue_behaviour: Optional[Mapping[str, Any]] = None,
        stage: Optional[str] = None,
    ) -> Any:
        """Make a step of each call of a function, inside of a pipeline; elsewhere it is called."""
        said = {key: value for key, value in locals().items() if key not in ("cls", "_func")}
        _component.check_arguments(said)

        def decorate(function: Function) -> Component:
            made = Component(function, said, cls._run_of_call)
            PipelineDecorator._components.append(made)
            return made

        return decorate if _func is None else decorate(_func)

    @classmethod
    def pipeline(  # noqa: PLR0913 - the names and their order are those of existing scripts
        cls,
        _func: Optional[Function] = None,
        *,
        name: str,
        project: str,
        version: Optional[str] = None,
        return_value: Optional[str] = None,
        default_queue: Optional[str] = None,
        pool_frequency: float = 0.2,
        add_pipeline_tags: bool = False,
        target_project: Optional[str] = None,
        abort_on_failure: bool = False,
        pipeline_execution_queue: Optional[str] = SERVICES_QUEUE,
        multi_instance_support: Union[bool, str] = False,
        add_run_number: bool = True,
        args_map: Optional[Mapping[str, Names]] = None,
        start_controller_locally: bool = False,
        retry_on_failure: Union[int, Function, None] = None,
        docker: Optional[str] = None,
        docker_args: Optional[str] = None,
        docker_bash_setup_script: Optional[str] = None,
        packages: Union[bool, str, Sequence[str], None] = None,
        repo: Optional[str] = None,
        repo_branch: Optional[str] = None,
        repo_commit: Optional[str] = None,
        artifact_serialization_function: Optional[Callable[[Any], bytes]] = None,
        artifact_deserialization_function: Optional[Callable[[bytes], Any]] = None,
        output_uri: Union[str, bool, None] = None,
        skip_global_imports: bool = False,
        working_dir: Optional[str] = None,
        enable_local_imports: bool = True,
    ) -> Any:
        """Make a run of each call of a function: the components that it calls are its steps.

        Called in a shell it starts a run on its queue and ends the process; see also
        ``run_locally`` and ``start_controller_locally``.
        """
        said = {key: value for key, value in locals().items() if key not in ("cls", "_func")}
        if version is not None:
            from pipelines.automation.versions import check_version

            check_version(version)
        _pipeline_function.check_arguments(said)

        def decorate(function: Function) -> PipelineFunction:
            return PipelineFunction(function, said, cls)

        return decorate if _func is None else decorate(_func)

    @classmethod
    def set_default_execution_queue(cls, default_execution_queue: Optional[str]) -> None:
        """Say in which queue steps wait that name none."""
        PipelineDecorator._default_execution_queue = (
            None if default_execution_queue is None else str(default_execution_queue)
        )

    @classmethod
    def run_locally(cls) -> None:
        """Be the run in this process, and run its steps as processes on this machine."""
        PipelineDecorator._runs_locally = True
        PipelineDecorator._debugs = False

    @classmethod
    def debug_pipeline(cls, execute_steps_as_functions: bool = True) -> None:
        """Call everything as the plain functions that they are, in this process."""
        PipelineDecorator._debugs = execute_steps_as_functions
        PipelineDecorator._runs_locally = not execute_steps_as_functions

    @classmethod
    def get_current_pipeline(cls) -> Any:
        """Give the pipeline that this process runs; None when it runs none."""
        return PipelineDecorator._run.owner if PipelineDecorator._run else None

    @classmethod
    def wait_for_multi_pipelines(cls) -> list[Any]:
        """Wait for all runs that were started here; what their functions have returned."""
        return PipelineDecorator._instances.wait()

    @classmethod
    def _run_of_call(cls) -> Optional[ScriptRun]:
        """The run to which a component's call adds a step; None when it is a plain call."""
        if PipelineDecorator._debugs or PipelineDecorator._run is not None:
            return None if PipelineDecorator._debugs else PipelineDecorator._run
        if PipelineDecorator._inside is None and server.is_under_agent():
            PipelineDecorator._inside = _run_of_step()
        return PipelineDecorator._inside


def _run_of_step() -> Optional[ScriptRun]:
    """The run of which this process is a step, which may call components, too."""
    task = server.current_task()
    assert task is not None
    api = server.own_api(task)
    step = server.about_task(api, task.id).get("step")
    if not step:
        return None
    run = dict(api.get(f"runs/{step['run']}/"))
    return ScriptRun(task, run, inside=str(step["step"]))
