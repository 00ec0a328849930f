"""Decorated functions as pipelines: real scripts in a real shell and at real agents."""

from __future__ import annotations

import glob
import os
import re
import shutil
from contextlib import suppress

import pytest

from pipelines import RequestRefused, Run
from tests.client.shell import Shell, until

FLOW = """
from pipelines import TaskTypes
from pipelines.automation.controller import PipelineDecorator

@PipelineDecorator.component(
    return_values=["rows"], cache=True, task_type=TaskTypes.data_processing
)
def read(url: str, extra: int = 1):
    print("NAME reads", url)
    return [{"x": n, "y": n % 2} for n in range(int(url[-1]) + extra)]

@PipelineDecorator.component(return_values=["xs", "ys"], cache=True)
def split(rows, share=0.5):
    cut = int(len(rows) * share)
    # Of NAME: another pipeline's results are not taken.
    return [row["x"] for row in rows[cut:]], {row["y"] for row in rows}

@PipelineDecorator.component(
    return_values=["model"], cache=True, task_type=TaskTypes.training,
    monitor_artifacts=[("model", "best")],
)
def train(xs):
    import fractions  # for NAME
    return fractions.Fraction(sum(xs), len(xs))

@PipelineDecorator.component(return_values=["accuracy"], cache=True)
def judge(model, ys):  # of NAME
    return float(model) / 10 * len(ys)

@PipelineDecorator.pipeline(name="NAME", project="shell", version="0.0.5")
def executing_pipeline(url, share: float = 0.5):
    rows = read(url)
    xs, ys = split(rows, share)
    model = train(xs)
    print("model {}".format(model))
    accuracy = 100 * judge(model, ys=ys)
    print(f"Accuracy={accuracy}%")

if __name__ == "__main__":
    WHERE
    executing_pipeline(url="data-9")
    print("process completed")
"""


def flow(name: str, where: str = "PipelineDecorator.run_locally()") -> str:
    return FLOW.replace("NAME", name).replace("WHERE", where)


def last_run(shell: Shell, pipeline: str) -> Run:
    runs = shell.client.runs(pipeline=f"shell/{pipeline}", limit=1)
    assert runs, f"no run of {pipeline}"
    return runs[0].refresh()


def statuses(run: Run) -> dict[str, str]:
    return {step.name: step.status for step in run.steps()}


def edges(run: Run) -> dict[str, list[str]]:
    nodes = run.api.get(f"runs/{run.id}/graph/")["nodes"]
    names = {node["index"]: node["name"] for node in nodes}
    return {node["name"]: sorted(names[parent] for parent in node["parents"]) for node in nodes}


def test_a_pipeline_runs_locally_with_its_edges_by_the_use_of_data(shell: Shell):
    done = shell.run(flow("local-flow"))

    assert "model 7" in done.stdout
    assert "Accuracy=140.0%" in done.stdout
    assert done.stdout.rstrip().endswith("process completed")
    run = last_run(shell, "local-flow")
    assert run.status == "completed"
    assert run.parameters == {"url": "data-9", "share": 0.5}
    assert edges(run) == {
        "read": [],
        "split": ["read"],
        "train": ["split"],
        "judge": ["split", "train"],
    }
    assert set(statuses(run).values()) == {"completed"}
    assert "local-flow reads data-9" in run.step("read").log()
    assert "Accuracy=140.0%" in shell.log(run.id)

    shell.run(flow("local-flow"))
    again = last_run(shell, "local-flow")
    assert again.id != run.id
    assert set(statuses(again).values()) == {"cached"}
    for one in (run, again):
        left = shell.client.rows(f"tasks/{one.id}/artifacts/")
        assert "best" in [artifact["name"] for artifact in left]


