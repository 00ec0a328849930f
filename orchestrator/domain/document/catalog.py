"""What the check must know of the world: which templates there are. Asked, never stored."""

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


class Catalog(Protocol):
    """Whoever can name templates; ``slug`` means one of the document's own project."""

    def template(self, name: str) -> TemplateInfo | None:
        """Return the template of that name (``slug`` or ``project/slug``), if there is one."""

    def names(self) -> Collection[str]:
        """Return the names that there are, for who has misspelt one."""
