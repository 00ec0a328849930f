"""`python -m pipelines apply` and `export`: a pipeline as a file, in and out."""

from pathlib import Path
from typing import Any

from tests.client.stub_server import StubServer
from tests.client.test_command_line import pipelines_command

YAML = "schema: 1\nsteps: []\n"
WRONG = {
    "where": "steps[1].parents[0]",
    "step": "train",
    "code": "unknown_step",
    "message": 'there is no step "lode"',
    "severity": "error",
}
OLD = {**WRONG, "message": "a newer version", "severity": "warning"}


def answer(**more: Any) -> dict[str, Any]:
    usual = {"pipeline": "demo/my-flow", "created": True, "revision": 1, "problems": []}
    return {**usual, "version": None, "unchanged": False, **more}


def file_of(folder: Path, text: str = YAML, name: str = "My flow.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_becomes_a_pipeline_named_like_it(server: StubServer, tmp_path: Path) -> None:
    server.applied = answer()
    done = pipelines_command(server, "apply", file_of(tmp_path), "--project", "demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "demo/my-flow, made, draft at revision 1\n"
    assert server.bodies == [{"text": YAML, "project": "demo", "slug": "my-flow"}]


def test_a_file_that_names_its_pipeline_is_asked_for_nothing(
    server: StubServer, tmp_path: Path
) -> None:
    server.applied = answer(version=3, created=False)
    exported = f"project: demo\nslug: flow\ndocument:\n  {YAML}"
    in_json = '{"slug": "flow", "project": "demo", "document": {"schema": 1, "steps": []}}'
    for name, text in (("a.yaml", exported), ("a.json", in_json)):
        words = ("apply", file_of(tmp_path, text, name), "--note", "third")
        done = pipelines_command(server, *words)
        assert done.stdout == "demo/my-flow, version 3\n"
        assert server.bodies[-1] == {
            "text": text,
            "project": "",
            "slug": "",
            "publish": True,
            "note": "third",
        }
    server.applied = answer(version=3, unchanged=True)
    done = pipelines_command(server, "apply", file_of(tmp_path, exported), "--publish")
    assert done.stdout == "demo/my-flow, version 3: nothing has changed since\n"


def test_problems_are_told_and_errors_end_with_one(server: StubServer, tmp_path: Path) -> None:
    server.applied = answer(problems=[WRONG, OLD])
    done = pipelines_command(server, "apply", file_of(tmp_path), "--publish")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: step 'train', steps[1].parents[0]: there is no step \"lode\"",
        "warning: step 'train', steps[1].parents[0]: a newer version",
        "pipelines: the draft has 1 error(s) and nothing is published",
    ]
    server.applied = answer(problems=[OLD])
    assert pipelines_command(server, "apply", file_of(tmp_path)).returncode == 0


def test_what_cannot_be_read_or_is_refused_is_said(server: StubServer, tmp_path: Path) -> None:
    assert pipelines_command(server, "apply", str(tmp_path / "none.yaml")).returncode == 1
    (tmp_path / "odd.yaml").write_bytes(b"\xff\xfe\x00")
    odd = pipelines_command(server, "apply", str(tmp_path / "odd.yaml"))
    assert (odd.returncode, "is not a text in UTF-8" in odd.stderr) == (1, True)
    server.answer_badly = [400]
    refused = pipelines_command(server, "apply", file_of(tmp_path))
    assert (refused.returncode, "was refused (400): not now" in refused.stderr) == (1, True)
    assert pipelines_command(server, "apply").returncode == 2


def test_a_pipeline_is_written_out_or_into_a_file(server: StubServer, tmp_path: Path) -> None:
    server.exported = "slug: flow\nname: Größe\n"
    done = pipelines_command(server, "export", "demo/flow")
    assert (done.returncode, done.stdout) == (0, server.exported)
    assert server.requests[-1][1].endswith("/pipelines/demo/flow/export/?format=yaml")
    target = tmp_path / "flow.yaml"
    words = ("export", "demo/flow", "--version", "draft", "-o", str(target))
    assert pipelines_command(server, *words).returncode == 0
    assert target.read_text(encoding="utf-8") == server.exported
    assert server.requests[-1][1].endswith("?format=yaml&version=draft")


def test_json_is_written_to_be_read(server: StubServer, tmp_path: Path) -> None:
    server.exported = '{"slug":"flow","steps":["Größe"]}'
    target = tmp_path / "flow.json"
    assert pipelines_command(server, "export", "demo/flow", "-o", str(target)).returncode == 0
    assert server.requests[-1][1].endswith("?format=json")
    written = target.read_text(encoding="utf-8")
    assert written == '{\n  "slug": "flow",\n  "steps": [\n    "Größe"\n  ]\n}\n'
    by_option = pipelines_command(server, "export", "demo/flow", "--format", "json")
    assert by_option.stdout == written


def test_what_is_no_pipeline_is_refused(server: StubServer) -> None:
    for name in ("flow", "/flow", "demo/"):
        done = pipelines_command(server, "export", name)
        assert (done.returncode, "is not PROJECT/SLUG" in done.stderr) == (1, True)
    assert server.requests == []


def test_a_script_names_its_pipeline_and_is_told_its_lines(
    server: StubServer, tmp_path: Path
) -> None:
    script = (
        'pipe = PipelineController(name="Flow", project="demo")\nraise SystemExit("executed")\n'
    )
    server.applied = answer(problems=[{**WRONG, "line": 7}])
    done = pipelines_command(server, "apply", file_of(tmp_path, script, "other.py"))
    assert server.bodies == [{"text": script, "project": "", "slug": ""}]
    said, last = done.stderr.splitlines()
    assert said == "error: line 7, step 'train', steps[1].parents[0]: there is no step \"lode\""
    assert last == "pipelines: the draft has 1 error(s)"


def test_a_pipeline_is_written_as_a_script(server: StubServer, tmp_path: Path) -> None:
    server.exported = "from pipelines import PipelineController\n"
    target = tmp_path / "flow.py"
    for words in (("-o", str(target)), ("--format", "python")):
        assert pipelines_command(server, "export", "demo/flow", *words).returncode == 0
        assert server.requests[-1][1].endswith("/pipelines/demo/flow/export/?format=python")
    assert target.read_text(encoding="utf-8") == server.exported
