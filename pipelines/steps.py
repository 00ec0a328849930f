"""A step of a run: steered, and its results read."""

from __future__ import annotations

import time

from pipelines.errors import ArtifactNotFound, PipelinesError
from pipelines.http import in_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Union

    from pipelines.artifacts import Artifacts
    from pipelines.http import Api
    from pipelines.runs import Run

ANSWER_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.5


class Step:
    """One step. What it says of itself is as of the last answer; ``refresh`` asks again."""

    def __init__(self, run: Run, about: Mapping[str, Any]) -> None:
        self.run = run
        self.about = dict(about)

    @property
    def name(self) -> str:
        """Its name, which is its identity in the run."""
        return str(self.about["name"])

    @property
    def status(self) -> str:
        """Its status as last heard."""
        return str(self.about["status"])

    @property
    def why(self) -> str:
        """Why it is not running; empty when it is."""
        return str(self.about.get("why") or self.about.get("reason") or "")

    @property
    def attempts(self) -> list[dict[str, Any]]:
        """Its attempts, the first one first."""
        if "attempts" not in self.about:
            self.refresh()
        return list(self.about["attempts"])

    @property
    def outputs(self) -> dict[str, Any]:
        """What its current attempt gave to others."""
        attempts = self.attempts
        return dict(attempts[-1]["outputs"]) if attempts else {}

    @property
    def artifacts(self) -> Artifacts:
        """What its current attempt has left, by name; contents are fetched when asked for."""
        from pipelines.artifacts import Artifacts
        from pipelines.context import StepContext

        task = self._attempt()["task"]
        if task is None:
            raise ArtifactNotFound(f"step {self.name!r} has no task, so it left no artifacts")
        return Artifacts(task, StepContext.of_client(self.run.api))

    def artifact_rows(self, attempt: int | None = None) -> list[dict[str, Any]]:
        """What an attempt has left behind: name, size, kind, media_type, sha256."""
        return self.run.api.pages(self._path(f"attempts/{self._number(attempt)}/artifacts/"))

    def fetch_artifact(self, name: str, target: str, attempt: int | None = None) -> str:
        """Write one of them to a file; give back its SHA-256."""
        tail = f"attempts/{self._number(attempt)}/artifacts/{in_path(name)}/"
        return self.run.api.download(self._path(tail), target)

    def metrics(self, attempt: int | None = None) -> list[dict[str, Any]]:
        """What an attempt reported, one entry a series: title, series, last, points."""
        return list(self.run.api.get(self._path(f"attempts/{self._number(attempt)}/samples/")))

    def metric(self, title: str, series: str) -> float | None:
        """The last value of one series; None when there is none."""
        for row in self.metrics():
            if (row["title"], row["series"]) == (title, series):
                return None if row["last"] is None else float(row["last"])
        return None

    def log(self, attempt: int | None = None) -> str:
        """All that an attempt has written."""
        path = self._path(f"attempts/{self._number(attempt)}/logs/?download=1")
        return self.run.api.text(path)

    def follow_log(self, attempt: int | None = None) -> Iterator[str]:
        """Give what an attempt writes, in pieces as they come, until it has ended."""
        path = self._path(f"attempts/{self._number(attempt)}/logs/")
        return follow_log(self.run.api, path)

    def refresh(self) -> Step:
        """Ask how it stands."""
        self.about = self.run.api.get(self._path())
        return self

    def abort(self, *, wait: float | None = ANSWER_SECONDS) -> dict[str, Any]:
        """Ask for its end."""
        return self._ask("abort/", {}, wait)

    def rerun(
        self,
        parameters: Mapping[str, Any] | None = None,
        *,
        queue: str | None = None,
        version: Union[int, str, None] = None,
        reset_overrides: bool = False,
        cache: bool = True,
        wait: float | None = ANSWER_SECONDS,
    ) -> dict[str, Any]:
        """Ask for another attempt of this step alone."""
        body: dict[str, Any] = {"reset_overrides": reset_overrides, "cache": cache}
        more = {"parameters": parameters, "queue": queue, "version": version}
        body.update({name: value for name, value in more.items() if value is not None})
        return self._ask("rerun/", body, wait, once=True)

    def skip(self, reason: str, *, wait: float | None = ANSWER_SECONDS) -> dict[str, Any]:
        """Pass over it; it must not have started."""
        return self._ask("skip/", {"reason": reason}, wait)

    def complete(
        self,
        reason: str,
        outputs: Mapping[str, Any] | None = None,
        *,
        wait: float | None = ANSWER_SECONDS,
    ) -> dict[str, Any]:
        """Let it count as completed, with outputs that others then refer to."""
        body = {"reason": reason, "outputs": dict(outputs or {})}
        return self._ask("complete/", body, wait, once=True)

    def fail(self, reason: str, *, wait: float | None = ANSWER_SECONDS) -> dict[str, Any]:
        """Let it count as failed."""
        return self._ask("fail/", {"reason": reason}, wait, once=True)

    def approve(
        self,
        values: Mapping[str, Any] | None = None,
        *,
        comment: str = "",
        wait: float | None = ANSWER_SECONDS,
    ) -> dict[str, Any]:
        """Answer yes to an approval step, with the values of its form."""
        body = {"values": dict(values or {}), "comment": comment}
        return self._ask("approve/", body, wait, once=True)

    def reject(
        self,
        values: Mapping[str, Any] | None = None,
        *,
        comment: str = "",
        wait: float | None = ANSWER_SECONDS,
    ) -> dict[str, Any]:
        """Answer no to an approval step."""
        body = {"values": dict(values or {}), "comment": comment}
        return self._ask("reject/", body, wait, once=True)

    def _ask(
        self, verb: str, body: Mapping[str, Any], wait: float | None, *, once: bool = False
    ) -> dict[str, Any]:
        return self.run.ask(f"steps/{in_path(self.name)}/{verb}", body, wait, once=once)

    def _attempt(self) -> dict[str, Any]:
        attempts = self.attempts
        if not attempts:
            raise PipelinesError(f"step {self.name!r} of run {self.run.name} has no attempt yet")
        return attempts[-1]

    def _number(self, attempt: int | None) -> int:
        return int(self._attempt()["number"]) if attempt is None else attempt

    def _path(self, tail: str = "") -> str:
        return f"runs/{self.run.id}/steps/{in_path(self.name)}/{tail}"

    def __repr__(self) -> str:
        return f"<Step {self.name} of {self.run.name}>"


def follow_log(api: Api, path: str) -> Iterator[str]:
    """Give the pieces of a log as they come, until whatever writes it has ended."""
    place = 0
    while True:
        found = api.get(f"{path}?from={place}")
        for piece in found["pieces"]:
            yield piece["text"]
        if found["end"]:
            return
        if found["to"] == place:
            time.sleep(_LOOK_AGAIN_SECONDS)
        place = found["to"]
