"""Arrays and frames are artifacts that come back as they were; numpy and pandas are real here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines import arrays
from tests.client.workshop import Workshop

STEP = """
import numpy as np
import pandas as pd
from pipelines import Task

task = Task.current_task()
task.upload_artifact("X", np.arange(6.0).reshape(2, 3))
task.upload_artifact("both", {"a": np.zeros(2, dtype="int16"), "b": np.ones((1, 2))})
task.upload_artifact("table", pd.DataFrame({"n": [1, 2], "word": ["x", "y"]}), metadata={"of": "me"}
)
assert (task.artifacts["X"].get() == np.arange(6.0).reshape(2, 3)).all()
assert task.artifacts["both"].get()["a"].dtype == "int16"
print(task.artifacts["table"].get()["word"].tolist())
"""


def there_and_back(thing: Any, folder: Path) -> Any:
    kind = arrays.kind_of(thing)
    assert kind is not None
    target = str(folder / "thing")
    about = arrays.write("thing", kind, thing, target)
    return arrays.read(kind, target, about)


def test_a_step_leaves_arrays_and_frames_with_what_they_are(workshop: Workshop) -> None:
    step = workshop.run(STEP)
    assert step.exit_code == 0, step.stderr
    assert step.stdout.strip() == "['x', 'y']"
    array = step.about("X")
    assert (array["kind"], array["media_type"]) == ("array", "application/x-npy")
    assert array["metadata"]["shape"] == [2, 3]
    assert array["metadata"]["dtype"] == "float64"
    assert "[3. 4. 5.]" in array["metadata"]["preview"]
    assert step.about("both")["metadata"]["arrays"]["b"] == {"shape": [1, 2], "dtype": "float64"}
    frame = step.about("table")
    assert (frame["kind"], frame["media_type"]) == ("frame", "text/csv")
    assert frame["metadata"]["shape"] == [2, 2]
    assert frame["metadata"]["of"] == "me"
    assert frame["metadata"]["columns"][0] == {"name": "n", "dtype": "int64"}


def test_without_numpy_a_step_does_not_load_it(workshop: Workshop) -> None:
    script = (
        "import sys\nfrom pipelines import Task\nTask.current_task().upload_artifact('a', [1])\n"
    )
    step = workshop.run(script + "print('numpy' in sys.modules, 'pandas' in sys.modules)")
    assert step.stdout.strip() == "False False"


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype="int8").reshape(3, 2, 2),
        np.array([], dtype="float32"),
        np.array(3.5),
        np.array([np.nan, np.inf, -0.0]),
        np.array(["a", "größer"]),
        np.array([1 + 2j]),
        np.array([True, False]),
        np.asfortranarray(np.ones((3, 4))),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_an_array_comes_back_as_it_was(array: Any, tmp_path: Path) -> None:
    found = there_and_back(array, tmp_path)
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


def test_a_single_number_of_numpy_is_an_array(tmp_path: Path) -> None:
    assert there_and_back(np.float32(0.5), tmp_path) == np.float32(0.5)


def test_arrays_of_objects_are_refused_because_they_would_be_code(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Python objects"):
        there_and_back(np.array([{}, None], dtype=object), tmp_path)


DAYS = pd.to_datetime(["2026-01-01", "2026-01-02"])
FRAMES = {
    "types": pd.DataFrame(
        {
            "whole": np.array([1, 2**62], dtype="int64"),
            "small": np.array([1, 255], dtype="uint8"),
            "real": [0.1 + 0.2, np.nan],
            "flag": [True, False],
            "word": ["001", "größer, \"quoted\"\nline"],
            "day": pd.to_datetime(["2026-11-28 12:00:00.123456", None]),
            "zone": DAYS.tz_localize("Europe/Berlin"),
            "kind": pd.Categorical(["a", "b"]),
            "maybe": pd.array([1, None], dtype="Int64"),
        }
    ),
    "named index": pd.DataFrame({"x": [1, 2]}, index=pd.Index(["007", "b"], name="key")),
    "days as index": pd.DataFrame({"x": [1, 2]}, index=DAYS),
    "two levels": pd.DataFrame(
        {"x": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["l", None])
    ),
    "numbers as names": pd.DataFrame([[1, 2], [3, 4]]),
    "empty": pd.DataFrame({"a": pd.Series([], dtype="float64")}),
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    frame = FRAMES[name]
    found = there_and_back(frame, tmp_path)
    pd.testing.assert_frame_equal(found, frame, check_freq=False, check_column_type=False)


def test_a_series_comes_back_as_one(tmp_path: Path) -> None:
    for series in (pd.Series([1.5, 2.5], name="loss"), pd.Series(["a"], index=["k"])):
        pd.testing.assert_series_equal(there_and_back(series, tmp_path), series)


def test_frames_that_csv_cannot_hold_are_refused_in_words(tmp_path: Path) -> None:
    levels = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))
    with pytest.raises(TypeError, match="several levels"):
        there_and_back(levels, tmp_path)
    with pytest.raises(TypeError, match="one name"):
        there_and_back(pd.DataFrame([[1, 2]], columns=["a", "a"]), tmp_path)


@pytest.mark.parametrize("thing", [{}, {"a": 1}, [np.zeros(1)], "text", 3])
def test_other_things_are_no_arrays(thing: object) -> None:
    assert arrays.kind_of(thing) is None
