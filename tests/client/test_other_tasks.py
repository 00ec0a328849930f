"""Other tasks than a process's own: found, made, changed, waited for, looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client.shell import Shell

START = "from pipelines import Task\n"
WORK = """
import sys
from pipelines import Task
task = Task.init("others", "{name}", tags=["one", "two"], task_type="testing")
logger = task.get_logger()
for step in range(3):
    logger.report_scalar("loss", "train", 1 / (step + 1), step)
logger.report_single_value("score", 0.5)
print("some words")
{rest}
"""


def said(shell: Shell, script: str) -> list[str]:
    return shell.run(START + script, "other.py").stdout.splitlines()


def worked(shell: Shell, name: str, rest: str = "", code: int = 0) -> dict[str, Any]:
    shell.run(WORK.format(name=name, rest=rest), code=code)
    return shell.task(name)


def test_tasks_are_found_by_id_by_name_by_words_and_by_filters(shell: Shell) -> None:
    first = worked(shell, "find me")
    second = worked(shell, "find me too", "sys.exit(1)", code=1)
    lines = said(
        shell,
        f"one = Task.get_task({first['id']!r})\n"
        "print(one.name, one.status == 'completed', one.status == Task.TaskStatusEnum.completed)\n"
        "print(Task.get_task(project_name='others', task_name='find me') == one)\n"
        "print(Task.get_task(project_name='others', task_name='find'))\n"
        "print(len(Task.get_tasks(project_name='others', task_name='find me')))\n"
        "failed = {'status': ['failed'], 'order_by': ['-last_update']}\n"
        "print([t.name for t in Task.get_tasks(task_name='find me', task_filter=failed)])\n"
        "print(Task.query_tasks(task_name='find me', tags=['one'], task_filter={'status':"
        " ['completed']}) == [one.id])\n"
        "print(Task.query_tasks(task_name='find me', additional_return_fields=['type'])[0])\n"
        "for name in ('nowhere', 'others'):\n"
        "    try:\n"
        "        Task.get_task(project_name=name, task_name='find me', task_filter={'odd': 1}\n"
        "                      if name == 'others' else None)\n"
        "    except ValueError as error:\n"
        "        print(error)\n",
    )
    assert lines == [
        "find me True True",
        "True",
        "None",
        "2",
        "['find me too']",
        "True",
        f"{{'id': '{second['id']}', 'type': 'testing'}}",
        "No projects found when searching for nowhere",
        "tasks cannot be filtered by 'odd' here",
    ]


def test_what_a_task_has_reported_is_read_back(shell: Shell) -> None:
    task = worked(shell, "reports")
    lines = said(
        shell,
        f"one = Task.get_task({task['id']!r})\n"
        "print(one.get_reported_scalars()['loss']['train']['x'])\n"
        "print(one.get_last_scalar_metrics()['loss']['train']['max'])\n"
        "print(one.get_reported_single_values(), one.get_reported_single_value('none'))\n"
        "words = ''.join(one.get_reported_console_output())\n"
        "print('some words' in words, one.get_last_iteration())\n",
    )
    assert lines == ["[0, 1, 2]", "1.0", "{'score': 0.5} None", "True 2"]


def test_a_draft_is_described_changed_queued_and_taken_back(shell: Shell) -> None:
    task = worked(shell, "origin")
    lines = said(
        shell,
        f"one = Task.clone({task['id']!r}, name='a copy', comment='by hand')\n"
        "print(one.status, one.name, one.comment, one.parent, one.get_tags())\n"
        "one.set_name('renamed'); one.add_tags('three'); one.remove_tags(['one'])\n"
        "one.set_comment('better'); one.set_task_type(Task.TaskTypes.qc)\n"
        "one.set_configuration_object('words', config_text='some')\n"
        "one.set_parameters({'rows': 1}); one.update_parameters(rate=0.5)\n"
        "one.set_parameter('General/rows', 2)\n"
        "two = Task.get_task(one.id)\n"
        "print(two.name, two.get_tags(), two.comment, two.task_type, two.get_parameters())\n"
        "print(two.get_configuration_object('words'), two.get_parameter('rows'), two.project)\n"
        "waiting = Task.get_num_enqueued_tasks('local')\n"
        "print(Task.enqueue(one, queue_name='local')['fields']['status'])\n"
        "print(Task.get_num_enqueued_tasks('local') - waiting)\n"
        "print(Task.dequeue(one)['fields']['status'], one.status == 'created')\n"
        "try:\n"
        "    Task.enqueue(one, queue_name='none such')\n"
        "except ValueError as error:\n"
        "    print(error)\n"
        "one.mark_stopped()\n"
        "print(one.status == 'stopped', one.status, one.get_status_message())\n"
        "one.reset()\n"
        "print(one.status, one.export_task()['name'])\n",
    )
    assert lines == [
        f"draft a copy by hand {task['id']} ['one', 'two']",
        "renamed ['two', 'three'] better qc {'General/rows': 2, 'General/rate': 0.5}",
        "some 2 others",
        "queued",
        "1",
        "draft True",
        'Could not find queue named "none such"',
        "True aborted aborted before it started",
        "draft renamed",
    ]


@pytest.mark.parametrize(
    ("script", "code", "end"),
    [
        ("", 0, ["None"]),
        ("raise ValueError('bad')", 1, ["Task {id} has status: failed. ValueError: bad"]),
    ],
)
def test_an_end_is_waited_for(shell: Shell, script: str, code: int, end: list[str]) -> None:
    slow = f"import time\ntime.sleep(1)\n{script}"
    process = shell.begin(WORK.format(name="waited for", rest=slow))
    try:
        lines = said(
            shell,
            "import time\n"
            "found = None\n"
            "while found is None or found.status not in ('in_progress',):\n"
            "    time.sleep(0.1)\n"
            "    found = (Task.get_tasks(task_name='waited for') or [None])[0]\n"
            "try:\n"
            "    print(found.wait_for_status())\n"
            "except RuntimeError as error:\n"
            "    print(error)\n",
        )
        assert process.wait(60) == code
    finally:
        process.kill()
        process.communicate()
    assert lines == [line.format(id=shell.task("waited for")["id"]) for line in end]


def test_a_draft_is_made_of_a_script_or_like_another_and_executed(shell: Shell) -> None:
    shell.write("from pipelines import Task\nprint('hello', Task.current_task().name)\n", "job.py")
    lines = said(
        shell,
        "made = Task.create('others', 'made', task_type='inference', script='job.py',\n"
        "                   packages=False, argparse_args=[('--rows', '3')])\n"
        "print(made.task_type, made.get_parameters())\n"
        "Task.enqueue(made)\n"
        "made.wait_for_status()\n"
        "print('hello made' in ''.join(made.get_reported_console_output(9)))\n"
        "print(Task.create(base_task_id=made.id, task_name='like it').name)\n"
        "try:\n"
        "    Task.create(repo='https://example.com/x.git', script='x.py')\n"
        "except ValueError as error:\n"
        "    print(error)\n",
    )
    assert lines == [
        "inference {'Args/rows': '3'}",
        "True",
        "like it",
        "Task.create: repo has no equal here; a task is one script",
    ]


def test_a_task_of_another_process_is_not_ones_own(shell: Shell) -> None:
    task = worked(shell, "not mine")
    lines = said(
        shell,
        f"one = Task.get_task({task['id']!r})\n"
        "for change in (lambda: one.connect({}), lambda: one.upload_artifact('x', 1),\n"
        "               lambda: one.mark_completed(), lambda: one.set_progress(1)):\n"
        "    try:\n"
        "        change()\n"
        "    except Exception as error:\n"
        "        print(error)\n",
    )
    assert [line.partition(" task")[0] for line in lines] == [
        "this process cannot connect parameters to",
        "this process cannot give an artifact to",
        "this process cannot end",
        "this process cannot set the progress of",
    ]
