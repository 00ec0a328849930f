"""What the scripts of a round say: a witness in front, then what each kind of script does.

They are filled with `%`: folder, plan, names. Steps, too, carry the witness that stands here.
"""

WITNESS = '''
import fcntl
import json
import os
import time

class Witness:
    """One execution: when it began and how it ended, in a file of its own; a lock of its step's."""

    def __init__(self, folder, step):
        self.task, _, self.fence = os.environ["PIPELINES_TASK"].partition(".")
        self.path, self.step = f"{folder}/{self.task}.{self.fence}", step
        self.lock = os.open(f"{folder}/{step}.lock", os.O_CREAT | os.O_RDWR, 0o600)

    def say(self, word, *facts):
        with open(self.path, "a") as file:
            file.write(" ".join(map(str, (word, self.task, self.fence, self.step, *facts))) + "\\n")

    def __enter__(self):
        self.start = time.monotonic()
        self.say("began", self.start)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.say("beside", self.start)
        return self

    def __exit__(self, kind, error, trace):
        self.say("ended" if kind is None else "failed", self.start, time.monotonic())
        os.close(self.lock)
'''

SCRIPT_BEGINS = (
    WITNESS
    + """
FOLDER, PLAN = %(folder)r, json.loads(%(plan)r)

def note(*facts):
    with open(f"{FOLDER}/calls", "a") as file:
        file.write(json.dumps([*facts, os.environ["PIPELINES_TASK"]]) + "\\n")

def tell(script, *what):
    print("%(mark)s" + script.fence, *what, flush=True)
"""
)

BY_HAND = """
from pathlib import Path
from pipelines import Client, Task

task = Task.init(%(project)r, "chaos by hand", task_type=Task.TaskTypes.controller)
with Witness(FOLDER, %(script)r) as script:
    witness = Task.get_task(project_name=%(project)r, task_name=%(command)r)
    done = []
    for together in PLAN:
        begun = []
        for part in together:
            if part["nested"]:
                given = {"folder": f"{FOLDER}/{part['name']}"}
                begun.append(Client().trigger("%(project)s/%(nested)s", given))
                continue
            trial = Task.clone(source_task=witness, name=part["name"])
            given = {"folder": FOLDER, "step": part["name"], "seconds": part["seconds"]}
            trial.set_parameters({f"General/{key}": value for key, value in given.items()})
            Task.enqueue(trial, queue_name="default")
            begun.append(trial)
        for part, one in zip(together, begun):
            if part["nested"]:
                one.wait()
            else:
                # One that is lost with its agent is tried again by the run.
                one.wait_for_status()
            done.append(part["name"])
            tell(script, part["name"])
    task.set_output("done", done)
"""

CALLED = """
from pipelines import PipelineController, Task

def before(pipeline, node, parameters):
    note("before", node.name, node.attempt)
    if PLAN[node.name]["skipped"]:
        return False
    parameters["General/step"] = node.name

def after(pipeline, node):
    note("after", node.name, node.attempt)

def changed(pipeline, node, previous):
    note("changed", node.name, node.attempt)

def again(pipeline, node, retries):
    note("again", node.name, node.attempt)
    return retries < PLAN[node.name]["fails"]

pipe = PipelineController(name=%(name)r, project=%(project)r)
pipe.set_default_execution_queue("default")
for name, part in PLAN.items():
    given = {"folder": FOLDER, "step": "", "seconds": part["seconds"], "fails": part["fails"]}
    pipe.add_step(
        name,
        base_task_project=%(project)r,
        base_task_name=%(command)r,
        parents=part["parents"],
        parameter_override={f"General/{key}": value for key, value in given.items()},
        pre_execute_callback=before,
        post_execute_callback=after,
        status_change_callback=changed if part["watched"] else None,
        retry_on_failure=again if part["fails"] else None,
    )
with Witness(FOLDER, %(script)r) as script:
    pipe.start()
    nodes = pipe.get_pipeline_dag().values()
    done = [node.name for node in nodes if node.status == "completed"]
    for name in done:
        tell(script, name)
    Task.current_task().set_output("done", done)
"""

DECORATED = """
from pipelines import Task
from pipelines.automation import PipelineDecorator

def before(pipeline, node, parameters):
    note("before", node.name, node.attempt)

@PipelineDecorator.component(return_values=["n"], pre_execute_callback=before)
def work(folder, name, seconds, n):
    with Witness(folder, name):
        time.sleep(seconds)
    return n + 1

@PipelineDecorator.pipeline(name=%(name)r, project=%(project)r)
def flow():
    counts = [0, 0]
    for part in PLAN:
        line = part["line"]
        counts[line] = work(FOLDER, part["name"], part["seconds"], counts[line])
        if part["looked at"]:
            tell(script, part["name"], int(counts[line]))
    done = [int(n) for n in counts]
    tell(script, "done", done)
    Task.current_task().set_output("done", done)

if __name__ == "__main__":
    with Witness(FOLDER, %(script)r) as script:
        PipelineDecorator.set_default_execution_queue("default")
        flow()
"""
