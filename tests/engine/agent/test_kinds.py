"""Each kind of task executes: parameters in, outputs and output out."""

from __future__ import annotations

import pytest

from orchestrator.agent.serving import ServingAgent
from orchestrator.domain.states import Status
from tests.engine.agent.by_hand import log_of, make_task, python, run

pytestmark = pytest.mark.usefixtures("agent")


def test_a_script_reads_its_parameters_and_gives_outputs() -> None:
    task = run(
        python(
            "import json, os\n"
            "folder = os.environ['PIPELINES_DIR']\n"
            "given = json.load(open(f'{folder}/parameters.json'))\n"
            "json.dump({'double': given['General/rows'] * 2}, open('outputs.json', 'w'))\n"
            "print('rows', given['General/rows'])\n",
            parameters={"General/rows": 21},
        )
    )
    assert (task.status, task.outcome["reason"]) == (Status.COMPLETED, "")
    assert task.outputs == {"double": 42}
    assert log_of(task, "stdout") == "rows 21\n"


def test_the_claim_names_the_agent_and_the_end_its_time(agent: ServingAgent) -> None:
    task = run(python("pass"))
    assert task.agent_id == agent.id
    assert task.started_at is not None
    assert task.ended_at is not None
    assert task.started_at <= task.ended_at
    assert task.lease_until is None


def test_a_function_is_called_with_parameters_by_name() -> None:
    task = run(
        make_task(
            "function",
            {"source": "def area(width, height=2):\n    return width * height\n", "name": "area"},
            parameters={"General/width": 21},
        )
    )
    assert (task.status, task.outcome["reason"], log_of(task)) == (Status.COMPLETED, "", "")
    assert task.outputs == {"return": 42}


def test_a_dictionary_that_a_function_returns_is_its_outputs() -> None:
    source = "def sizes():\n    return {'small': 1, 'large': 9}\n"
    task = run(make_task("function", {"source": source, "name": "sizes"}))
    assert task.outputs == {"small": 1, "large": 9}


def test_a_command_gets_each_parameter_as_one_argument_without_a_shell() -> None:
    task = run(
        make_task(
            "command",
            {"argv": ["printf", "%s|", "a {General/text} b", "{General/list}", "$HOME; id", "{x}"]},
            parameters={"General/text": "two words; rm -rf /", "General/list": [1, "ä"]},
        )
    )
    assert log_of(task, "stdout") == 'a two words; rm -rf / b|[1, "ä"]|$HOME; id|{x}|'
    assert task.status == Status.COMPLETED


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("command", {"argv": ["no-such-program-here"]}, "there is no program"),
        ("command", {"argv": ["echo", "{General/missing}"]}, "{General/missing}"),
        ("command", {"argv": []}, "not a list"),
        ("command", {"argv": ["./data"]}, "there is no program './data'"),
        ("python", {}, "has no script"),
        ("function", {"source": "x = 1", "name": "x; import os"}, "not the name of a function"),
        ("git", {}, "kind 'git'"),
    ],
)
def test_what_cannot_be_started_fails_saying_why(
    kind: str, body: dict[str, object], reason: str
) -> None:
    task = run(make_task(kind, body))
    assert task.status == Status.FAILED
    assert reason in task.outcome["reason"]
