"""A base task that is made when it is needed, other configurations, and what steps keep for all."""

import pathlib

from pipelines import PipelineController, Task

SCRIPT = """
from pipelines import Task
task = Task.current_task()
print("value", task.get_parameter("General/value"))
print("layers", task.get_configuration_object("model"))
"""


def make(node):
    pathlib.Path("base.py").write_text(SCRIPT)
    made = Task.create(project_name="shell", task_name="Base", script="base.py")
    made.set_parameter("General/value", 1)
    made.set_configuration_object("model", '{"layers": 1}')
    return made


def keep(word):
    import pathlib

    from pipelines import PipelineController

    pathlib.Path("weights.bin").write_text(word)
    PipelineController.upload_artifact("from a step", {"word": word})
    PipelineController.upload_model("step model", "weights.bin")
    PipelineController.get_logger().report_scalar("told", "step", value=2.5, iteration=1)
    print("kept", word)


pipe = PipelineController(name="Kept", project="shell", version="1")
pipe.add_step(name="made", base_task_factory=make, parameter_override={"General/value": 7})
pipe.add_step(
    name="configured",
    base_task_project="shell",
    base_task_name="Configured",
    configuration_overrides={"model": {"layers": 3}, "notes": "none"},
)
pipe.add_function_step(name="keep", function=keep, function_kwargs={"word": "good"})
pipe.start()
pathlib.Path("own.bin").write_text("own")
pipe.upload_artifact("from the script", [1, 2])
pipe.upload_model("own model", "own.bin")
pipe.get_logger().report_scalar("told", "script", value=1.5, iteration=1)
print("nodes", [node.status for node in pipe.get_pipeline_dag().values()])
