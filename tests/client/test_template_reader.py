"""What a script declares is read from its text; the script is never run."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain.parameters import specs_from
from pipelines.errors import PipelinesError
from pipelines.template_reader import TemplateFile

ROWS = {"name": "General/rows", "type": "integer", "default": 100}


@pytest.mark.parametrize(
    ("script", "specs"),
    [
        ("task.connect({'rows': 100})", [ROWS]),
        ("task.connect({'rows': 100}, 'Data')", [{**ROWS, "name": "Data/rows"}]),
        ("task.connect({'rows': 100}, name='Data')", [{**ROWS, "name": "Data/rows"}]),
        ("wanted = {'rows': 100}\ntask.connect(wanted)", [ROWS]),
        ("task.connect({'rows': 100,  # How many\n})", [{**ROWS, "help": "How many"}]),
        (
            "task.connect({'a': {'b': 1}})",
            [{"name": "General/a/b", "type": "integer", "default": 1}],
        ),
        ("task.connect({'a': 0.5})", [{"name": "General/a", "type": "number", "default": 0.5}]),
        ("task.connect({'a': -1})", [{"name": "General/a", "type": "integer", "default": -1}]),
        ("task.connect({'a': True})", [{"name": "General/a", "type": "boolean", "default": True}]),
        ("task.connect({'a': 'x'})", [{"name": "General/a", "type": "string", "default": "x"}]),
        ("task.connect({'a': (1,)})", [{"name": "General/a", "type": "json", "default": [1]}]),
        ("task.connect({'a': {}})", [{"name": "General/a", "type": "json", "default": {}}]),
        ("task.connect({'a': None})", [{"name": "General/a", "type": "json"}]),
        ("socket.connect(address)\ndatabase.connect('host')", []),
        ("task.connect({'rows': 100})\ntask.connect({'rows': 5})", [ROWS]),
    ],
)
def test_a_dictionary_given_to_connect_declares_its_entries(
    script: str, specs: list[dict[str, Any]]
) -> None:
    assert TemplateFile(script).specs == specs


@pytest.mark.parametrize(
    ("arguments", "spec"),
    [
        ("'source'", {"name": "Args/source", "type": "string", "required": True}),
        ("'source', nargs='?'", {"name": "Args/source", "type": "string"}),
        ("'--rows', type=int", {"name": "Args/rows", "type": "integer"}),
        (
            "'-b', '--batch-size', default=8",
            {"name": "Args/batch_size", "type": "integer", "default": 8},
        ),
        (
            "'--rate', type=float, default=1",
            {"name": "Args/rate", "type": "number", "default": 1.0},
        ),
        (
            "'--loud', action='store_true'",
            {"name": "Args/loud", "type": "boolean", "default": False},
        ),
        (
            "'--quiet', action='store_false'",
            {"name": "Args/quiet", "type": "boolean", "default": True},
        ),
        ("'--x', dest='y', required=True", {"name": "Args/y", "type": "string", "required": True}),
        ("'--x', help='Why'", {"name": "Args/x", "type": "string", "help": "Why"}),
        ("'--x', choices=['a', 'b']", {"name": "Args/x", "type": "choice", "choices": ["a", "b"]}),
        (
            "'--x', type=int, choices=(1, 2)",
            {"name": "Args/x", "type": "integer", "choices": [1, 2]},
        ),
        ("'--x', nargs='*'", {"name": "Args/x", "type": "json"}),
        ("'--x', type=int, default='many'", {"name": "Args/x", "type": "integer"}),
    ],
)
def test_an_argument_of_a_parser_declares_a_parameter(arguments: str, spec: dict[str, Any]) -> None:
    script = f"Task.current_task()\nparser.add_argument({arguments})"
    assert TemplateFile(script).specs == [spec]


@pytest.mark.parametrize(
    ("parameter", "spec"),
    [
        ("rows: int = 100", ROWS),
        ("rows: int", {"name": "General/rows", "type": "integer", "required": True}),
        ("rows: 'int' = 100", ROWS),
        ("rows: int | None = None", {"name": "General/rows", "type": "integer"}),
        ("rows: Optional[int] = None", {"name": "General/rows", "type": "integer"}),
        ("rate: float = 1", {"name": "General/rate", "type": "number", "default": 1.0}),
        ("*, on: bool = True", {"name": "General/on", "type": "boolean", "default": True}),
        ("sizes: list[int] = [1]", {"name": "General/sizes", "type": "json", "default": [1]}),
        (
            "how: Literal['a', 'b'] = 'a'",
            {"name": "General/how", "type": "choice", "default": "a", "choices": ["a", "b"]},
        ),
    ],
)
def test_an_annotated_main_declares_its_parameters(parameter: str, spec: dict[str, Any]) -> None:
    read = TemplateFile(f"def main({parameter}):\n    pass\ncall(main)\n")
    assert (read.specs, read.notes) == ([spec], [])
    assert read.execution == {"kind": "python", "script": read.script}


@pytest.mark.parametrize("end", ["", "if __name__ == '__main__':\n    main()\n"])
def test_a_main_that_only_a_program_would_call_is_executed_as_a_function(end: str) -> None:
    read = TemplateFile(f"def main(rows: int = 100): ...\n{end}")
    assert (read.specs, read.notes) == ([ROWS], [])
    assert read.execution == {"kind": "function", "source": read.script, "function": "main"}


@pytest.mark.parametrize(
    "script",
    [
        "def main() -> None: ...\nmain()\n",
        "def main(rows): ...\n",
        "def main(rows: int): ...\nmain(int(sys.argv[1]))\n",
        "def main(options: argparse.Namespace): ...\nif __name__ == '__main__':\n    main()\n",
    ],
)
def test_a_main_that_is_no_declaration_declares_nothing(script: str) -> None:
    read = TemplateFile(script)
    assert (read.specs, read.execution["kind"], read.notes) == ([], "python", [])


def test_every_declaration_is_one_that_the_server_understands() -> None:
    script = (
        "def main(rows: int = 1, how: Literal['a', 'b'] = 'a', any: object = None): ...\n"
        "call(main)\n"
        "task.connect({'list': [1], 'none': None, 'nested': {'x': {'y': 1.5}}}, name='Model')\n"
        "parser.add_argument('--x', type=int, choices=[1, 2], default=1)\n"
        "parser.add_argument('file')\n"
    )
    assert len(specs_from(TemplateFile(script).specs)) == 8


def test_nothing_of_the_script_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    TemplateFile(f"open({str(mark)!r}, 'w')\nraise SystemExit\ntask.connect({{'a': 1}})")
    assert not mark.exists()


def test_required_packages_are_read_from_inline_metadata() -> None:
    script = (
        "# /// script\n"
        '# requires-python = ">=3.9"\n'
        "# dependencies = [\n"
        '#   "requests[socks]<3",  # why\n'
        "#   'rich',\n"
        "# ]\n"
        "# ///\n"
    )
    assert TemplateFile(script).requirements == ["requests[socks]<3", "rich"]
    assert TemplateFile("import requests\n").requirements == []


@pytest.mark.parametrize(
    ("script", "note"),
    [
        ("task.connect({'a': now()})", "line 1: General/a has a computed default"),
        ("task.connect({name: 1})", "an entry whose name is computed is left out"),
        ("parser.add_argument('--a')", "only in a script that calls Task.current_task()"),
        ("def main(rows: int = 1): ...\nmain()", "line 2: main gets its own defaults here"),
    ],
)
def test_what_will_not_work_as_it_looks_is_said(script: str, note: str) -> None:
    (found,) = TemplateFile(script, "train.py").notes
    assert found.startswith("train.py, line ")
    assert note in found


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("def (:\n", "train.py, line 1: "),
        ("x = 1\n  y = 2\n", "train.py, line 2: "),
        ("# /// script\n# dependencies = [1]\n# ///\n", "not a list of texts"),
        ('# /// script\n# dependencies = ["a"\n# ///\n', "not a list of texts"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(script: str, said: str) -> None:
    with pytest.raises(PipelinesError, match=r"train\.py") as caught:
        TemplateFile(script, "train.py")
    assert said in str(caught.value)


def test_the_first_line_of_the_description_is_the_summary() -> None:
    assert TemplateFile('"""Train.\n\nMore."""\n').summary == "Train."
    assert TemplateFile("x = 1\n").summary == ""
