"""Every message that starts a task comes three times, early and late: nothing is done twice."""

from pathlib import Path

from celery import Celery

from tests.faults.workload import FINAL, Stack, many_steps


def test_messages_that_come_three_times_start_nothing_twice(stack: Stack, folder: Path) -> None:
    workload = stack.start(folder, many_steps(60))
    sent: dict[str, int] = {}
    seen = 0
    with Celery("sender", broker=stack.live.environment["PIPELINES_REDIS_URL"]) as sender:

        def send_again(task: str) -> None:
            sender.send_task("orchestrator.execute", args=(task, 1), queue="q.default")
            sender.send_task("orchestrator.turn", args=(workload.run_id,), queue="ctl")
            sent[task] = sent.get(task, 0) + 1

        def follow() -> bool:
            nonlocal seen
            page = stack.api.get(f"runs/{workload.run_id}/changes/?since={seen}")
            for change in page["changes"]:
                data = change["data"]
                # Once when it is queued, once whenever its status changes: also after its end.
                if change["kind"].startswith("attempt_") and data["task"]:
                    send_again(data["task"])
            seen = page["to"]
            return bool(workload.run()["status"] in FINAL)

        workload.wait(follow, "the run to end")
        follow()
    stack.wait_until_consumed()
    workload.check()
    rows = workload.rows()
    assert len(rows["attempts"]) == len(workload.parents), "something was tried again"
    assert sorted(sent) == sorted(rows["tasks"])
    assert min(sent.values()) >= 2, "each message must have come three times"
