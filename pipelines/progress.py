"""A run's way on a terminal: one line that is painted over, or a line for each move."""

from __future__ import annotations

import shutil
import sys
import time

from pipelines.commands import span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from pipelines.runs import Run

_EVERY_SECONDS = 0.1
_BAR = 24
_LETTERS = {
    "d": "draft",
    "p": "pending",
    "w": "awaiting",
    "q": "queued",
    "r": "running",
    "u": "paused",
    "g": "aborting",
    "c": "completed",
    "h": "cached",
    "s": "skipped",
    "f": "failed",
    "x": "crashed",
    "a": "aborted",
}
_OVER = frozenset({"completed", "cached", "skipped", "failed", "crashed", "aborted"})


def watch(run: Run, *, lines: bool, timeout: float | None = None, out: TextIO | None = None) -> Run:
    """Show a run until it has ended: a line for each move of a step, or one line on a terminal."""
    out = out or sys.stderr
    paints = not lines and out.isatty()
    if not lines and not paints:
        return run.wait(timeout)
    snapshot = run.api.get(f"runs/{run.id}/snapshot/")
    view = Progress(run, snapshot)
    painted_at = 0.0
    try:
        for change in run.follow(snapshot["number"], timeout):
            line = view.take(change)
            if lines and line:
                out.write(line + "\n")
                out.flush()
            if paints and time.monotonic() - painted_at >= _EVERY_SECONDS:
                _paint(out, view.line())
                painted_at = time.monotonic()
    finally:
        if paints:
            out.write("\r\x1b[K")
            out.flush()
    return run


class Progress:
    """Where every step of a run stands, folded from its changes."""

    def __init__(self, run: Run, snapshot: dict[str, Any]) -> None:
        self._run = run
        self._statuses = {
            index: _LETTERS.get(letter, "pending")
            for index, letter in enumerate(snapshot["statuses"])
        }
        self._names: dict[int, str] = {}
        self._began = snapshot["run"]["started_at"]

    def take(self, change: dict[str, Any]) -> str:
        """Fold a change; give back the line that tells it, if people want to know."""
        data, at = change["data"], change.get("at", "")[11:19]
        if change["kind"] == "step_status":
            self._statuses[data["step"]] = data["status"]
            why = f": {data['reason']}" if data.get("reason") else ""
            return f"{at}  {self._name(data['step'])}  {data['status']}{why}"
        if change["kind"] == "run_status":
            self._began = data.get("started_at") or self._began
            why = f": {data['reason']}" if data.get("reason") else ""
            return f"{at}  the run is {data['status']}{why}"
        if change["kind"] == "refused":
            return f"{at}  {data.get('verb', '')} was refused: {data.get('reason', '')}"
        return ""

    def line(self) -> str:
        """The whole run in one line."""
        total = max(len(self._statuses), 1)
        over = sum(status in _OVER for status in self._statuses.values())
        full = int(_BAR * over / total)
        running = [self._name(i) for i, status in self._statuses.items() if status == "running"]
        bad = sum(status in ("failed", "crashed", "aborted") for status in self._statuses.values())
        parts = [
            self._run.name,
            "█" * full + "░" * (_BAR - full),
            f"{over}/{total}",
            f"{bad} bad" if bad else "",
            span(self._began, None),
            ", ".join(running[:3]) + (f" and {len(running) - 3} more" if len(running) > 3 else ""),
        ]
        return "  ".join(part for part in parts if part)

    def _name(self, index: int) -> str:
        if index not in self._names:
            nodes = self._run.api.get(f"runs/{self._run.id}/graph/")["nodes"]
            self._names = {node["index"]: node["name"] for node in nodes}
        return self._names.get(index, f"step {index}")


def _paint(out: TextIO, line: str) -> None:
    width = shutil.get_terminal_size().columns - 1
    out.write("\r\x1b[K" + line[:width])
    out.flush()
