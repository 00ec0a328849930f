"""Arguments that other systems have and this one has not: each is named once, none is silent."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

REASONS = {
    "add_pipeline_tags": "a step's task knows its run without a tag",
    "auto_version_bump": "a version that is not given is counted up when something has changed",
    "clone_base_task": "a step always gets a task of its own, made from the base task",
    "continue_on_abort": "continue_on_fail decides for an aborted step, too",
    "docker": "steps run in Python environments, not in containers",
    "docker_args": "steps run in Python environments, not in containers",
    "docker_bash_setup_script": "steps run in Python environments, not in containers",
    "draft": "every step is enqueued; pause_at or an approval step waits for a person",
    "output_uri": "artifacts are kept by the server",
    "repo": "what is executed is the script's or function's own code",
    "repo_branch": "what is executed is the script's or function's own code",
    "repo_commit": "what is executed is the script's or function's own code",
    "target_project": "the steps' tasks are in the project of their run",
    "task_overrides": "a step's task is as its base task says",
    "working_dir": "every task has a working folder of its own",
    "argparse_args": "a run's parameters are given when it is started",
    "binary": "what is executed is Python of the agent's environment",
    "module": "what is executed is a script",
    "queue_name": "the script of a run waits in the queue that its version names",
}

_told: set[str] = set()


def tell(name: str, *, stacklevel: int = 3) -> None:
    """Warn that an argument is not heeded, the first time that it is given in this process."""
    if name in _told:
        return
    _told.add(name)
    import warnings

    warnings.warn(f"{name} is not heeded: {REASONS[name]}", stacklevel=stacklevel)


def tell_given(given: Mapping[str, Any], *, stacklevel: int = 3) -> None:
    """Warn of each argument that was given a value."""
    for name, value in given.items():
        if value not in (None, "", [], (), {}):
            tell(name, stacklevel=stacklevel + 1)


def place_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """Give where artifacts were to be kept, if a place was named: True is the server, as always."""
    place = said.get("output_uri")
    return {"output_uri": place if isinstance(place, str) else None}
