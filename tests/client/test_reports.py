"""Metrics and progress reach the server while a step runs, and never hold it up."""

import time

from tests.client.workshop import Workshop

REPORT = """
from pipelines import Task

logger = Task.current_task().get_logger()
for step in range({number}):
    logger.report_scalar("loss", "train", 1 / (step + 1), step)
"""


def test_every_reported_value_arrives_once_and_in_order(workshop: Workshop) -> None:
    step = workshop.run(REPORT.format(number=2500))
    assert step.exit_code == 0, step.stderr
    samples = workshop.server.samples
    assert [sample["step"] for sample in samples] == list(range(2500))
    assert samples[1] == {"title": "loss", "series": "train", "step": 1, "value": 0.5}
    keys = workshop.server.keys
    assert len(keys) == len(set(keys)) < 50


def test_values_are_sent_again_under_the_same_key_until_the_server_takes_them(
    workshop: Workshop,
) -> None:
    workshop.server.answer_badly = [503, 500, 429]
    step = workshop.run(REPORT.format(number=3))
    assert step.exit_code == 0, step.stderr
    assert [sample["step"] for sample in workshop.server.samples] == [0, 1, 2]
    assert len(workshop.server.requests) == 4


def test_single_values_gaps_and_text_have_their_ways(workshop: Workshop) -> None:
    step = workshop.run(
        "from pipelines import Task\n"
        "logger = Task.current_task().get_logger()\n"
        "logger.report_single_value('score', 0.75)\n"
        "logger.report_scalar('loss', 'train', float('nan'), 1)\n"
        "logger.report_text('a line')\n"
    )
    assert step.stdout == "a line\n", step.stderr
    assert workshop.server.samples == [
        {"title": "Summary", "series": "score", "step": None, "value": 0.75},
        {"title": "loss", "series": "train", "step": 1, "value": None},
    ]


def test_a_refusal_of_the_values_fails_the_step_with_the_servers_words(workshop: Workshop) -> None:
    workshop.server.answer_badly = [409]
    step = workshop.run(REPORT.format(number=3))
    assert step.exit_code == 1
    assert "the reported metrics could not be delivered" in step.stderr
    assert "(409): not now" in step.stderr


def test_values_that_cannot_be_delivered_fail_the_step_at_its_end(workshop: Workshop) -> None:
    step = workshop.run(
        "import os\n"
        "os.environ['PIPELINES_API_URL'] = 'http://127.0.0.1:9'\n"
        "import pipelines.http\n"
        "pipelines.http.PATIENCE_SECONDS = 0.3\n"
        + REPORT.format(number=3)
        + "print('the work is done')\n"
    )
    assert step.exit_code == 1
    assert step.stdout == "the work is done\n"
    assert "the server at http://127.0.0.1:9/api/v1 could not be reached for 0.3 seconds" in (
        step.stderr
    )


def test_progress_is_sent_seldom_and_its_last_value_for_certain(workshop: Workshop) -> None:
    step = workshop.run(
        "from pipelines import Task\n"
        "task = Task.current_task()\n"
        "for percent in range(101):\n"
        "    task.set_progress(percent)\n"
    )
    assert step.exit_code == 0, step.stderr
    assert workshop.server.progress[-1] == 1.0
    assert len(workshop.server.progress) < 5


def test_a_step_ends_when_the_progress_that_is_on_its_way_has_arrived(workshop: Workshop) -> None:
    workshop.server.thinks_for_seconds = 1
    step = workshop.run(
        "import time\n"
        "from pipelines import Task\n"
        "task = Task.current_task()\n"
        "task.set_progress(70)\n"
        "while task._reporter._progress is not None:\n"
        "    time.sleep(0.001)\n"
    )
    assert step.exit_code == 0, step.stderr
    assert workshop.server.progress == [0.7]


def test_progress_that_cannot_be_delivered_fails_nothing(workshop: Workshop) -> None:
    started = time.monotonic()
    step = workshop.run(
        "import os\n"
        "os.environ['PIPELINES_API_URL'] = 'http://127.0.0.1:9'\n"
        "from pipelines import Task\n"
        "Task.current_task().set_progress(50)\n"
    )
    assert step.exit_code == 0, step.stderr
    assert not step.stderr
    assert time.monotonic() - started < 50


def test_a_forked_process_reports_for_itself_and_not_for_its_parent(workshop: Workshop) -> None:
    step = workshop.run(
        "import os, sys\n"
        "from pipelines import Task\n"
        "logger = Task.current_task().get_logger()\n"
        "logger.report_scalar('who', 'parent', 1, 0)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    logger.report_scalar('who', 'child', 1, 0)\n"
        "    sys.exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    assert step.exit_code == 0, step.stderr
    assert sorted(sample["series"] for sample in workshop.server.samples) == ["child", "parent"]


def test_outputs_must_be_json_and_are_named_when_they_are_not(workshop: Workshop) -> None:
    good = workshop.run(
        "from pipelines import Task\n"
        "task = Task.current_task()\n"
        "task.set_output('score', 0.5)\n"
        "task.set_output('names', ['a', None])\n"
    )
    assert good.outputs == {"score": 0.5, "names": ["a", None]}, good.stderr
    bad = workshop.run(
        "from pipelines import Task\nTask.current_task().set_output('score', float('inf'))\n"
    )
    assert bad.exit_code == 1
    assert "output 'score' cannot be kept as JSON" in bad.stderr
