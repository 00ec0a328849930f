"""What the check must know of the world: which templates there are. Asked, never stored."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from orchestrator.domain.parameters import ParameterSpec


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """A template as a document sees it: its parameters and its versions' numbers."""

    parameters: tuple[ParameterSpec, ...] = ()
    version: int = 1
    versions: Collection[int] = (1,)


class Catalog(Protocol):
    """Whoever can name templates; ``slug`` means one of the document's own project."""

    def template(self, name: str) -> TemplateInfo | None:
        """Return the template of that name (``slug`` or ``project/slug``), if there is one."""
