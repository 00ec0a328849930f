"""Load: fetch the handwritten digits, and take as many of them as wanted."""

import csv
import gzip
import random
from pathlib import Path

from pipelines import StorageManager, Task


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            "source": "",  # Where the data is: a path on the agent's machine, or a web address
            "rows_fraction": 1.0,  # The part of the rows to take, above 0 and up to 1
            "shuffle_labels": False,  # Mix up the answers: no model can then beat chance
            "seed": 7,
        }
    )
    if not 0 < wanted["rows_fraction"] <= 1:
        raise SystemExit(f"rows_fraction is {wanted['rows_fraction']}: not above 0 and up to 1")
    names, rows = read_table(StorageManager.get_local_copy(wanted["source"]))
    print(f"{wanted['source']} has {len(rows)} rows of {len(names)} columns")

    chance = random.Random(wanted["seed"])
    rows = chance.sample(rows, max(1, round(len(rows) * wanted["rows_fraction"])))
    if wanted["shuffle_labels"]:
        answers = [row[-1] for row in rows]
        chance.shuffle(answers)
        rows = [[*row[:-1], answer] for row, answer in zip(rows, answers, strict=True)]
        print("the labels are shuffled: expect no better than chance")
    print(f"{len(rows)} rows taken")

    with Path("digits.csv").open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    task.upload_artifact("data", Path("digits.csv"), metadata={"rows": len(rows)})
    task.set_output("rows", len(rows))


def read_table(path: str) -> tuple[list[str], list[list[str]]]:
    open_text = gzip.open if path.endswith(".gz") else open
    with open_text(path, "rt", newline="") as file:
        names, *rows = csv.reader(file)
    return names, rows


main()
