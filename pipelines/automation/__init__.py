"""Pipelines written in Python: controllers, decorators, and functions as steps.

Nothing is loaded before it is asked for.
"""

from __future__ import annotations

_MODULE_OF = {
    "PipelineController": "pipelines.automation.pipeline",
    "PipelineDecorator": "pipelines.automation.decorator",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module at its first use."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'pipelines.automation' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value