def test_a_call_in_a_shell_starts_a_run_on_the_services_queue_and_ends_the_script(shell: Shell):
    done = shell.run(flow("remote-flow", where="pass"))

    assert "process completed" not in done.stdout
    assert re.search(r"run shell/remote-flow/1 waits in queue services: http", done.stdout)
    run = last_run(shell, "remote-flow").wait(90)
    log = shell.log(run.id)
    assert run.status == "completed", (run.about["reason"], log)
    assert "Accuracy=140.0%" in log
    assert "process completed" in log
    assert statuses(run) == dict.fromkeys(("read", "split", "train", "judge"), "completed")

    other = shell.client.trigger("shell/remote-flow", {"url": "data-5", "share": 0})
    other.wait(90)
    assert "Accuracy=50.0%" in shell.log(other.id)


DECORATED = """
from pipelines.automation import PipelineController
from pipelines.automation.controller import PipelineDecorator

def our_decorator(func):
    def function_wrapper(*args, **kwargs):
        return func(*args, **kwargs) + 1
    return function_wrapper
"""


def test_a_component_over_a_decorator_of_ones_own(shell: Shell):
    done = shell.run(
        DECORATED
        + """
@PipelineDecorator.component()
@our_decorator
def step():
    return 1

@PipelineDecorator.pipeline(name="test_decorated", project="shell")
def pipeline():
    result = step()
    assert result == 2
    print("result", result)

if __name__ == "__main__":
    PipelineDecorator.run_locally()
    pipeline()
"""
    )

    assert "result 2" in done.stdout
    assert statuses(last_run(shell, "test_decorated")) == {"step": "completed"}


def test_a_function_step_over_a_decorator_of_ones_own(shell: Shell):
    shell.run(
        DECORATED
        + """
@our_decorator
def step():
    return 1

def evaluate(step_return):
    assert step_return == 2, repr(step_return)

if __name__ == "__main__":
    pipe = PipelineController(name="test_decorated_functions", project="shell")
    pipe.add_function_step(name="step", function=step, function_return=["step_return"])
    pipe.add_function_step(
        name="evaluate",
        function=evaluate,
        function_kwargs=dict(step_return="${step.step_return}"),
    )
    pipe.start_locally(run_pipeline_steps_locally=True)
"""
    )

    run = last_run(shell, "test_decorated_functions")
    assert (run.status, edges(run)) == ("completed", {"step": [], "evaluate": ["step"]})


LOOP = """
import pathlib
import time
from pipelines.automation import PipelineDecorator

BEST = 3

@PipelineDecorator.component(return_values=["score"])
def score(n: int):
    return {"n": n, "score": n * n}

@PipelineDecorator.component(return_values=["best"])
def pick(scores, by, names):
    assert type(scores) is list and type(names) is tuple
    return max(scores, key=lambda one: one[by])["n"]

@PipelineDecorator.component(return_values=["told"])
def tell(what):
    return f"told {what}"

@PipelineDecorator.pipeline(name="loop", project="shell", return_value="answer")
def loop(limit: int = 2):
    scores = [score(n) for n in range(limit + 1)]
    first = scores[0]["score"]
    best = pick(scores, by="score", names=("a", scores[1]))
    while best < BEST:
        limit += 1
        scores.append(score(limit))
        best = pick(scores, by="score", names=(1, None))
    if best == BEST:
        word = tell(f"it is {best}, {first} at first")
    else:
        word = tell("too much")
    return {"best": best, "word": word}

if __name__ == "__main__":
    PipelineDecorator.set_default_execution_queue("default")
    answer = loop()
    print("answer", answer)
"""


def test_loops_and_ifs_on_real_values_add_steps_while_the_script_runs(shell: Shell):
    shell.run(LOOP)

    run = last_run(shell, "loop")
    seen: list[int] = []
    for change in run.follow():
        if change["kind"] == "step_status" and change["data"]["status"] == "completed":
            seen.append(len(run.steps()))
    log = shell.log(run.id)
    assert run.status == "completed", (run.about["reason"], log)
    assert "answer {'best': 3, 'word': 'told it is 3, 0 at first'}" in log
    assert list(statuses(run)) == [
        "score", "score_1", "score_2", "pick", "score_3", "pick_1", "tell"
    ]  # fmt: skip
    assert edges(run)["pick_1"] == ["score", "score_1", "score_2", "score_3"]
    assert seen[0] < 7
    from pipelines.artifacts import Artifacts
    from pipelines.context import StepContext

    kept = Artifacts(run.id, StepContext.of_client(shell.client.api))["answer"]
    assert kept.get() == {"best": 3, "word": "told it is 3, 0 at first"}


