"""What is asked of runs and steps from a terminal."""

from __future__ import annotations

import sys

from pipelines.client import Client
from pipelines.commands import DONE, add_command, pairs_of, read_value, write_json, write_table
from pipelines.errors import PipelinesError
from pipelines.run_commands import RUN, RUN_HELP, add_waiting, wait_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from typing import Any

    from pipelines.commands import Things


def add_to(things: Things) -> None:
    """Add the commands of this file."""
    abort = add_command(
        things,
        "abort",
        abort_run,
        help="end a run, or some of its steps",
        examples=["abort sample/digits/3", "abort sample/digits/3 train score"],
    )
    abort.add_argument("run", metavar=RUN, help=RUN_HELP)
    abort.add_argument("steps", metavar="STEP", nargs="*", help="these steps; else the whole run")
    _add_rerun(things)
    for name, do, what in (
        ("skip", skip_step, "pass over a step that has not started"),
        ("complete", complete_step, "let a step count as completed"),
        ("fail", fail_step, "let a step count as failed"),
    ):
        example = f'{name} sample/digits/3 train --reason "done by hand"'
        if name == "complete":
            example += " -o score=0.97"
        parser = add_command(things, name, do, help=what, examples=[example])
        _add_step(parser)
        parser.add_argument("--reason", required=True, help="why; it is kept with the run")
        if name == "complete":
            add_pairs(parser, "-o", "NAME=VALUE", "an output that the step gives")

    _add_answers(things)
    for name, do, what in (
        ("pause", pause_run, "let nothing new of a run start; what runs goes on"),
        ("resume", resume_run, "let a paused run go on"),
    ):
        examples = [f"{name} sample/digits/3"]
        if name == "pause":
            examples.append("pause sample/digits/3 --at train --at score")
        parser = add_command(things, name, do, help=what, examples=examples)
        parser.add_argument("run", metavar=RUN, help=RUN_HELP)
        if name == "pause":
            parser.add_argument(
                "--at",
                action="append",
                metavar="STEP",
                help="not now, but before this step; in the place of what was said before",
            )


def abort_run(client: Client, given: Namespace) -> None:
    """End a run or steps."""
    run = client.run(given.run)
    steps = [run.step(name) for name in given.steps]
    answers = [step.abort() for step in steps] if steps else [run.abort()]
    tell_asked(given, answers, f"{run.name}: " + (", ".join(given.steps) or "the run") + ": asked")


def rerun(client: Client, given: Namespace) -> int:
    """Rerun steps of a run, or only say what that would do."""
    run = client.run(given.run)
    wanted = {
        "steps": given.steps or None,
        "from_": given.from_ or None,
        "failed": given.failed,
        "stale": given.stale,
        "everything": given.all,
    }
    if given.dry_run:
        _write_preview(run.preview_rerun(**wanted), given)
        return DONE
    answer = run.rerun(
        **wanted,
        parameters=overrides_of(given.pairs),
        queue=given.queue,
        version=_versions_of(given.versions),
        reset_overrides=given.reset_overrides,
        cache=not given.no_cache,
    )
    tell_asked(given, [answer], f"{run.name}: the rerun begins")
    return wait_for(run, given)


def pause_run(client: Client, given: Namespace) -> None:
    """Pause a run."""
    run = client.run(given.run)
    if given.at:
        sentence = f"{run.name} will pause before {', '.join(given.at)}"
        return tell_asked(given, [run.pause_at(given.at)], sentence)
    return tell_asked(given, [run.pause()], f"{run.name} is paused")


def resume_run(client: Client, given: Namespace) -> None:
    """Resume a run."""
    run = client.run(given.run)
    tell_asked(given, [run.resume()], f"{run.name} goes on")


def approve_step(client: Client, given: Namespace) -> None:
    """Answer yes."""
    step = client.run(given.run).step(given.step)
    values = {name: read_value(text) for name, text in pairs_of(given.pairs).items()}
    tell_asked(given, [step.approve(values, comment=given.comment)], f"{step.name}: approved")


def reject_step(client: Client, given: Namespace) -> None:
    """Answer no."""
    step = client.run(given.run).step(given.step)
    values = {name: read_value(text) for name, text in pairs_of(given.pairs).items()}
    tell_asked(given, [step.reject(values, comment=given.comment)], f"{step.name}: rejected")


