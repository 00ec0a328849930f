"""What scripts connect: dictionaries that write back, classes, objects, parsed arguments, files."""

from __future__ import annotations

import json
from typing import Any

from tests.client.workshop import StepResult, Workshop

START = "import json\nfrom pipelines import Task\ntask = Task.init('ignored', 'ignored')\n"


def ran(workshop: Workshop, script: str, given: dict[str, Any] | None = None) -> StepResult:
    step = workshop.run(START + script, given)
    assert step.exit_code == 0, step.stderr
    return step


def told(workshop: Workshop) -> dict[str, Any]:
    """The parameters of which the server was told while the script ran."""
    told: dict[str, Any] = {}
    for change in workshop.server.changes:
        told.update(change.get("parameters", {}))
    return told


def test_what_is_assigned_to_a_connected_dictionary_is_written_back(workshop: Workshop) -> None:
    step = ran(
        workshop,
        "own = {'rows': 1, 'inner': {'rate': 0.5}}\n"
        "wanted = task.connect(own)\n"
        "wanted['rows'] = 5\n"
        "wanted['inner']['rate'] = 0.25\n"
        "wanted.update(names=['a'], more={'deep': True})\n"
        "print(wanted == own, own)\n",
        {"General/rows": "3"},
    )
    assert step.stdout.startswith("True {'rows': 5, 'inner': {'rate': 0.25}, 'names': ['a']")
    assert step.used == {
        "General/rows": 5,
        "General/inner/rate": 0.25,
        "General/names": ["a"],
        "General/more/deep": True,
    }
    assert told(workshop) == step.used


def test_a_dictionary_without_values_is_filled_by_its_script(workshop: Workshop) -> None:
    step = ran(workshop, "param = task.connect(dict())\nparam['Example_Param'] = 3\n")
    assert step.used == {"General/Example_Param": 3}


def test_a_connected_dictionary_is_one_in_every_other_way(workshop: Workshop) -> None:
    step = ran(
        workshop,
        "import copy, pickle\n"
        "wanted = task.connect({'rows': 1, 'inner': {'rate': 0.5}})\n"
        "same = {'rows': 1, 'inner': {'rate': 0.5}}\n"
        "def kinds(one): return type(one).__name__, type(one['inner']).__name__\n"
        "for one in (pickle.loads(pickle.dumps(wanted)), copy.deepcopy(wanted)):\n"
        "    assert one == same and kinds(one) == ('dict', 'dict'), one\n"
        "assert json.loads(json.dumps(wanted)) == same == {**wanted}\n"
        "assert isinstance(wanted, dict) and wanted.pop('rows') == 1\n",
    )
    assert step.used == {"General/rows": 1, "General/inner/rate": 0.5}


def test_objects_and_classes_have_their_attributes_connected(workshop: Workshop) -> None:
    step = ran(
        workshop,
        "from pathlib import Path\n"
        "class Settings:\n"
        "    rows = 10\n"
        "    rate = 0.5\n"
        "    place = Path('a')\n"
        "    _hidden = 1\n"
        "    def method(self): pass\n"
        "class Own(Settings):\n"
        "    def __init__(self): self.name = 'x'\n"
        "task.connect(Settings, name='Class')\n"
        "own = task.connect(Own())\n"
        "print(Settings.rows, repr(Settings.place.name), own.name, own.rows, own.rate)\n",
        {"Class/rows": "7", "Class/place": "b/c", "General/name": "y", "General/rate": "1"},
    )
    assert step.stdout == "7 'c' y 7 1.0\n"
    assert step.used == {
        "Class/rows": 7,
        "Class/rate": 0.5,
        "Class/place": "b/c",
        "General/name": "y",
        "General/rows": 7,
        "General/rate": 1.0,
        "General/place": "b/c",
    }


PARSER = """
import argparse
{before}
parser = argparse.ArgumentParser()
parser.add_argument('--rows', type=int, default=8)
parser.add_argument('--rate', type=float, default=0.5)
parser.add_argument('--loud', action='store_true')
{after}
"""


