"""The pipeline's document, version 1: its schema, what is wrong with one, what one says."""

from orchestrator.domain.document.apart import named_apart
from orchestrator.domain.document.canonical import (
    Document,
    canonical_json,
    content_hash,
    in_reading_order,
    normalise,
)
from orchestrator.domain.document.catalog import Catalog, PipelineInfo, TemplateInfo
from orchestrator.domain.document.check import check
from orchestrator.domain.document.compare import Difference, compare
from orchestrator.domain.document.merge import Clash, Merged, merge
from orchestrator.domain.document.part import alone, steps_needed, up_to
from orchestrator.domain.document.reading import (
    added_node,
    graph_of,
    implied_parents,
    named_parents,
    rename_step,
    steps_by_name,
    upstream,
)
from orchestrator.domain.document.schema import SCHEMA, VERSION

__all__ = [
    "SCHEMA",
    "VERSION",
    "Catalog",
    "Clash",
    "Difference",
    "Document",
    "Merged",
    "PipelineInfo",
    "TemplateInfo",
    "added_node",
    "alone",
    "canonical_json",
    "check",
    "compare",
    "content_hash",
    "graph_of",
    "implied_parents",
    "in_reading_order",
    "merge",
    "named_apart",
    "named_parents",
    "normalise",
    "rename_step",
    "steps_by_name",
    "steps_needed",
    "up_to",
    "upstream",
]
