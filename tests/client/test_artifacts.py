"""Artifacts: kept by folder, fetched by HTTP, the same thing at the other end."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.errors import PipelinesError
from pipelines.storing import check_name
from tests.client.stub_server import TOKEN, StubServer
from tests.client.workshop import PACKAGE, StepResult, Workshop

MAKE = """
from pathlib import Path
from pipelines import Task

task = Task.current_task()
Path("folder/inner").mkdir(parents=True)
Path("folder/inner/deep.txt").write_text("deep")
Path("table.csv").write_text("a,b\\n1,2\\n")
task.upload_artifact("values", {"a": [1, 2.5, None, "ü"]})
task.upload_artifact("text", "one\\ntwo")
task.upload_artifact("raw", b"\\x00\\xff")
task.upload_artifact("table", Path("table.csv"), metadata={"rows": 1})
task.upload_artifact("by name", "table.csv")
task.upload_artifact("folder", Path("folder"))
print(sorted(task.artifacts), task.artifacts["values"].get())
"""
FETCH = """
from pathlib import Path
from pipelines import StorageManager, Task

other = Task.get_task(task_id={task_id!r})
found = other.artifacts
print(sorted(found.keys()))
print(found["values"].get(), repr(found["text"].get()), found["raw"].get())
print(found["table"].get().read_text().split(), found["table"].metadata, found["table"].size)
folder = Path(found["folder"].get_local_copy())
print((folder / "inner" / "deep.txt").read_text())
print(Path(StorageManager.get_local_copy("artifact://{task_id}/table")).read_text().split())
print(Path(StorageManager.get_local_copy("{url}/api/v1/tasks/{task_id}/artifacts/table/")).name)
print("none such" in found, found.get("none such"))
"""


def made(workshop: Workshop) -> StepResult:
    step = workshop.run(MAKE)
    assert step.exit_code == 0, step.stderr
    workshop.server.tasks[step.task_id] = {"id": step.task_id, "name": "made", "parameters": {}}
    return step


def fetched(workshop: Workshop, script: str) -> StepResult:
    return workshop.run("from pipelines import StorageManager, Task\n" + script)


def test_each_kind_of_thing_is_kept_with_a_note_on_what_it_is(workshop: Workshop) -> None:
    step = made(workshop)
    kinds = {
        name: (step.about(name)["kind"], step.about(name)["media_type"]) for name in step.artifacts
    }
    assert kinds == {
        "values": ("json", "application/json"),
        "text": ("text", "text/plain"),
        "raw": ("bytes", "application/octet-stream"),
        "table": ("file", "text/csv"),
        "by name": ("file", "text/csv"),
        "folder": ("folder", "application/x-tar"),
    }
    assert step.about("table")["metadata"] == {"rows": 1}
    assert "{'a': [1, 2.5, None, 'ü']}" in step.stdout


def test_another_step_gets_the_same_things(workshop: Workshop) -> None:
    first = made(workshop)
    second = workshop.run(FETCH.format(task_id=first.task_id, url=workshop.server.url))
    assert second.stdout.splitlines() == [
        "['by name', 'folder', 'raw', 'table', 'text', 'values']",
        "{'a': [1, 2.5, None, 'ü']} 'one\\ntwo' b'\\x00\\xff'",
        "['a,b', '1,2'] {'rows': 1} 8",
        "deep",
        "['a,b', '1,2']",
        "table",
        "False None",
    ], second.stderr
    assert workshop.server.authorizations == {f"Bearer {TOKEN}"}


def test_a_missing_artifact_is_named_together_with_those_there_are(workshop: Workshop) -> None:
    first = made(workshop)
    step = fetched(workshop, f"StorageManager.get_local_copy('artifact://{first.task_id}/tabel')")
    assert step.exit_code == 1
    assert "has no artifact 'tabel'; it has: " in step.stderr
    assert "table" in step.stderr


def test_a_download_that_breaks_off_is_begun_again(workshop: Workshop) -> None:
    address = workshop.server.add_artifact("t1", "long", b"x" * 100_000, kind="file")
    workshop.server.cut_short = 2
    step = fetched(
        workshop,
        f"print(len(open(StorageManager.get_local_copy({address!r})).read()))",
    )
    assert step.stdout == "100000\n", step.stderr


def test_content_that_is_not_what_was_stored_is_refused(workshop: Workshop) -> None:
    address = workshop.server.add_artifact("t1", "changed", b"other", kind="file", sha256="0" * 64)
    step = fetched(workshop, f"StorageManager.get_local_copy({address!r})")
    assert step.exit_code == 1
    assert f"{address} came with SHA-256" in step.stderr


def test_an_upload_that_is_waited_for_is_sent_at_once_and_not_collected_again(
    workshop: Workshop,
) -> None:
    step = workshop.run(
        "from pathlib import Path\n"
        "from pipelines import Task\n"
        "task = Task.current_task()\n"
        "Path('folder').mkdir()\n"
        "Path('folder/a.txt').write_text('a')\n"
        "task.upload_artifact('now', 'some text', wait_on_upload=True)\n"
        "task.upload_artifact('packed', Path('folder'), wait_on_upload=True)\n"
        "print(task.artifacts['now'].get(), list(task.artifacts))\n"
    )
    assert step.stdout == "some text ['now', 'packed']\n", step.stderr
    assert step.artifacts == set()
    about, content = workshop.server.artifacts[step.task_id, "now"]
    assert (about["kind"], content) == ("text", b"some text")
    assert workshop.server.artifacts[step.task_id, "packed"][0]["kind"] == "folder"


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "a" * 129, "new\nline"])
def test_a_name_that_no_file_could_have_is_refused(name: str) -> None:
    with pytest.raises(PipelinesError, match="cannot name an artifact"):
        check_name(name)


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        ("object(), auto_pickle=False", "a object cannot be stored"),
        ("{'a': {1, 2}}, auto_pickle=False", "artifact 'x' cannot be stored as JSON"),
        ("lambda: 1", "artifact 'x' cannot be stored"),
        ("Path('none/such')", "there is no file or folder 'none/such'"),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(
    workshop: Workshop, thing: str, said: str
) -> None:
    step = workshop.run(
        "from pathlib import Path\n"
        "from pipelines import Task\n"
        f"Task.current_task().upload_artifact('x', {thing})\n"
    )
    assert step.exit_code == 1
    assert said in step.stderr
    assert step.artifacts == set()


def test_an_artifact_given_twice_is_replaced(workshop: Workshop) -> None:
    step = workshop.run(
        "from pathlib import Path\n"
        "from pipelines import Task\n"
        "task = Task.current_task()\n"
        "Path('folder').mkdir()\n"
        "task.upload_artifact('x', Path('folder'))\n"
        "task.upload_artifact('x', 'text')\n"
    )
    assert (step.content("x"), step.about("x")["kind"]) == (b"text", "text"), step.stderr


def test_paths_and_web_addresses_have_local_copies_too(workshop: Workshop, tmp_path: Path) -> None:
    here = tmp_path / "here.txt"
    here.write_text("here")
    workshop.server.add_artifact("t1", "there", b"there")
    step = fetched(
        workshop,
        "from pathlib import Path\n"
        f"for address in ({str(here)!r}, {here.as_uri()!r}):\n"
        "    print(Path(StorageManager.get_local_copy(address)).read_text())\n",
    )
    assert step.stdout == "here\nhere\n", step.stderr
    step = fetched(workshop, "StorageManager.get_local_copy('nowhere.txt')")
    assert "'nowhere.txt' is no artifact, no web address and no file here" in step.stderr


def test_who_only_looks_at_tasks_leaves_no_folder_behind(
    server: StubServer, tmp_path: Path
) -> None:
    server.tasks["t"] = {"id": "t", "status": "completed", "parameters": {"General/n": 1}}
    server.add_artifact("t", "text", b"kept", kind="text")
    script = """
import os
from pipelines import Task
task = Task.get_task("t")
assert task.get_parameters() == {"General/n": 1}
assert list(task.artifacts) == ["text"]
assert os.listdir(os.environ["TMPDIR"]) == []
print(task.artifacts["text"].get_local_copy())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={
            "PIPELINES_URL": server.url,
            "PIPELINES_TOKEN": TOKEN,
            "PYTHONPATH": str(PACKAGE.parent),
            "TMPDIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).read_bytes() == b"kept"
