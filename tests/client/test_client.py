"""Runs started, followed, waited for and steered by a program, whatever the server does."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import Client, PipelinesError, RequestRefused, RunFailed, ServerUnavailable
from pipelines.access import access, forget_login, keep_login
from pipelines.errors import WaitTimeout
from tests.client.run_server import RUN, RunServer
from tests.client.stub_server import TOKEN

ATTEMPT = {"number": 1, "task": RUN, "outputs": {"rows": 3}, "artifacts": []}
STEP = {"name": "load", "status": "completed", "why": None, "attempts": [ATTEMPT]}


@pytest.fixture
def server() -> Iterator[RunServer]:
    with RunServer() as stub:
        for status in ("running", "running", "completed"):
            stub.tell("run_status", status=status)
        stub.steps = [STEP]
        yield stub


@pytest.fixture
def client(server: RunServer) -> Client:
    return Client(server.url, TOKEN, patience=5)


def test_a_trigger_is_sent_until_it_is_answered_and_starts_one_run(
    client: Client, server: RunServer
) -> None:
    server.answer_badly = [502, 503]
    run = client.trigger("demo/flow", {"rows": 5}, name="nightly")
    assert (run.id, run.name, run.status) == (RUN, "demo/flow/1", "running")
    assert list(server.triggers.values()) == [
        {"parameters": {"rows": 5}, "version": "latest", "name": "nightly"}
    ]
    client.trigger("demo/flow", key="mine")
    assert "mine" in server.triggers


def test_changes_are_followed_across_broken_streams_each_once(
    client: Client, server: RunServer
) -> None:
    server.at_once = 2
    server.cut_short = 1
    server.answer_badly = []
    run = client.run("demo/flow/1")
    server.cut_short = 2
    assert [change["n"] for change in run.follow()] == [1, 2, 3]
    assert (run.status, run.outputs) == ("completed", {"score": 0.5})
    assert [change["n"] for change in run.follow(since=2)] == [3]


def test_a_server_that_stays_away_is_told_after_the_patience() -> None:
    with RunServer() as stub:
        stub.tell("run_status", status="running")
        run = Client(stub.url, TOKEN, patience=0.3).run(RUN)
    with pytest.raises(ServerUnavailable):
        list(run.follow())


def test_waiting_has_an_end_and_tells_of_failure(client: Client, server: RunServer) -> None:
    run = client.run(RUN)
    assert run.wait().outputs == {"score": 0.5}
    server.ends = "failed"
    with pytest.raises(RunFailed, match="demo/flow/1 failed"):
        run.wait(raise_on_failure=True)
    server.ends = "running"
    with pytest.raises(WaitTimeout, match=r"it has not ended within 0\.05 seconds"):
        run.wait(0.05)


def test_what_is_asked_is_waited_for_and_a_refusal_raised(
    client: Client, server: RunServer
) -> None:
    run = client.run(RUN)
    assert run.rerun(from_="load", parameters={"load": {"rows": 1}})["change"] == 4
    run.abort(wait=None)
    run.step("load").skip("not today")
    assert server.asked[0] == (
        "rerun/",
        {
            "from": ["load"],
            "parameters": {"load": {"rows": 1}},
            "reset_overrides": False,
            "cache": True,
        },
    )
    assert server.asked[1:] == [("abort/", {}), ("steps/load/skip/", {"reason": "not today"})]
    server.refuses = "the run is aborting"
    with pytest.raises(RequestRefused, match="the run is aborting") as caught:
        run.refresh().abort()
    assert (caught.value.status, caught.value.code) == (409, "refused")
    with pytest.raises(PipelinesError, match="say one of"):
        run.rerun("load", failed=True)


def test_what_would_be_done_twice_is_not_sent_twice(client: Client, server: RunServer) -> None:
    run = client.run(RUN)
    server.answer_badly = [503]
    run.rerun(everything=True)
    server.answer_badly = [502]
    with pytest.raises(ServerUnavailable, match="it may have been done or not"):
        run.rerun(everything=True)
    assert len(server.asked) == 1


def test_results_are_read_from_the_current_attempt(client: Client, server: RunServer) -> None:
    step = client.run(RUN).step("load")
    assert (step.outputs, step.why) == ({"rows": 3}, "")
    assert "".join(step.follow_log()) == "one\ntwo\n"
    server.add_artifact(RUN, "table", b"[1, 2]", kind="json")
    assert step.artifacts["table"].get() == [1, 2]


@pytest.mark.parametrize("name", ["flow", "demo/flow/one/two", "//", "demo//1"])
def test_a_name_that_is_none_is_not_asked_for(client: Client, name: str) -> None:
    with pytest.raises(PipelinesError, match="is neither"):
        client.run(name)


def test_a_login_is_kept_for_its_server_and_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("PIPELINES_URL", "PIPELINES_API_URL", "PIPELINES_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(PipelinesError, match="which server"):
        access()
    path = keep_login("http://one.example/", "secret")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert access() == ("http://one.example", "secret")
    with pytest.raises(PipelinesError, match="who are you"):
        access("http://two.example")
    monkeypatch.setenv("PIPELINES_TOKEN", "other")
    assert access("http://two.example") == ("http://two.example", "other")
    assert forget_login()
    assert not forget_login()
