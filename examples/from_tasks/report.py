"""Last step: the curve, the mean, and how often it was cold."""

from pipelines import Task

task = Task.init(project_name="examples", task_name="temperatures: report")
settings = task.connect({"cleaned_by": "", "cold_below": 8.0})
task.execute_remotely()

readings = Task.get_task(task_id=settings["cleaned_by"]).artifacts["readings"].get()
logger = task.get_logger()
for day, value in enumerate(readings):
    logger.report_scalar("temperature", "daily", value=value, iteration=day)
mean = round(sum(readings) / len(readings), 2)
logger.report_single_value("mean", mean)
cold = sum(value < settings["cold_below"] for value in readings)
print(f"{mean} degrees in the mean, {cold} cold days")