FAILING = """
from pipelines.automation import PipelineDecorator

@PipelineDecorator.component(return_values=["x"])
def bad(why):
    raise ValueError(why)

@PipelineDecorator.component(return_values=["x"], continue_on_fail=True)
def may():
    raise ValueError("no matter")

@PipelineDecorator.component(return_values=["x"])
def good(x=1):
    return x

@PipelineDecorator.pipeline(name="{name}", project="shell")
def flow():
    {body}

if __name__ == "__main__":
    PipelineDecorator.run_locally()
    flow()
"""


@pytest.mark.parametrize(
    ("name", "body", "code", "status", "said"),
    [
        ("used", "print(bad('not today'))", 1, "failed", "ValueError: not today"),
        ("unused", "bad('not today')", 1, "failed", 'Pipeline step "bad"'),
        ("passed", "good(bad('not today'))", 1, "failed", 'Pipeline step "bad"'),
        ("may", "print('value', may())", 0, "completed", "value None"),
        ("raises", "good(); raise KeyError('mine')", 1, "failed", "KeyError: 'mine'"),
    ],
)
def test_what_fails_is_told(shell: Shell, name: str, body: str, code: int, status: str, said: str):
    done = shell.run(FAILING.format(name=f"failing-{name}", body=body), code=code)

    run = last_run(shell, f"failing-{name}")
    assert run.status == status
    assert said in done.stdout + done.stderr
    if status == "failed":
        assert said.split(":")[0] in run.about["reason"]
        assert "Traceback" in shell.get(f"tasks/{run.id}/")["outcome"]["traceback"]


def test_a_failure_that_the_script_has_met_fails_it_not(shell: Shell):
    body = """
    try:
        print(bad("not today"))
    except ValueError as error:
        print("met:", error)
    print("then", good(5))"""
    done = shell.run(FAILING.format(name="failing-met", body=body.lstrip()))

    assert re.search(r'met: Pipeline step "bad", Task ID=\S+ failed: ValueError: not', done.stdout)
    run = last_run(shell, "failing-met")
    assert (run.status, statuses(run)) == ("completed", {"bad": "failed", "good": "completed"})


SLOW = """
@PipelineDecorator.component(return_values=["x"])
def slow():
    import time
    time.sleep(600)

if __name__"""


def with_slow(name: str, body: str) -> str:
    script = FAILING.format(name=name, body=body)
    return script.replace("if __name__", SLOW.lstrip(), 1)


def test_an_abort_asked_on_the_page_ends_the_script_with_a_line(shell: Shell):
    process = shell.begin(with_slow("ended-elsewhere", "print(slow())"))

    def running() -> Run | None:
        with suppress(RequestRefused, AssertionError):
            found = last_run(shell, "ended-elsewhere")
            return found if statuses(found).get("slow") == "running" else None
        return None

    try:
        run = until(running, "the component runs")
        run.abort()
        _, err = process.communicate(timeout=90)
    finally:
        process.kill()

    assert process.returncode != 0
    assert err.splitlines()[-1] == "ended: an abort was asked for"
    assert "Traceback" not in err
    assert run.wait(60).status == "aborted"


def test_the_first_failure_may_end_the_run(shell: Shell):
    script = with_slow("failing-first", "bad('not today'); print(slow())").replace(
        'project="shell")\ndef', 'project="shell", abort_on_failure=True)\ndef'
    )
    process = shell.begin(script)
    process.communicate(timeout=90)

    assert process.returncode != 0
    run = last_run(shell, "failing-first").wait(60)
    assert run.status == "failed"
    assert set(statuses(run)) == {"bad", "slow"}
    assert statuses(run)["slow"] in ("aborted", "skipped")


