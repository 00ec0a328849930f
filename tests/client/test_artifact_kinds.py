"""What can be an artifact, and the same thing at the other end: of every kind, by whatever name."""

from __future__ import annotations

import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from pipelines.context import StepContext
from pipelines.storing import store_artifact, stored_names
from tests.client.workshop import StepResult, Workshop

START = "from pathlib import Path\nfrom pipelines import Task\ntask = Task.current_task()\n"
# Stands for PIL: what has saved pixels and opens them again.
IMAGES = """
class Image:
    def __init__(self, content): self.content = content
    def convert(self, mode): return self
    def save(self, path, format=None): Path(path).write_bytes(format.encode() + self.content)
def open(path): return Image(Path(path).read_bytes())
from pathlib import Path
"""


def stored(workshop: Workshop, script: str) -> StepResult:
    step = workshop.run(START + script)
    assert step.exit_code == 0, step.stderr
    workshop.server.tasks[step.task_id] = {"id": step.task_id, "name": "made", "parameters": {}}
    return step


def fetched(workshop: Workshop, first: StepResult, script: str) -> str:
    step = workshop.run(
        START + f"found = Task.get_task(task_id={first.task_id!r}).artifacts\n" + script
    )
    assert step.exit_code == 0, step.stderr
    return step.stdout


@pytest.mark.parametrize(
    ("thing", "kind", "again"),
    [
        ("{'a': {1, 2}}", "pickle", "{'a': {1, 2}}"),
        ("{1: 'one'}", "pickle", "{1: 'one'}"),
        ("(1, 'two')", "json", "(1, 'two')"),
        ("{'b': 1, 'a': [None, 2.5]}", "json", "{'a': [None, 2.5], 'b': 1}"),
        ("float('nan')", "pickle", "nan"),
        ("complex(1, 2)", "pickle", "(1+2j)"),
        ("b'raw'", "bytes", "b'raw'"),
        ("'no file of this name'", "text", "'no file of this name'"),
        ("[True, 1]", "json", "[True, 1]"),
    ],
)
def test_each_thing_comes_back_as_it_was(
    workshop: Workshop, thing: str, kind: str, again: str
) -> None:
    step = stored(workshop, f"task.upload_artifact('thing', {thing})\n")
    assert step.about("thing")["kind"] == kind
    assert fetched(workshop, step, "print(repr(found['thing'].get()))\n") == f"{again}\n"


def test_a_large_pickle_is_not_made_in_memory(tmp_path: Path) -> None:
    context = StepContext(directory=str(tmp_path), task_id="t", api_url="http://h", token="")
    large = {1: bytes(30_000_000)}
    tracemalloc.start()
    try:
        store_artifact(context, "large", large)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000
    assert pickle.loads((tmp_path / "artifacts" / "large").read_bytes()) == large
    with pytest.raises(TypeError, match="cannot be stored"):
        store_artifact(context, "large", {1: lambda: 0})
    assert stored_names(context) == ["large"]
    assert [path.name for path in (tmp_path / "artifacts").iterdir() if path.is_file()] == ["large"]


def test_a_pickle_can_be_refused_at_both_ends(workshop: Workshop) -> None:
    step = workshop.run(START + "task.upload_artifact('x', object(), auto_pickle=False)\n")
    assert "a object cannot be stored" in step.stderr
    step = stored(workshop, "task.upload_artifact('x', {1, 2})\n")
    assert step.about("x")["metadata"]["preview"] == "builtins.set"
    said = fetched(
        workshop,
        step,
        "try:\n"
        "    found['x'].get(block_unsafe_artifacts=True)\n"
        "except Exception as error:\n"
        "    print(error)\n",
    )
    assert "is a pickle, and those are not wanted here" in said


def test_a_pattern_gives_a_folder_of_what_it_finds(workshop: Workshop) -> None:
    step = stored(
        workshop,
        "Path('logs/inner').mkdir(parents=True)\n"
        "for name in ('a.txt', 'b.csv', 'inner/c.txt'):\n"
        "    Path('logs', name).write_text(name)\n"
        "task.upload_artifact('texts', 'logs/**/*.txt')\n",
    )
    said = fetched(
        workshop,
        step,
        "folder = Path(found['texts'].get_local_copy())\n"
        "print(found['texts'].type, sorted(p.name for p in folder.rglob('*.txt')))\n"
        "print((folder / 'inner' / 'c.txt').read_text())\n",
    )
    assert said == "archive ['a.txt', 'c.txt']\ninner/c.txt\n"


def test_an_image_is_kept_as_one(workshop: Workshop) -> None:
    package = workshop.packages / "PIL"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "Image.py").write_text(IMAGES)
    step = stored(
        workshop,
        "from PIL import Image\ntask.upload_artifact('photo', Image.Image(b'dots'))\n",
    )
    assert (step.about("photo")["kind"], step.about("photo")["media_type"]) == ("file", "image/png")
    assert step.content("photo") == b"PNGdots"
    said = fetched(workshop, step, "print(found['photo'].type, found['photo'].get().content)\n")
    assert said == "image b'PNGdots'\n"


def test_a_thing_may_be_written_and_read_by_functions_of_ones_own(workshop: Workshop) -> None:
    step = stored(
        workshop,
        "task.upload_artifact('own', 5, serialization_function=lambda x: b'%d!' % x)\n",
    )
    assert step.content("own") == b"5!"
    said = fetched(
        workshop,
        step,
        "print(found['own'].get(deserialization_function=lambda data: int(data[:-1]) + 1))\n",
    )
    assert said == "6\n"


