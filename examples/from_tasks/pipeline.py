"""A pipeline of three tasks that are there already: run load.py, clean.py and report.py before.

Each step clones a task by its name and gives it other parameters. What a step refers to comes
before it.
"""

from pipelines import PipelineController

pipe = PipelineController(name="Temperatures", project="examples", version="1.0.0")
pipe.set_default_execution_queue("default")
pipe.add_parameter("days", default=60, description="How many days are loaded")

pipe.add_step(
    name="load",
    base_task_project="examples",
    base_task_name="temperatures: load",
    parameter_override={"General/days": "${pipeline.days}"},
)
pipe.add_step(
    name="clean",
    base_task_project="examples",
    base_task_name="temperatures: clean",
    parameter_override={"General/loaded_by": "${load.id}"},
)
pipe.add_step(
    name="report",
    base_task_project="examples",
    base_task_name="temperatures: report",
    parameter_override={"General/cleaned_by": "${clean.id}", "General/cold_below": 10},
)

# The script itself goes to an agent of the queue "services", and this process ends.
pipe.start()
