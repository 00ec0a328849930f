"""Where scripts that were written for another system look for the controller and the decorator."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipelines.automation.pipeline import PipelineController

__all__ = ["PipelineController"]


def __getattr__(name: str) -> object:
    """Give what the package has under the name."""
    import pipelines.automation

    return getattr(pipelines.automation, name)
