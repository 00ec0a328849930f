"""What is exported as a script declares, when it is run, the document that it was written from."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from orchestrator.document_python import written_script
from orchestrator.domain.document import Document, normalise
from tests.client.shell import Shell, until
from tests.domain.test_document_check import GOOD
from tests.domain.test_document_python import SAID

SAMPLE = Path(__file__).parents[2] / "examples" / "sample"
EVERYTHING: Document = {
    "schema": 1,
    "parameters": [
        {"name": "n", "type": "integer", "default": 3, "minimum": 1, "maximum": 9, "section": "A"},
        {"name": "to", "type": "choice", "choices": ["us", "eu"], "required": True, "x-own": 1},
        {"name": "text", "type": "string", "default": "5", "help": "A text"},
    ],
    "steps": [
        {
            "name": "first step",
            "template": "a/b",
            "version": "latest",
            "parameters": {"deep": {"a": [1, None, "${pipeline.n}"]}},
            "queue": "gpu",
            "priority": 5,
            "retries": {"number": 2, "delay": 1.5, "on": ["failed"]},
            "queue_timeout": 30,
            "grace": 0,
            "cache": True,
            "tags": ["a"],
            "comment": "Two\nlines",
        },
        {
            "name": "many",
            "template": "b",
            "for_each": {"list": "${`first step`.outputs.parts}", "max_parallel": 2},
            "monitor": [
                {"title": "loss", "series": "test"},
                {"title": "time"},
                {"title": "a", "series": "b", "as_series": "c"},
                {"title": "d", "as_title": "e"},
            ],
            "monitor_artifacts": [{"artifact": "data"}, {"artifact": "rest", "as": "remainder"}],
            "monitor_models": [{"model": "model_*"}, {"model": "model", "as": "best"}],
            "hooks": {"pre": [{"kind": "python", "code": "def hook(event):\n    pass\n"}]},
            "group": "g",
            "may_fail": True,
        },
        {
            "name": "asks",
            "kind": "approval",
            "approval": {"form": [{"name": "a"}], "roles": ["editor"], "deadline": 60},
            "parents": ["many"],
            "trigger": "all_done",
        },
        {
            "name": "inner",
            "kind": "pipeline",
            "pipeline": "a/inner",
            "version": 3,
            "parameters": {"bare": 1},
            "when": "${asks.outputs.approved}",
            "timeout": 5.5,
            "retries": {"number": 1},
            "for_each": {"list": [1, 2]},
        },
    ],
    "outputs": {"all": "${many[*].outputs.x}"},
    "groups": [{"name": "g", "colour": "blue", "for_each": {"list": ["a"]}}],
    "defaults": {"queue": "q", "retries": {"number": 1}, "timeout": 9},
    "run": {
        "timeout": 100,
        "max_parallel": 4,
        "concurrency": {"key": "${pipeline.n}"},
        "abort_on_failure": True,
        "pause_at": ["inner"],
    },
    "hooks": {"ended": [{"kind": "webhook", "url": "https://example.org"}]},
    "layout": {"first step": [1.5, -2]},
    "notes": [{"text": "Look"}],
    "tags": ["t"],
    "x-own": {"a": 1},
}


def declared(document: Document) -> Any:
    """Run the exported script up to its start, and give the document that it would register."""
    written = written_script({"project": "sample", "slug": "flow", "document": document})
    text = written.text.replace("\npipe.start()\n", "\n")
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(text, "exported.py", "exec"), names)
    return names["pipe"]._declaring.document({})


def tidy(document: Document) -> str:
    """What a document says, in one spelling; a type that goes without saying is not said."""
    said = normalise(document)
    return json.dumps(said, sort_keys=True, indent=1)


FILES = {file.stem: json.loads(file.read_text()) for file in sorted(SAMPLE.glob("*.json"))}
DOCUMENTS = {"everything": EVERYTHING, "good": GOOD, "said": SAID, **FILES}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_exported_script_declares_its_document(name: str) -> None:
    document = DOCUMENTS[name]
    assert tidy(declared(document)) == tidy(document)


FLOW: Document = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 4}],
    "steps": [
        {"name": "make", "template": "rows", "parameters": {"n": "${pipeline.rows}"}},
        {
            "name": "each row",
            "template": "double",
            "for_each": {"list": "${make.outputs.rows}"},
            "parameters": {"value": "${item}"},
            "group": "work",
        },
        {
            "name": "many",
            "template": "rows",
            "parameters": {"n": 1},
            "parents": ["each row"],
            "when": "len(${make.outputs.rows}) > 10",
        },
    ],
    "outputs": {"doubled": "${`each row`[*].outputs.value}"},
    "groups": [{"name": "work"}],
    "layout": {"make": [0, 0], "each row": [300, 40]},
    "notes": [{"text": "Look", "at": [0, 90]}],
}
SCRIPTS = {
    "rows": "from pipelines import Task\ntask = Task.current_task()\n"
    "said = task.connect({'n': 1})\ntask.set_output('rows', list(range(said['n'])))\n",
    "double": "from pipelines import Task\ntask = Task.current_task()\n"
    "said = task.connect({'value': 1})\ntask.set_output('value', 2 * said['value'])\n",
}


def test_an_exported_script_gives_the_same_run(shell: Shell) -> None:
    for slug, script in SCRIPTS.items():
        declared = [{"name": "n" if slug == "rows" else "value", "type": "integer", "default": 1}]
        body = {"project": "shell", "name": slug, "slug": slug, "template": True}
        shell.post("tasks/", {**body, "script": script, "parameters": declared})
    given = {"text": json.dumps(FLOW), "project": "shell", "slug": "flow", "publish": True}
    assert shell.post("pipelines/apply/", given)["problems"] == []
    drawn = ended(shell, shell.post("pipelines/shell/flow/runs/", {"parameters": {"rows": 3}}))

    text = shell.client.api.text("pipelines/shell/flow/export/?format=python")
    shell.run(text.replace("default=4", "default=3"), "flow.py")
    newest = next(iter(shell.client.rows("pipelines/shell/flow/runs/")))
    assert newest["id"] != drawn["id"]
    written = ended(shell, newest)
    assert (written["status"], written["outputs"]) == (drawn["status"], drawn["outputs"])
    assert written["outputs"] == {"doubled": [0, 2, 4]}
    assert steps_of(shell, written) == steps_of(shell, drawn)
    version = shell.get(f"pipelines/shell/flow/versions/{written['version']}/")
    assert version["document"]["layout"] == FLOW["layout"]
    assert version["document"]["notes"] == FLOW["notes"]


def ended(shell: Shell, run: dict[str, Any]) -> dict[str, Any]:
    def final() -> dict[str, Any] | None:
        found = dict(shell.get(f"runs/{run['id']}/"))
        return found if found["status"] in ("completed", "failed", "aborted") else None

    return dict(until(final, f"run {run['id']} has ended"))


def steps_of(shell: Shell, run: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    found = shell.get(f"runs/{run['id']}/steps/")
    return [(one["name"], one["status"], one["parents"]) for one in found]
