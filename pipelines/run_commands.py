"""Runs from a terminal: start, list, show, read logs."""

from __future__ import annotations

import json
import sys
import time

from pipelines.client import Client, path_of
from pipelines.commands import (
    DONE,
    add_command,
    code_of,
    local_time,
    pairs_of,
    read_value,
    say,
    span,
    write_json,
    write_table,
)
from pipelines.errors import PipelinesError
from pipelines.parameters import full_name
from pipelines.progress import watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from pipelines.commands import Things
    from pipelines.runs import Run
    from pipelines.steps import Step

RUN = "RUN"
RUN_HELP = "PROJECT/PIPELINE/NUMBER, or the run's id"
_LOOK_AGAIN_SECONDS = 0.5


def add_to(things: Things) -> None:
    """Add the commands of this file."""
    _add_run(things)
    runs = add_command(
        things,
        "runs",
        list_runs,
        help="list runs, the newest first",
        examples=["runs --status going", "runs --pipeline sample/digits --limit 5 --json"],
    )
    for name, what in (
        ("project", "only of this project"),
        ("pipeline", "only of this pipeline, PROJECT/SLUG"),
        ("status", "only of this status; also: going, bad"),
        ("actor", "only those that this user started"),
    ):
        runs.add_argument(f"--{name}", default="", help=what)
    runs.add_argument("--limit", type=int, default=20, help="at most so many; else 20")
    show = add_command(
        things,
        "show",
        show_run,
        help="show a run with its steps, or one step of it",
        about="Shows a run with its steps and why each is not running; with STEP its parameters, "
        "attempts, outputs and artifacts.",
        examples=["show sample/digits/3", "show sample/digits/3 train --json"],
    )
    show.add_argument("run", metavar=RUN, help=RUN_HELP)
    show.add_argument("step", metavar="STEP", nargs="?", default="")
    logs = add_command(
        things,
        "logs",
        show_logs,
        help="write what a step has written, or the script that drives a run",
        about="Writes what a step has written. Without STEP it is the output of the Python script "
        "that drives\nthe run.",
        examples=[
            "logs sample/digits/3 train -f",
            "logs sample/digits/3 train --attempt 1",
            "logs research/tuning/7 -f",
        ],
    )
    logs.add_argument("run", metavar=RUN, help=RUN_HELP)
    logs.add_argument("step", metavar="STEP", nargs="?", default="")
    logs.add_argument("-f", "--follow", action="store_true", help="go on until it has ended")
    logs.add_argument("--attempt", type=int, default=None, metavar="N", help="else the current one")


def add_waiting(parser: ArgumentParser) -> None:
    """Let a command wait for the run's end."""
    parser.add_argument(
        "--wait",
        action="store_true",
        help="return when the run has ended; the exit code tells how it ended",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="as --wait, for so long at most; a run that has not ended then goes on",
    )
    parser.add_argument(
        "-f", "--follow", action="store_true", help="as --wait, with a line for each move"
    )


def wait_for(run: Run, given: Namespace) -> int:
    """Wait as the command line says; give back how the command ends."""
    if not given.wait and not given.follow and given.timeout is None:
        return DONE
    try:
        watch(run, lines=given.follow, timeout=given.timeout)
    except KeyboardInterrupt:
        say(f"{run.name} goes on; to end it: pipelines abort {run.name}")
        raise
    if not given.json:
        _write_end(run)
    return code_of(run.status)


def start_run(client: Client, given: Namespace) -> int:
    """Start a run; with --wait or --follow, until its end."""
    run = client.trigger(
        given.pipeline,
        _parameters(client, given),
        version=int(given.version) if given.version.isdigit() else given.version,
        name=given.name,
        key=given.key,
        cache=not given.no_cache,
        until=given.until,
        only=given.only,
    )
    return _tell_started(run, given)


def _tell_started(run: Run, given: Namespace) -> int:
    if not given.json:
        sys.stdout.write(f"{run.name}\n")
        sys.stdout.flush()
    code = wait_for(run, given)
    if given.json:
        write_json(run.about)
    return code


