"""What a step imports: its task, its parameters, its artifacts, its metrics; and the client.

Standard library only, Python 3.9 or newer, so that it works in any task's environment. Nothing is
loaded before it is asked for: importing this costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipelines.artifacts import Artifact
    from pipelines.automation.decorator import PipelineDecorator
    from pipelines.automation.pipeline import PipelineController
    from pipelines.client import Client
    from pipelines.errors import (
        ArtifactNotFound,
        ParameterError,
        PipelinesError,
        RequestRefused,
        ServerUnavailable,
        WaitTimeout,
    )
    from pipelines.logger import Logger
    from pipelines.main_call import call
    from pipelines.models import InputModel, Model, OutputModel
    from pipelines.runs import Run, RunFailed
    from pipelines.steps import Step
    from pipelines.storage import StorageManager
    from pipelines.task import Task
    from pipelines.task_types import TaskTypes

__all__ = [
    "Artifact",
    "ArtifactNotFound",
    "Client",
    "InputModel",
    "Logger",
    "Model",
    "OutputModel",
    "ParameterError",
    "PipelineController",
    "PipelineDecorator",
    "PipelinesError",
    "RequestRefused",
    "Run",
    "RunFailed",
    "ServerUnavailable",
    "Step",
    "StorageManager",
    "Task",
    "TaskTypes",
    "WaitTimeout",
    "call",
]

_MODULE_OF = {
    "Artifact": "pipelines.artifacts",
    "ArtifactNotFound": "pipelines.errors",
    "Client": "pipelines.client",
    "InputModel": "pipelines.models",
    "Logger": "pipelines.logger",
    "Model": "pipelines.models",
    "OutputModel": "pipelines.models",
    "ParameterError": "pipelines.errors",
    "PipelineController": "pipelines.automation.pipeline",
    "PipelineDecorator": "pipelines.automation.decorator",
    "PipelinesError": "pipelines.errors",
    "RequestRefused": "pipelines.errors",
    "Run": "pipelines.runs",
    "RunFailed": "pipelines.runs",
    "ServerUnavailable": "pipelines.errors",
    "Step": "pipelines.steps",
    "StorageManager": "pipelines.storage",
    "Task": "pipelines.task",
    "TaskTypes": "pipelines.task_types",
    "WaitTimeout": "pipelines.errors",
    "call": "pipelines.main_call",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module at its first use."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'pipelines' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value
