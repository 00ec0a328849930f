"""`python -m pipelines import-workflow`: a measured workflow becomes a pipeline that sleeps."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.workflow_file import MOST_STEPS, WorkflowError, WorkflowFile, document_of
from tests.client.stub_server import StubServer
from tests.client.test_command_line import pipelines_command

#   split ──▶ left ───▶ join
#        └──▶ right ──┘
DIAMOND = [
    {"id": "split", "kind": "split", "parents": [], "seconds": 0.5},
    {"id": "left", "kind": "work", "parents": ["split"], "seconds": 2.25},
    {"id": "right", "kind": "work", "parents": ["split"], "seconds": 0},
    {"id": "join", "kind": "join", "parents": ["left", "right"], "seconds": 1.0},
]


def file_of(folder: Path, steps: Any, name: str = "diamond") -> Path:
    path = folder / "diamond.json"
    path.write_text(json.dumps({"name": name, "steps": steps}), encoding="utf-8")
    return path


def read(steps: Any) -> WorkflowFile:
    return WorkflowFile(json.dumps({"name": "w", "steps": steps}), "w.json")


def test_a_workflow_becomes_a_published_pipeline(server: StubServer, tmp_path: Path) -> None:
    words = ("import-workflow", str(file_of(tmp_path, DIAMOND)), "--time-scale", "0.1")
    done = pipelines_command(server, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "workflows/diamond, version 1: 4 steps, 4 edges, time scale 0.1\n"
    template, pipeline = server.bodies
    assert (template["slug"], template["kind"], template["function"]) == (
        "sleep",
        "function",
        "sleep",
    )
    assert pipeline["document"] == {
        "schema": 1,
        "steps": [
            {"name": "split", "template": "sleep", "parameters": {"General/seconds": 0.05}},
            {
                "name": "left",
                "template": "sleep",
                "parents": ["split"],
                "parameters": {"General/seconds": 0.225},
            },
            {"name": "right", "template": "sleep", "parents": ["split"]},
            {
                "name": "join",
                "template": "sleep",
                "parents": ["left", "right"],
                "parameters": {"General/seconds": 0.1},
            },
        ],
    }


def test_imported_again_it_is_the_next_version_of_the_same_pipeline(
    server: StubServer, tmp_path: Path
) -> None:
    server.projects.add("lab")
    path = str(file_of(tmp_path, DIAMOND))
    words = ("import-workflow", path, "--project", "lab", "--name", "Two roads")
    first = pipelines_command(server, *words)
    second = pipelines_command(server, *words, "--time-scale", "0")
    assert first.stdout.startswith("lab/two-roads, version 1: ")
    assert second.stdout.startswith("lab/two-roads, version 2: ")
    assert len(server.tasks) == 1
    steps = server.pipelines["lab/two-roads"][1]["document"]["steps"]
    assert not [step for step in steps if "parameters" in step]


def test_only_the_commands_own_project_is_made(server: StubServer, tmp_path: Path) -> None:
    path = str(file_of(tmp_path, DIAMOND))
    pipelines_command(server, "import-workflow", path, "--project", "lab")
    assert server.projects == set()
    pipelines_command(server, "import-workflow", path)
    assert server.projects == {"workflows"}


def test_a_template_that_does_something_else_stays(server: StubServer, tmp_path: Path) -> None:
    server.projects.add("lab")
    server.tasks["lab/sleep"] = {"body": {"source": "def sleep(): ..."}}
    words = ("import-workflow", str(file_of(tmp_path, DIAMOND)), "--project", "lab")
    done = pipelines_command(server, *words)
    assert done.returncode == 1
    assert "the template lab/sleep is there and does something else" in done.stderr
    assert server.bodies == []
    assert pipelines_command(server, *words, "--template", "Nap").returncode == 0
    assert server.tasks["lab/nap"]["name"] == "Sleep"


def test_ids_that_are_no_names_are_mapped_and_told(server: StubServer, tmp_path: Path) -> None:
    steps = [
        {"id": "mAdd:1", "parents": []},
        {"id": "mAdd-1", "parents": ["mAdd:1"]},
        {"id": "item", "parents": ["mAdd-1"]},
        {"id": "..", "parents": ["item"]},
        {"id": "x" * 200, "parents": [".."]},
    ]
    done = pipelines_command(server, "import-workflow", str(file_of(tmp_path, steps)))
    assert done.returncode == 0, done.stderr
    assert 'note: "mAdd:1" cannot be a step\'s name; the step is called "mAdd-1-2"' in done.stderr
    made = server.bodies[1]["document"]["steps"]
    names = [step["name"] for step in made]
    assert names == ["mAdd-1-2", "mAdd-1", "item-step", "step", "x" * 128]
    assert [step.get("parents", []) for step in made[1:]] == [[name] for name in names[:-1]]


def test_names_that_are_made_are_names_for_the_server() -> None:
    from orchestrator.domain.names import step_name_fault

    ids = ["a/b", "a-b", " a b ", "é", "pipeline", "...", "\t", "y" * 300, "y" * 301, "ok"]
    made = [step.name for step in read([{"id": name} for name in ids]).steps]
    assert len(set(made)) == len(ids)
    assert [step_name_fault(name) for name in made] == [None] * len(ids)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is not JSON"),
        ("[" * 200_000, "it is not JSON"),
        ("[]", 'it is not an object with "name" and "steps"'),
        ('{"name": 1, "steps": []}', 'its "name" is not a text'),
        ('{"steps": []}', 'it has no list "steps" with at least one step'),
        ('{"steps": [7]}', "steps[0] is not an object"),
        ('{"steps": [{"kind": "a"}]}', 'steps[0]: its "id" is not a text'),
        ('{"steps": [{"id": ""}]}', 'steps[0] has no "id"'),
        ('{"steps": [{"id": "a", "parents": "b"}]}', '("a"): its "parents" are not a list'),
        ('{"steps": [{"id": "a", "seconds": "1"}]}', '("a"): its "seconds" are not a number'),
        ('{"steps": [{"id": "a", "seconds": true}]}', '("a"): its "seconds" are not a number'),
        ('{"steps": [{"id": "a", "seconds": -1}]}', '("a"): it cannot have run for -1 seconds'),
        ('{"steps": [{"id": "a", "seconds": NaN}]}', "it cannot have run for nan seconds"),
        ('{"steps": [{"id": "a"}, {"id": "a"}]}', 'the id "a" stands there 2 times'),
        ('{"steps": [{"id": "a", "parents": ["b"]}]}', 'the parent "b" of "a" is none of its'),
        ('{"steps": [{"id": "a", "parents": ["a"]}]}', "wait for each other: a → a"),
    ],
)
def test_a_file_that_is_no_workflow_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        WorkflowFile(text, "given.json")
    assert str(caught.value).startswith("given.json is not a workflow: ")
    assert said in str(caught.value)


def test_the_command_refuses_without_asking_the_server(server: StubServer, tmp_path: Path) -> None:
    latin = tmp_path / "latin.json"
    latin.write_bytes(b'{"name": "\xe9"}')
    for path, said in ((latin, "not a text in UTF-8"), (tmp_path / "none.json", "none.json")):
        done = pipelines_command(server, "import-workflow", str(path))
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    for scale in ("-1", "nan", "fast"):
        done = pipelines_command(server, "import-workflow", "x", "--time-scale", scale)
        assert done.returncode == 2
        assert f"{scale!r} is not a number from 0 on" in done.stderr
    assert server.requests == []


def test_the_caps_are_named() -> None:
    many = [{"id": f"s{number}"} for number in range(MOST_STEPS + 1)]
    with pytest.raises(WorkflowError, match="10,001 steps are more than the cap of 10,000 steps"):
        read(many)
    assert len(read(many[:-1]).steps) == MOST_STEPS
    wide: list[Any] = [{"id": f"{number:0100}"} for number in range(300)]
    wide += [{"id": f"j{n}", "parents": [step["id"] for step in wide[:300]]} for n in range(150)]
    with pytest.raises(WorkflowError, match="more than the cap of 4,194,304 bytes"):
        document_of(read(wide), template="sleep", time_scale=1)


def test_the_caps_are_those_of_the_server() -> None:
    from orchestrator.domain.names import CAPS, RESERVED_STEP_NAMES, STEP_NAME_LENGTH
    from pipelines import workflow_file

    assert CAPS.steps == workflow_file.MOST_STEPS
    assert CAPS.document_bytes == workflow_file.MOST_BYTES
    assert workflow_file.LONGEST_NAME == STEP_NAME_LENGTH
    assert workflow_file.RESERVED == RESERVED_STEP_NAMES
