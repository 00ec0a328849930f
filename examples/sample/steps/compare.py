"""Compare: choose the model that does best on the rows to choose by."""

import csv
from pathlib import Path

from pipelines import StorageManager, Task


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            # {name: {"validation": accuracy, "test": accuracy, "predictions": address}}
            "candidates": {},  # The models to compare, with their scores
        }
    )
    candidates = wanted["candidates"]
    if not candidates:
        raise SystemExit("there are no candidates to compare")
    ranking = sorted(candidates, key=lambda name: (-candidates[name]["validation"], name))
    logger = task.get_logger()
    for place, name in enumerate(ranking, 1):
        scores = candidates[name]
        print(f"{place}. {name}: {scores['validation']:.4f}, on new rows {scores['test']:.4f}")
        logger.report_single_value(name, scores["test"])

    with Path("comparison.csv").open("w", newline="") as file:
        rows = [
            [name, candidates[name]["validation"], candidates[name]["test"]] for name in ranking
        ]
        csv.writer(file).writerows([["model", "validation", "test"], *rows])
    best = candidates[ranking[0]]
    predictions = StorageManager.get_local_copy(best["predictions"])
    task.upload_artifact("comparison", Path("comparison.csv"))
    Path("predictions.csv").write_bytes(Path(predictions).read_bytes())
    task.upload_artifact("predictions", Path("predictions.csv"))
    # Chosen by one part of the rows, judged by another: the score is not flattered.
    task.set_output("best", ranking[0])
    task.set_output("score", best["test"])


main()
