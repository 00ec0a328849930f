"""What a script says of its pipeline before it starts: settings, parameters and steps."""

from __future__ import annotations

from pipelines.automation import document
from pipelines.automation.node import Node
from pipelines.automation.versions import check_version
from pipelines.queues import SERVICES_QUEUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Optional, Union

    Callback = Callable[..., Any]

RESERVED = ("pipeline", "item")
CALLED = {
    "pre": "pre_execute_callback",
    "post": "post_execute_callback",
    "status": "status_change_callback",
    "retry": "retry_on_failure",
}
"""The calls of a step that a script answers, by the arguments that ask for them."""


class Declared:
    """A step as it was declared: its node, what the document says, whom to call, what it runs."""

    def __init__(self, node: Node, said: dict[str, Any], source: Any = None) -> None:
        self.node = node
        self.said = said
        self.source = source
        self.callbacks: dict[str, Callback] = {}


class Declaring:
    """The declarations of one pipeline, in the order of the script."""

    def __init__(self, name: str, project: str, version: Optional[str]) -> None:
        self.name = name
        self.project = project
        self.version = None if version is None else check_version(version)
        self.steps: dict[str, Declared] = {}
        self.parameters: dict[str, dict[str, Any]] = {}
        self.defaults: dict[str, Any] = {}
        self.run: dict[str, Any] = {}
        self.hooks: dict[str, Any] = {}
        self.tags: list[str] = []
        self.rest: dict[str, Any] = {}
        self.retry: Optional[Callback] = None
        self.callbacks: dict[str, Callback] = {}
        self.queue = SERVICES_QUEUE

    @property
    def nodes(self) -> dict[str, Node]:
        """The steps' nodes by name."""
        return {name: declared.node for name, declared in self.steps.items()}

    def add_parameter(self, name: str, said: dict[str, Any]) -> None:
        """Declare a parameter; the same name again replaces it."""
        self.parameters[name] = said

    def add(self, declared: Declared) -> None:
        """Take up a step; raises ValueError when its name is taken or reserved."""
        self.check_name(declared.node.name)
        self.steps[declared.node.name] = declared

    def check_name(self, name: str) -> None:
        """Raise ValueError when a step's name is taken or reserved."""
        if name in RESERVED:
            raise ValueError(f"Node name {name!r} is reserved")
        if name in self.steps:
            raise ValueError(f"Node named '{name}' already exists in the pipeline dag")

    def callbacks_of(self, declared: Declared) -> dict[str, Callback]:
        """Whom the script has to call of a step, by kind of call."""
        found = dict(declared.callbacks)
        if self.retry and "retry" not in found and "retries" not in declared.said:
            found["retry"] = self.retry
        return found

    def callback_of(self, step: str, kind: str) -> Optional[Callback]:
        """Whom to call for a call that the run makes; items of a fan-out have their step's."""
        if kind in self.callbacks:
            return self.callbacks[kind]
        declared = self.steps.get(step) or self.steps.get(step.partition("[")[0])
        return self.callbacks_of(declared).get(kind) if declared else None

    def take_names(self, project: str, pipeline: str = "") -> None:
        """Be the pipeline of which this script's run is, whatever the script calls it."""
        from pipelines.template_commands import slug_of

        if slug_of(self.project) != project:
            self.project = project
        if pipeline and slug_of(self.name) != pipeline:
            self.name = pipeline

    def put_all_into(self, queue: str) -> None:
        """Let every step that is a task wait in one queue."""
        for declared in self.steps.values():
            if declared.said.get("kind", "task") == "task":
                declared.said["queue"] = queue

    def document(self, versions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Put everything into a document; *versions* names the templates of steps that need one.

        The document does not depend on who has run what before: the same script gives the same.
        """
        names = list(self.steps)
        steps = []
        for name, declared in self.steps.items():
            said = {**document.quoted(declared.said, names), **versions.get(name, {})}
            if "retry" in declared.callbacks and self.defaults.get("retries"):
                # The step's own function decides, not what is said for steps that have none.
                said.setdefault("retries", {"number": 0})
            hooks = {**(said.get("hooks") or {})}
            for kind in self.callbacks_of(declared):
                hooks[kind] = [*hooks.get(kind, ()), {"kind": "script"}]
            if hooks:
                said["hooks"] = hooks
            steps.append(said)
        document.tolerate(steps, self.nodes)
        self._note_parents(steps)
        hooks = dict(self.hooks)
        for kind in self.callbacks:
            hooks[kind] = [*hooks.get(kind, ()), {"kind": "script"}]
        whole: dict[str, Any] = {"schema": document.SCHEMA, "steps": steps}
        parts = {
            "parameters": list(self.parameters.values()),
            "defaults": self.defaults,
            "run": self.run,
            "hooks": hooks,
            "tags": self.tags,
        }
        whole.update({key: value for key, value in parts.items() if value})
        return document.merged(whole, self.rest)

    def _note_parents(self, steps: Sequence[Mapping[str, Any]]) -> None:
        for step in steps:
            node = self.steps[step["name"]].node
            node.parents = [one for one in document.parents_of(step) if one in self.steps]


def step_said(  # noqa: PLR0913 - a step of a document has that many keys
    name: str,
    *,
    kind: Optional[str] = None,
    template: Optional[str] = None,
    pipeline: Optional[str] = None,
    approval: Optional[Mapping[str, Any]] = None,
    version: Union[int, str, None] = None,
    parents: Optional[Sequence[str]] = None,
    parameters: Optional[Mapping[str, Any]] = None,
    queue: Optional[str] = None,
    priority: Optional[int] = None,
    retry_on_failure: Any = None,
    retries: Optional[Mapping[str, Any]] = None,
    time_limit: Optional[float] = None,
    queue_timeout: Optional[float] = None,
    grace: Optional[float] = None,
    cache: bool = False,
    when: Optional[str] = None,
    trigger: Optional[str] = None,
    may_fail: Optional[bool] = None,
    for_each: Any = None,
    monitor_metrics: Optional[Sequence[Any]] = None,
    monitor_artifacts: Optional[Sequence[Any]] = None,
    monitor_models: Optional[Sequence[Any]] = None,
    hooks: Optional[Mapping[str, Any]] = None,
    group: Optional[str] = None,
    tags: Union[str, Sequence[str], None] = None,
    comment: Optional[str] = None,
    more: Optional[Mapping[str, Any]] = None,
) -> dict[str, Any]:
    """Say a step in the document's words; what was not said is left out."""
    if pipeline is not None:
        kind = kind or "pipeline"
    elif approval is not None:
        kind = kind or "approval"
    if for_each is not None and not (isinstance(for_each, dict) and "list" in for_each):
        for_each = {"list": for_each}
    said = {
        "name": name,
        "kind": kind,
        "template": template,
        "pipeline": pipeline,
        "approval": None if approval is None else dict(approval),
        "version": version,
        "parents": list(parents) if parents else None,
        "parameters": dict(parameters) if parameters else None,
        "queue": queue,
        "priority": priority,
        "retries": dict(retries) if retries else document.retries(retry_on_failure),
        "timeout": time_limit,
        "queue_timeout": queue_timeout,
        "grace": grace,
        "cache": True if cache else None,
        "when": when,
        "trigger": trigger,
        "may_fail": may_fail,
        "for_each": for_each,
        **document.monitors(monitor_metrics, monitor_artifacts, monitor_models),
        "hooks": dict(hooks) if hooks else None,
        "group": group,
        "tags": [tags] if isinstance(tags, str) else list(tags) if tags else None,
        "comment": comment,
        **(more or {}),
    }
    return document.without_nothing(said)


def callbacks_in(**given: Optional[Callback]) -> dict[str, Callback]:
    """Keep the callbacks that were given, by the kind of call that they answer."""
    return {kind: function for kind, function in given.items() if callable(function)}
