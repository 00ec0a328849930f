"""What documents may name, for tests that have no database."""

from __future__ import annotations

from collections.abc import Collection

from orchestrator.domain.document import PipelineInfo


class NoPipelines:
    """The half of a catalog that knows of no pipelines."""

    def pipeline(self, name: str) -> PipelineInfo | None:
        return None

    def pipeline_names(self) -> Collection[str]:
        return ()

    def way_back(self, name: str, version: object) -> tuple[str, ...]:
        return ()
