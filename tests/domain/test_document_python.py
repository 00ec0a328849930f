"""Documents as Python: whole and equal after the way there and back, pleasant to read; scripts
that say more are refused with the line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from contextlib import suppress
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from orchestrator.document_python import is_python, not_taken, read_script, written_script
from orchestrator.document_text import read_document
from orchestrator.domain.document import SCHEMA, in_reading_order
from orchestrator.domain.errors import Invalid, Problem
from tests.documents import documents
from tests.domain.test_document_text import EVERY_KEY, all_of, anything, said, words

SAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("*.json"))
ABOUT = {"project": "sample", "slug": "digits", "name": "Digits"}


def there_and_back(document: dict[str, Any], **about: Any) -> dict[str, Any]:
    text = written_script({**ABOUT, **about, "document": document}).text
    again: dict[str, Any] = read_script(text).said["document"]
    return again


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same, down to 1, 1.0 and True, and the order of keys."""
    return json.dumps(in_reading_order(one)) == json.dumps(in_reading_order(other))


# Each example says everything, so that a few are many.
@settings(max_examples=12, deadline=None)
@given(all_of(SCHEMA))
def test_a_document_with_every_key_comes_back_whole(document: dict[str, Any]) -> None:
    assert set(said(document, SCHEMA)) == EVERY_KEY
    assert there_and_back(document) == document


@given(documents)
def test_documents_come_back_whole(document: dict[str, Any]) -> None:
    assert same(there_and_back(document), document)


@given(st.dictionaries(words, anything, max_size=4), st.dictionaries(words, anything, max_size=4))
def test_any_value_under_any_key_comes_back(step: dict[str, Any], whole: dict[str, Any]) -> None:
    document = {**whole, "schema": 1, "steps": [{**step, "name": "a"}]}
    document["parameters"] = [{**step, "name": "b"}]
    assert same(there_and_back(document), document)


# Of any size: texts that must be cut, keys that are long, lists that fit or do not.
long_texts = st.text("ab \n'\"\\é☂漢", max_size=400)
odd_values = st.dictionaries(
    long_texts,
    st.recursive(long_texts | words, lambda one: st.lists(one) | st.tuples(one).map(list)),
).map(lambda more: {**more, "schema": 1, "steps": [{"name": "a", "parameters": more}]})


@given(odd_values)
def test_long_values_come_back_whole(document: dict[str, Any]) -> None:
    assert same(there_and_back(document), document)


ODD_STEPS: list[Any] = [
    [],
    [3],
    [{"name": 4}],
    [{}],
    [{"name": "a"}, {"name": "a"}],
    [{"name": "a", "kind": "task", "pipeline": "b"}],
    [{"name": "a", "pipeline": "b"}],
    [{"name": "a", "kind": "pipeline", "pipeline": "b", "approval": {}}],
    [{"name": "a", "pipeline": "b", "approval": {}}],
    [{"name": "a", "kind": "approval", "approval": None}],
    [{"name": "a", "kind": "approval"}],
    [{"name": "a", "more": 1, "stage": 2}],
    [{"name": "a", "retries": {"number": 1}}],
    [{"name": "a", "retries": {"number": True}}],
    [{"name": "a", "retries": {"number": 1, "on": []}}],
    [{"name": "a", "retries": 3}],
    [{"name": "a", "for_each": "${b.c}"}],
    [{"name": "a", "for_each": {"list": "${b.c}"}}],
    [{"name": "a", "for_each": {"list": {"list": []}}}],
    [{"name": "a", "for_each": {"list": [], "max_parallel": 4}}],
    [{"name": "a", "for_each": {}}],
    [{"name": "a", "monitor": [{"title": "t"}, {"title": "t", "series": "s"}]}],
    [{"name": "a", "monitor": [{"series": "s"}]}],
    [{"name": "a", "monitor": [{"title": "t", "series": None}]}],
    [{"name": "a", "monitor": [{"title": "t", "as_series": "s"}]}],
    [{"name": "a", "monitor": [{"title": "t", "series": "s", "as_title": "", "as_series": "b"}]}],
    [{"name": "a", "monitor": [{"title": "t", "as_title": None}]}],
    [{"name": "a", "monitor_artifacts": [{"artifact": "b", "as": "c"}, {"artifact": "d"}]}],
    [{"name": "a", "monitor_artifacts": [{"as": "c"}]}],
    [{"name": "a", "monitor_models": [{"model": "b", "x": "c"}]}],
    [{"name": "a", "monitor_models": ["b"]}],
    [{"name": "a", "monitor_models": []}],
    [{"name": "a", "monitor": ["t"]}],
    [{"name": "a", "monitor": "t"}],
    [{"name": "a", "monitor": []}],
]


