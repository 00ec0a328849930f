"""`pipelines doctor`: what is wrong with this installation, and what helps."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timezone

from pipelines.access import access
from pipelines.client import Client
from pipelines.commands import (
    DONE,
    NOT_KNOWN,
    REFUSED,
    TOKEN_ADVICE,
    add_command,
    write_json,
)
from pipelines.errors import PipelinesError, RequestRefused, ServerUnavailable
from pipelines.queues import LOCAL_QUEUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from typing import Any

    from pipelines.commands import Things

    Finding = tuple[str, str, str]

GOOD, ODD, WRONG = "good", "odd", "wrong"
OLDEST_PYTHON = (3, 9)
SLOW_SECONDS = 1.0
WAITS_TOO_LONG_SECONDS = 10.0
PATIENCE_SECONDS = 2.0


def add_to(things: Things) -> None:
    """Add the command."""
    doctor = add_command(
        things,
        "doctor",
        examine,
        help="tell what is wrong with this installation",
        about="Looks at the client, the server, its controllers, agents and queues, and says of "
        "each what helps.\nEnds with 1 when something is wrong.",
        examples=["doctor", "doctor --url https://host --token TOKEN --json"],
    )
    doctor.set_defaults(asks_server=False)


def examine(given: Namespace) -> int:
    """Look at everything, from near to far."""
    findings = list(_findings(given.url, given.token))
    is_well = all(mark != WRONG for mark, _, _ in findings)
    if given.json:
        names = ("mark", "what", "advice")
        write_json({"well": is_well, "findings": [dict(zip(names, one)) for one in findings]})
        return DONE if is_well else REFUSED
    for mark, what, advice in findings:
        sys.stdout.write(f"{mark:>5}  {what}\n")
        if advice:
            sys.stdout.write(f"       -> {advice}\n")
    return DONE if is_well else REFUSED


def _findings(url: str, token: str) -> Iterator[Finding]:
    yield _python()
    try:
        url, token = access(url, token)
        client = Client(url, token, patience=PATIENCE_SECONDS)
    except PipelinesError as error:
        yield WRONG, str(error), ""
        return
    began = time.monotonic()
    try:
        queues = client.rows("queues/", limit=500)
    except ServerUnavailable as error:
        yield WRONG, str(error), "is it started? pipelines up, or ask whoever runs it"
        return
    except RequestRefused as error:
        yield WRONG, str(error), TOKEN_ADVICE if error.status == NOT_KNOWN else ""
        return
    took = time.monotonic() - began
    mark = ODD if took > SLOW_SECONDS else GOOD
    yield mark, f"the server at {url} answers in {took * 1000:.0f} ms, and the token counts", ""
    yield from _agents(client.rows("agents/", limit=500))
    for queue in queues:
        # What waits there is executed by the script that put it there.
        if queue["name"] != LOCAL_QUEUE:
            yield from _queue(queue)
    yield from _controllers(client)


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        return WRONG, f"Python {version} is too old for the client", "use 3.9 or newer"
    return GOOD, f"Python {version}", ""


def _agents(agents: list[dict[str, Any]]) -> Iterator[Finding]:
    living = [agent for agent in agents if agent["alive"]]
    if not living:
        yield WRONG, "no agent is alive: nothing is executed", "start one: pipelines agent"
    for agent in living:
        mark = ODD if agent["draining"] else GOOD
        what = f"agent {agent['name']} is {agent['state']}, {agent['running']} of {agent['slots']}"
        yield mark, f"{what} slots in use", "pipelines agents undrain" if mark == ODD else ""
    for agent in agents:
        if agent["state"] == "lost":
            yield ODD, f"agent {agent['name']} on {agent['host']} was lost", "look at that machine"


def _queue(queue: dict[str, Any]) -> Iterator[Finding]:
    name, waiting = queue["name"], queue["waiting"]
    if queue["paused"]:
        advice = f"pipelines queues resume {name}"
        yield ODD, f"queue {name} is paused; {waiting:,} tasks wait", advice
    elif not queue["agents"]:
        mark = WRONG if waiting else ODD
        advice = f"start one: pipelines agent --queues {name}"
        yield mark, f"no agent serves queue {name}; {waiting:,} tasks wait", advice
    elif waiting:
        what = f"queue {name}: {waiting:,} tasks wait, {queue['running']:,} run"
        yield GOOD, what, ""


def _controllers(client: Client) -> Iterator[Finding]:
    """A run leaves *queued* with its first turn; one that stays there has nobody to take it."""
    stuck = [
        run
        for run in client.runs(status="queued", limit=100)
        if not run.about["reason"] and _age(run.about["created_at"]) > WAITS_TOO_LONG_SECONDS
    ]
    if stuck:
        what = f"{len(stuck):,} runs have waited for their first turn, such as {stuck[0].name}"
        yield WRONG, what, "is a controller alive, and the broker? pipelines controller"
    else:
        yield GOOD, "no run waits for a controller", ""


def _age(text: str) -> float:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (datetime.now(timezone.utc) - moment).total_seconds()