def test_debugging_calls_plain_functions_and_needs_no_server(shell: Shell):
    script = flow("debugged", where="PipelineDecorator.debug_pipeline()")

    done = shell.run(script, more={"PIPELINES_URL": "http://127.0.0.1:9"})

    assert "Accuracy=140.0%" in done.stdout
    assert done.stdout.rstrip().endswith("process completed")


CALLBACKS = """
from pipelines.automation import PipelineDecorator

def before(pipeline, node, parameters):
    print("before", node.name, parameters["kwargs/n"])
    if parameters["kwargs/n"] == 3:
        return False
    parameters["kwargs/n"] += 10

def after(pipeline, node):
    print("after", node.name, node.status)

def again(pipeline, node, retries):
    print("again?", node.name, retries)
    return retries < 1

@PipelineDecorator.component(
    return_values=["n"], pre_execute_callback=before, post_execute_callback=after
)
def count(n):
    return n

@PipelineDecorator.component(return_values=["x"], retry_on_failure=again, continue_on_fail=True)
def bad():
    1 / 0

@PipelineDecorator.pipeline(name="callbacks", project="shell")
def flow():
    got = f"got {count(1)} {bad()}"
    print(got)
    count(3)
    assert PipelineDecorator.get_current_pipeline().get_pipeline_dag()["count"].executed

if __name__ == "__main__":
    PipelineDecorator.run_locally()
    flow()
"""


def test_callbacks_of_components_are_called_by_the_script(shell: Shell):
    done = shell.run(CALLBACKS)

    assert "before count 1\n" in done.stdout
    assert "after count completed\n" in done.stdout
    assert "got 11 None\n" in done.stdout
    assert "again? bad 0\nagain? bad 1\n" in done.stdout
    assert statuses(last_run(shell, "callbacks")) == {
        "count": "completed",
        "bad": "failed",
        "count_1": "skipped",
    }


INSIDE = """
from pipelines.automation import PipelineDecorator

def before(pipeline, node, parameters):
    print("before", node.name, parameters["kwargs/x"])

@PipelineDecorator.component(return_values=["twice"], pre_execute_callback=before)
def double(x):
    return 2 * x

@PipelineDecorator.component(return_values=["sum"])
def outer(x):
    parts = [double(x), double(x + 1)]
    return sum(parts)

@PipelineDecorator.pipeline(name="inside", project="shell")
def flow():
    print(f"sum {outer(5)}")

if __name__ == "__main__":
    PipelineDecorator.run_locally()
    flow()
"""


def test_a_component_that_is_called_inside_of_a_step_is_a_step_of_the_same_run(shell: Shell):
    done = shell.run(INSIDE)

    assert "sum 22\n" in done.stdout
    assert "before outer_double 5\n" in done.stdout
    assert "before outer_double_1 6\n" in done.stdout
    assert set(statuses(last_run(shell, "inside"))) == {"outer", "outer_double", "outer_double_1"}


TAKEN_UP = """
import os
import pathlib
import signal
from pipelines.automation import PipelineDecorator

MARK = {mark!r}

@PipelineDecorator.component(return_values=["n"])
def count(n, mark):
    with open(f"{{mark}}-{{n}}", "a") as file:
        file.write("x")
    return n

@PipelineDecorator.pipeline(name="taken-up", project="shell")
def flow():
    total = count(1, MARK) + count(2, MARK)
    if not os.path.exists(MARK):
        pathlib.Path(MARK).touch()
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    total += count(total + 0, MARK)
    print("total", total)

if __name__ == "__main__":
    flow()
"""


def test_a_script_that_is_taken_up_gets_the_results_that_are_there(shell: Shell):
    mark = shell.folder / "mark"
    shell.run(TAKEN_UP.format(mark=str(mark)))

    run = last_run(shell, "taken-up").wait(90)

    log = shell.log(run.id)
    assert run.status == "completed", (run.about["reason"], log)
    assert "total 6" in log
    assert mark.exists()
    assert [(shell.folder / f"mark-{n}").read_text() for n in (1, 2, 3)] == ["x", "x", "x"]
    assert list(statuses(run)) == ["count", "count_1", "count_2"]