@pytest.mark.parametrize("steps", ODD_STEPS, ids=str)
def test_an_odd_step_comes_back_as_it_was(steps: list[Any]) -> None:
    document = {"schema": 1, "steps": steps}
    assert same(there_and_back(document), document)


@pytest.mark.parametrize(
    "part",
    [
        {"run": {}},
        {"run": None},
        {"run": {"timeout": 100}, "defaults": {}},
        {"run": {"timeout": 100, "x-y": 1, "parallel": 2}},
        {"defaults": {"queue": None}},
        {"defaults": {"queue": "a", "retries": {"number": 3}, "timeout": 4}},
        {"defaults": {"retries": {"number": 3, "delay": 1}}},
        {"defaults": []},
        {"parameters": []},
        {"parameters": {}},
        {"parameters": [{"default": 1}]},
        {"tags": [], "hooks": None},
        {"more": 1, "name": "a", "project": "b"},
    ],
    ids=str,
)
def test_an_odd_document_comes_back_as_it_was(part: dict[str, Any]) -> None:
    document = {"schema": 1, "steps": [{"name": "a"}], **part}
    assert same(there_and_back(document), document)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_every_sample_comes_back_whole(file: Path) -> None:
    document = read_document(file.read_text(encoding="utf-8"))
    assert same(there_and_back(document), document)


@pytest.mark.parametrize("document", [{}, {"schema": 2, "steps": []}, {"schema": 1, "steps": {}}])
def test_what_is_no_document_is_not_written(document: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="Python"):
        written_script({**ABOUT, "document": document})


SCRIPT = '''\
"""Load, then train."""

from pipelines import PipelineController

pipe = PipelineController(name="Digits", project="sample", pause_at=["train"], retry_on_failure=1)
pipe.set_default_execution_queue("default")

pipe.add_parameter(name="rows", default=2000, description="How many", param_type="integer")

pipe.add_step(name="load", template="sample/load", parameter_override={"rows": "${pipeline.rows}"})

pipe.add_step(
    name="train",
    template="sample/train",
    version=2,
    parents=["load"],
    for_each="${load.outputs.parts}",
    parameter_override={"General/data": "${item}", "General/depth": 3},
    time_limit=60,
    retry_on_failure=2,
    cache_executed_step=True,
    monitor_metrics=[("loss", "test"), "accuracy", (("a", None), ("b", None))],
    monitor_artifacts=["data", ("rest", "remainder")],
    monitor_models=["model_*", ("model", "best")],
    hooks={
        "pre": [
            {
                "kind": "python",
                "code": """\\
def hook(event):
    if event["step"]["attempt"] > 1:
        return {"skip": "once is enough"}
""",
            },
        ],
    },
)

pipe.add_step(name="publish", pipeline="sample/publish", when='${pipeline.to} == "us"')

pipe.set_document({"outputs": {"score": "${train[*].score}"}, "layout": {"load": [0, 0]}})

pipe.start()
'''
SAID = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 2000, "help": "How many"}],
    "steps": [
        {"name": "load", "template": "sample/load", "parameters": {"rows": "${pipeline.rows}"}},
        {
            "name": "train",
            "template": "sample/train",
            "version": 2,
            "parents": ["load"],
            "parameters": {"General/data": "${item}", "General/depth": 3},
            "retries": {"number": 2},
            "timeout": 60,
            "cache": True,
            "for_each": {"list": "${load.outputs.parts}"},
            "hooks": {
                "pre": [
                    {
                        "kind": "python",
                        "code": 'def hook(event):\n    if event["step"]["attempt"] > 1:\n'
                        '        return {"skip": "once is enough"}\n',
                    }
                ]
            },
            "monitor": [
                {"title": "loss", "series": "test"},
                {"title": "accuracy"},
                {"title": "a", "as_title": "b"},
            ],
            "monitor_artifacts": [{"artifact": "data"}, {"artifact": "rest", "as": "remainder"}],
            "monitor_models": [{"model": "model_*"}, {"model": "model", "as": "best"}],
        },
        {
            "name": "publish",
            "kind": "pipeline",
            "pipeline": "sample/publish",
            "when": '${pipeline.to} == "us"',
        },
    ],
    "outputs": {"score": "${train[*].score}"},
    "defaults": {"queue": "default", "retries": {"number": 1}},
    "run": {"pause_at": ["train"]},
    "layout": {"load": [0, 0]},
}