def skip_step(client: Client, given: Namespace) -> None:
    """Pass over a step."""
    step = client.run(given.run).step(given.step)
    tell_asked(given, [step.skip(given.reason)], f"{step.name} is skipped")


def complete_step(client: Client, given: Namespace) -> None:
    """Let a step count as completed."""
    step = client.run(given.run).step(given.step)
    outputs = {name: read_value(text) for name, text in pairs_of(given.pairs).items()}
    tell_asked(given, [step.complete(given.reason, outputs)], f"{step.name} counts as completed")


def fail_step(client: Client, given: Namespace) -> None:
    """Let a step count as failed."""
    step = client.run(given.run).step(given.step)
    tell_asked(given, [step.fail(given.reason)], f"{step.name} counts as failed")


def overrides_of(words: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read ``STEP:NAME=VALUE`` words into parameters by step."""
    found: dict[str, dict[str, Any]] = {}
    for key, text in pairs_of(words).items():
        step, colon, name = key.partition(":")
        if not colon or not step or not name:
            raise PipelinesError(f"{key!r} is not STEP:NAME")
        found.setdefault(step, {})[name] = read_value(text)
    return found


def tell_asked(given: Namespace, answers: Sequence[dict[str, Any]], sentence: str) -> None:
    """Say that the run has taken it up."""
    if given.json:
        write_json(answers[0] if len(answers) == 1 else list(answers))
    else:
        sys.stdout.write(f"{sentence}\n")


def add_pairs(parser: ArgumentParser, flag: str, metavar: str, help: str) -> None:
    """Let a command take values by name, any number of them."""
    parser.add_argument(flag, dest="pairs", action="append", default=[], metavar=metavar, help=help)


def _add_step(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar=RUN, help=RUN_HELP)
    parser.add_argument("step", metavar="STEP")


def _add_answers(things: Things) -> None:
    for name, do, what in (
        ("approve", approve_step, "answer yes to a step that waits for a person"),
        ("reject", reject_step, "answer no to a step that waits for a person"),
    ):
        example = f'{name} sample/digits/3 ask -v rows=100 --comment "as agreed"'
        parser = add_command(things, name, do, help=what, examples=[example])
        _add_step(parser)
        add_pairs(parser, "-v", "NAME=VALUE", "a value of the step's form")
        parser.add_argument("--comment", default="", help="it is kept with the answer")


def _add_rerun(things: Things) -> None:
    parser = add_command(
        things,
        "rerun",
        rerun,
        help="make new attempts in a run, which may have ended or not",
        examples=[
            "rerun sample/digits/3 --failed --wait",
            "rerun sample/digits/3 --from train -p train:epochs=20 --follow",
            "rerun sample/digits/3 --from train --dry-run",
        ],
    )
    parser.add_argument("run", metavar=RUN, help=RUN_HELP)
    which = parser.add_argument_group("which steps (one of these)")
    which.add_argument("--step", dest="steps", action="append", metavar="STEP", help="this one")
    which.add_argument(
        "--from", dest="from_", action="append", metavar="STEP", help="this one and all below it"
    )
    which.add_argument("--failed", action="store_true", help="what ended badly, and what it held")
    which.add_argument("--stale", action="store_true", help="what took values that are older now")
    which.add_argument("--all", action="store_true", help="all of them")
    add_pairs(parser, "-p", "STEP:NAME=VALUE", "a parameter that the new attempt is to have")
    parser.add_argument("--queue", help="where the new attempts wait")
    parser.add_argument(
        "--template-version",
        dest="versions",
        action="append",
        default=[],
        metavar="STEP=VERSION",
        help="another version of the step's template: a number or latest",
    )
    parser.add_argument(
        "--reset-overrides", action="store_true", help="start from the document again"
    )
    parser.add_argument("--no-cache", action="store_true", help="take no earlier result")
    parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
    add_waiting(parser)


def _versions_of(words: Sequence[str]) -> dict[str, Any]:
    return {step: read_value(text) for step, text in pairs_of(words).items()}


def _write_preview(preview: dict[str, Any], given: Namespace) -> None:
    if given.json:
        return write_json(preview)
    if preview["refused"]:
        raise PipelinesError(f"the run would refuse: {preview['refused']}")
    write_table(
        ("step", "what becomes of it"),
        [(name, step["effect"]) for name, step in preview["steps"].items()],
    )
    if preview["expected_seconds"] is not None:
        sys.stdout.write(f"about {preview['expected_seconds']:.0f} s, {preview['based_on']}\n")
    return None
