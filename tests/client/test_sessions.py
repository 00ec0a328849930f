"""What keeps a shell's task alive, where two of its threads meet."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest

from pipelines import RequestRefused
from pipelines.context import StepContext
from pipelines.session import Session


class OverAlready:
    """A server that has just been told that the task has ended."""

    def send(self, *_: Any, **__: Any) -> NoReturn:
        raise RequestRefused("The task does not run any more.", status=409)


def test_a_lease_that_is_refused_while_the_end_is_told_is_no_abort(capsys: Any) -> None:
    context = StepContext(directory="", task_id="t", api_url="http://x", token="")
    context._api = OverAlready()  # type: ignore[assignment]
    session = Session(context, 1.0, lambda task_id: None)

    with session._ending:
        session._renew()
    assert not session.abort_asked
    assert capsys.readouterr().err == ""

    session._renew()
    assert session.abort_asked
    assert "ended elsewhere" in capsys.readouterr().err
    session._renew()
    assert capsys.readouterr().err == ""


class Aborting:
    """A server that says at each renewal that the task is to end."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def send(self, method: str, path: str, body: Any, **_: Any) -> dict[str, Any]:
        self.sent.append((path, body))
        return {"abort": True, "grace": 60}


def wait_while_asked(session: Session) -> None:
    session.ask_to_end()
    while session.is_to_interrupt:
        time.sleep(0.01)


def test_an_abort_seen_elsewhere_interrupts_long_before_the_next_renewal(tmp_path: Path) -> None:
    server = Aborting()
    context = StepContext(directory=str(tmp_path), task_id="t", api_url="http://x", token="")
    context._api = server  # type: ignore[assignment]
    session = Session(context, 3600.0, lambda task_id: None)
    session.start()
    try:
        assert not session.is_to_interrupt
        with pytest.raises(KeyboardInterrupt):
            wait_while_asked(session)
        assert session.abort_asked
        # Asked once more, or waited for once more, it is not interrupted again.
        session.ask_to_end()
        assert not session.is_to_interrupt
    finally:
        session.end("aborted", reason="aborted")
    assert [path for path, _ in server.sent] == ["tasks/t/renew/", "tasks/t/finish/"]


def test_a_script_that_is_ending_is_not_interrupted_by_its_own_abort(tmp_path: Path) -> None:
    context = StepContext(directory=str(tmp_path), task_id="t", api_url="http://x", token="")
    context._api = Aborting()  # type: ignore[assignment]
    session = Session(context, 0.01, lambda task_id: None)
    session.leaves_by_itself()
    session.start()
    while not session.abort_asked or session._at_work is None:
        time.sleep(0.01)
    assert not session.is_to_interrupt
    session.end("aborted", reason="aborted")
    assert not session._endings.has_interrupted


class SlowlyEnding(Aborting):
    """A server that takes its time to hear of the end; meanwhile the abort is heard."""

    def __init__(self, session: list[Session]) -> None:
        super().__init__()
        self._session = session

    def send(self, method: str, path: str, body: Any, **more: Any) -> dict[str, Any]:
        if path.endswith("/finish/"):
            [session] = self._session
            while session._at_work is None:
                time.sleep(0.01)
        return super().send(method, path, body, **more)


@pytest.mark.parametrize("how", ["by itself", "by SIGTERM"])
def test_a_script_that_is_telling_its_end_is_not_interrupted(tmp_path: Path, how: str) -> None:
    sessions: list[Session] = []
    context = StepContext(directory=str(tmp_path), task_id="t", api_url="http://x", token="")
    server = SlowlyEnding(sessions)
    context._api = server  # type: ignore[assignment]
    session = Session(context, 0.01 if how == "by itself" else 3600.0, lambda task_id: None)
    sessions.append(session)
    session.capture()
    session.start()
    try:
        if how == "by SIGTERM":
            with pytest.raises(SystemExit):
                os.kill(os.getpid(), signal.SIGTERM)
        session._at_exit()
    finally:
        session._stop()
    assert [path for path, _ in server.sent][-1] == "tasks/t/finish/"
    assert not session._endings.has_interrupted
    if how == "by SIGTERM":
        assert server.sent[-1][1]["reason"] == "ended by SIGTERM"
