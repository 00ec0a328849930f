"""Steps that end in every way, and callbacks that note what they are told."""

import json
import threading

from pipelines import PipelineController

seen = []


def note(kind, node, *more):
    seen.append(
        {
            "kind": kind,
            "step": node.name,
            "attempt": node.attempt,
            "status": node.status,
            "task": node.job is not None,
            "thread": threading.current_thread().name,
            "more": more,
        }
    )


def pre(pipeline, node, parameters):
    assert pipeline is pipe
    assert pipeline.get_pipeline_dag()[node.name] is node
    note("pre", node, parameters["General/how"])
    if node.name == "skipped":
        return False
    if node.name == "pre raises":
        raise ValueError("not this one")
    if node.name == "retried" and node.attempt == 2:
        parameters["General/how"] = "well"
    return True


def created(pipeline, node, parameters):
    note("created", node, parameters["General/how"])
    return node.name != "refused"


def completed(pipeline, node):
    note("completed", node)


def post(pipeline, node):
    note("post", node)
    if node.name == "post raises":
        raise ValueError("not like this")


def status(pipeline, node, previous):
    note("status", node, previous)


def retry(pipeline, node, retries):
    note("retry", node, retries)
    return retries < 1


pipe = PipelineController(name="Callbacks", project="shell", version="1.0")
for number, (name, how, more) in enumerate(
    (
        ("completed", "well", {}),
        ("failed", "badly", {}),
        ("aborted", "slowly", {}),
        ("cached", "well", {"parents": ["completed"], "cache_executed_step": True}),
        ("skipped", "well", {}),
        ("refused", "well", {}),
        ("retried", "badly", {"retry_on_failure": retry}),
        ("gives up", "badly", {"retry_on_failure": retry}),
        ("pre raises", "well", {}),
        ("post raises", "well", {}),
        ("after failed", "well", {"parents": ["failed"]}),
    )
):
    value = 0 if name in ("completed", "cached") else number
    pipe.add_step(
        name=name,
        template="shell/how",
        parameter_override={"General/how": how, "General/value": value},
        pre_execute_callback=pre,
        post_execute_callback=post,
        status_change_callback=status,
        **more,
    )
pipe.start(step_task_created_callback=created, step_task_completed_callback=completed)
print("seen " + json.dumps(seen))
print("successful", pipe.is_successful())
print(
    "executed "
    + json.dumps({name: node.executed for name, node in pipe.get_pipeline_dag().items()})
)
