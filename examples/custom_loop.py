"""A pipeline by hand: trains, looks at the metric, and trains again until it is good enough.

No graph is declared. What this script clones and enqueues is drawn under its run as it appears.
Should its agent die, another takes the script up; it gets the same tasks back and clones nothing
twice. A run that saw a poor result and trained again has succeeded.

Run train.py of this folder before, so that there is something to clone.
"""

from pipelines import Task

task = Task.init(
    project_name="examples", task_name="Train until good", task_type=Task.TaskTypes.controller
)
settings = task.connect({"good_enough": 0.9, "rate": 0.025, "most_rounds": 6})
task.execute_remotely(queue_name="services")

template = Task.get_task(project_name="examples", task_name="train")
rate, accuracy, rounds = settings["rate"], 0.0, 0
while accuracy < settings["good_enough"] and rounds < settings["most_rounds"]:
    rounds += 1
    training = Task.clone(template, name=f"train {rounds}", parent=task.id)
    training.set_parameters({"General/rate": rate})
    Task.enqueue(training, queue_name="default")
    training.wait_for_status()
    accuracy = training.get_last_scalar_metrics()["accuracy"]["test"]["last"]
    print(f"round {rounds}: rate {rate:g} gives {accuracy:.2f}")
    task.get_logger().report_scalar("accuracy", "best", value=accuracy, iteration=rounds)
    rate *= 2

if accuracy < settings["good_enough"]:
    raise SystemExit(f"{accuracy:.2f} is not good enough after {rounds} rounds")
task.upload_artifact("best", {"rate": rate / 2, "accuracy": accuracy}, wait_on_upload=True)
