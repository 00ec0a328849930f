"""Runs from a terminal: what is written, and how the command ends."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.command_line import main
from tests.client.run_server import RUN, RunServer
from tests.client.stub_server import TOKEN

ATTEMPT = {
    "number": 1,
    "status": "completed",
    "origin": "first",
    "reason": "",
    "task": RUN,
    "started_at": "2026-01-01T00:00:00.000000Z",
    "ended_at": "2026-01-01T00:00:02.500000Z",
    "outputs": {"rows": 3},
    "artifacts": [{"name": "table", "size": 1234}],
}
STEP = {
    "name": "load",
    "status": "completed",
    "attempt": 1,
    "why": None,
    "reason": "",
    "started_at": ATTEMPT["started_at"],
    "ended_at": ATTEMPT["ended_at"],
    "parameters": {"General/rows": {"value": 5, "origin": "override"}},
    "attempts": [ATTEMPT],
}
SPECS = [{"name": "rows", "type": "integer"}, {"name": "label"}]

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server() -> Iterator[RunServer]:
    with RunServer() as stub:
        stub.tell("run_status", status="running")
        stub.tell("step_status", step=0, status="running", reason="")
        stub.tell("step_status", step=0, status="completed", reason="")
        stub.tell("step_status", step=1, status="skipped", reason="not wanted")
        stub.tell("run_status", status="completed")
        stub.steps = [STEP]
        yield stub


@pytest.fixture
def command(server: RunServer, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--url", server.url, "--token", TOKEN])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_a_run_is_started_with_parameters_as_declared(
    command: Command, server: RunServer, tmp_path: Path
) -> None:
    server.parameters = SPECS
    file = tmp_path / "nightly.json"
    file.write_text('{"rows": 1, "deep": {"a": [1]}}')
    words = ("-p", "rows=7", "-p", "label=8", "--parameters", str(file), "--key", "once")
    assert command("run", "demo/flow", *words) == (0, "demo/flow/1\n", "")
    assert server.triggers["once"]["parameters"] == {"rows": 7, "label": "8", "deep": {"a": [1]}}


@pytest.mark.parametrize(
    ("ends", "code"), [("completed", 0), ("failed", 3), ("crashed", 3), ("aborted", 4)]
)
def test_the_exit_code_tells_how_a_run_ended_that_was_waited_for(
    command: Command, server: RunServer, ends: str, code: int
) -> None:
    server.ends = ends
    ended, out, _ = command("run", "demo/flow", "--wait")
    assert (ended, out.splitlines()[1]) == (code, f"demo/flow/1 {ends} after 1:05")
    ended, out, _ = command("run", "demo/flow", "--wait", "--json")
    assert (ended, json.loads(out)["status"]) == (code, ends)


def test_a_run_that_takes_too_long_ends_the_command_and_not_the_run(
    command: Command, server: RunServer
) -> None:
    server.ends = "running"
    code, _, said = command("run", "--timeout", "0.05", "demo/flow")
    assert code == 5
    assert "it has not ended within 0.05 seconds" in said
    assert server.asked == []


def test_to_wait_takes_no_word_that_follows(command: Command, server: RunServer) -> None:
    assert command("run", "--wait", "demo/flow")[0] == 0
    assert command("watch", "--wait", "demo/flow/1")[0] == 0
    with pytest.raises(SystemExit, match="2"):
        command("run", "demo/flow", "--wait", "60")


def test_a_run_that_is_there_is_watched_to_its_end(command: Command, server: RunServer) -> None:
    server.ends = "failed"
    code, out, _ = command("watch", "demo/flow/1")
    assert (code, out.splitlines()[0]) == (3, "demo/flow/1 failed after 1:05")
    assert json.loads(command("watch", "demo/flow/1", "--json")[1])["status"] == "failed"


def test_a_run_is_started_again_with_other_parameters(command: Command, server: RunServer) -> None:
    server.parameters = SPECS
    assert command("again", "demo/flow/1", "-p", "rows=9") == (0, "demo/flow/1\n", "")
    assert server.again == [{"like": RUN, "parameters": {"rows": 9}}]


def test_a_run_is_told_before_which_steps_it_pauses(command: Command, server: RunServer) -> None:
    code, out, _ = command("pause", "demo/flow/1", "--at", "load", "--at", "score")
    assert (code, out) == (0, "demo/flow/1 will pause before load, score\n")
    assert server.asked == [("pause_at/", {"steps": ["load", "score"]})]
    command("pause", "demo/flow/1")
    assert server.asked[-1] == ("pause/", {})


def test_a_followed_run_is_told_line_by_line(command: Command) -> None:
    code, out, said = command("run", "demo/flow", "--follow")
    assert code == 0
    assert [line.strip() for line in said.splitlines()] == [
        "the run is running",
        "load  running",
        "load  completed",
        "score  skipped: not wanted",
        "the run is completed",
    ]
    assert out.splitlines()[-1] == 'outputs: {"score": 0.5}'


def test_runs_are_listed_and_shown(command: Command, server: RunServer) -> None:
    server.told = len(server.changes)
    code, out, _ = command("runs", "--status", "going")
    assert code == 0
    assert out.startswith("demo/flow/1  completed  2 completed  2026-01-01")
    assert "status=going" in server.requests[-1][1]
    code, out, _ = command("show", "demo/flow/1")
    assert out.splitlines() == [
        f"demo/flow/1  completed  1:05  {server.url}/runs/demo/flow/1/",
        'parameters: {"rows": 5}',
        'outputs: {"score": 0.5}',
        "load  completed  1  2.5 s",
    ]
    code, out, _ = command("show", "demo/flow/1", "load")
    assert out.splitlines() == [
        "load  completed",
        "  General/rows = 5  (override)",
        "attempt 1  completed  first  2.5 s",
        "  output rows = 3",
        "  artifact table, 1,234 bytes",
    ]
    assert json.loads(command("show", RUN, "--json")[1])["steps"][0]["name"] == "load"


def test_a_log_is_followed_to_its_end(command: Command) -> None:
    assert command("logs", "demo/flow/1", "load", "-f") == (0, "one\ntwo\n", "")


def test_of_a_script_that_drives_a_run_one_reads_the_output(
    command: Command, server: RunServer
) -> None:
    code, _, said = command("logs", "demo/flow/1")
    assert (code, said) == (1, "pipelines: of which step? no script drives demo/flow/1\n")
    server.driver = "script"
    assert "driven by a Python script" in command("show", "demo/flow/1")[1]
    assert command("logs", "demo/flow/1", "-f") == (0, "one\ntwo\n", "")


def test_an_error_is_told_so_that_a_program_can_read_it(
    command: Command, server: RunServer
) -> None:
    code, out, said = command("show", "demo/flow/1", "nowhere", "--json")
    assert (code, out) == (1, "")
    told = json.loads(said)
    assert (told["code"], told["status"]) == ("not_found", 404)
    assert "was refused (404)" in told["error"]


def test_verbs_are_asked_in_the_servers_words(command: Command, server: RunServer) -> None:
    assert command("abort", "demo/flow/1")[:2] == (0, "demo/flow/1: the run: asked\n")
    command("abort", "demo/flow/1", "load")
    command("skip", "demo/flow/1", "load", "--reason", "not today")
    command("complete", "demo/flow/1", "load", "--reason", "by hand", "-o", "rows=9")
    command("approve", "demo/flow/1", "load", "-v", "rows=9", "--comment", "fine")
    command("reject", "demo/flow/1", "load")
    command("pause", "demo/flow/1")
    command("resume", "demo/flow/1")
    words = ("--from", "load", "-p", "load:rows=5", "--template-version", "load=2")
    command("rerun", "demo/flow/1", *words)
    assert server.asked == [
        ("abort/", {}),
        ("steps/load/abort/", {}),
        ("steps/load/skip/", {"reason": "not today"}),
        ("steps/load/complete/", {"reason": "by hand", "outputs": {"rows": 9}}),
        ("steps/load/approve/", {"values": {"rows": 9}, "comment": "fine"}),
        ("steps/load/reject/", {"values": {}, "comment": ""}),
        ("pause/", {}),
        ("resume/", {}),
        (
            "rerun/",
            {
                "from": ["load"],
                "parameters": {"load": {"rows": 5}},
                "version": {"load": 2},
                "reset_overrides": False,
                "cache": True,
            },
        ),
    ]


def test_what_is_refused_or_wrong_is_said(command: Command, server: RunServer) -> None:
    server.refuses = "the run is aborting"
    code, _, said = command("rerun", "demo/flow/1", "--all")
    assert (code, said) == (1, "pipelines: run demo/flow/1 refuses: the run is aborting\n")
    assert command("rerun", "demo/flow/1")[0] == 1
    assert command("rerun", "demo/flow/1", "--all", "-p", "rows=5")[0] == 1
    assert command("show", "demo")[2].startswith("pipelines: 'demo' is neither")


def test_a_login_is_asked_of_the_server_and_kept(
    server: RunServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("PIPELINES_URL", "PIPELINES_API_URL", "PIPELINES_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    server.answer_badly = [401]
    assert main(["login", server.url, "--token", "wrong"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert main(["login", server.url, "--token", TOKEN]) == 0
    assert main(["runs"]) == 0
    assert main(["logout"]) == 0
    with pytest.raises(SystemExit) as left:
        main(["runs"])
    assert left.value.code == 2
    assert "pipelines login" in capsys.readouterr().err
    assert main(["runs", "--json"]) == 2
    assert "pipelines login" in json.loads(capsys.readouterr().err)["error"]


def test_the_doctor_names_what_is_wrong_and_what_helps(command: Command, server: RunServer) -> None:
    server.queues = [
        {"name": "default", "waiting": 3, "running": 0, "paused": False, "agents": []},
        {"name": "gpu", "waiting": 1, "running": 0, "paused": True, "agents": ["a"]},
    ]
    server.agents = []
    code, out, _ = command("doctor")
    assert code == 1
    assert "wrong  no agent is alive: nothing is executed\n" in out
    assert "wrong  no agent serves queue default; 3 tasks wait\n" in out
    assert "-> start one: pipelines agent --queues default" in out
    assert "odd  queue gpu is paused; 1 tasks wait\n" in out
    assert "good  no run waits for a controller" in out
    server.queues = [{"name": "local", "waiting": 1, "running": 0, "paused": False, "agents": []}]
    assert "local" not in command("doctor")[1], "that is for whichever script put it there"
    server.queues, server.agents = [], [{"alive": True, "draining": False, "state": "serving"}]
    server.agents[0].update(name="a", host="h", running=1, slots=2)
    code, out, _ = command("doctor", "--json")
    assert (code, json.loads(out)["well"]) == (0, True)


def test_a_token_that_does_not_count_is_told_with_what_helps(
    command: Command, server: RunServer
) -> None:
    server.answer_badly = [401, 401]
    code, _, said = command("queues")
    assert code == 1
    assert "was refused (401)" in said
    assert said.endswith("make a token on the server's page Tokens, then: pipelines login\n")
    assert json.loads(command("queues", "--json")[2])["status"] == 401


def test_a_server_that_is_away_is_told_apart(capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("pipelines.command_line.PATIENCE_SECONDS", 0.1)
    assert main(["runs", "--url", "http://127.0.0.1:9", "--token", "t"]) == 6
    assert main(["doctor", "--url", "http://127.0.0.1:9", "--token", "t"]) == 1
