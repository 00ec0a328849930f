"""A run on the server: followed, waited for, steered, and what it has left behind."""

from __future__ import annotations

from pipelines.errors import PipelinesError, RequestRefused, WaitTimeout
from pipelines.following import FINAL, Deadline, follow
from pipelines.http import in_path
from pipelines.own_end import let_own_end_come_first
from pipelines.steps import Step, follow_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Union

    from pipelines.http import Api

    Names = Union[str, Sequence[str]]

ANSWER_SECONDS = 30.0
_HELD_SECONDS = 20


class RunFailed(PipelinesError):
    """A run that was waited for has not completed."""


class Run:
    """One run. What it says of itself is as of the last answer; ``refresh`` asks again."""

    def __init__(self, api: Api, about: Mapping[str, Any]) -> None:
        self.api = api
        self.about = dict(about)

    @property
    def id(self) -> str:
        """The run's id, also that of its controller task."""
        return str(self.about["id"])

    @property
    def name(self) -> str:
        """``project/pipeline/number``: what people call it."""
        return "{project}/{pipeline}/{number}".format(**self.about)

    @property
    def status(self) -> str:
        """Its status as last heard."""
        return str(self.about["status"])

    @property
    def has_ended(self) -> bool:
        """Whether it had ended, as last heard."""
        return self.status in FINAL

    @property
    def parameters(self) -> dict[str, Any]:
        """What it was started with."""
        return dict(self.about["parameters"])

    @property
    def outputs(self) -> dict[str, Any]:
        """What its document gives out, once it has ended."""
        return dict(self.about["outputs"])

    @property
    def url(self) -> str:
        """The address of its page."""
        return self.api.site + str(self.about["url"])

    def refresh(self) -> Run:
        """Ask how it stands."""
        self.about = self.api.get(self._path())
        return self

    def follow(self, since: int = 0, timeout: float | None = None) -> Iterator[dict[str, Any]]:
        """Give its changes after a number, each once and in order, until it has ended."""
        yield from follow(self.api, self.id, since, timeout)
        self.refresh()

    def wait(self, timeout: float | None = None, *, raise_on_failure: bool = False) -> Run:
        """Return when it has ended; raises WaitTimeout when that takes longer.

        With *raise_on_failure* a run that has not completed raises RunFailed.
        """
        deadline = Deadline(timeout)
        while True:
            held = min(_HELD_SECONDS, deadline.left())
            self.about = self.api.get(f"{self._path()}?wait={held:.3f}")
            if self.has_ended:
                if self.status == "aborted":
                    let_own_end_come_first()
                break
            deadline.check(f"run {self.name} is {self.status}; it has not ended")
        if raise_on_failure and self.status != "completed":
            reason = self.about["reason"]
            raise RunFailed(f"run {self.name} {self.status}{f': {reason}' if reason else ''}")
        return self

    def abort(self, *, wait: float | None = ANSWER_SECONDS) -> dict[str, Any]:
        """Ask for its end."""
        return self.ask("abort/", {}, wait)

    def rerun(  # noqa: PLR0913 - a rerun has that many parts
        self,
        steps: Names | None = None,
        *,
        from_: Names | None = None,
        failed: bool = False,
        stale: bool = False,
        everything: bool = False,
        parameters: Mapping[str, Mapping[str, Any]] | None = None,
        queue: str | None = None,
        version: Mapping[str, Union[int, str]] | None = None,
        reset_overrides: bool = False,
        cache: bool = True,
        wait: float | None = ANSWER_SECONDS,
    ) -> dict[str, Any]:
        """Make new attempts in this run: of *steps*, *from_* some on, of what *failed*, is *stale*,
        or of *everything*; *parameters* and template *version* are given by step.
        """
        body = self._wish(steps, from_, failed=failed, stale=stale, everything=everything)
        body.update(reset_overrides=reset_overrides, cache=cache)
        more = {"parameters": parameters, "queue": queue, "version": version}
        body.update({name: value for name, value in more.items() if value})
        return self.ask("rerun/", body, wait, once=True)

    def preview_rerun(
        self,
        steps: Names | None = None,
        *,
        from_: Names | None = None,
        failed: bool = False,
        stale: bool = False,
        everything: bool = False,
    ) -> dict[str, Any]:
        """Tell what such a rerun would do to each step, and how long it would take."""
        body = self._wish(steps, from_, failed=failed, stale=stale, everything=everything)
        return dict(self.api.send("POST", self._path("rerun/"), {**body, "dry_run": True}))

    def pause(self, *, wait: float | None = ANSWER_SECONDS) -> dict[str, Any]:
        """Let nothing new of it start; what runs goes on."""
        return self.ask("pause/", {}, wait)

    def resume(self, *, wait: float | None = ANSWER_SECONDS) -> dict[str, Any]:
        """Let it go on."""
        return self.ask("resume/", {}, wait)

    def pause_at(
        self, steps: Sequence[str], *, wait: float | None = ANSWER_SECONDS
    ) -> dict[str, Any]:
        """Say before which steps it pauses, in the place of what was said before."""
        return self.ask("pause_at/", {"steps": list(steps)}, wait)

    def again(self, parameters: Mapping[str, Any] | None = None) -> Run:
        """Start a new run like this one; this is the only way to other parameters of the run."""
        path = "pipelines/{}/{}/runs/".format(
            in_path(self.about["project"]), in_path(self.about["pipeline"])
        )
        body = {"like": self.id, "parameters": dict(parameters or {})}
        return Run(self.api, self.api.send("POST", path, body, once=True))

    def clone(self) -> Run:
        """Make a draft run like this one."""
        return Run(self.api, self.api.send("POST", self._path("clone/"), {}, once=True))

    def set_parameters(self, parameters: Mapping[str, Any]) -> Run:
        """Change parameters of a draft run."""
        self.about = self.api.send("PATCH", self._path(), {"parameters": dict(parameters)})
        return self

    def enqueue(self, *, wait: float | None = ANSWER_SECONDS) -> dict[str, Any]:
        """Let a draft run start."""
        return self.ask("enqueue/", {}, wait)

    def steps(self) -> list[Step]:
        """All steps in order, each with why it is not running."""
        return [Step(self, row) for row in self.api.get(self._path("steps/"))]

    def step(self, name: str) -> Step:
        """One step with its parameters and attempts."""
        return Step(self, {"name": name}).refresh()

    def cause(self) -> dict[str, Any] | None:
        """What made a failed run fail first."""
        found: dict[str, Any] | None = self.api.get(self._path("cause/"))["cause"]
        return found

    def log(self) -> str:
        """What the script that drives the run has written."""
        return self.api.text(f"tasks/{self.id}/logs/?download=1")

    def follow_log(self) -> Iterator[str]:
        """Give what the script that drives the run writes, as it comes, until it has ended."""
        return follow_log(self.api, f"tasks/{self.id}/logs/")

    def ask(
        self, verb: str, body: Mapping[str, Any], wait: float | None, *, once: bool = False
    ) -> dict[str, Any]:
        """Ask for something, and tell what came of it.

        The answer has the ``signal`` under which the run's changes tell of it, and when it was
        waited for the ``change``. What the run refuses raises RequestRefused.
        """
        since = self.about.get("last_change", 0)
        answer = dict(self.api.send("POST", self._path(verb), dict(body), once=once))
        if wait:
            answer.update(self._answer_to(answer["signal"], since, wait))
        return answer

    def _answer_to(self, signal: int, since: int, seconds: float) -> dict[str, Any]:
        for change in follow(self.api, self.id, since, seconds):
            data = change["data"]
            if change["kind"] in ("asked", "refused") and data.get("signal") == signal:
                if change["kind"] == "refused":
                    message = f"run {self.name} refuses: {data['reason']}"
                    raise RequestRefused(message, status=409, code="refused")
                return {"change": change["n"], "detail": data.get("detail", {})}
        raise WaitTimeout(f"run {self.name} has not told what came of it")

    @staticmethod
    def _wish(
        steps: Names | None, from_: Names | None, *, failed: bool, stale: bool, everything: bool
    ) -> dict[str, Any]:
        lists = {"steps": steps, "from": from_}
        wish: dict[str, Any] = {
            way: [names] if isinstance(names, str) else list(names)
            for way, names in lists.items()
            if names is not None
        }
        flags = {"failed": failed, "stale": stale, "all": everything}
        wish.update({way: True for way, wanted in flags.items() if wanted})
        if len(wish) != 1:
            raise PipelinesError("say one of: steps, from_, failed, stale, everything")
        return wish

    def _path(self, tail: str = "") -> str:
        return f"runs/{self.id}/{tail}"

    def __repr__(self) -> str:
        return f"<Run {self.name} ({self.status})>"
