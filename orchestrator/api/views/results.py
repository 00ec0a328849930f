"""What executions leave behind: log, samples, artifacts; of tasks, and of steps' attempts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, cast
from urllib.parse import unquote

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import attempts
from orchestrator.api.base import number_from, reference, yes_or_no
from orchestrator.api.contents import SENT_AS, download, preview, streamed
from orchestrator.api.describe import describe
from orchestrator.api.parsing import AnyContent, read_json
from orchestrator.api.shapes.results import LogHits, LogLines
from orchestrator.api.shapes.tasks import (
    ArtifactShape,
    Kept,
    Log,
    NewSample,
    Preview,
    Report,
    Series,
)
from orchestrator.api.views.runs import RunApiView
from orchestrator.api.views.tasks import TaskApiView
from orchestrator.domain.artifacts import KINDS
from orchestrator.domain.errors import Invalid, NotAllowed, NotFound
from orchestrator.models import Artifact, Task
from orchestrator.queries import log_lines, logs
from orchestrator.queries.reports import reports as reports_of
from orchestrator.queries.samples import samples as samples_of
from orchestrator.queries.scripts import script_of_step
from orchestrator.queries.tasks import artifacts_of, find_artifact, find_attempt

TAG = "results"
LARGEST_PIECE = 1024 * 1024
MOST_SAMPLES = 10_000
LOG_QUERY = {
    "from": "The first byte that is wanted.",
    "limit": "About how many bytes, at most a megabyte.",
    "download": "true: the whole log as a text file.",
}
LEVELS = "Only lines of these levels, parted by commas: error, warning, info, debug."
LINES_QUERY = {
    "from": "The first line that is wanted; the first of all is 0.",
    "count": f"How many, at most {log_lines.MOST_LINES:,}; fewer come when they are very long.",
    "last": "The last so many, instead of those from a line on.",
    "levels": LEVELS,
}
SEARCH_QUERY = {
    "find": "Words that the line holds.",
    "pattern": "true: the words are a regular expression.",
    "case": "true: capital and small letters differ.",
    "levels": LEVELS,
    "from": "The line at which to begin.",
}
SINCE = {"since": "Only what was reported after this: the largest newest of an answer before."}
FENCE = {"fence": "Which execution of the task; by default its last."}
CONTENT = {(200, media_type): OpenApiTypes.BINARY for media_type in SENT_AS}
WRITTEN = {(200, "text/plain"): OpenApiTypes.STR}
ONCE = {"Idempotency-Key": "A batch that is sent twice under one key is kept once."}
PREVIEW = {"preview": "true: JSON to show, instead of the file."}


class _OfTask(TaskApiView):
    """Results of a task's last execution, or of the one that ``fence`` names."""

    def execution(self) -> tuple[Task, int]:
        task = self.task()
        return task, number_from(self.request, "fence", task.fence)

    def reporting(self, what: str) -> tuple[Task, int]:
        """The execution that the asker may report to: its own, or that of its run's script."""
        if self.attempt is not None and (script := script_of_step(self.attempt.task_id)):
            task_id, fence = script
            if reference(self.kwargs) == task_id:
                return Task.objects.get(pk=task_id), fence
        task = self.task("edit")
        if self.attempt is None or not self.asks_for_itself:
            raise NotAllowed(f"only the running step itself {what}")
        return task, self.attempt.fence


class _OfAttempt(RunApiView):
    """Results of one attempt of a step."""

    def execution(self) -> tuple[Task, int]:
        attempt = find_attempt(self.run_row(), self.kwargs["step"], self.kwargs["number"])
        if attempt.task is None:
            raise NotFound("this attempt has no task of its own, so it left nothing behind")
        return attempt.task, attempt.task.fence


class TaskLogs(_OfTask):
    @describe(TAG, answer=Log, also=WRITTEN, query={**LOG_QUERY, **FENCE})
    def get(self, request: Request, **_: Any) -> HttpResponseBase:
        """Give a task's output from a byte on, or download it."""
        return _log(request, *self.execution())