RERUN = """
import os
from pipelines.automation import PipelineDecorator

@PipelineDecorator.component(return_values=["n"])
def count(n, mark):
    with open(f"{mark}-{n}", "a") as file:
        file.write("x")
    return n

@PipelineDecorator.component(return_values=["n"])
def weak(n, mark):
    if not os.path.exists(f"{mark}-good"):
        raise ValueError("not yet")
    return n + 1

@PipelineDecorator.pipeline(name="rerun", project="shell")
def flow():
    print("total", count(weak(count(1, MARK), MARK), MARK))

MARK = "THE-MARK"
if __name__ == "__main__":
    flow()
"""


def test_a_rerun_of_what_failed_goes_on_with_the_script(shell: Shell):
    mark = shell.folder / "rerun"
    shell.run(RERUN.replace("THE-MARK", str(mark)))
    run = last_run(shell, "rerun").wait(90)
    assert (run.status, statuses(run)) == (
        "failed",
        {"count": "completed", "weak": "failed", "count_1": "skipped"},
    )

    (shell.folder / "rerun-good").touch()
    run.rerun(failed=True)
    until(lambda: run.refresh().status != "failed", "the run goes on")
    run.wait(90)

    assert run.status == "completed", (run.about["reason"], shell.log(run.id))
    assert set(statuses(run).values()) == {"completed"}
    assert "total 2" in shell.log(run.id)
    assert (shell.folder / "rerun-1").read_text() == "x"


MANY = """
from pipelines.automation import PipelineDecorator

@PipelineDecorator.component(return_values=["n"])
def count(n):
    return n

@PipelineDecorator.pipeline(
    name="many", project="shell", return_value="n", multi_instance_support="parallel"
)
def flow(n: int):
    return count(n) + 1

if __name__ == "__main__":
    WHERE
    for n in range(2):
        flow(n)
    print("all", PipelineDecorator.wait_for_multi_pipelines())
"""


@pytest.mark.parametrize("where", ["pass", "PipelineDecorator.run_locally()"])
def test_several_instances_of_a_pipeline_are_started_and_waited_for(shell: Shell, where: str):
    done = shell.run(MANY.replace("WHERE", where))

    assert "all [1, 2]" in done.stdout


def test_all_of_it_works_with_the_oldest_python_and_nothing_else(shell: Shell):
    shell.python = oldest_python()

    done = shell.run(flow("old-flow"))

    assert "Accuracy=140.0%" in done.stdout
    assert last_run(shell, "old-flow").status == "completed"


PYENV = "~/.pyenv/versions/3.9*/bin/python3.9"


def oldest_python() -> str:
    """A Python 3.9, where there is one."""
    places = [*glob.glob(os.path.expanduser(PYENV)), shutil.which("python3.9")]
    found = next(filter(None, places), "")
    if not found:
        pytest.skip("there is no Python 3.9 on this machine")
    return found


def newest(shell: Shell, pipeline: str) -> Run | None:
    with suppress(RequestRefused):
        return next(iter(shell.client.runs(pipeline=f"shell/{pipeline}", limit=1)), None)
    return None


def test_an_abort_of_a_local_run_ends_its_script_and_steps(shell: Shell):
    script = """
from pipelines.automation import PipelineDecorator

@PipelineDecorator.component(return_values=["n"])
def wait():
    import time
    print("waiting", flush=True)
    time.sleep(600)

@PipelineDecorator.pipeline(name="endless", project="shell")
def flow():
    print(wait())

if __name__ == "__main__":
    PipelineDecorator.run_locally()
    flow()
"""
    process = shell.begin(script)
    try:
        run = until(
            lambda: newest(shell, "endless"),
            "the run is there",
        )
        until(lambda: run.steps() and run.step("wait").status == "running", "the step runs")
        run.abort()
        run.wait(60)
        _, err = process.communicate(timeout=60)
    finally:
        process.terminate()
        process.communicate(timeout=60)

    assert err.splitlines()[-1] == "ended: an abort was asked for", err
    assert "Traceback" not in err
    assert (run.status, statuses(run)) == ("aborted", {"wait": "aborted"})
