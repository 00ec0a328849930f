"""Split: three parts with the same mix of digits, to learn from, to choose by, and to judge by."""

import csv
import random
from pathlib import Path

from pipelines import StorageManager, Task


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            "data": "",  # Address of the table to split
            "test_fraction": 0.2,  # The part of the rows to judge by; as many again to choose by
            "seed": 11,
        }
    )
    if not 0 < wanted["test_fraction"] < 0.5:
        raise SystemExit(f"test_fraction is {wanted['test_fraction']}: not between 0 and 0.5")
    with Path(StorageManager.get_local_copy(wanted["data"])).open(newline="") as file:
        names, *rows = csv.reader(file)

    chance = random.Random(wanted["seed"])
    parts: dict[str, list[list[str]]] = {"train": [], "validation": [], "test": []}
    for digit in sorted({row[-1] for row in rows}):
        alike = [row for row in rows if row[-1] == digit]
        chance.shuffle(alike)
        size = round(len(alike) * wanted["test_fraction"])
        parts["test"] += alike[:size]
        parts["validation"] += alike[size : 2 * size]
        parts["train"] += alike[2 * size :]

    for part, chosen in parts.items():
        chance.shuffle(chosen)
        with Path(f"{part}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([names, *chosen])
        task.upload_artifact(part, Path(f"{part}.csv"))
        task.set_output(f"{part}_rows", len(chosen))
        print(f"{part}: {len(chosen)} rows")


main()
