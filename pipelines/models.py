"""Models: artifacts of the kind "model" that tasks leave, and that others are given."""

from __future__ import annotations

import os

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Optional, Union

    from pipelines.artifacts import Artifact
    from pipelines.context import StepContext
    from pipelines.parameters import Parameters
    from pipelines.task import Task
    from pipelines.task_core import TaskCore

KIND = "model"
SECTION = "Models"


class Model:
    """A model that some task has left; its id names the task and the model."""

    def __init__(self, model_id: str = "", *, artifact: Optional[Artifact] = None) -> None:
        self._artifact = artifact if artifact is not None else _artifact_of(model_id)

    @property
    def id(self) -> str:
        """What names it: task and name."""
        return f"{self._artifact.task_id}/{self._artifact.name}"

    @property
    def name(self) -> str:
        """Its name."""
        return self._artifact.name

    @property
    def url(self) -> str:
        """The address by which steps name it."""
        return self._artifact.url

    @property
    def task(self) -> str:
        """The task that left it."""
        return self._artifact.task_id

    @property
    def framework(self) -> Optional[str]:
        """What it was made with, where somebody said so."""
        said = self._said("framework")
        return None if said is None else str(said)

    @property
    def comment(self) -> str:
        """What somebody wrote about it."""
        return str(self._said("comment") or "")

    @property
    def tags(self) -> list[str]:
        """Its labels."""
        return list(self._said("tags") or [])

    @property
    def config_dict(self) -> dict[str, Any]:
        """What it was configured with."""
        return dict(self._said("configuration") or {})

    @property
    def labels(self) -> dict[str, int]:
        """What its numbers stand for."""
        return dict(self._said("labels") or {})

    def get_local_copy(
        self,
        extract_archive: bool = True,
        raise_on_error: bool = True,
        force_download: bool = False,
    ) -> str:
        """Give the path of a file or folder on this machine that holds it."""
        return self._artifact.get_local_copy(extract_archive, force_download=force_download)

    def get_weights(self, raise_on_error: bool = True, force_download: bool = False) -> str:
        """Give the path of a file or folder on this machine that holds it."""
        return self.get_local_copy(force_download=force_download)

    def note_in(self, parameters: Parameters, name: Optional[str]) -> None:
        """Write down that a task goes on with this model, or is given another one."""
        key = f"{SECTION}/{name or self.name}"
        if parameters.given.get(key) is not None:
            self._artifact = _artifact_of(str(parameters.given[key]))
        parameters.note({key: self.id})

    def _said(self, word: str) -> Any:
        return (self._artifact.metadata or {}).get(word)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


class InputModel(Model):
    """A model that a task is given: by its id or address, or by its name and its task's project."""

    def __init__(
        self,
        model_id: Optional[str] = None,
        name: Optional[str] = None,
        project: Optional[str] = None,
    ) -> None:
        if model_id:
            super().__init__(model_id)
        elif name:
            super().__init__(artifact=_newest(name, project))
        else:
            raise ValueError("which model? give its id, or its name")

    def connect(self, task: Task, name: Optional[str] = None) -> None:
        """Note at a task that it goes on with this model."""
        task._must_be_own("connect a model to")
        self.note_in(task._parameters, name)


