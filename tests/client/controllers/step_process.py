"""A base task: it splits the numbers that it is given by address."""

from pipelines import StorageManager, Task

task = Task.init(project_name="shell", task_name="Pipeline step 2 process")
arguments = {"dataset_task_id": "", "dataset_url": "", "random_state": 42, "test_size": 0.2}
task.connect(arguments)
print("Arguments:", arguments)
task.execute_remotely()

if arguments["dataset_task_id"]:
    other = Task.get_task(task_id=arguments["dataset_task_id"])
    path = other.artifacts["dataset"].get_local_copy()
elif arguments["dataset_url"]:
    path = StorageManager.get_local_copy(remote_url=arguments["dataset_url"])
else:
    raise ValueError("Missing dataset link")
with open(path, encoding="utf-8") as file:
    import json

    numbers = json.load(file)["numbers"]
count = int(len(numbers) * float(arguments["test_size"]))
task.upload_artifact("train", numbers[count:])
task.upload_artifact("test", numbers[:count])
print("test size:", arguments["test_size"], count)
