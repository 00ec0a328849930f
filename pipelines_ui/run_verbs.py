"""What the buttons of a run's page ask for, by the verb that their form sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import Http404
from django.utils.datastructures import MultiValueDict

from orchestrator.actions import reruns, steering
from orchestrator.actions import runs as actions
from orchestrator.queries.by_hand import pauses_of
from orchestrator.queries.runs import Run

Form = MultiValueDict[str, str]
Done = tuple[Run, str]


def done(verb: str, form: Form, actor: str, run: Run) -> Done:
    """Do what was asked for; the run to show then, and what to say of it."""
    if verb not in VERBS:
        raise Http404(f'a run cannot be asked to "{verb[:40]}"')
    return VERBS[verb](actor, run, str(form.get("step", "")))


def _abort(actor: str, run: Run, _: str) -> Done:
    actions.abort_run(actor=actor, run=run)
    return run, "Asked the run to end."


def _abort_step(actor: str, run: Run, step: str) -> Done:
    actions.abort_steps(actor=actor, run=run, steps=[step])
    return run, f'Asked step "{step}" to end.'


def _pause(actor: str, run: Run, _: str) -> Done:
    steering.pause_run(actor=actor, run=run)
    return run, "Asked the run to pause."


def _resume(actor: str, run: Run, _: str) -> Done:
    steering.resume_run(actor=actor, run=run)
    return run, "Asked the run to go on."


def _pause_before(actor: str, run: Run, step: str) -> Done:
    steering.set_breakpoints(actor=actor, run=run, steps=[*pauses_of(run), step])
    return run, f'The run pauses before "{step}".'


def _pass(actor: str, run: Run, step: str) -> Done:
    steering.set_breakpoints(actor=actor, run=run, steps=[*(pauses_of(run) - {step})])
    return run, f'The run does not pause before "{step}".'


def _enqueue(actor: str, run: Run, _: str) -> Done:
    actions.enqueue_run(actor=actor, run=run)
    return run, "The run was enqueued."


def _clone(actor: str, run: Run, _: str) -> Done:
    clone = actions.clone_run(actor=actor, run=run)
    return clone, "This is the clone: a draft, not started."


def _rerun_failed(actor: str, run: Run, _: str) -> Done:
    reruns.rerun(actor=actor, run=run, failed=True)
    return run, "Asked for new attempts of what failed."


def _rerun_stale(actor: str, run: Run, _: str) -> Done:
    reruns.rerun(actor=actor, run=run, stale=True)
    return run, "Asked for new attempts of what is stale."


def _rerun_all(actor: str, run: Run, _: str) -> Done:
    reruns.rerun(actor=actor, run=run, everything=True)
    return run, "Asked for new attempts of everything."


def _rerun_step(actor: str, run: Run, step: str) -> Done:
    reruns.rerun(actor=actor, run=run, steps=[step])
    return run, f'Asked for a new attempt of step "{step}".'


def _rerun_from(actor: str, run: Run, step: str) -> Done:
    reruns.rerun(actor=actor, run=run, from_=step)
    return run, f'Asked for new attempts of step "{step}" and of what follows it.'


VERBS: Final[dict[str, Callable[[str, Run, str], Done]]] = {
    "abort": _abort,
    "abort-step": _abort_step,
    "pause": _pause,
    "resume": _resume,
    "pause-before": _pause_before,
    "pass": _pass,
    "enqueue": _enqueue,
    "clone": _clone,
    "rerun-failed": _rerun_failed,
    "rerun-stale": _rerun_stale,
    "rerun-all": _rerun_all,
    "rerun-step": _rerun_step,
    "rerun-from": _rerun_from,
}
