"""What is wrong with how a whole run is to behave."""

from orchestrator.domain import references
from orchestrator.domain.document import fixes
from orchestrator.domain.document.check_values import pipeline_fault
from orchestrator.domain.document.checking import Checking
from orchestrator.domain.errors import BadReference, CapExceeded
from orchestrator.domain.references import Source

KEY = "run.concurrency.key"


def check_run(checking: Checking) -> None:
    """Look at the concurrency key: it is known before any step has run."""
    run = checking.document.get("run")
    concurrency = run.get("concurrency") if isinstance(run, dict) else None
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