class AttemptLogs(_OfAttempt):
    @describe(TAG, answer=Log, also=WRITTEN, query=LOG_QUERY)
    def get(self, request: Request, **_: Any) -> HttpResponseBase:
        """Give an attempt's output from a byte on, or download it."""
        return _log(request, *self.execution())


class TaskLogLines(_OfTask):
    @describe(TAG, answer=LogLines, query={**LINES_QUERY, **FENCE})
    def get(self, request: Request, **_: Any) -> Response:
        """Give some lines of a task's output."""
        return _lines(request, *self.execution())


class AttemptLogLines(_OfAttempt):
    @describe(TAG, answer=LogLines, query=LINES_QUERY)
    def get(self, request: Request, **_: Any) -> Response:
        """Give some lines of an attempt's output."""
        return _lines(request, *self.execution())


class TaskLogSearch(_OfTask):
    @describe(TAG, answer=LogHits, query={**SEARCH_QUERY, **FENCE})
    def get(self, request: Request, **_: Any) -> Response:
        """Find lines in the whole of a task's output."""
        return _found(request, *self.execution())


class AttemptLogSearch(_OfAttempt):
    @describe(TAG, answer=LogHits, query=SEARCH_QUERY)
    def get(self, request: Request, **_: Any) -> Response:
        """Find lines in the whole of an attempt's output."""
        return _found(request, *self.execution())


class TaskSamples(_OfTask):
    @describe(TAG, answer=Series(many=True), query={**SINCE, **FENCE})
    def get(self, request: Request, **_: Any) -> Response:
        """Give what a task reported, one entry a series."""
        task, fence = self.execution()
        return Response(samples_of(task.pk, fence, number_from(request, "since")))

    @describe(
        TAG,
        body=NewSample(many=True),
        answer=Kept,
        status=201,
        headers=ONCE,
    )
    def post(self, request: Request, **_: Any) -> Response:
        """Report values; for a running step, with its own token."""
        task, fence = self.reporting("reports values")
        if isinstance(request.data, list) and len(request.data) > MOST_SAMPLES:
            message = f"a batch has at most {MOST_SAMPLES:,} values"
            raise Invalid.at("", "cap_exceeded", message)
        key = batch_key(request)
        samples = self.body(NewSample, many=True)
        kept = attempts.add_samples(task=task, fence=fence, samples=samples, key=key)
        return Response({"kept": kept}, status=201)


class TaskReports(_OfTask):
    @describe(TAG, answer=Report(many=True), query=FENCE)
    def get(self, request: Request, **_: Any) -> Response:
        """Give the tables, images, plots and texts that a task reported."""
        task, fence = self.execution()
        return Response(Report(reports_of(task.pk, fence), many=True).data)


class AttemptSamples(_OfAttempt):
    @describe(TAG, answer=Series(many=True), query=SINCE)
    def get(self, request: Request, **_: Any) -> Response:
        """Give what an attempt reported, one entry a series."""
        task, fence = self.execution()
        return Response(samples_of(task.pk, fence, number_from(request, "since")))


class TaskArtifacts(_OfTask):
    @describe(TAG, answer=ArtifactShape, pages=True, query=FENCE)
    def get(self, request: Request, **_: Any) -> Response:
        """List the artifacts of a task."""
        return self.page(artifacts_of(*self.execution()), ArtifactShape, ordering="name")


class AttemptArtifacts(_OfAttempt):
    @describe(TAG, answer=ArtifactShape, pages=True)
    def get(self, request: Request, **_: Any) -> Response:
        """List the artifacts of an attempt."""
        return self.page(artifacts_of(*self.execution()), ArtifactShape, ordering="name")


