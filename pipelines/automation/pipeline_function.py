"""A pipeline function: its call starts a run, and in the run's own process it is the run."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from pipelines.automation import document, server, unsupported
from pipelines.automation.current_pipeline import CurrentPipeline
from pipelines.automation.functions import annotation_of, example_word
from pipelines.automation.lazy import values_in
from pipelines.automation.running import cast
from pipelines.automation.script_run import ScriptRun
from pipelines.automation.templates import FunctionTemplates
from pipelines.errors import PipelinesError
from pipelines.http import in_path
from pipelines.queues import LOCAL_QUEUE, SERVICES_QUEUE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Optional

    from pipelines.automation.decorator import PipelineDecorator
    from pipelines.http import Api
    from pipelines.task import Task

    JSON = dict[str, Any]


class PipelineFunction:
    """A function whose calls of components are the steps of a run."""

    def __init__(
        self,
        function: Callable[..., Any],
        said: Mapping[str, Any],
        decorator: type[PipelineDecorator],
    ) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._said = dict(said)
        self._decorator = decorator
        self._parameters = list(inspect.signature(function).parameters.values())

    @property
    def runs_parallel(self) -> bool:
        """Whether its calls do not wait for one another."""
        return bool(self._said["multi_instance_support"] == "parallel")

    @property
    def return_value(self) -> str:
        """The name under which what it returns is kept."""
        return str(self._said["return_value"] or "")

    @property
    def deserialize(self) -> Optional[Callable[[bytes], Any]]:
        """What reads the artifacts of its runs, where that is not as usual."""
        function: Optional[Callable[[bytes], Any]]
        function = self._said["artifact_deserialization_function"]
        return function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Start a run; or be it, in the process that executes it or that was asked to."""
        decorator = self._decorator
        given = self._bound(args, kwargs)
        if decorator._debugs:
            return self._function(**given)
        if decorator._run is not None:
            # A pipeline inside of another: its components are steps of that one.
            return self._function(**given)
        if not server.is_under_agent():
            return self._call_in_shell(given)
        return self._call_under_agent(given)

    def _call_in_shell(self, given: JSON) -> Any:
        said, decorator = self._said, self._decorator
        queue = said["pipeline_execution_queue"]
        if decorator._runs_locally or said["start_controller_locally"] or queue is None:
            result = self._drive_new(given)
            if self.runs_parallel:
                return decorator._instances.over(result)
            return result
        run = self._start_on_queue(given)
        if said["multi_instance_support"]:
            return decorator._instances.add(run, self)
        from pipelines.automation.launching import leave

        return leave()

    def _call_under_agent(self, given: JSON) -> Any:
        from pipelines.automation.driving import run_of

        task = server.current_task()
        assert task is not None
        run = run_of(task)
        decorator = self._decorator
        if run is not None and not decorator._is_used:
            decorator._is_used = True
            return self._drive(task, run, {**given, **self._values_of(run)})
        if self._said["multi_instance_support"]:
            if run is not None:
                # One instance among others: they have runs of their own.
                return None
            return decorator._instances.add(self._start_on_queue(given), self)
        if run is not None:
            raise PipelinesError(
                f"{self._said['name']}: the run of this script is over; a script that starts "
                "several has pipelines with multi_instance_support=True"
            )
        return self._drive_new(given)

    def _drive_new(self, given: JSON) -> Any:
        """Let this process become a run of the pipeline, and be it."""
        from pipelines.automation.driving import become_run

        task = server.current_task()
        if task is None:
            from pipelines.task import Task

            task = Task.init(
                project_name=self._said["project"],
                task_name=self._said["name"],
                task_type="controller",
                reuse_last_task_id=False,
            )
        own = server.own_api(task)
        project = str(server.about_task(own, task.id)["project"])
        registered = self._register(server.api(), project)
        slug = str(registered["pipeline"]).partition("/")[2]
        values = {f"Args/{name}": value for name, value in _plain(given).items()}
        own.send("PATCH", f"tasks/{in_path(task.id)}/", {"parameters": values})
        run = become_run(task, pipeline=slug, version=registered["version"])
        return self._drive(task, run, given)

    def _drive(self, task: Task, run: JSON, given: JSON) -> Any:
        said, decorator = self._said, self._decorator
        queue = LOCAL_QUEUE if decorator._runs_locally else self._queue()
        script = ScriptRun(
            task,
            run,
            queue=queue,
            retry=said["retry_on_failure"],
            serialize=said["artifact_serialization_function"],
            deserialize=said["artifact_deserialization_function"],
            skip_global_imports=said["skip_global_imports"],
        )
        script.owner = CurrentPipeline(script, said)
        decorator._run = script
        try:
            answer = values_in(self._function(**given))
            script.close()
            self._keep(task, answer)
        except BaseException as error:
            _end_badly(task, error)
            raise
        finally:
            decorator._run = None
            script.stop()
        if not task._context.has_agent:
            task.close()
        return answer

    def _keep(self, task: Task, answer: Any) -> None:
        name = self._said["return_value"]
        if name:
            from pipelines.automation.values import keep_value
            from pipelines.storing import upload_artifact

            keep_value(task._context, name, answer, self._said["artifact_serialization_function"])
            upload_artifact(task._context, name)

    def _queue(self) -> Optional[str]:
        return self._said["default_queue"] or self._decorator._default_execution_queue

    def _start_on_queue(self, given: JSON) -> JSON:
        """Register the pipeline and start a run of it, whose script waits in its queue."""
        import uuid

        api = server.api()
        registered = self._register(api, self._said["project"])
        project, _, slug = str(registered["pipeline"]).partition("/")
        self._keep_components(api, project, slug)
        body = {"version": registered["version"], "parameters": _plain(given)}
        path = f"pipelines/{in_path(project)}/{in_path(slug)}/runs/"
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        run = dict(api.send("POST", path, body, headers=headers))
        queue = self._said["pipeline_execution_queue"]
        sys.stdout.write(
            f"run {run['project']}/{run['pipeline']}/{run['number']} "
            f"waits in queue {queue}: {urljoin(api.url, run['url'])}\n"
        )
        sys.stdout.flush()
        return run

    def _keep_components(self, api: Api, project: str, pipeline: str) -> None:
        """Keep all functions as they are here, where what they import is installed."""
        said = self._said
        templates = FunctionTemplates(
            api,
            project=project,
            pipeline=pipeline,
            skip_global_imports=said["skip_global_imports"],
            serialize=said["artifact_serialization_function"],
            deserialize=said["artifact_deserialization_function"],
        )
        for component in self._decorator._components:
            templates.keep(component)

    def _register(self, api: Api, project: str) -> JSON:
        from pipelines.automation.registering import own_script, script_of_task

        said = self._said
        script = None
        if server.is_under_agent():
            task = server.current_task()
            assert task is not None
            script = script_of_task(server.about_task(server.own_api(task), task.id))
        script = script or _with_all_imports(own_script(said["packages"]), said["packages"])
        if script is None:
            raise PipelinesError(
                "a decorated pipeline is a script in a file; in an interactive session use "
                "PipelineDecorator.debug_pipeline()"
            )
        body: JSON = {
            "project": project,
            "name": said["name"],
            "document": self._document(),
            "driver": "script",
            "script": script,
            "queue": said["pipeline_execution_queue"] or SERVICES_QUEUE,
        }
        if said["version"]:
            body["label"] = str(said["version"])
        return dict(api.send("POST", "pipelines/register/", body))

    def _document(self) -> JSON:
        sections = {
            name: section
            for section, names in (self._said["args_map"] or {}).items()
            for name in ([names] if isinstance(names, str) else names)
        }
        parameters = []
        for one in self._parameters:
            default = None if one.default is one.empty else one.default
            parameters.append(
                document.parameter(
                    one.name,
                    _plain({"": default}).get(""),
                    param_type=annotation_of(one) or (None if default is not None else "json"),
                    section=sections.get(one.name),
                )
            )
        whole: JSON = {"schema": document.SCHEMA, "parameters": parameters, "steps": []}
        if self._said["abort_on_failure"]:
            whole["run"] = {"abort_on_failure": True}
        return whole

    def _values_of(self, run: JSON) -> JSON:
        """Read the run's parameters as the types that the function expects."""
        values: JSON = {}
        for one in self._parameters:
            value = (run.get("parameters") or {}).get(one.name)
            if value is not None:
                values[one.name] = cast(one.name, value, example_word(one))
        return values

    def _bound(self, args: Any, kwargs: Any) -> JSON:
        bound = inspect.signature(self._function).bind(*args, **kwargs)
        bound.apply_defaults()
        return dict(bound.arguments)


