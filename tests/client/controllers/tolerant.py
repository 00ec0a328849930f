"""Steps that fail, and children that run or do not run after them, as the flags say."""

import os

from pipelines import PipelineController

FLAGS = {
    "defaults": {},
    "continue": {"continue_on_fail": True},
    "run on": {"continue_behaviour": {"skip_children_on_fail": False}},
    "counted": {"continue_behaviour": {"continue_on_fail": False, "skip_children_on_fail": False}},
}


def fail():
    raise ValueError("no")


def go_on():
    print("going on")


case = os.environ["CASE"]
pipe = PipelineController(name=f"Tolerant {case}", project="shell")
pipe.add_function_step(name="a", function=fail, **FLAGS[case])
pipe.add_function_step(name="b", function=go_on, parents=["a"])
pipe.add_function_step(name="c", function=go_on)
pipe.start_locally(run_pipeline_steps_locally=True)
print("nodes", " ".join(node.status for node in pipe.get_pipeline_dag().values()))
