"""Train neighbours: let the most similar known digits vote, and choose how many may."""

import csv
import math
import time
from collections import Counter
from pathlib import Path

from pipelines import StorageManager, Task

BATCHES = 20
Row = tuple[tuple[int, ...], int]


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            "train": "",  # Address of the known rows
            "validation": "",  # Address of the rows to choose by
            "test": "",  # Address of the rows to judge by
            "most_neighbours": 9,  # Try 1, 3, 5 … up to so many
            "pause_seconds": 0.0,  # Rest after each batch, to have time to look on
        }
    )
    if wanted["most_neighbours"] < 1:
        raise SystemExit(f"most_neighbours is {wanted['most_neighbours']}: at least 1 must vote")
    logger = task.get_logger()
    train, validation, test = (read_rows(wanted[part]) for part in ("train", "validation", "test"))
    sizes = range(1, wanted["most_neighbours"] + 1, 2)

    # Each known row is asked about by all others: what is chosen by does not see the answer.
    hits: Counter[int] = Counter()
    asked = 0
    for batch in range(BATCHES):
        for index in range(batch, len(train), BATCHES):
            nearest = nearest_digits(train, train[index][0], max(sizes), without=index)
            hits.update(size for size in sizes if vote(nearest, size) == train[index][1])
            asked += 1
        for size in sizes:
            logger.report_scalar("accuracy", f"{size} neighbours", hits[size] / asked, batch + 1)
        print(f"{asked} of {len(train)} rows asked about", flush=True)
        task.set_progress(95 * (batch + 1) / BATCHES)
        time.sleep(wanted["pause_seconds"])

    size = max(sizes, key=lambda candidate: (hits[candidate], -candidate))
    print(f"{size} neighbours vote best")
    guesses = [vote(nearest_digits(train, pixels, size), size) for pixels, _ in test]
    chosen = [vote(nearest_digits(train, pixels, size), size) for pixels, _ in validation]
    with Path("predictions.csv").open("w", newline="") as file:
        answers = [[digit, guess] for (_, digit), guess in zip(test, guesses, strict=True)]
        csv.writer(file).writerows([["digit", "guess"], *answers])
    task.upload_artifact("predictions", Path("predictions.csv"))
    task.upload_artifact("model", {"neighbours": size, "known_rows": len(train)})
    task.set_output("neighbours", size)
    task.set_output("validation", accuracy(chosen, validation))
    task.set_output("test", accuracy(guesses, test))


def read_rows(address: str) -> list[Row]:
    with Path(StorageManager.get_local_copy(address)).open(newline="") as file:
        _, *rows = csv.reader(file)
    return [(tuple(int(v) for v in row[:-1]), int(row[-1])) for row in rows]


def nearest_digits(
    known: list[Row], pixels: tuple[int, ...], number: int, without: int = -1
) -> list[int]:
    """The digits of the nearest known rows, the nearest first."""
    distances = [
        (math.dist(pixels, other), digit)
        for index, (other, digit) in enumerate(known)
        if index != without
    ]
    return [digit for _, digit in sorted(distances)[:number]]


def vote(nearest: list[int], number: int) -> int:
    """The digit named most; of those named equally often, the one that is nearest."""
    return Counter(nearest[:number]).most_common(1)[0][0]


def accuracy(guesses: list[int], rows: list[Row]) -> float:
    return sum(guess == digit for guess, (_, digit) in zip(guesses, rows, strict=True)) / len(rows)


main()
