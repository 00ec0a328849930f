"""A controller at work: its process becomes the run, follows it, and can end it."""

from __future__ import annotations

import sys
import threading
import time

from pipelines.automation import registering, server
from pipelines.automation.following import Following
from pipelines.automation.interrupts import Interrupts
from pipelines.errors import PipelinesError, RequestRefused
from pipelines.http import in_path
from pipelines.queues import LOCAL_QUEUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Optional

    from pipelines.automation.declaring import Declaring
    from pipelines.automation.node import Node
    from pipelines.http import Api
    from pipelines.local_steps import LocalSteps
    from pipelines.task import Task

    JSON = dict[str, Any]

_LAST_SECONDS = 60.0
_LOOK_SECONDS = 0.2
_MARKED = "the script has marked the pipeline as failed"


def become_run(task: Task, *, pipeline: str, version: Optional[int] = None) -> JSON:
    """Make a task that this process executes the run of a pipeline; asked again, it is the same.

    The pipeline is one of the task's project.
    """
    body: JSON = {"pipeline": pipeline}
    if version is not None:
        body["version"] = version
    return dict(server.own_api(task).send("POST", f"tasks/{in_path(task.id)}/run/", body))


def run_of(task: Task) -> Optional[JSON]:
    """Give the run that a task is; None when it is none. Raises for a step of somebody's run."""
    api = server.own_api(task)
    try:
        return dict(api.get(f"runs/{in_path(task.id)}/"))
    except RequestRefused as error:
        if error.status != 404:
            raise
    about = server.about_task(api, task.id)
    if about.get("step"):
        raise PipelinesError(
            f"this is step {about['step']['step']!r} of a run; a step cannot drive a pipeline "
            "of its own: let the pipeline have a step that runs another pipeline"
        )
    return None


def mark_failed(task: Task) -> None:
    """End the task of a run's script as failed, and its run with it."""
    if not server.is_under_agent():
        task.mark_failed(status_reason=_MARKED, force=True)
        return
    from pipelines.storing import COLLECTED, stored_names, upload_artifact

    # What an agent collects when the process has ended, which is too late then.
    task.get_logger().flush()
    for name in stored_names(task._context, COLLECTED):
        upload_artifact(task._context, name)
    outputs = task._context.read_json("outputs.json")
    body = {"status": "failed", "reason": _MARKED, "outputs": outputs}
    server.own_api(task).send("POST", f"tasks/{in_path(task.id)}/finish/", body)