def test_a_document_is_written_as_one_would_write_it() -> None:
    written = written_script({**ABOUT, "description": "Load, then train.", "document": SAID})
    assert written.text == SCRIPT
    rows = SCRIPT.splitlines()
    assert read_script(SCRIPT).steps == written.steps
    for name, first, last in written.steps:
        assert "pipe.add_step(" in rows[first - 1]
        assert f'name="{name}"' in "".join(rows[first - 1 : last])
        assert rows[last - 1].endswith(")")
        assert rows[last] == ""


def test_the_example_of_the_document_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "document.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    said = read_script(text).said
    assert written_script(said | ABOUT).text == text


def test_a_script_says_which_pipeline_it_is() -> None:
    script = read_script(SCRIPT)
    assert script.said == {
        "project": "sample",
        "slug": "digits",
        "name": "Digits",
        "description": "Load, then train.",
        "document": SAID,
    }
    other = written_script(
        {**ABOUT, "slug": "numbers", "tags": ["b"], "label": "1.0.3", "document": SAID}
    )
    file = read_script(other.text).said
    assert (file["slug"], file["tags"], file["label"]) == ("numbers", ["b"], "1.0.3")
    assert "name" not in file


def test_a_script_by_hand_is_read_as_it_is_meant() -> None:
    script = read_script(
        "from __future__ import annotations\n"
        "from pipelines.automation.controller import PipelineController as Flow\n"
        "flow = Flow('My flow', 'sample', '1.2')\n"
        "flow.set_pipeline_execution_time_limit(90)\n"
        "flow.add_parameter('rows', -5, 'How ' 'many')\n"
        "if __name__ == '__main__':\n"
        "    flow.add_step('a', template='load', stage='first', parents=())\n"
        "    flow.start_locally(run_pipeline_steps_locally=True)\n"
    )
    assert script.said == {
        "project": "sample",
        "slug": "my-flow",
        "name": "My flow",
        "label": "1.2",
        "document": {
            "schema": 1,
            "parameters": [{"name": "rows", "default": -5, "help": "How many"}],
            "steps": [{"name": "a", "template": "load", "parents": [], "group": "first"}],
            "run": {"timeout": 5400},
        },
    }