def list_runs(client: Client, given: Namespace) -> None:
    """List runs."""
    found = client.runs(
        limit=given.limit,
        project=given.project,
        pipeline=given.pipeline,
        status=given.status,
        actor=given.actor,
    )
    if given.json:
        return write_json([run.about for run in found])
    write_table(
        ("run", "status", "steps", "started", "took", "by"),
        [
            (
                run.name,
                run.status,
                _counts(run),
                local_time(run.about["started_at"]),
                span(run.about["started_at"], run.about["ended_at"]),
                run.about["actor"],
            )
            for run in found
        ],
    )


def show_run(client: Client, given: Namespace) -> None:
    """Show a run, or a step."""
    run = client.run(given.run)
    if given.step:
        return _show_step(run.step(given.step), given)
    steps = run.steps()
    if given.json:
        return write_json({**run.about, "steps": [step.about for step in steps]})
    took = span(run.about["started_at"], run.about["ended_at"])
    sys.stdout.write(f"{run.name}  {run.status}  {took}  {run.url}\n")
    if run.about["driver"] != "graph":
        sys.stdout.write(f"driven by a Python script: pipelines logs {run.name}\n")
    for title, values in (("parameters", run.parameters), ("outputs", run.outputs)):
        if values:
            sys.stdout.write(f"{title}: {json.dumps(values, ensure_ascii=False)}\n")
    write_table(
        ("step", "status", "attempt", "took", "why"),
        [
            (
                step.name,
                step.status,
                step.about["attempt"] or "",
                span(step.about["started_at"], step.about["ended_at"]),
                step.why,
            )
            for step in steps
        ],
    )


def show_logs(client: Client, given: Namespace) -> None:
    """Write what a step has written, or the script that drives the run."""
    run = client.run(given.run)
    if not given.step:
        return _show_script_log(run, given)
    step = run.step(given.step)
    if not given.follow:
        text = step.log(given.attempt)
        return write_json({"log": text}) if given.json else _write(text)
    while given.attempt is None and not _has_begun(step):
        if step.run.refresh().has_ended:
            raise PipelinesError(f"step {step.name!r} was not executed: {step.refresh().why}")
        time.sleep(_LOOK_AGAIN_SECONDS)
        step.refresh()
    for piece in step.follow_log(given.attempt):
        _write(json.dumps({"text": piece}) + "\n" if given.json else piece)


def watch_run(client: Client, given: Namespace) -> int:
    """Look on until a run that is there has ended."""
    run = client.run(given.run)
    given.wait = True
    code = wait_for(run, given)
    if given.json:
        write_json(run.about)
    return code


def run_again(client: Client, given: Namespace) -> int:
    """Start a new run like one that is there, with other parameters if some are given."""
    like = client.run(given.run)
    path = f"{like.about['project']}/{like.about['pipeline']}"
    run = like.again(_read_pairs(client, path, given.pairs))
    return _tell_started(run, given)


def _add_run(things: Things) -> None:
    run = add_command(
        things,
        "run",
        start_run,
        help="start a run of a pipeline",
        about="Starts a run and writes its name. With --wait or --follow the command goes on until "
        "the run has ended,\nand its exit code tells how. Ctrl-C does not end the run.",
        examples=[
            "run sample/digits -p epochs=10 --wait",
            'run sample/digits --parameters night.json --key "night-$(date +%F)" --follow',
        ],
    )
    run.add_argument("pipeline", metavar="PROJECT/SLUG")
    _add_parameters(run)
    run.add_argument("--parameters", metavar="FILE.json", help="an object of parameters")
    run.add_argument("--version", default="latest", help="a number or draft; else the latest")
    run.add_argument("--name", default="", help="what the lists call the run")
    run.add_argument("--key", default="", help="the same key within a day starts one run")
    run.add_argument("--no-cache", action="store_true", help="take no result of an earlier run")
    run.add_argument("--until", action="append", metavar="STEP", help="only up to this step")
    run.add_argument("--only", action="append", metavar="STEP", help="this step alone")
    add_waiting(run)
    again = add_command(
        things,
        "again",
        run_again,
        help="start a new run like one that is there",
        about="Starts a run of the same version with the same parameters, but for those given here."
        "\nTo make new attempts in the same run: pipelines rerun.",
        examples=["again sample/digits/3", "again sample/digits/3 -p epochs=20 --wait"],
    )
    again.add_argument("run", metavar=RUN, help=RUN_HELP)
    _add_parameters(again)
    add_waiting(again)
    looking = add_command(
        things,
        "watch",
        watch_run,
        help="look on until a run has ended",
        about="Shows how a run goes on, and ends as it does: the exit code tells how. Ctrl-C ends "
        "the command,\nnot the run.",
        examples=["watch sample/digits/3", "watch sample/digits/3 --timeout 600 --json"],
    )
    looking.add_argument("run", metavar=RUN, help=RUN_HELP)
    add_waiting(looking)


