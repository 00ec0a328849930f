"""What a step leaves behind is kept, or it fails saying why not."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from orchestrator.domain.states import Status
from orchestrator.models import Artifact, Task
from orchestrator.store.contents import content_path
from tests.engine.agent.by_hand import log_of, python, run

pytestmark = pytest.mark.usefixtures("agent")


def kept(script: str) -> dict[str, Artifact]:
    task = run(python(script))
    assert (task.status, task.outcome["reason"]) == (Status.COMPLETED, ""), log_of(task)
    return {artifact.name: artifact for artifact in Artifact.objects.filter(task=task, fence=1)}


def test_a_file_is_stored_under_its_hash_with_a_preview() -> None:
    artifact = kept("open('artifacts/rows.csv', 'w').write('a,b\\n1,2\\n')")["rows.csv"]
    content = b"a,b\n1,2\n"
    assert artifact.sha256 == hashlib.sha256(content).hexdigest()
    assert (artifact.size, artifact.kind, artifact.media_type) == (8, "file", "text/csv")
    assert artifact.preview == content.decode()
    assert content_path(artifact.sha256).read_bytes() == content


def test_equal_content_is_stored_once() -> None:
    found = kept("[open(f'artifacts/{n}', 'w').write('same') for n in 'ab']")
    assert found["a"].sha256 == found["b"].sha256
    assert found["a"].media_type == "text/plain"


def test_a_folder_becomes_an_archive_that_depends_on_its_content_alone() -> None:
    script = (
        "import os\nos.makedirs('artifacts/model/deep')\n"
        "for name in {order}:\n    open(f'artifacts/model/deep/{{name}}', 'w').write(name)\n"
        "os.symlink('deep/x', 'artifacts/model/link')\n"
    )
    first = kept(script.format(order="'xy'"))["model"]
    second = kept(script.format(order="'yx'"))["model"]
    assert first.sha256 == second.sha256
    assert (first.kind, first.media_type) == ("folder", "application/x-tar")
    with tarfile.open(fileobj=io.BytesIO(content_path(first.sha256).read_bytes())) as archive:
        assert archive.getnames() == ["link", "deep", "deep/x", "deep/y"]
        assert archive.extractfile("deep/x").read() == b"x"  # type: ignore[union-attr]


def test_the_client_says_what_an_artifact_is() -> None:
    found = kept(
        "from pipelines import Task\ntask = Task.current_task()\n"
        "task.upload_artifact('scores', {'a': 1}, metadata={'unit': 'points'})\n"
        "task.upload_artifact('note', 'some words')\n"
    )
    scores = found["scores"]
    assert (scores.kind, scores.media_type) == ("json", "application/json")
    assert scores.metadata == {"unit": "points"}
    assert found["note"].kind == "text"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        ("os.symlink('/etc/passwd', 'artifacts/x')", "'x' is a symbolic link"),
        ("os.symlink('parameters.json', 'artifacts/x')", "'x' is a symbolic link"),
        ("os.mkfifo('artifacts/x')", "'x' is a named pipe"),
        ("os.mkdir('artifacts/x'); os.symlink('/etc', 'artifacts/x/etc')", "leads out"),
        ("os.mkdir('artifacts/x'); os.symlink('../../..', 'artifacts/x/up')", "leads out"),
        ("os.mkdir('artifacts/x'); os.mkfifo('artifacts/x/pipe')", "'pipe' is a named pipe"),
        ("open('artifacts/a\\nb', 'w')", "a name has 1 to 128"),
        ("os.symlink('/etc/passwd', 'outputs.json')", "outputs.json cannot be read"),
        ("os.rmdir('artifacts'); os.symlink('/etc', 'artifacts')", "is a symbolic link"),
        ("os.symlink('/etc', 'artifacts/.meta')", "is a symbolic link"),
        ("open('outputs.json', 'w').write('[1]')", "does not hold a JSON object"),
        ("open('outputs.json', 'w').write('{\"a\": NaN}')", "NaN is not JSON"),
        ("open('outputs.json', 'w').write('{\"a\"')", "outputs.json is not JSON"),
        ("open('outputs.json', 'w').write('{\"a\": \"\\\\u0000\"}')", "NUL character"),
        ("open('outputs.json', 'w').write('{\"a\": \"\\\\ud800\"}')", "surrogate"),
        ("open('outputs.json', 'w').write(' ' * 2_000_000)", "larger than the cap"),
        ("open('outputs.json', 'w').write('[' * 100_000)", "outputs.json is not JSON"),
    ],
)
def test_what_cannot_be_kept_fails_the_step_saying_why(make: str, reason: str) -> None:
    task = run(python(f"import os\n{make}\n"))
    assert task.status == Status.FAILED
    assert reason in task.outcome["reason"]
    assert reason in log_of(task, "agent")
    assert not Artifact.objects.filter(task=task).exists()


def test_a_failed_step_keeps_what_it_made() -> None:
    task = run(python("open('artifacts/half', 'w').write('x')\nraise SystemExit(2)"))
    assert task.status == Status.FAILED
    assert [artifact.name for artifact in task.artifacts.all()] == ["half"]


def test_hard_links_do_not_let_stored_content_change(tmp_path: Path) -> None:
    other = tmp_path / "other"
    found = kept(
        "import os\nopen('artifacts/x', 'w').write('before')\n"
        f"os.link('artifacts/x', {str(other)!r})\n"
    )
    other.write_text("after")
    assert content_path(found["x"].sha256).read_text() == "before"


def test_a_scripts_own_defaults_join_the_parameters() -> None:
    task = run(
        python(
            "from pipelines import Task\n"
            "print(Task.current_task().connect({'rows': 5, 'depth': 3}))\n",
            parameters={"General/rows": 7},
        )
    )
    assert log_of(task, "stdout") == "{'rows': 7, 'depth': 3}\n"
    assert task.parameters == {"General/rows": 7, "General/depth": 3}


def test_a_name_with_a_dot_is_left_and_the_log_says_so() -> None:
    task: Task = run(python("open('artifacts/.DS_Store', 'w')"))
    assert task.status == Status.COMPLETED
    assert "'.DS_Store' is not kept" in log_of(task, "agent")
