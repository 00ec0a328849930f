"""Captured functions as templates of their pipeline's project: a step is made of one, as any is."""

from __future__ import annotations

import copy
import sys

from pipelines.context import StepContext
from pipelines.errors import RequestRefused
from pipelines.http import in_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Callable, Optional

    from pipelines.automation.component import Component
    from pipelines.automation.functions import CapturedFunction
    from pipelines.http import Api

    JSON = dict[str, Any]

TAG = "function step"


def keep_template(  # noqa: PLR0913 - a template has that many parts
    api: Api,
    *,
    project: str,
    slug: str,
    name: str,
    captured: CapturedFunction,
    given: Mapping[str, Any] | None = None,
    queue: str = "default",
    type: str = "",
    tags: Sequence[str] = (),
) -> dict[str, Any]:
    """Keep a function as a template, or as its next version; what is unchanged stays as it is.

    Gives what a step says of it: ``template`` and ``version``. Which packages a function needs is
    known where its pipeline was registered: an agent that executes the script has others, or none,
    so there a function is as it was kept before; and wherever what it imports is not installed.
    """
    address = f"tasks/{in_path(project)}/{in_path(slug)}/"
    body = {
        "project": project,
        "slug": slug,
        "name": name,
        "template": True,
        "queue": queue,
        "tags": [TAG, *(tag for tag in tags if tag != TAG)],
        **captured.task_body(given),
    }
    if captured.unresolved or StepContext.from_environment() is not None:
        kept = _kept_before(api, address, captured)
        body.update(kept or (_guessed(captured) if captured.unresolved else {}))
    more = {"type": type} if type else {}
    try:
        saved = api.send("PUT", address, {**body, **more})
    except RequestRefused as error:
        if error.status != 404:
            raise
        saved = api.send("POST", "tasks/", {**body, **more})
    return {"template": f"{project}/{slug}", "version": saved["version"]}


def _kept_before(api: Api, address: str, captured: CapturedFunction) -> Optional[JSON]:
    """Give what the template executes, if that is this very function, captured elsewhere."""
    try:
        known = api.get(address)["body"]
    except RequestRefused as error:
        if error.status != 404:
            raise
        return None
    # The first line names the function and the digest of what it is.
    if known.get("script", "").partition("\n")[0] != captured.script.partition("\n")[0]:
        return None
    wanted = {_package(one): one for one in captured.requirements}
    wanted.update((_package(one), one) for one in known.get("requirements") or ())
    return {"script": known["script"], "requirements": sorted(wanted.values(), key=str.lower)}


def _package(requirement: str) -> str:
    """Name what a requirement asks for, as an index would."""
    import re

    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;@]", requirement, maxsplit=1)[0]).lower()


def _guessed(captured: CapturedFunction) -> JSON:
    from pipelines.requirements import package_named_like

    guessed = [package_named_like(module) for module in captured.unresolved]
    sys.stderr.write(
        f"note: {captured.name} imports {', '.join(captured.unresolved)}, not installed here; "
        f"its step requires {', '.join(guessed)} in any version\n"
    )
    return {"requirements": sorted({*captured.requirements, *guessed}, key=str.lower)}


class FunctionTemplates:
    """The templates of one pipeline's components, each kept when it is first needed."""

    def __init__(
        self,
        api: Api,
        *,
        project: str,
        pipeline: str,
        skip_global_imports: bool = False,
        serialize: Optional[Callable[[Any], bytes]] = None,
        deserialize: Optional[Callable[[bytes], Any]] = None,
    ) -> None:
        self.skip_global_imports = skip_global_imports
        self.serialize = serialize
        self.deserialize = deserialize
        self._api = api
        self._project = project
        self._pipeline = pipeline
        self._kept: dict[str, tuple[JSON, JSON]] = {}
        self._inner: list[Component] = []

    def named(self, component: Component) -> JSON:
        """Say which template a component has, without a look whether it is there."""
        return {"template": f"{self._project}/{self._slug(component)}"}

    def keep(self, component: Component) -> JSON:
        """Keep a component's function, and those of the components that it calls."""
        captured = component.captured(self)
        for inner in captured.components:
            if inner is not component and inner not in self._inner:
                self._inner.append(inner)
                self.keep(inner)
        whole = copy.copy(captured)
        whole.requirements = sorted(
            {*captured.requirements, *component.more_requirements}, key=str.lower
        )
        slug, body = self._slug(component), whole.task_body(component.types)
        if self._kept.get(slug, ({}, {}))[0] != body:
            kept = keep_template(
                self._api,
                project=self._project,
                slug=slug,
                name=f"{self._pipeline}: {component.name}",
                captured=whole,
                given=component.types,
                type=component.task_type,
            )
            self._kept[slug] = (body, kept)
        return dict(self._kept[slug][1])

    def _slug(self, component: Component) -> str:
        from pipelines.template_commands import slug_of

        return slug_of(f"{self._pipeline}-{component.name}")
