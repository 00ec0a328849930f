"""A script that runs again asks for the same things under the same keys."""

from __future__ import annotations

import json

from tests.client.stub_server import StubServer
from tests.client.workshop import Workshop

SCRIPT = """
from pipelines import Task

def copies(source, names):
    return [Task.clone(source, name=name) for name in names]

def made():
    return Task.create("p", "made", script=__file__, packages=False)

copies("base", "abc")
made(), made()
copies("base", "d")
"""


class Keys(StubServer):
    """Remembers under which keys it was asked for what."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        if method == "POST" and path.startswith("/api/v1/tasks/"):
            self.asked.append(json.loads(body)["key"])
            return 201, b'{"id": "0192f000-0000-7000-8000-000000000001"}'
        return super().answer(method, path, headers, body)


def test_the_same_calls_have_the_same_keys_each_time(workshop: Workshop) -> None:
    with Keys() as server:
        workshop.server = server
        for _ in range(2):
            step = workshop.run(SCRIPT)
            assert step.exit_code == 0, step.stderr
        first, second = server.asked[:6], server.asked[6:]
    places = [key.replace(key.split()[1].partition(":")[0], "script.py") for key in first]
    assert places == [
        "clone script.py:5 #1",
        "clone script.py:5 #2",
        "clone script.py:5 #3",
        "create script.py:8 #1",
        "create script.py:8 #2",
        "clone script.py:5 #4",
    ]
    assert [key.split(":")[1] for key in first] == [key.split(":")[1] for key in second]