class Driving:
    """The run of a controller whose script is this process."""

    def __init__(self, owner: Any, declaring: Declaring, task: Task) -> None:
        self._owner = owner
        self._declaring = declaring
        self._local: Optional[LocalSteps] = None
        self._following: Optional[Following] = None
        self._began: Optional[float] = None
        self._ended: Optional[float] = None
        self._is_to_fail = False
        self._is_aborting = False
        self.task = task
        self.run: JSON = run_of(task) or {}

    @property
    def api(self) -> Api:
        """The server, seen by this script."""
        return server.own_api(self.task)

    @property
    def run_name(self) -> str:
        """What people call the run."""
        return "{project}/{pipeline}/{number}".format(**self.run) if self.run else self.task.id

    def begin(
        self, *, with_local_steps: bool, keep: Callable[[Task], None], packages: Any = None
    ) -> None:
        """Register what was declared, become its run, and begin to follow it.

        A Ctrl-C meanwhile is heard when there is a run to be asked about; the next one is raised.
        """
        with Interrupts(patient_with=1) as interrupts:
            self._begin(with_local_steps=with_local_steps, keep=keep, packages=packages)
            if interrupts.count and self._is_to_end(interrupts):
                self._leave()
                raise KeyboardInterrupt

    def _begin(
        self, *, with_local_steps: bool, keep: Callable[[Task], None], packages: Any
    ) -> None:
        declaring = self._declaring
        about = server.about_task(self.api, self.task.id)
        if server.is_under_agent():
            script = registering.script_of_task(about)
        else:
            script = registering.own_script(packages)
        if self.run:
            # A pipeline that was cloned under another name has its script's declarations.
            declaring.take_names(self.run["project"], self.run["pipeline"])
        else:
            # The script's own task, which may have been begun before, is to be the run.
            declaring.take_names(str(about["project"]))
        if with_local_steps:
            declaring.put_all_into(LOCAL_QUEUE)
        keep(self.task)
        registered = registering.register(
            server.api(),
            declaring,
            script=script,
            queue=declaring.queue,
            label=registering.label_of_run(self.api, self.run) if self.run else None,
        )
        version = int(registered["version"])
        if not self.run:
            slug = str(registered["pipeline"]).partition("/")[2]
            self.run = become_run(self.task, pipeline=slug, version=version)
        self._say_version(version)
        self._began = time.monotonic()
        if with_local_steps:
            from pipelines.local_steps import LocalSteps

            self._local = LocalSteps(self.api, str(self.run["id"]))
            self._local.start()
        self._following = Following(
            self.api,
            str(self.run["id"]),
            owner=self._owner,
            nodes=declaring.nodes,
            callback_of=declaring.callback_of,
            aborting=self._hear_abort,
        )
        self._following.start()
        _waited_for(self)

    def _say_version(self, version: int) -> None:
        path = f"runs/{self.run['id']}/register/?wait=30"
        try:
            self.api.send("POST", path, {"version": version})
        except RequestRefused as error:
            if error.status != 409:
                raise
            # Its steps are there: it was begun by an earlier execution of this script.
            sys.stderr.write(f"the run goes on as it began: {error}\n")

    @property
    def is_running(self) -> bool:
        """Whether something may still happen."""
        return self._following is not None and not self._following.is_over

    def wait(self, seconds: Optional[float] = None) -> bool:
        """Wait for the end; whether it has come. Ctrl-C asks whether to abort."""
        following = self._following
        if following is None or following.is_this_thread:
            return following is None
        deadline = None if seconds is None else time.monotonic() + seconds
        try:
            with Interrupts() as interrupts:
                is_over = self._wait(following, deadline, interrupts)
        except KeyboardInterrupt:
            self._leave()
            raise
        if is_over:
            self._end()
        return is_over

    def _wait(
        self, following: Following, deadline: Optional[float], interrupts: Interrupts
    ) -> bool:
        heard = 0
        while True:
            left = _LOOK_SECONDS if deadline is None else deadline - time.monotonic()
            if following.wait(max(min(left, _LOOK_SECONDS), 0.0)):
                return True
            if interrupts.count > heard:
                if self._is_to_end(interrupts):
                    raise KeyboardInterrupt
                heard = interrupts.count
            if left <= 0:
                return False

    def _is_to_end(self, interrupts: Interrupts) -> bool:
        """Whether an interrupt ends the run: the server's does, a person's is asked about."""
        return server.is_asked_to_end(self.task) or interrupts.want_abort(self.run_name)

    def _leave(self) -> None:
        """Have the run aborted, unless that is what has ended the wait, and follow it no more."""
        assert self._following is not None
        self._is_aborting = True
        if not server.is_asked_to_end(self.task):
            server.leave_by_itself(self.task)
            self._abort_and_wait(self._following)
        self._following.leave()
        self._stop_local_steps()

    def _abort_and_wait(self, following: Following) -> None:
        sys.stderr.write(f"aborting run {self.run_name}\n")
        try:
            self.api.send("POST", f"runs/{self.run['id']}/abort/", {})
            following.wait(_LAST_SECONDS)
        except (PipelinesError, KeyboardInterrupt) as error:
            sys.stderr.write(f"the run was not seen to end: {error or 'interrupted again'}\n")

    def _hear_abort(self) -> None:
        """Let the script end, now that its run is to; by itself it would hear it at a renewal."""
        if not self._is_aborting:
            server.ask_to_end(self.task)

    def _end(self) -> None:
        if self._ended is None:
            self._ended = time.monotonic()
        self._stop_local_steps()
        server.end_if_asked(self.task)
        error = self._following.error if self._following else None
        if error is not None:
            raise PipelinesError(f"the run could not be followed: {error}") from error

    def _stop_local_steps(self) -> None:
        local, self._local = self._local, None
        if local is not None:
            local.stop()

    def elapsed(self) -> float:
        """Minutes since it began; -1 before that."""
        if self._began is None:
            return -1.0
        return ((self._ended or time.monotonic()) - self._began) / 60

    def refresh(self) -> None:
        """Look how the steps stand now."""
        if self._following is not None:
            self._following.refresh()

    def stop(self, seconds: Optional[float], *, as_failed: bool, as_aborted: bool) -> None:
        """End what has not ended: as a failure, by aborting the run, or step by step."""
        self._is_to_fail = self._is_to_fail or as_failed
        if as_aborted:
            self.api.send("POST", f"runs/{self.run['id']}/abort/", {})
        else:
            self._end_steps()
        if self._following is not None and not self._following.is_this_thread:
            self.wait(seconds)

    def _end_steps(self) -> None:
        """Let every open step end; nothing new starts meanwhile, and the script goes on."""
        path = f"runs/{self.run['id']}/"
        if not self._asked(f"{path}pause/", {}):
            return
        self.refresh()
        waiting = [node for node in self._declaring.nodes.values() if node.status == "pending"]
        for node in waiting:
            body = {"reason": "the script has stopped the pipeline"}
            self._asked(f"{path}steps/{in_path(node.name)}/skip/", body)
        for node in self._declaring.nodes.values():
            if node.status in ("queued", "running"):
                self._asked(f"{path}steps/{in_path(node.name)}/abort/", {})
        self._asked(f"{path}resume/", {})

    def _asked(self, path: str, body: Mapping[str, Any]) -> bool:
        """Ask and wait for what comes of it; False when it is refused: it has ended meanwhile."""
        try:
            self.api.send("POST", f"{path}?wait=30", dict(body))
        except RequestRefused as error:
            if error.status != 409:
                raise
            return False
        return True

    def tell_failure(self) -> None:
        """Let the run fail if the script has marked it so; said at the script's end."""
        if not self._is_to_fail:
            return
        try:
            mark_failed(self.task)
        except PipelinesError as error:
            sys.stderr.write(f"{_MARKED}, which could not be told: {error}\n")

    def outcome(self) -> str:
        """How the pipeline has ended, or would if nothing more happened."""
        if self._is_to_fail:
            return "failed"
        nodes = self._declaring.nodes.values()
        counted = [node for node in nodes if not self._may_fail(node)]
        for status in ("failed", "aborted"):
            if any(node.status == status for node in counted):
                return status
        return "running" if self.is_running else "completed"

    def _may_fail(self, node: Node) -> bool:
        return bool(node.continue_on_fail or self._declaring.steps[node.name].said.get("may_fail"))


_waiting: list[Driving] = []


def _waited_for(driving: Driving) -> None:
    """Do not let the interpreter leave while a run in the background needs this process."""
    if not _waiting:
        import atexit

        # Later ones are called first: this one before the one that ends the script's task.
        atexit.register(_at_exit)
    _waiting.append(driving)


def _at_exit() -> None:
    if getattr(sys, "last_value", None) is not None:
        # The script has failed, and its run with it.
        return
    if threading.current_thread() is not threading.main_thread():
        return
    for driving in _waiting:
        if driving.is_running:
            driving.wait()
        driving.tell_failure()
