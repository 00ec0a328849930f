"""Train forest: many small trees of yes-or-no questions about pixels, each on its own sample."""

import csv
import random
import time
from collections import Counter
from pathlib import Path

from pipelines import StorageManager, Task

DIGITS = 10
SHADES = 17
Row = tuple[list[int], int]
# A leaf is a digit; a question is (pixel, shade, tree if at most that dark, tree if darker).
Tree = int | tuple[int, int, "Tree", "Tree"]


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            "train": "",  # Address of the rows to learn from
            "validation": "",  # Address of the rows to choose by
            "test": "",  # Address of the rows to judge by
            "trees": 100,
            "depth": 9,  # How many questions a tree may ask in a row
            "pixels_per_question": 8,  # Among how many pixels, drawn by lot, a question is chosen
            "pause_seconds": 0.0,  # Rest after each tree, to have time to look on
            "seed": 5,
        }
    )
    logger = task.get_logger()
    train, validation, test = (read_rows(wanted[part]) for part in ("train", "validation", "test"))
    chance = random.Random(wanted["seed"])
    forest: list[Tree] = []
    votes = [Counter[int]() for _ in validation]

    for number in range(1, wanted["trees"] + 1):
        sample = chance.choices(train, k=len(train))
        tree = grow(sample, wanted["depth"], wanted["pixels_per_question"], chance)
        forest.append(tree)
        for ballot, (pixels, _) in zip(votes, validation, strict=True):
            ballot[ask(tree, pixels)] += 1
        together = sum(
            b.most_common(1)[0][0] == d for b, (_, d) in zip(votes, validation, strict=True)
        )
        alone = sum(ask(tree, pixels) == digit for pixels, digit in validation)
        logger.report_scalar("accuracy", "forest", together / len(validation), number)
        logger.report_scalar("accuracy", "newest tree", alone / len(validation), number)
        print(f"tree {number}: together {together / len(validation):.4f}", flush=True)
        task.set_progress(100 * number / wanted["trees"])
        time.sleep(wanted["pause_seconds"])

    guesses = [elect(forest, pixels) for pixels, _ in test]
    with Path("predictions.csv").open("w", newline="") as file:
        answers = [[digit, guess] for (_, digit), guess in zip(test, guesses, strict=True)]
        csv.writer(file).writerows([["digit", "guess"], *answers])
    task.upload_artifact("predictions", Path("predictions.csv"))
    task.upload_artifact("model", forest)
    task.set_output("validation", together / len(validation))
    task.set_output(
        "test", sum(g == d for g, (_, d) in zip(guesses, test, strict=True)) / len(test)
    )


def read_rows(address: str) -> list[Row]:
    with Path(StorageManager.get_local_copy(address)).open(newline="") as file:
        _, *rows = csv.reader(file)
    return [([int(v) for v in row[:-1]], int(row[-1])) for row in rows]


def grow(rows: list[Row], depth: int, pixels_per_question: int, chance: random.Random) -> Tree:
    digits = Counter(digit for _, digit in rows)
    if depth == 0 or len(digits) == 1 or len(rows) < 4:
        return digits.most_common(1)[0][0]
    pixels = chance.sample(range(len(rows[0][0])), min(pixels_per_question, len(rows[0][0])))
    pixel, shade = max((best_question(rows, pixel) for pixel in pixels), key=lambda q: q[0])[1:]
    lighter = [row for row in rows if row[0][pixel] <= shade]
    darker = [row for row in rows if row[0][pixel] > shade]
    if not lighter or not darker:
        return digits.most_common(1)[0][0]
    return (
        pixel,
        shade,
        grow(lighter, depth - 1, pixels_per_question, chance),
        grow(darker, depth - 1, pixels_per_question, chance),
    )


def best_question(rows: list[Row], pixel: int) -> tuple[float, int, int]:
    """The shade at which asking about this pixel separates the digits best, and how well."""
    counts = [[0] * DIGITS for _ in range(SHADES)]
    for pixels, digit in rows:
        counts[pixels[pixel]][digit] += 1
    darker = [sum(column) for column in zip(*counts, strict=True)]
    lighter = [0] * DIGITS
    best = (-1.0, pixel, 0)
    for shade in range(SHADES - 1):
        if not any(counts[shade]):
            continue
        lighter = [a + b for a, b in zip(lighter, counts[shade], strict=True)]
        darker = [a - b for a, b in zip(darker, counts[shade], strict=True)]
        purity = sum(n * n for n in lighter) / sum(lighter)
        purity += sum(n * n for n in darker) / max(sum(darker), 1)
        best = max(best, (purity, pixel, shade))
    return best


def ask(tree: Tree, pixels: list[int]) -> int:
    while isinstance(tree, tuple):
        pixel, shade, lighter, darker = tree
        tree = lighter if pixels[pixel] <= shade else darker
    return tree


def elect(forest: list[Tree], pixels: list[int]) -> int:
    return Counter(ask(tree, pixels) for tree in forest).most_common(1)[0][0]


main()
