"""A base task: it sums what another task has left."""

from pipelines import Task

task = Task.init(project_name="shell", task_name="Pipeline step 3 train")
arguments = {"dataset_task_id": "REPLACE_WITH_DATASET_TASK_ID"}
task.connect(arguments)
task.execute_remotely()

other = Task.get_task(task_id=arguments["dataset_task_id"])
print("score:", sum(other.artifacts["train"].get()))