def _add_parameters(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-p",
        dest="pairs",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter, as the pipeline declares it",
    )


def _parameters(client: Client, given: Namespace) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if given.parameters:
        with open(given.parameters, encoding="utf-8") as file:
            try:
                values = json.load(file)
            except ValueError as error:
                raise PipelinesError(f"{given.parameters} is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise PipelinesError(f"{given.parameters} does not hold an object")
    return {**values, **_read_pairs(client, given.pipeline, given.pairs)}


def _read_pairs(client: Client, pipeline: str, pairs: list[str]) -> dict[str, Any]:
    """Read values as the pipeline's newest version declares them."""
    if not pairs:
        return {}
    declared = client.api.get(f"pipelines/{path_of(pipeline)}/")["parameters"]
    specs = {full_name(spec["name"]): spec for spec in declared}
    return {
        name: read_value(text, specs.get(full_name(name))) for name, text in pairs_of(pairs).items()
    }


def _show_step(step: Step, given: Namespace) -> None:
    if given.json:
        return write_json(step.about)
    why = f": {step.why}" if step.why else ""
    sys.stdout.write(f"{step.name}  {step.status}{why}\n")
    for name, parameter in step.about["parameters"].items():
        value = json.dumps(parameter["value"], ensure_ascii=False)
        sys.stdout.write(f"  {name} = {value}  ({parameter['origin']})\n")
    for attempt in step.attempts:
        took = span(attempt["started_at"], attempt["ended_at"])
        reason = attempt["reason"]
        sys.stdout.write(
            f"attempt {attempt['number']}  {attempt['status']}  {attempt['origin']}  {took}"
            f"{f'  {reason}' if reason else ''}\n"
        )
        for name, value in attempt["outputs"].items():
            sys.stdout.write(f"  output {name} = {json.dumps(value, ensure_ascii=False)}\n")
        for artifact in attempt["artifacts"]:
            sys.stdout.write(f"  artifact {artifact['name']}, {artifact['size']:,} bytes\n")
    return None


def _show_script_log(run: Run, given: Namespace) -> None:
    if run.about["driver"] == "graph":
        raise PipelinesError(f"of which step? no script drives {run.name}")
    if given.follow:
        for piece in run.follow_log():
            _write(json.dumps({"text": piece}) + "\n" if given.json else piece)
        return None
    text = run.log()
    return write_json({"log": text}) if given.json else _write(text)


def _has_begun(step: Step) -> bool:
    attempts = step.attempts
    return bool(attempts) and attempts[-1]["task"] is not None


def _write_end(run: Run) -> None:
    reason = run.about["reason"]
    took = span(run.about["started_at"], run.about["ended_at"])
    sys.stdout.write(f"{run.name} {run.status} after {took}{f': {reason}' if reason else ''}\n")
    if run.outputs:
        sys.stdout.write(f"outputs: {json.dumps(run.outputs, ensure_ascii=False)}\n")


def _counts(run: Run) -> str:
    return ", ".join(f"{number} {status}" for status, number in run.about["counts"].items())


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
