"""What a step imports: its task, its parameters, its artifacts, its metrics; and the client.

Standard library only, Python 3.9 or newer, so that it works in any task's environment. Nothing is
loaded before it is asked for: importing this costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipelines.artifacts import Artifact
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
    from pipelines.runs import Run, RunFailed
    from pipelines.steps import Step
    from pipelines.storage import StorageManager
    from pipelines.task import Task

__all__ = [
    "Artifact",
    "ArtifactNotFound",
    "Client",
    "Logger",
    "ParameterError",
    "PipelinesError",
    "RequestRefused",
    "Run",
    "RunFailed",
    "ServerUnavailable",
    "Step",
    "StorageManager",
    "Task",
    "WaitTimeout",
    "call",
]

_MODULE_OF = {
    "Artifact": "pipelines.artifacts",
    "ArtifactNotFound": "pipelines.errors",
    "Client": "pipelines.client",
    "Logger": "pipelines.logger",
    "ParameterError": "pipelines.errors",
    "PipelinesError": "pipelines.errors",
    "RequestRefused": "pipelines.errors",
    "Run": "pipelines.runs",
    "RunFailed": "pipelines.runs",
    "ServerUnavailable": "pipelines.errors",
    "Step": "pipelines.steps",
    "StorageManager": "pipelines.storage",
    "Task": "pipelines.task",
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
