"""The thread that follows a controller's run: how its steps stand, and what its script is asked.

Callbacks run in this thread, one at a time. It ends when no step can move any more and every call
has been answered; the run itself ends after its script has.
"""

from __future__ import annotations

import sys
import threading
import traceback
from datetime import datetime

from pipelines.automation.answering import Answering
from pipelines.errors import RequestRefused
from pipelines.following import FINAL, follow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Optional

    from pipelines.automation.node import Node
    from pipelines.http import Api

    Callback = Callable[..., Any]
    JSON = dict[str, Any]

THREAD = "pipelines-controller"


class Following:
    """Follows one run from a thread of its own."""

    def __init__(
        self,
        api: Api,
        run_id: str,
        *,
        owner: Any,
        nodes: Mapping[str, Node],
        callback_of: Callable[[str, str], Optional[Callback]],
        aborting: Callable[[], None],
    ) -> None:
        self._api = api
        self._run_id = run_id
        self._nodes = nodes
        self._aborting = aborting
        self._items: dict[str, Node] = {}
        self._names: dict[int, str] = {}
        self._open: set[int] = set()
        self._since = 0
        self._calls = Answering(
            api, run_id, owner=owner, node_of=self.node_of, callback_of=callback_of
        )
        self._is_left = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name=THREAD, daemon=True)
        self.run: JSON = {}
        self.error: Optional[BaseException] = None

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def wait(self, seconds: Optional[float] = None) -> bool:
        """Wait for the end; whether it has come."""
        return self._over.wait(seconds)

    def leave(self) -> None:
        """Say nothing of it if the run cannot be followed any more: nobody waits for it."""
        self._is_left = True

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen any more that the script is needed for."""
        return self._over.is_set()

    @property
    def is_this_thread(self) -> bool:
        """Whether it is the callbacks' thread that asks."""
        return threading.current_thread() is self._thread

    def node_of(self, name: str) -> Optional[Node]:
        """Give the node of a step, or of one item of a fan-out."""
        node = self._nodes.get(name) or self._items.get(name)
        if node is None and name.endswith("]"):
            of = self._nodes.get(name[: name.index("[")])
            if of is not None:
                node = self._items[name] = of.copy_named(name)
        return node

    def refresh(self) -> None:
        """Look how all steps stand now, without waiting for it to be told."""
        self.run = dict(self._api.get(f"runs/{self._run_id}/"))
        for row in self._look_at_steps():
            node = self.node_of(row["name"])
            if node is not None:
                _stands(node, row)

    def _work(self) -> None:
        try:
            self._follow()
        # Whoever waits is told, whatever it was; nobody else would see it.
        except BaseException as error:
            self.error = error
            if not self._is_left and self.run.get("status") != "aborting":
                sys.stderr.write(f"the run cannot be followed any more: {error}\n")
                traceback.print_exc()
        finally:
            self._over.set()

    def _follow(self) -> None:
        """Take up all that has been told so far, then answer and go on with what comes."""
        self.run = dict(self._api.get(f"runs/{self._run_id}/"))
        known = int(self.run["last_change"])
        for change in follow(self._api, self._run_id):
            self._since = change["n"]
            self._apply(change["kind"], change["data"])
            if self._since < known:
                continue
            if self._since == known or _calls_script(change):
                self._calls.answer_open()
            if self._has_ended():
                return
        self.refresh()

    def _apply(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "steps_added":
            self._open.update(range(data["first"], data["first"] + data["count"]))
            self._look_at_steps()
        elif kind == "step_status":
            self._stands(data["step"], data)
        elif kind in ("attempt_added", "attempt_status"):
            self._has_attempt(data)
        elif kind == "run_status":
            self.run.update(data)
            if data["status"] == "aborting":
                self._aborting()

    def _look_at_steps(self) -> list[JSON]:
        rows: list[JSON] = self._api.get(f"runs/{self._run_id}/steps/")
        self._names.update({row["index"]: row["name"] for row in rows})
        return rows

    def _stands(self, index: int, data: Mapping[str, Any]) -> None:
        if data["status"] in FINAL:
            self._open.discard(index)
        else:
            self._open.add(index)
        node = self.node_of(self._names.get(index, ""))
        if node is not None:
            _stands(node, data)

    def _has_attempt(self, data: Mapping[str, Any]) -> None:
        node = self.node_of(self._names.get(data["step"], ""))
        if node is not None and data["number"] >= node.attempt and "task" in data:
            node.attempt = int(data["number"])
            node.has_task(data["task"])

    def _has_ended(self) -> bool:
        """Tell whether no step can move any more, and no answer is waited for."""
        if self.run.get("status") in FINAL:
            return True
        if self._open or len(self._names) < len(self._nodes):
            return False
        if self._calls.answer_open():
            # The answers make changes, which are read before this is asked again.
            return False
        self.run = dict(self._api.get(f"runs/{self._run_id}/"))
        if self.run["status"] in FINAL:
            return True
        return bool(self.run["last_change"] <= self._since)


def _calls_script(change: Mapping[str, Any]) -> bool:
    return bool(change["kind"] == "called" and change["data"].get("by") == "script")


def _stands(node: Node, row: Mapping[str, Any]) -> None:
    node.stands(row["status"], row.get("reason"))
    if row.get("attempt"):
        node.attempt = int(row["attempt"])
    node.job_started, node.job_ended = _seconds(row["started_at"]), _seconds(row["ended_at"])


def _seconds(moment: Any) -> Optional[float]:
    """Read a moment of the server's as seconds since 1970."""
    if not moment:
        return None
    return datetime.fromisoformat(str(moment).replace("Z", "+00:00")).timestamp()


def wait_for_graph(api: Api, run_id: str, version: int) -> bool:
    """Say that the run is of a version; False when it has steps of another one already."""
    try:
        api.send("POST", f"runs/{run_id}/register/?wait=30", {"version": version})
    except RequestRefused as error:
        if error.status != 409:
            raise
        return False
    return True
