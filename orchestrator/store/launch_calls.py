"""Calls that come before a launch: of the step before its task is made, of the run after that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.domain.decisions import CouldNotLaunch, Held, Skip, SkippedBy
from orchestrator.domain.errors import PipelinesError
from orchestrator.domain.graph import Node
from orchestrator.domain.hooks import (
    CallKind,
    CallState,
    CallView,
    NewCall,
    declared,
    first_open,
    hooks_of,
    in_words,
    said_before,
)
from orchestrator.domain.planner import AttemptView, waiting_for
from orchestrator.store.launches import Launches


def calls_of(node: Node, attempt: AttemptView | None, done: Launches) -> tuple[CallView, ...]:
    """The calls that were made already of the attempt that is being launched."""
    if attempt is None or not attempt.is_prepared:
        return ()
    return done.calls.get((node.index, attempt.number), ())


def parameters_said(node: Node, attempt: AttemptView | None, done: Launches) -> dict[str, Any]:
    """What the hooks before the launch gave as parameters; raises BadAnswer."""
    if not node.hooks:
        return {}
    return dict(said_before(calls_of(node, attempt, done), CallKind.PRE).parameters)


def goes_on(
    kind: CallKind,
    node: Node,
    attempt: AttemptView | None,
    done: Launches,
    arguments: Mapping[str, Any],
) -> bool:
    """Whether all calls of a kind have been answered with a yes.

    If not, *done* says what else: the call that is to be made now, that the launch waits, that
    the step is skipped or has failed.
    """
    count = hooks_of(done.hooks, node.hooks, kind)
    if not count:
        return True
    calls = calls_of(node, attempt, done)
    match first_open(((kind, count),), calls):
        case None:
            return _said_yes(kind, node, calls, done)
        case CallView(state=CallState.FAILED | CallState.DROPPED) as call:
            done.facts.append(CouldNotLaunch(node.index, call.reason, call.traceback))
        case CallView() as call:
            done.facts.append(Held(node.index, waiting_for(call.who)))
        case _, place:
            if place and not _said_yes(kind, node, calls, done):
                return False
            done.asks.append(NewCall(kind, place, node.index, arguments=arguments))
            who = in_words(kind, declared(done.hooks, node.hooks, kind)[place]["kind"])
            done.facts.append(Held(node.index, waiting_for(who)))
    return False


def _said_yes(kind: CallKind, node: Node, calls: tuple[CallView, ...], done: Launches) -> bool:
    try:
        said = said_before(calls, kind)
    except PipelinesError as error:
        done.facts.append(CouldNotLaunch(node.index, error.message))
        return False
    if said.skip is None:
        return True
    done.skips.append(Skip(node.index, SkippedBy.CALLBACK, said.skip))
    return False
