"""The pipeline's document, version 1: its schema, what is wrong with one, what one says."""

from orchestrator.domain.document.canonical import (
    Document,
    canonical_json,
    content_hash,
    normalise,
)
from orchestrator.domain.document.catalog import Catalog, TemplateInfo
from orchestrator.domain.document.check import check
from orchestrator.domain.document.merge import Clash, Merged, merge
from orchestrator.domain.document.reading import graph_of, implied_parents, pins_of, rename_step
from orchestrator.domain.document.schema import SCHEMA, VERSION

__all__ = [
    "SCHEMA",
    "VERSION",
    "Catalog",
    "Clash",
    "Document",
    "Merged",
    "TemplateInfo",
    "canonical_json",
    "check",
    "content_hash",
    "graph_of",
    "implied_parents",
    "merge",
    "normalise",
    "pins_of",
    "rename_step",
]
