"""Clean: leave out rows that cannot be right and columns that say nothing."""

import csv
from collections import Counter
from pathlib import Path

from pipelines import StorageManager, Task

DARKEST = 16


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            "data": "",  # Address of the table to clean
            "drop_constant": True,  # Leave out pixels that are the same in every row
        }
    )
    with Path(StorageManager.get_local_copy(wanted["data"])).open(newline="") as file:
        names, *rows = csv.reader(file)

    found: Counter[str] = Counter(rows_read=len(rows))
    kept: list[list[int]] = []
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        fault = fault_of(row, len(names), seen)
        found[fault or "rows_kept"] += 1
        if not fault:
            seen.add(tuple(row))
            kept.append([int(value) for value in row])

    columns = range(len(names))
    if wanted["drop_constant"]:
        columns = [c for c in columns if names[c] == "digit" or len({row[c] for row in kept}) > 1]
    found["columns_dropped"] = len(names) - len(columns)
    for what, number in found.items():
        print(f"{what.replace('_', ' ')}: {number}")

    with Path("clean.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([names[c] for c in columns])
        table.writerows([row[c] for c in columns] for row in kept)
    task.upload_artifact("data", Path("clean.csv"))
    task.upload_artifact("summary", dict(found))
    task.set_output("rows", len(kept))
    task.set_output("pixels", len(columns) - 1)


def fault_of(row: list[str], columns: int, seen: set[tuple[str, ...]]) -> str:
    if len(row) != columns or not all(value.isdigit() for value in row):
        return "rows_incomplete"
    if any(int(value) > DARKEST for value in row[:-1]) or int(row[-1]) > 9:
        return "rows_out_of_range"
    return "rows_double" if tuple(row) in seen else ""


main()
