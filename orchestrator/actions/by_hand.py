"""Ending steps by hand: passed over, completed with given values, or failed, with a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from orchestrator.actions.runs import ask, indexes_of
from orchestrator.domain.decisions import Verb
from orchestrator.domain.errors import CapExceeded, Invalid
from orchestrator.domain.names import CAPS
from orchestrator.models import Run

REASON_LENGTH = 1000


def skip_step(*, actor: str, run: Run, step: str, reason: str) -> int:
    """Ask that a step which has not started is passed over."""
    return _ask(run, Verb.SKIP, step, reason, actor)


def complete_step(
    *, actor: str, run: Run, step: str, reason: str, outputs: Mapping[str, Any] | None = None
) -> int:
    """Ask that a step counts as completed, with these outputs."""
    return _ask(run, Verb.COMPLETE, step, reason, actor, outputs)


def fail_step(
    *, actor: str, run: Run, step: str, reason: str, outputs: Mapping[str, Any] | None = None
) -> int:
    """Ask that a step counts as failed."""
    return _ask(run, Verb.FAIL, step, reason, actor, outputs)


def _ask(
    run: Run,
    verb: Verb,
    step: str,
    reason: str,
    actor: str,
    outputs: Mapping[str, Any] | None = None,
) -> int:
    """Leave the signal; whether the step stands so that it can be is for the turn to say."""
    (index,) = indexes_of(run, [step])
    why = reason.strip()
    if not why:
        raise Invalid.at("reason", "missing", "say why; the reason is kept with the step")
    if len(why) > REASON_LENGTH:
        message = f"a reason has at most {REASON_LENGTH:,} characters, this one {len(why):,}"
        raise Invalid.at("reason", "bad_value", message)
    data: dict[str, Any] = {"step": index, "reason": why}
    if outputs:
        check_size(outputs)
        data["outputs"] = dict(outputs)
    return ask(run, verb.value, data, actor)


def check_size(outputs: Mapping[str, Any]) -> None:
    """Refuse outputs that are larger than those of a task may be."""
    size = len(json.dumps(outputs, ensure_ascii=False).encode())
    if size > CAPS.output_bytes:
        raise CapExceeded("outputs of a step", CAPS.output_bytes, size, "bytes")