def test_what_one_wants_to_know_of_an_artifact_can_be_asked(workshop: Workshop) -> None:
    step = stored(
        workshop,
        "task.upload_artifact('table', {'a': 1}, metadata={'rows': 1}, preview='one row')\n",
    )
    row = workshop.server.artifacts[step.task_id, "table"][0]
    row["created_at"] = "2026-01-02T03:04:05.000000Z"
    row["preview"] = "{}"
    said = fetched(
        workshop,
        step,
        "one = found['table']\n"
        "print(one.name, one.type, one.mode, one.size, len(one.hash), one.timestamp.isoformat())\n"
        "print(one.metadata, one.preview, one.url)\n",
    )
    assert said.splitlines() == [
        "table dict output 11 64 2026-01-02T03:04:05+00:00",
        f"{{'rows': 1, 'preview': 'one row'}} one row artifact://{step.task_id}/table",
    ]


def test_a_file_may_be_taken_away_once_it_is_stored(workshop: Workshop) -> None:
    step = stored(
        workshop,
        "Path('big.bin').write_bytes(b'x')\n"
        "task.upload_artifact('big', 'big.bin', delete_after_upload=True)\n"
        "assert not Path('big.bin').exists()\n",
    )
    assert step.content("big") == b"x"


MODELS = """
from pipelines import InputModel, Model, OutputModel
Path('weights.bin').write_bytes(b'abc')
model = OutputModel(task=task, name='best', framework='own', tags=['a'])
print(model.update_weights('weights.bin', iteration=3))
OutputModel(task=task).update_weights('weights.bin')
task.upload_artifact('no model', 1)
print(list(task.artifacts), [one.name for one in task.models['output']])
"""


def test_models_are_artifacts_of_their_own_kind(workshop: Workshop) -> None:
    first = stored(workshop, MODELS)
    address = f"artifact://{first.task_id}/best"
    assert first.stdout == f"{address}\n['no model'] ['best', 'weights.bin']\n"
    assert first.about("best")["kind"] == "model"
    for name, n in (("weights.bin", 1), ("best", 2)):
        workshop.server.artifacts[first.task_id, name][0]["created_at"] = f"2026-01-0{n}T00:00:00Z"
    second = workshop.run(
        START + "from pipelines import InputModel, OutputModel\n"
        f"other = Task.get_task({first.task_id!r})\n"
        "found = other.models['output'][-1]\n"
        "print(found.id, found.url, found.framework, found.tags)\n"
        "print(Path(found.get_local_copy()).read_bytes(), list(other.artifacts))\n"
        "assert other.models['output']['best'].id == found.id\n"
        "given = InputModel(model_id=found.id)\n"
        "given.connect(task, name='base')\n"
        "assert task.models['input'][0].id == found.id\n"
        "OutputModel(base_model_id=found.id).connect(task=task, name='final')\n"
        "print([one.name for one in task.models['output']])\n",
    )
    assert second.stdout.splitlines() == [
        f"{first.task_id}/best {address} own ['a']",
        "b'abc' ['no model']",
        "['final']",
    ], second.stderr
    assert second.used == {"Models/base": f"{first.task_id}/best"}
    assert second.content("final") == b"abc"


REPORTS = """
logger = task.get_logger()
logger.report_table("scores", "all", iteration=1, table_plot=[["a", "b"], [1, 2]])
logger.report_image("pixels", "grey", image=[[0, 255], [0.5, 1]])
logger.report_histogram("bars", "x", [1, 2], xlabels=["one", "two"], xaxis="number")
logger.report_confusion_matrix("matrix", "m", [[1, 0], [0, 1]], 0, xlabels=["n", "y"])
logger.report_plotly("plot", "p", {"data": [{"type": "scatter", "y": [1]}]}, iteration=2)
logger.report_line_plot("lines", [{"name": "l", "data": [(0, 1), (1, 2)]}], "x", "y")
logger.flush()
print(list(task.artifacts))
"""


def test_tables_images_and_plots_are_kept_and_referred_to(workshop: Workshop) -> None:
    import json

    step = stored(workshop, REPORTS)
    assert step.stdout == "[]\n"
    samples: dict[str, Any] = {one["title"]: one for one in workshop.server.samples}
    kinds = {title: one["reference"]["kind"] for title, one in samples.items()}
    assert kinds == {
        "scores": "table",
        "pixels": "image",
        "bars": "plot",
        "matrix": "plot",
        "plot": "plot",
        "lines": "plot",
    }
    assert (samples["scores"]["step"], samples["scores"]["value"]) == (1, None)

    def content(title: str) -> bytes:
        return workshop.server.artifacts[step.task_id, samples[title]["reference"]["artifact"]][1]

    assert content("scores") == b"a,b\n1,2\n"
    assert content("pixels").startswith(b"\x89PNG")
    bars = json.loads(content("bars"))
    assert bars["data"][0] == {"type": "bar", "y": [1, 2], "x": ["one", "two"], "name": "x"}
    assert bars["layout"]["xaxis"] == {"title": {"text": "number"}}
    assert json.loads(content("lines"))["data"][0]["x"] == [0, 1]
    assert json.loads(content("matrix"))["data"][0]["type"] == "heatmap"
