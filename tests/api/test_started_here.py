"""A task that a shell started: its process keeps the lease, prints, hears of aborts and ends it."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.clock import end_leases
from orchestrator.domain.names import LOCAL_QUEUE
from orchestrator.models import LogFile, LogPiece, Pipeline, Project, Run, Signal, Task
from orchestrator.store import logs
from tests.api.asking import Asker, People, assert_problem
from tests.api.test_results import running_step
from tests.makers import make_agent, make_member, make_run, make_token, make_waiting

COMMAND = {"project": "alpha", "name": "greet", "kind": "command", "argv": ["echo", "hello"]}


@pytest.fixture
def where(ada: Asker, project: Project) -> str:
    return str(ada.post("tasks/", COMMAND)["Location"])


@pytest.fixture
def here(ada: Asker, where: str) -> Asker:
    """The process that runs the task."""
    return Asker(ada.post(f"{where}start/", {"host": "laptop"}).json()["token"])


def printed(ada: Asker, where: str, **query: Any) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return "".join(piece["text"] for piece in ada.get(f"{where}logs/?{asked}").json()["pieces"])


def let_lease_end(where: str) -> None:
    Task.objects.filter(pk=where.split("/")[-2]).update(lease_until="2020-01-01T00:00Z")
    end_leases()


def test_a_draft_is_started_kept_and_finished_by_its_own_process(ada: Asker, where: str) -> None:
    started = ada.post(f"{where}start/", {"host": "laptop"})
    assert started.status_code == 200
    assert started.json()["lease"] > 2 * started.json()["renew_every"] > 0
    here = Asker(started.json()["token"])
    task = ada.get(where).json()
    assert (task["status"], task["fence"]) == ("running", started.json()["fence"])
    assert (task["agent"], task["process"]) == (None, {"host": "laptop", "actor": "ada"})
    assert here.post(f"{where}renew/").json() == {"abort": False, "grace": None}
    assert here.patch(where, {"progress": 0.5}).json()["progress"] == 0.5
    wanted = {"status": "completed", "outputs": {"rows": 3}, "exit_code": 0}
    finished = here.post(f"{where}finish/", wanted).json()
    assert (finished["status"], finished["outputs"]) == ("completed", {"rows": 3})
    assert finished["outcome"]["exit_code"] == 0
    assert_problem(here.post(f"{where}renew/"), 401, "bad_token")
    assert_problem(ada.post(f"{where}start/"), 409, "conflict")


def test_what_it_prints_is_its_log(ada: Asker, where: str, here: Asker) -> None:
    first = [{"stream": "stdout", "text": "one\ntw"}, {"stream": "stderr", "text": "oh\n"}]
    assert here.post(f"{where}output/", {"pieces": first}).status_code == 204
    here.post(f"{where}output/", {"pieces": [{"stream": "stdout", "text": "o\nthree\n"}]})
    log = ada.get(f"{where}logs/").json()
    assert [
        (piece["stream"], piece["byte_from"], piece["line_from"]) for piece in log["pieces"]
    ] == [
        ("stdout", 0, 0),
        ("stderr", 6, 1),
        ("stdout", 9, 2),
    ]
    assert (printed(ada, where), log["end"]) == ("one\ntwoh\no\nthree\n", False)
    assert printed(ada, where, **{"from": 9}) == "o\nthree\n"
    here.post(f"{where}finish/", {"status": "completed"})
    assert ada.get(f"{where}logs/").json()["end"]


def test_what_is_sent_twice_is_kept_once(ada: Asker, where: str, here: Asker) -> None:
    pieces = {"pieces": [{"stream": "stdout", "text": "one\n"}]}
    for key in ("a", "a", "b"):
        assert here.post(f"{where}output/", pieces, Idempotency_Key=key).status_code == 204
    assert printed(ada, where) == "one\none\n"
    other = {"pieces": [{"stream": "stdout", "text": "two\n"}]}
    assert_problem(here.post(f"{where}output/", other, Idempotency_Key="b"), 409, "conflict")
    values = [{"title": "loss", "series": "train", "value": 0.5}]
    for kept in (1, 0):
        answer = here.post(f"{where}samples/", values, Idempotency_Key="b")
        assert answer.json() == {"kept": kept}


def test_a_long_log_is_folded_and_goes_on(
    ada: Asker, where: str, here: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FOLD_PIECES", 3)
    for n in range(8):
        here.post(f"{where}output/", {"pieces": [{"stream": "stdout", "text": f"{n}\n"}]})
    assert LogFile.objects.count() == 2
    assert LogPiece.objects.count() == 2
    assert printed(ada, where) == "".join(f"{n}\n" for n in range(8))
    lines = ada.get(f"{where}logs/lines/?from=5&count=2").json()["lines"]
    assert [line[1] for line in lines] == ["5", "6"]


def test_long_lines_and_long_logs_are_cut(
    ada: Asker, where: str, here: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.store.sent_output.CAPS", _Caps())
    here.post(f"{where}output/", {"pieces": [{"stream": "stdout", "text": "123456"}]})
    here.post(f"{where}output/", {"pieces": [{"stream": "stdout", "text": "789abcd\nnext\n"}]})
    assert printed(ada, where) == "12345678 … [5 bytes of this line left out]\nnext\n"
    here.post(f"{where}output/", {"pieces": [{"stream": "stderr", "text": "x\n" * 60}]})
    here.post(f"{where}output/", {"pieces": [{"stream": "stderr", "text": "never\n"}]})
    assert printed(ada, where).endswith("x\n\n[the log is too long: what follows is left out]\n")


class _Caps:
    log_line_bytes = 8
    log_bytes = 100


def test_an_abort_is_heard_and_confirmed(ada: Asker, where: str, here: Asker) -> None:
    assert ada.post(f"{where}abort/").json()["status"] == "aborting"
    heard = here.post(f"{where}renew/").json()
    assert (heard["abort"], heard["grace"]) == (True, 1.0)
    assert here.post(f"{where}renew/").json()["abort"]
    ended = here.post(f"{where}finish/", {"status": "aborted", "reason": "asked to"}).json()
    assert (ended["status"], ended["outcome"]["reason"]) == ("aborted", "asked to")


def test_an_aborted_process_may_have_been_done_already(ada: Asker, where: str, here: Asker) -> None:
    ada.post(f"{where}abort/")
    assert here.post(f"{where}finish/", {"status": "completed"}).json()["status"] == "completed"


def test_what_its_user_interrupts_is_aborted(ada: Asker, where: str, here: Asker) -> None:
    assert here.post(f"{where}finish/", {"status": "aborted"}).json()["status"] == "aborted"


def test_what_fails_says_why(ada: Asker, where: str, here: Asker) -> None:
    wanted = {"status": "failed", "reason": "ValueError: no", "traceback": "Traceback …"}
    outcome = here.post(f"{where}finish/", wanted).json()["outcome"]
    assert (outcome["reason"], outcome["traceback"]) == ("ValueError: no", "Traceback …")


@pytest.mark.parametrize(
    ("aborted", "status", "reason"),
    [
        (False, "crashed", "the process on laptop that started it has gone"),
        (True, "aborted", "the process on laptop that started it has gone, end not confirmed"),
    ],
)
def test_a_process_that_goes_without_a_word_loses_its_task(
    ada: Asker, where: str, here: Asker, aborted: bool, status: str, reason: str
) -> None:
    if aborted:
        ada.post(f"{where}abort/")
    let_lease_end(where)
    task = ada.get(where).json()
    assert (task["status"], task["outcome"]["reason"]) == (status, reason)
    assert_problem(here.post(f"{where}finish/", {"status": "completed"}), 401, "bad_token")


def test_a_task_is_left_to_another_machine(ada: Asker, where: str, here: Asker) -> None:
    before = ada.get(where).json()["fence"]
    wanted = {"status": "queued", "queue": "services"}
    left = here.post(f"{where}finish/", wanted).json()
    assert (left["status"], left["queue"], left["fence"]) == ("queued", "services", before + 1)
    assert (left["process"], left["started_at"], left["actor"]) == ({}, None, "ada")
    assert_problem(here.post(f"{where}renew/"), 401, "bad_token")


def test_a_task_is_left_as_a_draft(ada: Asker, where: str, here: Asker) -> None:
    before = ada.get(where).json()["fence"]
    left = here.post(f"{where}finish/", {"status": "draft"}).json()
    assert (left["status"], left["fence"]) == ("draft", before)
    again = ada.post(f"{where}start/").json()
    assert again["fence"] == before + 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"status": "running"}, 400),
        ({}, 400),
        ({"status": "queued", "queue": "nowhere"}, 400),
        ({"status": "completed", "outputs": {"big": "x" * 1_100_000}}, 413),
        ({"status": "failed", "traceback": "x" * 70_000}, 400),
        ({"status": "completed", "colour": "red"}, 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_end_leaves_it_running(
    ada: Asker, where: str, here: Asker, body: dict[str, Any], code: int
) -> None:
    assert here.post(f"{where}finish/", body).status_code == code
    assert ada.get(where).json()["status"] == "running"


def test_only_the_process_itself_speaks_for_its_task(
    people: People, where: str, here: Asker, pipeline: Pipeline
) -> None:
    for verb, body in (
        ("renew", {}),
        ("output", {"pieces": []}),
        ("finish", {"status": "completed"}),
    ):
        assert_problem(people.owner.post(f"{where}{verb}/", body), 403, "not_allowed")
        assert_problem(people.stranger.post(f"{where}{verb}/", body), 404, "not_found")
        assert_problem(people.anonymous.post(f"{where}{verb}/", body), 401, "not_authenticated")


def test_who_may_start_a_task_here(people: People, where: str) -> None:
    assert_problem(people.colleague.post(f"{where}start/"), 403, "not_allowed")
    assert_problem(people.stranger.post(f"{where}start/"), 404, "not_found")


def test_a_started_draft_acts_for_who_started_it(ada: Asker, where: str, project: Project) -> None:
    rita = Asker(make_token(make_member(project, "rita", "operator")))
    here = Asker(rita.post(f"{where}start/").json()["token"])
    assert ada.get(where).json()["actor"] == "rita"
    assert_problem(here.post("tasks/", COMMAND), 403, "not_allowed")


def test_an_enqueued_draft_acts_for_who_enqueued_it(
    ada: Asker, where: str, project: Project
) -> None:
    rita = Asker(make_token(make_member(project, "rita", "operator")))
    assert rita.post(f"{where}enqueue/").json()["actor"] == "rita"


def test_an_agents_task_may_say_how_it_ended_and_nothing_more(ada: Asker, where: str) -> None:
    from orchestrator.store.execution import attempt_token, claim

    task = ada.post(f"{where}enqueue/").json()
    row = Task.objects.get(pk=task["id"])
    assert claim(row.pk, row.fence, make_agent().pk, 60)
    own = Asker(attempt_token(row.pk, row.fence))
    assert_problem(own.post(f"{where}output/", {"pieces": []}), 409, "conflict")
    assert_problem(own.post(f"{where}renew/"), 409, "over")
    assert_problem(own.post(f"{where}finish/", {"status": "draft"}), 409, "conflict")
    assert own.post(f"{where}finish/", {"status": "failed"}).json()["status"] == "failed"


def test_a_task_in_an_agents_queue_is_not_started_here(ada: Asker, where: str) -> None:
    ada.post(f"{where}enqueue/")
    assert_problem(ada.post(f"{where}start/"), 409, "conflict")


def test_a_step_in_the_local_queue_is_started_by_its_script_and_its_run_hears_of_it(
    ada: Asker, pipeline: Pipeline
) -> None:
    run = make_run(pipeline)
    task = running_step(run, "first")
    Task.objects.filter(pk=task.pk).update(status="queued", queue=LOCAL_QUEUE)
    Signal.objects.all().delete()
    started = ada.post(f"tasks/{task.pk}/start/", {"host": "laptop"}).json()
    assert started["fence"] == 1
    assert [(signal.run_id, signal.kind) for signal in Signal.objects.all()] == [(run.pk, "task")]
    here = Asker(started["token"])
    assert_problem(here.post(f"tasks/{task.pk}/finish/", {"status": "draft"}), 409, "conflict")
    here.post(f"tasks/{task.pk}/finish/", {"status": "completed"})
    assert Signal.objects.filter(run=run, kind="task").count() == 2
    assert_problem(ada.post(f"tasks/{task.pk}/start/"), 409, "conflict")


def test_a_held_step_waits(ada: Asker, pipeline: Pipeline) -> None:
    task = running_step(make_run(pipeline), "first")
    Task.objects.filter(pk=task.pk).update(status="queued", queue=LOCAL_QUEUE, held=True)
    assert_problem(ada.post(f"tasks/{task.pk}/start/"), 409, "conflict")


def test_a_draft_of_a_run_is_not_started_here(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    Task.objects.filter(pk=run.pk).update(status="draft")
    Run.objects.filter(pk=run.pk).update(status="draft")
    assert_problem(ada.post(f"tasks/{run.pk}/start/"), 409, "conflict")


def test_the_local_queue_gives_no_places_and_cannot_be_limited(
    ada: Asker, project: Project
) -> None:
    from orchestrator.controller import serve_line
    from orchestrator.models import User
    from orchestrator.store.lines import queues_that_wait

    make_agent(queues=(LOCAL_QUEUE,))
    task = make_waiting(project, "mine", queue=LOCAL_QUEUE, age=60)
    serve_line(LOCAL_QUEUE)
    task.refresh_from_db()
    assert task.published_at is None
    assert queues_that_wait() == []
    User.objects.filter(username="ada").update(is_superuser=True)
    assert_problem(ada.post("queues/local/pause/"), 409, "conflict")
    assert_problem(ada.patch("queues/local/", {"limit": 1}), 409, "conflict")
    assert ada.patch("queues/local/", {"description": "mine"}).status_code == 200
    assert_problem(ada.delete("queues/local/"), 409, "conflict")