def check_arguments(said: Mapping[str, Any]) -> None:
    """Warn of arguments that are not heeded here."""
    names = (
        "add_pipeline_tags", "docker", "docker_args", "docker_bash_setup_script", "repo",
        "repo_branch", "repo_commit", "working_dir",
    )  # fmt: skip
    given = {name: said.get(name) or None for name in names}
    unsupported.tell_given({**given, **unsupported.place_of(said)}, stacklevel=4)


def _plain(given: Mapping[str, Any]) -> JSON:
    """Keep what a run's parameters can hold; the function's own defaults are there anyway."""
    from pipelines.automation.values import is_plain

    return {name: value for name, value in given.items() if is_plain(value) and value is not None}


def _with_all_imports(script: Optional[JSON], packages: Any) -> Optional[JSON]:
    """Require also what components import: the script takes their results into its hands."""
    from pipelines import script_source

    if script is not None and packages in (None, True):
        found = script_source.requirements_for(script["script"], script_source.main_script())
        script["requirements"] = found
    return script


def _end_badly(task: Task, error: BaseException) -> None:
    """Say in a shell how the run ended; an agent sees by itself how its process does."""
    if task._context.has_agent:
        return
    import traceback

    from pipelines.task_start import session_of

    session = session_of(task._context)
    if isinstance(error, KeyboardInterrupt):
        session.end("aborted", reason="interrupted")
        return
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    reason = "".join(traceback.format_exception_only(type(error), error)).strip()
    session.end("failed", reason=reason[:2000], traceback="".join(lines)[-60_000:], exit_code=1)