class OutputModel:
    """A model that the task of this process leaves."""

    def __init__(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        task: Optional[Task] = None,
        config_text: Optional[str] = None,
        config_dict: Optional[Mapping[str, Any]] = None,
        label_enumeration: Optional[Mapping[str, int]] = None,
        name: Optional[str] = None,
        tags: Optional[Sequence[str]] = None,
        comment: Optional[str] = None,
        framework: Optional[str] = None,
        base_model_id: Optional[str] = None,
    ) -> None:
        self._task = task
        self._stored = ""
        self.name = name or ""
        self._about: dict[str, Any] = {
            "configuration": dict(config_dict) if config_dict else None,
            "configuration_text": config_text,
            "labels": dict(label_enumeration) if label_enumeration else None,
            "tags": list(tags) if tags else None,
            "comment": comment,
            "framework": str(framework) if framework else None,
            "base_model": base_model_id,
        }
        self._base = base_model_id

    @property
    def id(self) -> str:
        """What names it: task and name."""
        return f"{self._owner().id}/{self._name()}"

    @property
    def url(self) -> str:
        """The address by which steps name it."""
        from pipelines.artifacts import ADDRESS_SCHEME

        return f"{ADDRESS_SCHEME}{self.id}"

    def connect(self, task: Task, name: Optional[str] = None) -> None:
        """Let a task leave this model, under a name; one made of a base model leaves its copy."""
        self._task = task
        self.name = name or self.name
        if self._base and not self._stored:
            self.update_weights(Model(self._base).get_local_copy())

    def update_weights(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        weights_filename: Optional[Union[str, os.PathLike[str]]] = None,
        upload_uri: Optional[str] = None,
        target_filename: Optional[str] = None,
        auto_delete_file: bool = False,
        register_uri: Optional[str] = None,
        iteration: Optional[int] = None,
        update_comment: bool = True,
        is_package: bool = False,
        async_enable: bool = True,
    ) -> str:
        """Keep a file or folder as the model, in the place of what it was; give its address."""
        from pipelines.storing import Wish, remove, store_artifact

        if weights_filename is None or not os.path.exists(weights_filename):
            raise PipelinesError(f"there is no file or folder {str(weights_filename)!r} to store")
        owner = self._owner()
        owner._must_be_own("give a model to")
        self.name = self.name or os.path.basename(os.fspath(weights_filename)).lstrip(".")
        about = {key: value for key, value in self._about.items() if value is not None}
        about["file"] = target_filename or os.path.basename(os.fspath(weights_filename))
        if iteration is not None:
            about["iteration"] = int(iteration)
        about["model"] = True
        about["is_folder"] = os.path.isdir(weights_filename)
        wish = Wish(kind=KIND)
        store_artifact(owner._context, self._name(), _as_path(weights_filename), about, wish)
        if auto_delete_file:
            remove(os.fspath(weights_filename))
        owner._send(self._name(), now=not async_enable)
        self._stored = self._name()
        return self.url

    def update_weights_package(self, weights_path: Optional[str] = None, **more: Any) -> str:
        """Keep a folder as the model."""
        return self.update_weights(weights_path, **more)

    def _owner(self) -> Task:
        if self._task is None:
            from pipelines.task import Task as Tasks

            self._task = Tasks.current_task()
        if self._task is None:
            raise PipelinesError("a model is left by a task: call Task.init first")
        return self._task

    def _name(self) -> str:
        if not self.name:
            self.name = f"{self._owner().name or 'output'} model"
        import re

        return re.sub(r"[^\w\-. ]", "_", self.name)[:128]

    def __repr__(self) -> str:
        return f"<OutputModel {self.name}>"


class ModelsList(list):  # type: ignore[type-arg]
    """Models in the order of their making; also found by name."""

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        for model in reversed(self):
            if model.name == key:
                return model
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """One by its name, or the default."""
        return next((model for model in reversed(self) if model.name == key), default)

    def keys(self) -> list[str]:
        """The names."""
        return [model.name for model in self]

    def values(self) -> list[Model]:
        """The models."""
        return list(self)

    def items(self) -> list[tuple[str, Model]]:
        """Names with their models."""
        return [(model.name, model) for model in self]


class TaskModels(dict):  # type: ignore[type-arg]
    """A task's models: those that it was given under *input*, those that it left under *output*."""

    def __init__(self, task: TaskCore) -> None:
        from pipelines.artifacts import everything_of

        found = [one for one in everything_of(task.id, task._context) if one.is_model]
        found.sort(key=lambda one: (one._created_at, one.name))
        given: Mapping[str, Any] = (
            {**task._parameters.given, **task._parameters.used}
            if task._is_own
            else task._details().get("parameters") or {}
        )
        ids = [str(given[name]) for name in sorted(given) if name.startswith(f"{SECTION}/")]
        super().__init__(
            input=ModelsList(Model(one, artifact=_artifact_of(one, task._context)) for one in ids),
            output=ModelsList(Model(artifact=one) for one in found),
        )

    @property
    def input(self) -> ModelsList:
        """Those that the task was given."""
        models: ModelsList = self["input"]
        return models

    @property
    def output(self) -> ModelsList:
        """Those that the task left."""
        models: ModelsList = self["output"]
        return models


def _artifact_of(model_id: str, context: Optional[StepContext] = None) -> Artifact:
    from pipelines.artifacts import ADDRESS_SCHEME, everything_of
    from pipelines.finding import context_of_others

    place = model_id[len(ADDRESS_SCHEME) :] if model_id.startswith(ADDRESS_SCHEME) else model_id
    task_id, slash, name = place.partition("/")
    if not slash or not name:
        raise PipelinesError(f"{model_id!r} names no model: that is TASK/NAME")
    context = context or context_of_others(task_id)
    for artifact in everything_of(task_id, context):
        if artifact.name == name:
            return artifact
    raise PipelinesError(f"task {task_id} has no model {name!r}")


def _newest(name: str, project: Optional[str]) -> Artifact:
    from pipelines.finding import get_tasks
    from pipelines.task import Task as Tasks

    for task in get_tasks(Tasks, project_name=project, task_filter={"status": ["completed"]}):
        found = task.models.output.get(name)
        if found is not None:
            artifact: Artifact = found._artifact
            return artifact
    raise PipelinesError(f"no completed task has left a model {name!r}")


def _as_path(path: Union[str, os.PathLike[str]]) -> os.PathLike[str]:
    from pathlib import Path

    return Path(path)
