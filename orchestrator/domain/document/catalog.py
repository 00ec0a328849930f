"""What the check must know of the world: which templates and pipelines there are. Asked, never
stored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.domain.parameters import ParameterSpec


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """A template as a document sees it: its parameters and its versions' numbers.

    ``older`` may hold what earlier versions declared; those not in it count as the current one.
    """

    parameters: tuple[ParameterSpec, ...] = ()
    version: int = 1
    versions: Collection[int] = (1,)
    older: Mapping[int, tuple[ParameterSpec, ...]] = field(default_factory=dict)

    def parameters_of(self, version: object) -> tuple[ParameterSpec, ...]:
        """Return what the version that a step asks for declares."""
        return self.older.get(version, self.parameters) if type(version) is int else self.parameters


@dataclass(frozen=True, slots=True)
class PipelineInfo(TemplateInfo):
    """A pipeline as a document that nests it sees it: the same, and what its versions give."""

    outputs: tuple[str, ...] = ()
    older_outputs: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def outputs_of(self, version: object) -> tuple[str, ...]:
        """Return what a run of the version that a step asks for gives."""
        given = self.older_outputs
        return given.get(version, self.outputs) if type(version) is int else self.outputs


class Catalog(Protocol):
    """Whoever can name templates and pipelines; ``slug`` means one of the document's project."""

    def template(self, name: str) -> TemplateInfo | None:
        """Return the template of that name (``slug`` or ``project/slug``), if there is one."""

    def names(self) -> Collection[str]:
        """Return the names of templates that there are, for who has misspelt one."""

    def pipeline(self, name: str) -> PipelineInfo | None:
        """Return the published pipeline of that name, if there is one that may be nested."""

    def pipeline_names(self) -> Collection[str]:
        """Return the names of pipelines that there are, for who has misspelt one."""

    def way_back(self, name: str, version: object) -> tuple[str, ...]:
        """Return the pipelines through which that version leads back to the document's own one.

        Only steps that ask for the latest version lead back: a fixed one is there already and
        cannot contain what is being written. Nothing when there is no such way.
        """
