"""The scripts that are benched: ordinary controllers and decorated functions, as tasks."""

from __future__ import annotations

from typing import Any

from bench.product import PROJECT

WAITING = """
import os
import time
from pathlib import Path
from pipelines import PipelineController, Task

began = time.time()

def before(pipeline, node, parameters):
    pass

pipe = PipelineController(name=%(name)r, project=%(project)r)
pipe.set_default_execution_queue("default")
pipe.add_step("only", template="%(project)s/no-work", pre_execute_callback=before)
pipe.start(wait=False)
while not pipe.get_pipeline_dag()["only"].status == "completed":
    time.sleep(0.05)
Path(%(folder)r, str(os.getpid())).write_text(f"{began} {time.time()}")
while not Path(%(folder)r, "open").exists():
    time.sleep(0.2)
"""

CALLS = """
import time
from pipelines import Task
from pipelines.automation import PipelineDecorator

@PipelineDecorator.component(return_values=["n"])
def work(n):
    return n

@PipelineDecorator.pipeline(name=%(name)r, project=%(project)r)
def flow():
    began, n = time.time(), 0
    for _ in range(%(calls)d):
        n = work(n)
    added = time.time()
    int(n)
    Task.current_task().set_output("added", added - began)
    Task.current_task().set_output("ended", time.time() - began)

if __name__ == "__main__":
    PipelineDecorator.set_default_execution_queue("default")
    flow()
"""

ADDING = """
import time
from pipelines import Task
from pipelines.automation import PipelineDecorator

@PipelineDecorator.component(return_values=["n"], execution_queue=%(queue)r)
def work(n):
    return n

@PipelineDecorator.pipeline(name=%(name)r, project=%(project)r)
def flow():
    ours, raw = [], []
    api, path = None, ""
    for number in range(%(calls)d):
        began = time.perf_counter()
        work(number)
        ours.append(time.perf_counter() - began)
        task = Task.current_task()
        api, path = task._context.api, f"runs/{task.id}/steps/?wait=20"
        said = {"name": f"raw{number}", "template": "%(project)s/no-work", "queue": %(queue)r}
        began = time.perf_counter()
        answer = api.send("POST", path, {"steps": [{"key": f"raw {number}", "step": said}]})
        raw.append(time.perf_counter() - began)
        assert answer["steps"]
    Task.current_task().set_output("ours", ours)
    Task.current_task().set_output("raw", raw)
    # What was added is never executed: nobody takes from its queue.
    api.send("POST", f"runs/{task.id}/abort/", {})

if __name__ == "__main__":
    flow()
"""


def script(text: str, **given: Any) -> dict[str, Any]:
    """A task of a script, to be enqueued for the agents of services."""
    filled = text % {"project": PROJECT, **given}
    named = {"project": PROJECT, "name": given["name"], "type": "controller"}
    return {**named, "kind": "python", "script": filled}