class TaskArtifact(_OfTask):
    parser_classes = (AnyContent,)

    @describe(TAG, answer=Preview, query={**PREVIEW, **FENCE}, also=CONTENT)
    def get(self, request: Request, name: str, **_: Any) -> HttpResponseBase:
        """Download an artifact, or with ``preview`` show its start."""
        task, fence = self.execution()
        return _artifact(request, find_artifact(task, name, fence))

    @describe(
        TAG,
        body={"application/octet-stream": bytes},
        answer=ArtifactShape,
        status=201,
        headers={
            "X-Pipelines-Kind": f"What it is: {', '.join(KINDS)}; file if nothing is said.",
            "X-Pipelines-Metadata": "What is to be known of it: a JSON object, percent-encoded.",
        },
    )
    def put(self, request: Request, name: str, **_: Any) -> Response:
        """Upload an artifact; for a running step, with its own token."""
        task, fence = self.reporting("uploads artifacts")
        upload = attempts.Upload(
            name=name,
            media_type=request.content_type or "application/octet-stream",
            kind=request.headers.get("X-Pipelines-Kind", "file"),
            metadata=_metadata(request),
            content=cast(IO[bytes], request._request),
        )
        artifact = attempts.put_artifact(task=task, fence=fence, upload=upload)
        return Response(ArtifactShape(artifact).data, status=201)


class AttemptArtifact(_OfAttempt):
    @describe(TAG, answer=Preview, query=PREVIEW, also=CONTENT)
    def get(self, request: Request, name: str, **_: Any) -> HttpResponseBase:
        """Download an artifact of an attempt, or with ``preview`` show its start."""
        task, fence = self.execution()
        return _artifact(request, find_artifact(task, name, fence))


def batch_key(request: Request) -> str:
    """Read the key of a batch, which may have none."""
    key: str = request.headers.get("Idempotency-Key", "")
    if len(key) > 200:
        raise Invalid.at("Idempotency-Key", "bad_value", "a key has at most 200 characters")
    return key


def _log(request: Request, task: Task, fence: int) -> HttpResponseBase:
    if yes_or_no(request.query_params.get("download"), "download"):
        pieces = _encoded(logs.log_text(task.pk, fence))
        return streamed(request, pieces, "text/plain; charset=utf-8", f"{task.name}.log")
    limit = min(number_from(request, "limit", logs.LOG_LIMIT), LARGEST_PIECE)
    return Response(logs.log_pieces(task.pk, fence, number_from(request, "from"), max(limit, 1)))


def _lines(request: Request, task: Task, fence: int) -> Response:
    query = request.query_params
    tail = "last" in query
    count = number_from(request, "last" if tail else "count", 200)
    found = log_lines.log_lines(
        task.pk,
        fence,
        first=None if tail else number_from(request, "from"),
        count=min(count, log_lines.MOST_LINES),
        levels=log_lines.read_levels(query.get("levels", "")),
    )
    return Response(found)


def _found(request: Request, task: Task, fence: int) -> Response:
    query = request.query_params
    wanted = log_lines.Wanted(
        words=query.get("find", ""),
        is_pattern=bool(yes_or_no(query.get("pattern"), "pattern")),
        match_case=bool(yes_or_no(query.get("case"), "case")),
        levels=log_lines.read_levels(query.get("levels", "")),
    )
    return Response(log_lines.find_lines(task.pk, fence, wanted, number_from(request, "from")))


def _encoded(pieces: Iterator[str]) -> Iterator[bytes]:
    return (piece.encode() for piece in pieces)


def _artifact(request: Request, artifact: Artifact) -> HttpResponseBase:
    if yes_or_no(request.query_params.get("preview"), "preview"):
        return Response(preview(artifact))
    return download(request, artifact)


def _metadata(request: Request) -> dict[str, Any]:
    text = unquote(request.headers.get("X-Pipelines-Metadata", "") or "{}")
    try:
        metadata = read_json(text)
    except ValueError as error:
        raise Invalid.at("X-Pipelines-Metadata", "bad_value", f"{error}") from None
    if not isinstance(metadata, dict):
        message = "this must be a JSON object, percent-encoded"
        raise Invalid.at("X-Pipelines-Metadata", "bad_value", message)
    return metadata
