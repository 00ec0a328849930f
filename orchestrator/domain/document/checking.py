"""A document in the course of being checked: its steps by name, and what was found so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.domain.document.catalog import Catalog, PipelineInfo, TemplateInfo
from orchestrator.domain.document.shape import Findings
from orchestrator.domain.errors import Fix, Path, Severity
from orchestrator.domain.graph import Kind


@dataclass(slots=True)
class CheckedStep:
    """A step that has at least a usable name; ``template`` is the pipeline of a nested one."""

    place: int
    name: str
    said: Mapping[str, Any]
    template: TemplateInfo | None = None
    needs: dict[str, None] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return f"steps[{self.place}]"

    @property
    def origin(self) -> str:
        """What the step is made of, in words."""
        if self.said.get("kind") == Kind.APPROVAL:
            return f'approval "{self.name}"'
        what = "pipeline" if isinstance(self.template, PipelineInfo) else "template"
        return f'{what} "{self.said.get(what)}"'

    def path(self, *keys: str | int) -> Path:
        """The way to something of this step in its document."""
        return ("steps", self.place, *keys)


@dataclass(slots=True)
class Checking:
    """What all checks of one document share."""

    document: Mapping[str, Any]
    catalog: Catalog
    findings: Findings
    steps: dict[str, CheckedStep]
    parameters: frozenset[str]
    chains: Mapping[str, Any] | None = None
    templates: dict[str, TemplateInfo | None] = field(default_factory=dict)
    pipelines: dict[str, PipelineInfo | None] = field(default_factory=dict)

    def template(self, name: str) -> TemplateInfo | None:
        """Ask for each template once."""
        if name not in self.templates:
            self.templates[name] = self.catalog.template(name)
        return self.templates[name]

    def pipeline(self, name: str) -> PipelineInfo | None:
        """Ask for each pipeline once."""
        if name not in self.pipelines:
            self.pipelines[name] = self.catalog.pipeline(name)
        return self.pipelines[name]

    def tell(
        self,
        step: CheckedStep | None,
        field_name: str,
        code: str,
        message: str,
        *,
        fix: Fix | None = None,
        severity: Severity = "error",
    ) -> None:
        """Add a problem of a step's field, or of one of the document's."""
        where = f"{step.where}.{field_name}" if step else field_name
        place = step.place if step else None
        self.findings.tell(where, code, message, place=place, fix=fix, severity=severity)

    def near_step(self, name: str) -> str | None:
        """Find the step that was probably meant."""
        return self.findings.near(name, self.steps, "steps")

    def near_template(self, name: str) -> str | None:
        """Find the template that was probably meant."""
        return self.findings.near(name, self.catalog.names(), "templates")

    def near_pipeline(self, name: str) -> str | None:
        """Find the pipeline that was probably meant."""
        return self.findings.near(name, self.catalog.pipeline_names(), "pipelines")


def meant(name: str | None) -> str:
    """Put what was probably meant into words, if anything."""
    return f'; did you mean "{name}"?' if name else ""