def test_arguments_come_from_the_task_however_early_they_are_parsed(workshop: Workshop) -> None:
    given = {"Args/rows": "16", "Args/loud": "true"}
    begin = "from pipelines import Task\ntask = Task.init('p', 'n')"
    show = "print(args.rows, args.rate, args.loud)"
    for before, after in (
        (begin, f"args = parser.parse_args()\n{show}"),
        ("from pipelines import Task", f"args = parser.parse_args()\nTask.init()\n{show}"),
        ("", f"args = parser.parse_args()\n{begin}\ntask.connect(args)\n{show}"),
        (begin, f"task.connect(parser)\nargs = parser.parse_args()\n{show}"),
        (
            "import pipelines.task",
            f"args = parser.parse_args()\n{begin}\ntask.connect(parser)\n{show}",
        ),
    ):
        step = workshop.run(PARSER.format(before=before, after=after), given)
        assert step.stdout == "16 0.5 True\n", (before, after, step.stderr)
        assert step.used == {"Args/rows": 16, "Args/rate": 0.5, "Args/loud": True}


def test_a_script_may_insist_on_its_own_values(workshop: Workshop) -> None:
    step = ran(
        workshop,
        "print(task.connect({'rows': 1}, ignore_remote_overrides=True))\n",
        {"General/rows": 9},
    )
    assert step.stdout == "{'rows': 1}\n"


def test_what_holds_no_values_by_name_is_refused(workshop: Workshop) -> None:
    step = workshop.run(START + "task.connect([1, 2])\n")
    assert "a list cannot be connected; give a dictionary" in step.stderr


def test_a_configuration_is_the_tasks_in_the_form_of_the_scripts_own(workshop: Workshop) -> None:
    task_id = "0192f000-0000-7000-8000-00000000000c"
    workshop.server.tasks[task_id] = {
        "id": task_id,
        "name": "configured",
        "parameters": {},
        "configuration": {"model": json.dumps({"depth": 9}), "words": "given words"},
    }
    step = workshop.run(
        START + "from pathlib import Path\n"
        "Path('own.txt').write_text('own words')\n"
        "own = {'depth': 1}\n"
        "assert task.connect_configuration(own, name='model') is own\n"
        "print(own)\n"
        "print(Path(task.connect_configuration('own.txt', name='words')).read_text())\n"
        "print(task.connect_configuration(Path('own.txt'), name='words').read_text())\n"
        "print(task.connect_configuration({'width': 2}, name='other'))\n"
        "print(task.get_configuration_object('words'))\n"
        "print(task.get_configuration_object_as_dict('model'))\n",
        task_id=task_id,
    )
    assert step.stdout.splitlines() == [
        "{'depth': 9}",
        "given words",
        "given words",
        "{'width': 2}",
        "given words",
        "{'depth': 9}",
    ], step.stderr
    kept = [one["configuration"] for one in workshop.server.changes if "configuration" in one]
    assert kept == [{"other": '{\n  "width": 2\n}'}]


def test_parameters_are_changed_one_by_one_or_all_at_once(workshop: Workshop) -> None:
    step = ran(
        workshop,
        "task.set_parameter('rows', 5)\n"
        "task.update_parameters({'Data': {'path': 'a'}}, rate='0.5')\n"
        "print(sorted(task.get_parameters(cast=True).items()))\n"
        "print(task.get_parameters_as_dict())\n"
        "task.set_parameters({'General/last': 1}, other={'x': 2})\n"
        "print(task.get_parameters())\n"
        "print(task.delete_parameter('none'), task.delete_parameter('last'))\n"
        "task.set_user_properties(colour='red')\n"
        "print(task.get_user_properties(value_only=True))\n",
        {"General/rows": 1},
    )
    assert step.stdout.splitlines() == [
        "[('Data/path', 'a'), ('General/rate', 0.5), ('General/rows', 5)]",
        "{'General': {'rows': 5, 'rate': '0.5'}, 'Data': {'path': 'a'}}",
        "{'General/last': 1, 'other/x': 2}",
        "False True",
        "{'colour': 'red'}",
    ]
    changes = workshop.server.changes
    replaced = [one["replace_parameters"] for one in changes if "replace_parameters" in one]
    assert replaced == [{"General/last": 1, "other/x": 2}, {"other/x": 2}]
