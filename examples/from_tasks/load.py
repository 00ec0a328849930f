"""First step: a month of temperatures, some of them broken.

Run once in a shell it leaves its task as a draft, for pipelines to clone; run by an agent it does
its work.
"""

import random

from pipelines import Task

task = Task.init(project_name="examples", task_name="temperatures: load")
settings = task.connect({"days": 30, "broken": 3, "seed": 7})
task.execute_remotely()

dice = random.Random(settings["seed"])
readings = [round(dice.gauss(12, 4), 1) for _ in range(settings["days"])]
for day in dice.sample(range(settings["days"]), settings["broken"]):
    readings[day] = None
task.upload_artifact("readings", readings, wait_on_upload=True)
print(f"{len(readings)} days, {readings.count(None)} of them broken")