MADE = 'from pipelines import PipelineController\npipe = PipelineController("a", "b")\n'
REFUSED: dict[str, tuple[str, int, str]] = {
    "a loop": (f"{MADE}for n in range(3):\n    pipe.add_step(str(n))", 3, "cannot be drawn"),
    "a function": (f"{MADE}\ndef f():\n    pass", 4, "cannot be drawn"),
    "another call": (f"{MADE}print(1)", 3, "cannot be drawn"),
    "another module": ("import os", 1, "cannot be drawn"),
    "a name of another module": ("from os import path", 1, "os cannot be imported here"),
    "another name": ("from pipelines import Task", 1, "Task cannot be imported here"),
    "a module nearby": ("from . import PipelineController", 1, "cannot be imported here"),
    "a computed value": (f"{MADE}pipe.add_step(\n    'a',\n    timeout=2 * 30)", 5, "known"),
    "a sum": (f"{MADE}pipe.add_step('a',\n    time_limit=2 * 30)", 4, "a computation is no value"),
    "a variable": (f"{MADE}pipe.add_step(name)", 3, "a name is no value"),
    "an f-string": (f"{MADE}pipe.add_step(f'x{{1}}')", 3, "an f-string is no value"),
    "a call as a value": (f"{MADE}pipe.add_step('a', tags=list())", 3, "a call is no value"),
    "bytes": (f"{MADE}pipe.add_step(b'a')", 3, "bytes cannot stand"),
    "a complex number": (f"{MADE}pipe.add_step('a', priority=1j)", 3, "complex cannot stand"),
    "infinity": (f"{MADE}pipe.add_step('a', priority=1e999)", 3, "larger than JSON"),
    "a set": (f"{MADE}pipe.add_step('a', tags={{1}})", 3, "a set is no value"),
    "a key that is a number": (f"{MADE}pipe.set_document({{1: 2}})", 3, "a key is a text"),
    "a key twice": (f"{MADE}pipe.set_document({{\n'a': 1,\n'a': 2}})", 5, "stands twice"),
    "something unpacked": (f"{MADE}pipe.add_step(**{{'name': 'a'}})", 3, "by name here"),
    "something unpacked in a value": (f"{MADE}pipe.set_document({{**{{}}}})", 3, "unpacked"),
    "a misspelt argument": (f"{MADE}pipe.add_step('a',\n parent=[])", 4, "did you mean parents"),
    "a misspelt call": (f"{MADE}pipe.add_stp('a')", 3, 'did you mean "add_step"'),
    "a callback": (f"{MADE}pipe.add_step('a', pre_execute_callback=f)", 3, "say hooks"),
    "a task by its name": (f"{MADE}pipe.add_step('a', base_task_name='b')", 3, "say template="),
    "an argument twice": (f"{MADE}pipe.add_step('a', name='b')", 3, "name is given twice"),
    "the same in two words": (f"{MADE}pipe.add_step('a', group='b', stage='c')", 3, "the same"),
    "the same in two places": (
        f"{MADE}pipe.set_document({{'tags': []}})\npipe.set_document({{'tags': []}})",
        4,
        "tags is said twice",
    ),
    "the same in more": (f"{MADE}pipe.add_step('a', more={{'name': 1}})", 3, "said twice"),
    "retries that are none": (f"{MADE}pipe.add_step('a', retry_on_failure='x')", 3, "number"),
    "odd metrics": (f"{MADE}pipe.add_step('a', monitor_metrics=[1])", 3, "monitor_metrics is"),
    "odd artifacts": (f"{MADE}pipe.add_step('a', monitor_artifacts='b')", 3, "monitor_artifacts"),
    "odd models": (f"{MADE}pipe.add_step('a', monitor_models=[('', 1)])", 3, "monitor_models is"),
    "a second pipeline": (f"{MADE}x = PipelineController('c', 'd')", 3, "a second one"),
    "no pipeline": ("from pipelines import PipelineController\n", 1, "no pipeline is made"),
    "a class that is not imported": ("p = PipelineController('a', 'b')", 1, "is not imported"),
    "something after the start": (f"{MADE}pipe.start()\npipe.add_step('a')", 4, "after it was"),
    "a name that is none": (f"{MADE.replace(chr(34) + 'a' + chr(34), '3')}", 2, "name is a text"),
    "half a script": (f"{MADE}pipe.add_step(", 3, "this is not Python"),
    "an argument twice by name": (f"{MADE}pipe.add_step(name='a', name='b')", 3, "given twice"),
    "deep lists": (f"{MADE}pipe.set_document({'[' * 5000})", 3, "not Python"),
    "deep signs": (f"{MADE}x = {'-' * 90_000}1", 1, "nested too deeply"),
    "a null byte": (f"{MADE}\0", 1, "not Python"),
    "too much": (f"{MADE}pipe.set_document([{'0,' * 300_000}])", 0, "too large to be read"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_of_the_subset_is_refused_with_its_line(what: str) -> None:
    text, line, sentence = REFUSED[what]
    with pytest.raises(Invalid) as caught:
        read_script(text)
    told = [(one.line or 0, one.message) for one in caught.value.problems]
    assert any(at == line and sentence in message for at, message in told), told
    assert len(caught.value.message) < 700


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read_script(f"{MADE}import os\npipe.add_step(nothing)\npipe.add_step('a', x=1)\n")
    assert [one.line for one in caught.value.problems] == [3, 4, 5]
    assert caught.value.message.startswith("line 3: this cannot be drawn")


def test_nothing_of_a_script_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    with pytest.raises(Invalid):
        read_script(f"{MADE}pipe.add_step(open({str(mark)!r}, 'w'))\n")
    assert not mark.exists()


def test_odd_escapes_in_a_script_are_no_concern() -> None:
    text = f"{MADE}pipe.add_step('a\\d')\n"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_script(text).said["document"]["steps"] == [{"name": "a\\d"}]


def test_a_problem_of_the_document_gets_the_line_that_says_it() -> None:
    script = read_script(SCRIPT)
    wheres = ["steps[1].parameters.General/depth", "steps[1].hooks.pre[0].url", "steps[2]"]
    wheres += ["parameters[0].default", "outputs.score", "run.pause_at", "x"]
    found = script.with_lines([Problem(where, None, "bad_value", "") for where in wheres])
    assert [one.line for one in found] == [18, 27, 39, 8, 41, 5, 1]
    assert found[0].as_dict()["line"] == 18


KEPT = {**ABOUT, "description": "Load, then train.", "tags": ["mnist"]}
LEFT: dict[str, tuple[str, str, int, str]] = {
    "another name": ('name="Digits"', 'name="Other"', 5, 'is called "Digits"'),
    "another project": ('project="sample"', 'project="b"', 5, 'in the project "sample"'),
    "a label": ('"sample"', '"sample", version="2"', 5, "when it is published"),
    "another description": ("Load, then", "First load, then", 1, "in the properties"),
    "no description": ('"""Load, then train."""\n', "", 4, "in the properties"),
    "other tags": ('pipe.add_tags(["mnist"])', 'pipe.add_tags(["a"])', 6, "in the properties"),
    "no tags": ('pipe.add_tags(["mnist"])\n', "", 5, "in the properties"),
    "where it starts": ("pipe.start()", 'pipe.start(queue="a")', 10, "is said where it is run"),
    "a start here": ("pipe.start()", "pipe.start_locally()", 10, "is said where it is run"),
    "a comment": ("pipe.start()", "# Now.\npipe.start()", 10, "comments are not kept; a step"),
    "comments": ("pipe.start()", "pipe.start()  # Now.\n# End", 10, "this is the first of 2"),
}


def a_script() -> str:
    document = {"schema": 1, "steps": [{"name": "load", "template": "load#1"}]}
    return written_script({**KEPT, "document": document}).text


@pytest.mark.parametrize("what", LEFT)
def test_what_a_draft_does_not_keep_is_told_with_its_line(what: str) -> None:
    before, after, line, sentence = LEFT[what]
    text = a_script()
    assert before in text
    text = text.replace(before, after, 1)
    (told,) = not_taken(text, read_script(text), KEPT)
    assert (told.line, told.code, told.severity) == (line, "not_taken", "warning")
    assert sentence in told.message


@pytest.mark.parametrize("description", ["Load, then train.", "", 'With "quotes" and \\\\ in it'])
def test_what_was_written_is_kept_whole(description: str) -> None:
    about = {**KEPT, "description": description}
    text = written_script({**about, "document": {"schema": 1, "steps": []}}).text
    assert not_taken(text, read_script(text), about) == []
    # As scripts are often written by hand: guarded, the class by another name, no name at all.
    text = text.replace("pipe.start()", 'if __name__ == "__main__":\n    pipe.start()')
    text = text.replace('name="Digits", ', "")
    assert not_taken(text, read_script(text), about) == []


def test_scripts_are_told_from_other_texts() -> None:
    assert is_python(SCRIPT)
    assert is_python("# mine\nimport os\n")
    assert not is_python('{"schema": 1, "steps": [], "x": "PipelineController("}')
    assert not is_python("schema: 1\nsteps:\n- name: import\n")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Invalid):
        read_script(f"{MADE}pipe.add_step('a')\n{text}")


def test_what_is_written_is_laid_out_as_ruff_would() -> None:
    """Many at once, as starting ruff costs more than its work."""
    texts: list[str] = []

    # The same documents each time: of some rare signs ruff and we do not agree how wide they are.
    @settings(max_examples=60, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(documents | odd_values)
    def write(document: dict[str, Any]) -> None:
        texts.append(written_script({**ABOUT, "document": document}).text)

    write()
    whole = "\n\n# ---\n\n".join(texts)
    command = [sys.executable, "-m", "ruff", "format", "--line-length=100", "--isolated", "-"]
    laid_out = subprocess.run(command, input=whole.encode(), capture_output=True, check=True)
    changes = unified_diff(whole.splitlines(), laid_out.stdout.decode().splitlines(), lineterm="")
    assert list(changes) == []
    assert max(map(len, whole.splitlines())) <= 100
