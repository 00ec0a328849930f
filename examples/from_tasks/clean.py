"""Second step: what is broken becomes the mean of its neighbours."""

from pipelines import Task

task = Task.init(project_name="examples", task_name="temperatures: clean")
settings = task.connect({"loaded_by": ""})
task.execute_remotely()

readings = Task.get_task(task_id=settings["loaded_by"]).artifacts["readings"].get()
known = [(day, value) for day, value in enumerate(readings) if value is not None]
for day, value in enumerate(readings):
    if value is None:
        before = [one for at, one in known if at < day][-1:]
        after = [one for at, one in known if at > day][:1]
        readings[day] = round(sum(before + after) / len(before + after), 1)
task.upload_artifact("readings", readings, wait_on_upload=True)
