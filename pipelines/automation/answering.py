"""Calls that the run makes of its script: each is put to the callback, and its answer sent."""

from __future__ import annotations

import sys
import threading

from pipelines.errors import RequestRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable, Optional

    from pipelines.automation.node import Node
    from pipelines.http import Api

    Callback = Callable[..., Any]
    JSON = dict[str, Any]

_GONE = (404, 409)


class Answering:
    """Answers a run's calls, one after another, in the order in which they were made."""

    def __init__(
        self,
        api: Api,
        run_id: str,
        *,
        owner: Any,
        node_of: Callable[[str], Optional[Node]],
        callback_of: Callable[[str, str], Optional[Callback]],
        is_known: Callable[[str], bool] = lambda name: True,
    ) -> None:
        self._api = api
        self._path = f"runs/{run_id}/calls/"
        self._owner = owner
        self._node_of = node_of
        self._callback_of = callback_of
        self._is_known = is_known
        self._done: set[int] = set()
        self._claiming = threading.Lock()

    def open_calls(self) -> list[JSON]:
        """The calls that wait for this script, oldest first; not those of steps unknown as yet."""
        rows = self._api.get(f"{self._path}?open=1&by=script")
        new = [row for row in rows if row["number"] not in self._done]
        return [row for row in new if self._is_known(_step_of(row))]

    def answer_open(self) -> bool:
        """Answer whatever is open; whether there was anything."""
        calls = [call for call in self.open_calls() if self._claims(call["number"])]
        for call in calls:
            self._send(call, self._answer(call))
        return bool(calls)

    def _claims(self, number: int) -> bool:
        """Take a call for this thread: each is put to its callback once."""
        with self._claiming:
            is_new = number not in self._done
            self._done.add(number)
            return is_new

    def _answer(self, call: JSON) -> JSON:
        step = (call.get("arguments") or {}).get("step") or {}
        name = _step_of(call)
        node = self._node_of(name)
        function = self._callback_of(name, call["kind"])
        if node is None or function is None:
            return {"reason": f"the script has no callback for {call['kind']} of step {name!r}"}
        if step.get("status"):
            node.stands(step["status"], step.get("reason"))
        node.attempt = int(step.get("attempt") or call.get("attempt") or 0)
        node.has_task(step.get("task"))
        try:
            return {"value": self._ask(call["kind"], function, node, step)}
        # Whatever the user's function does wrong, also sys.exit, is told of the step.
        except (Exception, SystemExit) as error:
            return self._raised(call["kind"], error)

    def _ask(self, kind: str, function: Callback, node: Node, step: Mapping[str, Any]) -> Any:
        if kind == "pre":
            return self._ask_before(function, node, step)
        if kind == "created":
            answer = function(self._owner, node, dict(step.get("parameters") or {}))
            return False if answer is False else None
        if kind == "status":
            from pipelines.automation.node import in_words

            previous = in_words(str(step.get("previous_status") or "pending"))
            # In these words nothing has changed when a running step is asked to end.
            if previous != node.status:
                function(self._owner, node, previous)
            return None
        if kind == "retry":
            tried = step.get("retries")
            return bool(function(self._owner, node, node.attempt - 1 if tried is None else tried))
        function(self._owner, node)
        return None

    def _ask_before(self, function: Callback, node: Node, step: Mapping[str, Any]) -> Any:
        import copy

        given = dict(step.get("parameters") or {})
        parameters = copy.deepcopy(given)
        if function(self._owner, node, parameters) is False:
            return False
        changed = {
            name: value
            for name, value in parameters.items()
            if name not in given or given[name] != value
        }
        node.parameters.update(changed)
        return {"parameters": changed} if changed else None

    def _raised(self, kind: str, error: BaseException) -> JSON:
        import traceback

        # The first frames are this module's own.
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename != __file__]
        lines = ["Traceback (most recent call last):\n"] if own else []
        lines += traceback.format_list(own) + traceback.format_exception_only(type(error), error)
        text = "".join(lines)
        _say(text)
        if kind == "retry":
            _say("the step is not tried again: its retry callback has failed\n")
            return {"value": False}
        return {"reason": lines[-1].strip() or type(error).__name__, "traceback": text}

    def _send(self, call: JSON, answer: JSON) -> None:
        path = f"{self._path}{call['number']}/answer/"
        try:
            self._api.send("POST", path, _as_json(answer))
        except RequestRefused as error:
            # Nobody waits for it any more: the step was aborted, or it took too long.
            if error.status not in _GONE:
                raise


def _step_of(call: JSON) -> str:
    step = (call.get("arguments") or {}).get("step") or {}
    return str(call.get("step") or step.get("name") or "")


def _as_json(answer: JSON) -> JSON:
    """Send what JSON can hold; what it cannot is the callback's mistake."""
    import json

    try:
        json.dumps(answer, allow_nan=False)
    except (TypeError, ValueError) as error:
        return {"reason": f"the callback changed a parameter to what JSON cannot hold: {error}"}
    return answer


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
