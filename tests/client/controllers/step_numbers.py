"""A base task: it leaves an artifact. Run once in a shell, it is kept for pipelines."""

from pipelines import Task

task = Task.init(project_name="shell", task_name="Pipeline step 1 numbers")
task.execute_remotely()

task.upload_artifact("dataset", artifact_object={"numbers": list(range(8))})
print("uploaded the numbers")
