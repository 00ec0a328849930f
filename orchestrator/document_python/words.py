"""Which argument of which call says what of a document.

The words are those that scripts know, where there is one for the same thing; else the document's.
"""

from __future__ import annotations

from typing import Final

CONTROLLER: Final = "PipelineController"
MODULES: Final = frozenset({"pipelines", "pipelines.automation", "pipelines.automation.controller"})

# What stands beside the document: which pipeline it is, and the label of its version.
ABOUT: Final = ("name", "project", "version")

# Argument of the controller ← key of the document's `run`.
RUN: Final = {
    "abort_on_failure": "abort_on_failure",
    "time_limit": "timeout",
    "max_parallel": "max_parallel",
    "concurrency": "concurrency",
    "pause_at": "pause_at",
}

# Arguments of the controller that are keys of the document itself.
WHOLE: Final = ("hooks", "tags")

# Argument ← key, in the order in which they are written.
PARAMETER: Final = {
    "name": "name",
    "default": "default",
    "description": "help",
    "param_type": "type",
    "required": "required",
    "choices": "choices",
    "minimum": "minimum",
    "maximum": "maximum",
    "section": "section",
}

STEP: Final = {
    "name": "name",
    "kind": "kind",
    "template": "template",
    "pipeline": "pipeline",
    "version": "version",
    "parents": "parents",
    "for_each": "for_each",
    "parameter_override": "parameters",
    "approval": "approval",
    "when": "when",
    "trigger": "trigger",
    "execution_queue": "queue",
    "priority": "priority",
    "time_limit": "timeout",
    "queue_timeout": "queue_timeout",
    "grace": "grace",
    "retry_on_failure": "retries",
    "retries": "retries",
    "cache_executed_step": "cache",
    "may_fail": "may_fail",
    "monitor_metrics": "monitor",
    "monitor_artifacts": "monitor_artifacts",
    "monitor_models": "monitor_models",
    "hooks": "hooks",
    "group": "group",
    "tags": "tags",
    "comment": "comment",
}

# Said in another word than it is written with.
SAME: Final = {"stage": "group"}

# Keys of a step or a parameter that no argument is for.
MORE: Final = "more"

# What a script may say and a document cannot, with what to do instead.
INSTEAD: Final = {
    "base_task_id": 'a document names templates: say template="project/slug"',
    "base_task_name": 'a document names templates: say template="project/slug"',
    "base_task_project": 'a document names templates: say template="project/slug"',
    "base_task_factory": 'a document names templates: say template="project/slug"',
    "pre_execute_callback": 'a document cannot hold a function: say hooks={"pre": […]}',
    "post_execute_callback": 'a document cannot hold a function: say hooks={"post": […]}',
    "status_change_callback": "a document cannot hold a function: give the controller hooks=",
    "step_task_created_callback": "a document cannot hold a function: give the controller hooks=",
    "step_task_completed_callback": "a document cannot hold a function: give the controller hooks=",
    "continue_on_fail": "say may_fail=True, or trigger= of the steps that come after",
    "continue_behaviour": "say may_fail=True, or trigger= of the steps that come after",
}
