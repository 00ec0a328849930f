"""What keeps a shell's task alive, where two of its threads meet."""

from __future__ import annotations

from typing import Any, NoReturn

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
