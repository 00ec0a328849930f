"""What custom_loop.py clones: learns whether a point lies above a line. Plain Python."""

import random

from pipelines import Task

task = Task.init(project_name="examples", task_name="train")
settings = task.connect({"rate": 0.05, "epochs": 3, "seed": 1})
task.execute_remotely()

dice = random.Random(settings["seed"])
points = [(dice.uniform(-1, 1), dice.uniform(-1, 1)) for _ in range(300)]
rows = [((x, y, 1.0), 1 if y > 0.5 * x + 0.2 else 0) for x, y in points]
learnt, unseen = rows[:200], rows[200:]
weights = [2.0, -1.0, 0.0]


def guess(point):
    return 1 if sum(weights[at] * point[at] for at in range(3)) > 0 else 0


def accuracy(examples):
    return sum(guess(point) == label for point, label in examples) / len(examples)


for epoch in range(settings["epochs"]):
    for point, label in learnt[:40]:
        error = label - guess(point)
        weights = [weights[at] + settings["rate"] * error * point[at] for at in range(3)]
    task.get_logger().report_scalar("accuracy", "test", value=accuracy(unseen), iteration=epoch)
print(f"rate {settings['rate']:g}: {accuracy(unseen):.2f}")
