"""Parameters reach a script with the types that it declares, and its defaults are written back."""

from typing import Any

import pytest

from tests.client.workshop import Workshop

CONNECT = """
import json
from pipelines import Task

wanted = {"rows": 100, "rate": 0.5, "mixed": False, "name": "a", "sizes": [1, 2], "any": None}
given = Task.current_task().connect(wanted)
assert given == wanted and wanted == dict(given)
print(json.dumps(given))
"""
DEFAULTS = {"rows": 100, "rate": 0.5, "mixed": False, "name": "a", "sizes": [1, 2], "any": None}


def test_defaults_are_used_and_written_back(workshop: Workshop) -> None:
    step = workshop.run(CONNECT)
    assert step.used == {f"General/{name}": value for name, value in DEFAULTS.items()}


@pytest.mark.parametrize(
    ("name", "given", "used"),
    [
        ("rows", 7, 7),
        ("rows", "7", 7),
        ("rows", 7.0, 7),
        ("rows", "1e3", 1000),
        ("rate", 1, 1.0),
        ("rate", "0.25", 0.25),
        ("mixed", True, True),
        ("mixed", "yes", True),
        ("mixed", "False", False),
        ("name", 5, "5"),
        ("name", "b", "b"),
        ("sizes", [3], [3]),
        ("sizes", "[3, 4]", [3, 4]),
        ("any", {"x": 1}, {"x": 1}),
        ("rows", None, 100),
    ],
)
def test_a_given_value_takes_the_type_of_the_default(
    workshop: Workshop, name: str, given: Any, used: Any
) -> None:
    step = workshop.run(CONNECT, {f"General/{name}": given})
    found = step.used[f"General/{name}"]
    assert (found, type(found)) == (used, type(used)), step.stderr


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("rows", "many", "parameter General/rows: 'many' is not a whole number"),
        ("rows", 1.5, "parameter General/rows: 1.5 is not a whole number"),
        ("rate", "fast", "parameter General/rate: 'fast' is not a number"),
        ("mixed", "perhaps", "parameter General/mixed: 'perhaps' is not true or false"),
        ("sizes", {"a": 1}, "is not a list"),
    ],
)
def test_a_value_that_does_not_fit_fails_the_step_and_is_named(
    workshop: Workshop, name: str, given: Any, said: str
) -> None:
    step = workshop.run(CONNECT, {f"General/{name}": given})
    assert step.exit_code == 1
    assert said in step.stderr


def test_sections_and_nested_dictionaries_have_names_of_their_own(workshop: Workshop) -> None:
    step = workshop.run(
        "from pipelines import Task\n"
        "task = Task.current_task()\n"
        "print(task.connect({'depth': 1, 'inner': {'deep': 2}}, name='Model'))\n",
        {"Model/depth": 4, "Model/inner/deep": 5, "General/depth": 9},
    )
    assert step.stdout == "{'depth': 4, 'inner': {'deep': 5}}\n", step.stderr
    assert step.used == {"Model/depth": 4, "Model/inner/deep": 5}


def test_single_parameters_can_be_asked_for(workshop: Workshop) -> None:
    step = workshop.run(
        "from pipelines import Task\n"
        "task = Task.current_task()\n"
        "print(repr(task.get_parameter('rows')),\n"
        "      repr(task.get_parameter('General/rows', 1, cast=True)),\n"
        "      repr(task.get_parameter('rows', cast=True)), task.get_parameter('none'),\n"
        "      task.get_parameter('other', 2.5))\n"
        "print(task.get_parameters())\n",
        {"General/rows": "12"},
    )
    assert step.stdout.splitlines() == [
        "'12' 12 12 None 2.5",
        "{'General/rows': 12, 'General/other': 2.5}",
    ], step.stderr


def test_a_parser_of_arguments_sees_the_parameters_meant_for_it(workshop: Workshop) -> None:
    script = (
        "import argparse\n"
        "from pipelines import Task\n"
        "Task.current_task()\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('source')\n"
        "parser.add_argument('--batch-size', type=int, default=8)\n"
        "parser.add_argument('--rate', type=float, required=True)\n"
        "parser.add_argument('--loud', action='store_true')\n"
        "print(sorted(vars(parser.parse_args()).items()))\n"
    )
    given = {"Args/source": "a.csv", "Args/batch_size": "16", "Args/rate": 0.5, "Args/loud": True}
    step = workshop.run(script, given)
    assert step.stdout == (
        "[('batch_size', 16), ('loud', True), ('rate', 0.5), ('source', 'a.csv')]\n"
    ), step.stderr
    assert step.used == {**given, "Args/batch_size": 16}
    by_hand = workshop.run(script, given, arguments=("b.csv", "--batch-size", "32"))
    assert "('batch_size', 32)" in by_hand.stdout
    assert "b.csv" in by_hand.stdout


def test_a_main_function_is_called_with_its_parameters_and_gives_outputs(
    workshop: Workshop,
) -> None:
    step = workshop.run(
        "from pipelines import call\n"
        "def main(rows: int, rate: float = 0.5, name: str = 'a'):\n"
        "    return {'said': [rows, rate, name]}\n"
        "call(main)\n",
        {"General/rows": "5", "General/rate": 1},
    )
    assert step.outputs == {"said": [5, 1.0, "a"]}, step.stderr
    assert step.used == {"General/rows": 5, "General/rate": 1.0, "General/name": "a"}
