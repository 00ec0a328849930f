"""What is wrong with how a whole run is to behave."""

from collections.abc import Mapping
from typing import Any

from orchestrator.domain import references
from orchestrator.domain.document import fixes
from orchestrator.domain.document.check_values import pipeline_fault
from orchestrator.domain.document.checking import Checking, meant
from orchestrator.domain.errors import BadReference, CapExceeded, shortened
from orchestrator.domain.references import Source

KEY = "run.concurrency.key"


def check_run(checking: Checking) -> None:
    run = checking.document.get("run")
    if isinstance(run, dict):
        _check_pauses(checking, run)
        _check_key(checking, run)


def _check_pauses(checking: Checking, run: Mapping[str, Any]) -> None:
    names = run.get("pause_at")
    for place, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in checking.steps:
            near = checking.near_step(name)
            message = f'there is no step "{shortened(name)}"{meant(near)}'
            checking.tell(None, f"run.pause_at[{place}]", "unknown_step", message)


def _check_key(checking: Checking, run: Mapping[str, Any]) -> None:
    """Look at the concurrency key: it is known before any step has run."""
    concurrency = run.get("concurrency")
    key = concurrency.get("key") if isinstance(concurrency, dict) else None
    if not isinstance(key, str):
        return
    try:
        found = references.references_in(key)
    except (BadReference, CapExceeded) as error:
        checking.tell(None, KEY, error.code, error.message)
        return
    for reference in found:
        if reference.source is not Source.PIPELINE:
            message = f"{reference}: a key is made of the run's parameters, before any step runs"
            checking.tell(None, KEY, BadReference.code, message)
        elif fault := pipeline_fault(checking, fixes.Field(None, KEY, key), reference):
            checking.tell(None, KEY, fault.code, f"{reference}: {fault.message}")
