"""Train softmax: a linear model for each digit, improved row by row."""

import csv
import math
import random
import time
from pathlib import Path

from pipelines import StorageManager, Task

DIGITS = 10
Row = tuple[list[float], int]
Weights = list[list[float]]


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            "train": "",  # Address of the rows to learn from
            "validation": "",  # Address of the rows to choose by
            "test": "",  # Address of the rows to judge by
            "epochs": 24,  # How often to go through the rows
            "learning_rate": 0.05,
            "decay": 0.0001,  # How strongly weights are drawn to zero
            "pause_seconds": 0.0,  # Rest after each epoch, to have time to look on
            "seed": 3,
        }
    )
    logger = task.get_logger()
    train, validation, test = (read_rows(wanted[part]) for part in ("train", "validation", "test"))
    weights: Weights = [[0.0] * len(train[0][0]) for _ in range(DIGITS)]
    chance = random.Random(wanted["seed"])

    for epoch in range(1, wanted["epochs"] + 1):
        chance.shuffle(train)
        rate = wanted["learning_rate"] / (1 + 0.05 * epoch)
        loss = learn(weights, train, rate, wanted["decay"])
        score = accuracy(weights, validation)
        logger.report_scalar("loss", "train", loss, epoch)
        logger.report_scalar("accuracy", "train", accuracy(weights, train), epoch)
        logger.report_scalar("accuracy", "validation", score, epoch)
        print(f"epoch {epoch}: loss {loss:.4f}, validation accuracy {score:.4f}", flush=True)
        task.set_progress(100 * epoch / wanted["epochs"])
        time.sleep(wanted["pause_seconds"])

    guesses = [best_digit(weights, pixels) for pixels, _ in test]
    with Path("predictions.csv").open("w", newline="") as file:
        answers = [[digit, guess] for (_, digit), guess in zip(test, guesses, strict=True)]
        csv.writer(file).writerows([["digit", "guess"], *answers])
    task.upload_artifact("predictions", Path("predictions.csv"))
    task.upload_artifact("model", [[round(w, 5) for w in row] for row in weights])
    task.set_output("validation", accuracy(weights, validation))
    task.set_output("test", accuracy(weights, test))


def read_rows(address: str) -> list[Row]:
    """Pixels from 0 to 1, and a last one that is always there: the digit's own weight."""
    with Path(StorageManager.get_local_copy(address)).open(newline="") as file:
        _, *rows = csv.reader(file)
    return [([*(int(v) / 16 for v in row[:-1]), 1.0], int(row[-1])) for row in rows]


def learn(weights: Weights, rows: list[Row], rate: float, decay: float) -> float:
    """Go through the rows once; the mean of what each answer cost, before it was learnt from."""
    cost = 0.0
    keep = 1 - rate * decay
    for pixels, digit in rows:
        shares = probabilities(weights, pixels)
        cost -= math.log(max(shares[digit], 1e-12))
        for candidate, share in enumerate(shares):
            step = rate * (share - (candidate == digit))
            weights[candidate] = [
                w * keep - step * p for w, p in zip(weights[candidate], pixels, strict=True)
            ]
    return cost / len(rows)


def probabilities(weights: Weights, pixels: list[float]) -> list[float]:
    sums = [sum(map(float.__mul__, row, pixels)) for row in weights]
    top = max(sums)
    powers = [math.exp(s - top) for s in sums]
    total = sum(powers)
    return [power / total for power in powers]


def best_digit(weights: Weights, pixels: list[float]) -> int:
    shares = probabilities(weights, pixels)
    return shares.index(max(shares))


def accuracy(weights: Weights, rows: list[Row]) -> float:
    return sum(best_digit(weights, pixels) == digit for pixels, digit in rows) / len(rows)


main()
