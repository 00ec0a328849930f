"""Queues and agents from a terminal."""

from __future__ import annotations

import sys

from pipelines.client import Client
from pipelines.commands import add_command, add_group, write_json, write_table
from pipelines.errors import PipelinesError
from pipelines.http import in_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from pipelines.commands import Things


def add_to(things: Things) -> None:
    """Add the commands of this file."""
    verbs = add_group(
        things, "queues", list_queues, help="queues: list, show, create, pause, resume, limit"
    )
    parsers = {}
    for name, do, what, examples in (
        ("list", list_queues, "queues, how much waits, and who serves them", ["queues list"]),
        ("show", show_line, "what waits in a queue, in its order", ["queues show default"]),
        ("create", create_queue, "make a queue", ["queues create gpu --limit 4"]),
        ("pause", pause_queue, "let nothing more of a queue start", ["queues pause gpu"]),
        ("resume", resume_queue, "let a paused queue go on", ["queues resume gpu"]),
        (
            "limit",
            limit_queue,
            "say how many of a queue's tasks may run at a time",
            ["queues limit gpu 2", "queues limit gpu none"],
        ),
    ):
        parsers[name] = add_command(verbs, name, do, help=what, examples=examples)
        if name != "list":
            parsers[name].add_argument("queue", metavar="QUEUE")
    create, limit = parsers["create"], parsers["limit"]
    create.add_argument("--limit", type=int, help="how many of its tasks may run at a time")
    limit.add_argument("limit", metavar="NUMBER", help="or none")

    verbs = add_group(things, "agents", list_agents, help="agents: list, drain, undrain")
    listing = ["agents list"]
    add_command(verbs, "list", list_agents, help="agents and what they are at", examples=listing)
    for name, do, what in (
        ("drain", drain_agent, "let an agent take nothing new; what it runs ends"),
        ("undrain", undrain_agent, "let it take tasks again"),
    ):
        parser = add_command(verbs, name, do, help=what, examples=[f"agents {name} ant"])
        parser.add_argument("agent", metavar="AGENT", help="its name or id")


def list_queues(client: Client, given: Namespace) -> None:
    """List queues."""
    rows = client.rows("queues/", limit=500)
    if given.json:
        return write_json(rows)
    write_table(
        ("queue", "waiting", "running", "slots", "limit", "state", "agents"),
        [
            (
                row["name"],
                row["waiting"],
                row["running"],
                row["slots"],
                "none" if row["limit"] is None else row["limit"],
                "paused" if row["paused"] else "open",
                ", ".join(row["agents"]) or "no agent serves it",
            )
            for row in rows
        ],
    )


def show_line(client: Client, given: Namespace) -> None:
    """Show what waits in a queue."""
    line = client.api.get(f"queues/{in_path(given.queue)}/tasks/")
    if given.json:
        return write_json(line)
    write_table(
        ("place", "priority", "status", "task", "run", "step"),
        [
            (row["place"], row["priority"], row["status"], row["name"], row["run"], row["step"])
            for row in line["tasks"]
        ],
    )


def create_queue(client: Client, given: Namespace) -> None:
    """Make a queue."""
    body = {"name": given.queue, "limit": given.limit}
    _tell(given, client.api.send("POST", "queues/", body, once=True))


def pause_queue(client: Client, given: Namespace) -> None:
    """Pause a queue."""
    _tell(given, client.api.send("POST", f"queues/{in_path(given.queue)}/pause/", {}))


def resume_queue(client: Client, given: Namespace) -> None:
    """Resume a queue."""
    _tell(given, client.api.send("POST", f"queues/{in_path(given.queue)}/resume/", {}))


def limit_queue(client: Client, given: Namespace) -> None:
    """Limit a queue."""
    if given.limit != "none" and not given.limit.isdigit():
        raise PipelinesError(f"a limit is a number or none, not {given.limit!r}")
    body = {"limit": None if given.limit == "none" else int(given.limit)}
    _tell(given, client.api.send("PATCH", f"queues/{in_path(given.queue)}/", body))


def list_agents(client: Client, given: Namespace) -> None:
    """List agents."""
    rows = client.rows("agents/", limit=500)
    if given.json:
        return write_json(rows)
    write_table(
        ("agent", "state", "running", "slots", "queues", "host"),
        [
            (
                row["name"],
                row["state"],
                row["running"],
                row["slots"],
                ", ".join(row["queues"]),
                row["host"],
            )
            for row in rows
        ],
    )


def drain_agent(client: Client, given: Namespace) -> None:
    """Let an agent take nothing new."""
    _ask_agent(client, given, "drain")


def undrain_agent(client: Client, given: Namespace) -> None:
    """Let an agent take tasks again."""
    _ask_agent(client, given, "undrain")


def _ask_agent(client: Client, given: Namespace, verb: str) -> None:
    found = [
        row
        for row in client.rows("agents/", limit=500)
        if given.agent in (row["id"], row["name"]) and (row["alive"] or row["id"] == given.agent)
    ]
    if len(found) != 1:
        how_many = "no living agent is" if not found else f"{len(found)} agents are"
        raise PipelinesError(f"{how_many} called {given.agent!r}")
    _tell(given, client.api.send("POST", f"agents/{found[0]['id']}/{verb}/", {}))


def _tell(given: Namespace, row: dict[str, Any]) -> None:
    if given.json:
        return write_json(row)
    if "limit" in row:
        limit = "no limit" if row["limit"] is None else f"limit {row['limit']}"
        sys.stdout.write(f"{row['name']}: {'paused' if row['paused'] else 'open'}, {limit}\n")
    else:
        sys.stdout.write(f"{row['name']}: {row['state']}\n")
    return None
