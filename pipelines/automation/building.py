"""What scripts call to declare a pipeline: its settings, parameters and steps."""

from __future__ import annotations

from pipelines.automation import document, unsupported
from pipelines.automation.base_tasks import BaseTask, MadeTask, find_base_task
from pipelines.automation.declaring import Declared, Declaring, callbacks_in, step_said
from pipelines.automation.node import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Optional, Union

    Callback = Callable[..., Any]
    Names = Union[str, Sequence[str]]


class Building:
    """The declarations of a controller, in the words of scripts."""

    def __init__(  # noqa: PLR0913 - the names and their order are those of existing scripts
        self,
        name: str,
        project: str,
        version: Optional[str] = None,
        pool_frequency: float = 0.2,
        add_pipeline_tags: bool = False,
        target_project: Union[str, bool, None] = True,
        auto_version_bump: Optional[bool] = None,
        abort_on_failure: bool = False,
        add_run_number: bool = True,
        retry_on_failure: Union[int, Callback, None] = None,
        docker: Optional[str] = None,
        docker_args: Optional[str] = None,
        docker_bash_setup_script: Optional[str] = None,
        packages: Union[bool, str, Sequence[str], None] = None,
        repo: Optional[str] = None,
        repo_branch: Optional[str] = None,
        repo_commit: Optional[str] = None,
        always_create_from_code: bool = True,
        artifact_serialization_function: Optional[Callable[[Any], bytes]] = None,
        artifact_deserialization_function: Optional[Callable[[bytes], Any]] = None,
        output_uri: Union[str, bool, None] = None,
        skip_global_imports: bool = False,
        working_dir: Optional[str] = None,
        enable_local_imports: bool = True,
        *,
        time_limit: Optional[float] = None,
        max_parallel: Optional[int] = None,
        concurrency: Optional[Mapping[str, Any]] = None,
        pause_at: Optional[Sequence[str]] = None,
        defaults: Optional[Mapping[str, Any]] = None,
        hooks: Optional[Mapping[str, Any]] = None,
        tags: Optional[Names] = None,
    ) -> None:
        unsupported.tell_given(
            {
                "add_pipeline_tags": add_pipeline_tags or None,
                "auto_version_bump": auto_version_bump,
                "target_project": target_project if isinstance(target_project, str) else None,
                "docker": docker,
                "docker_args": docker_args,
                "docker_bash_setup_script": docker_bash_setup_script,
                "repo": repo or None,
                "repo_branch": repo_branch,
                "repo_commit": repo_commit,
                "output_uri": output_uri if isinstance(output_uri, str) else None,
                "working_dir": working_dir,
            }
        )
        self._declaring = declaring = Declaring(name, project, version)
        self._packages = packages
        self._configurations: list[tuple[Any, Optional[str], Optional[str]]] = []
        self._found: dict[str, Any] = {}
        self._serialization = artifact_serialization_function
        self._deserialization = artifact_deserialization_function
        self._skip_global_imports = skip_global_imports
        if callable(retry_on_failure):
            declaring.retry = retry_on_failure
        elif retry_on_failure is not None:
            declaring.defaults["retries"] = document.retries(retry_on_failure)
        declaring.defaults.update(defaults or {})
        run = {
            "timeout": time_limit,
            "max_parallel": max_parallel,
            "concurrency": concurrency,
            "pause_at": list(pause_at) if pause_at else None,
            "abort_on_failure": True if abort_on_failure else None,
        }
        declaring.run.update(document.without_nothing(run))
        declaring.hooks.update(hooks or {})
        self.add_tags(tags or [])

    def set_default_execution_queue(self, default_execution_queue: Optional[str]) -> None:
        """Say where steps wait that name no queue of their own."""
        self._declaring.defaults.pop("queue", None)
        if default_execution_queue:
            self._declaring.defaults["queue"] = str(default_execution_queue)

    def set_pipeline_execution_time_limit(self, max_execution_minutes: Optional[float]) -> None:
        """Say how many minutes a run may take before it has failed; None: no limit."""
        self._declaring.run.pop("timeout", None)
        if max_execution_minutes:
            seconds = float(max_execution_minutes) * 60
            self._declaring.run["timeout"] = int(seconds) if seconds.is_integer() else seconds

    def add_parameter(
        self,
        name: str,
        default: Any = None,
        description: Optional[str] = None,
        param_type: Any = None,
        *,
        more: Optional[Mapping[str, Any]] = None,
        **rules: Any,
    ) -> None:
        """Declare a parameter of the pipeline: steps refer to it as ``${pipeline.NAME}``.

        *rules* are those of the document: required, choices, minimum, maximum, section.
        """
        unknown = set(rules) - {"required", "choices", "minimum", "maximum", "section"}
        if unknown:
            raise TypeError(f"add_parameter has no argument {sorted(unknown)[0]!r}")
        said = document.parameter(name, default, description, param_type, **rules, **(more or {}))
        self._declaring.add_parameter(name, said)

    def add_tags(self, tags: Names) -> None:
        """Give the pipeline more words to be found by."""
        more = [tags] if isinstance(tags, str) else list(tags)
        self._declaring.tags[:] = list(dict.fromkeys([*self._declaring.tags, *more]))

    def set_document(self, more: Mapping[str, Any]) -> None:
        """Say what else the pipeline's document has: outputs, groups, layout, notes."""
        self._declaring.rest = document.merged(self._declaring.rest, more)

    def add_step(  # noqa: PLR0913 - the names and their order are those of existing scripts
        self,
        name: str,
        base_task_id: Optional[str] = None,
        parents: Optional[Sequence[str]] = None,
        parameter_override: Optional[Mapping[str, Any]] = None,
        configuration_overrides: Optional[Mapping[str, Any]] = None,
        task_overrides: Optional[Mapping[str, Any]] = None,
        execution_queue: Optional[str] = None,
        monitor_metrics: Optional[Sequence[Any]] = None,
        monitor_artifacts: Optional[Sequence[Any]] = None,
        monitor_models: Optional[Sequence[Any]] = None,
        time_limit: Optional[float] = None,
        base_task_project: Optional[str] = None,
        base_task_name: Optional[str] = None,
        clone_base_task: bool = True,
        continue_on_fail: bool = False,
        pre_execute_callback: Optional[Callback] = None,
        post_execute_callback: Optional[Callback] = None,
        cache_executed_step: bool = False,
        base_task_factory: Optional[Callable[[Node], Any]] = None,
        retry_on_failure: Union[int, Callback, None] = None,
        status_change_callback: Optional[Callback] = None,
        recursively_parse_parameters: bool = False,
        output_uri: Union[str, bool, None] = None,
        continue_behaviour: Optional[Mapping[str, Any]] = None,
        stage: Optional[str] = None,
        *,
        template: Optional[str] = None,
        pipeline: Optional[str] = None,
        approval: Optional[Mapping[str, Any]] = None,
        kind: Optional[str] = None,
        version: Union[int, str, None] = None,
        group: Optional[str] = None,
        tags: Optional[Names] = None,
        **said: Any,
    ) -> bool:
        """Add a step: a clone of a base task, a template's task, a pipeline's run, or an approval.

        What the document's steps can say besides are arguments too: retries, priority,
        queue_timeout, grace, when, trigger, may_fail, for_each, hooks, comment; and *more*.
        """
        for config, value in (configuration_overrides or {}).items():
            if not isinstance(value, (str, dict)):
                raise ValueError(
                    f"configuration_overrides[{config!r}] is a {type(value).__name__}, "
                    "neither text nor a dictionary"
                )
        unsupported.tell_given(
            {
                "task_overrides": task_overrides,
                "clone_base_task": None if clone_base_task else False,
                "output_uri": output_uri if isinstance(output_uri, str) else None,
            }
        )
        flags = document.continue_flags(continue_on_fail, continue_behaviour)
        if continue_behaviour and flags["continue_on_abort"] != flags["continue_on_fail"]:
            unsupported.tell("continue_on_abort")
        node = Node(
            name,
            queue=execution_queue,
            parents=list(parents or []),
            timeout=time_limit,
            parameters=dict(parameter_override or {}),
            configurations=dict(configuration_overrides or {}),
            task_overrides=dict(task_overrides or {}),
            clone_task=clone_base_task,
            cache_executed_step=bool(cache_executed_step),
            monitor_metrics=list(monitor_metrics or []),
            monitor_artifacts=list(monitor_artifacts or []),
            monitor_models=list(monitor_models or []),
            recursively_parse_parameters=recursively_parse_parameters,
            output_uri=output_uri,
            stage=stage or group,
            **flags,
        )
        document_step = step_said(
            name,
            kind=kind,
            template=template,
            pipeline=pipeline,
            approval=approval,
            version=version,
            parents=parents,
            parameters=parameter_override,
            queue=execution_queue,
            retry_on_failure=retry_on_failure,
            time_limit=time_limit,
            cache=cache_executed_step,
            monitor_metrics=monitor_metrics,
            monitor_artifacts=monitor_artifacts,
            monitor_models=monitor_models,
            group=group or stage,
            tags=tags,
            **said,
        )
        declared = Declared(node, document_step)
        declared.callbacks = callbacks_in(
            pre=pre_execute_callback,
            post=post_execute_callback,
            status=status_change_callback,
            retry=retry_on_failure if callable(retry_on_failure) else None,
        )
        self._declaring.check_name(name)
        if not {"template", "pipeline", "approval"} & set(document_step):
            self._find_base(
                declared, base_task_id, base_task_project, base_task_name, base_task_factory
            )
        self._declaring.add(declared)
        return True

    def _find_base(
        self,
        declared: Declared,
        task_id: Optional[str],
        project: Optional[str],
        name: Optional[str],
        factory: Optional[Callable[[Node], Any]],
    ) -> None:
        from pipelines.automation import server

        node = declared.node
        if factory is not None:
            node.task_factory_func = factory
            declared.source = MadeTask(factory, node)
            return
        about = find_base_task(server.api, task_id, project, name)
        node.base_task_id = str(about["id"])
        node.job_type = about.get("type")
        declared.source = BaseTask(node.base_task_id, node.configurations)

    def add_function_step(  # noqa: PLR0913 - the names and their order are those of existing scripts
        self,
        name: str,
        function: Callable[..., Any],
        function_kwargs: Optional[Mapping[str, Any]] = None,
        function_return: Optional[Sequence[str]] = None,
        project_name: Optional[str] = None,
        task_name: Optional[str] = None,
        task_type: Optional[str] = None,
        auto_connect_frameworks: Any = None,
        auto_connect_arg_parser: Any = None,
        packages: Union[bool, str, Sequence[str], None] = None,
        repo: Optional[str] = None,
        repo_branch: Optional[str] = None,
        repo_commit: Optional[str] = None,
        helper_functions: Optional[Sequence[Callable[..., Any]]] = None,
        docker: Optional[str] = None,
        docker_args: Optional[str] = None,
        docker_bash_setup_script: Optional[str] = None,
        parents: Optional[Sequence[str]] = None,
        execution_queue: Optional[str] = None,
        monitor_metrics: Optional[Sequence[Any]] = None,
        monitor_artifacts: Optional[Sequence[Any]] = None,
        monitor_models: Optional[Sequence[Any]] = None,
        time_limit: Optional[float] = None,
        continue_on_fail: bool = False,
        pre_execute_callback: Optional[Callback] = None,
        post_execute_callback: Optional[Callback] = None,
        cache_executed_step: bool = False,
        retry_on_failure: Union[int, Callback, None] = None,
        status_change_callback: Optional[Callback] = None,
        tags: Optional[Names] = None,
        output_uri: Union[str, bool, None] = None,
        draft: bool = False,
        working_dir: Optional[str] = None,
        continue_behaviour: Optional[Mapping[str, Any]] = None,
        stage: Optional[str] = None,
        **said: Any,
    ) -> bool:
        """Add a step that calls a function: its source is taken along with what it uses.

        *function_kwargs* are its arguments; ``${step.result}`` is what another function step has
        returned under that name. *function_return* names its results, kept as artifacts.
        """
        from pipelines.automation.function_steps import FunctionStep
        from pipelines.automation.functions import capture

        unsupported.tell_given(
            {
                "repo": repo or None,
                "repo_branch": repo_branch,
                "repo_commit": repo_commit,
                "docker": docker,
                "docker_args": docker_args,
                "docker_bash_setup_script": docker_bash_setup_script,
                "output_uri": output_uri if isinstance(output_uri, str) else None,
                "draft": draft or None,
                "working_dir": working_dir,
            }
        )
        self._declaring.check_name(name)
        captured = capture(
            function,
            returns=list(function_return) if function_return else None,
            helper_functions=helper_functions,
            packages=packages,
            skip_global_imports=self._skip_global_imports,
            serialization=self._serialization,
            deserialization=self._deserialization,
        )
        kwargs = captured.defaults if function_kwargs is None else function_kwargs
        captured.check(kwargs)
        source = FunctionStep(
            captured,
            kwargs,
            step=name,
            name=task_name or f"{self._declaring.name}: {name}",
            serialization=self._serialization,
            task_type=None if task_type is None else str(getattr(task_type, "value", task_type)),
        )
        flags = document.continue_flags(continue_on_fail, continue_behaviour)
        if continue_behaviour and flags["continue_on_abort"] != flags["continue_on_fail"]:
            unsupported.tell("continue_on_abort")
        returns = {
            one: declared.node.return_artifacts for one, declared in self._declaring.steps.items()
        }
        parameters = source.parameters(returns)
        node = Node(
            name,
            queue=execution_queue,
            parents=list(parents or []),
            timeout=time_limit,
            parameters=dict(parameters),
            cache_executed_step=bool(cache_executed_step),
            return_artifacts=list(captured.returns),
            monitor_metrics=list(monitor_metrics or []),
            monitor_artifacts=list(monitor_artifacts or []),
            monitor_models=list(monitor_models or []),
            job_type=task_type,
            job_code_section=name,
            output_uri=output_uri,
            draft=draft,
            stage=stage,
            **flags,
        )
        document_step = step_said(
            name,
            parents=parents,
            parameters=parameters,
            queue=execution_queue,
            retry_on_failure=retry_on_failure,
            time_limit=time_limit,
            cache=cache_executed_step,
            monitor_metrics=monitor_metrics,
            monitor_artifacts=monitor_artifacts,
            monitor_models=monitor_models,
            group=said.pop("group", None) or stage,
            tags=tags,
            **said,
        )
        declared = Declared(node, document_step, source)
        declared.callbacks = callbacks_in(
            pre=pre_execute_callback,
            post=post_execute_callback,
            status=status_change_callback,
            retry=retry_on_failure if callable(retry_on_failure) else None,
        )
        self._declaring.add(declared)
        return True
