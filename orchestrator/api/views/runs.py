"""Runs: started, listed, read, ended, run again. What they answer is made by the queries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import reruns
from orchestrator.actions import runs as actions
from orchestrator.actions.added_steps import KEY_LENGTH
from orchestrator.actions.adopting import enqueue_run_as_step, run_again_as_step, start_as_step
from orchestrator.actions.made import short_key
from orchestrator.actions.parts import Part
from orchestrator.actions.runs import Idempotency
from orchestrator.actions.runs_as_steps import add_as_step
from orchestrator.api.base import ApiView, accepted, created, number_from, path_of
from orchestrator.api.describe import WAIT_FOR_END, describe, describe_verb
from orchestrator.api.shapes.common import Answered, Nothing
from orchestrator.api.shapes.runs import (
    Abort,
    AddedStep,
    AsStep,
    GraphShape,
    NewRun,
    Rerun,
    RerunPreview,
    RunChange,
    RunShape,
    SnapshotShape,
)
from orchestrator.api.tags import is_known, revision_from
from orchestrator.api.views.pipelines import PipelineApiView
from orchestrator.api.views.tasks import who_asks
from orchestrator.api.waiting import Patient
from orchestrator.domain.errors import Invalid
from orchestrator.models import ApiToken, Pipeline, Run
from orchestrator.queries import runs as queries
from orchestrator.queries.overview import statuses_called
from orchestrator.queries.pipelines import find_pipeline
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import Actor, Verb, require
from orchestrator.queries.scripts import run_of_step
from orchestrator.queries.tasks import find_run, runs_for

TAG = "runs"
PREVIEW_OR_ANSWER = PolymorphicProxySerializer(
    component_name="PreviewOrAnswer",
    serializers=[RerunPreview, Answered],
    resource_type_field_name=None,
)
FILTERS = {
    "status": 'Only those of a status, or "going" (not ended yet), or "bad" (ended badly).',
    "actor": "Only those that this user started.",
    "version": "Only those of a version, by number.",
}


class RunApiView(ApiView):
    """A view of one run, named by its id or ``project/pipeline/number``."""

    def run_row(self, verb: Verb = "view") -> Run:
        """Find the run of the address, if the asker may do this to it. A step sees its own."""
        parts = self.kwargs
        if verb == "view" and self.attempt is not None and self.script is None:
            return run_of_step(self.attempt.task_id, parts.get("id"))
        name = (parts["project"], parts["pipeline"], parts["run"]) if "run" in parts else None
        found = find_run(self.actor, name or UUID(str(parts["id"])))
        require(self.actor, verb, found.project_id)
        return found


class RunVerbView(Patient, RunApiView):
    """A view of what may be asked of one run; what comes of it may be waited for."""

    def run_row(self, verb: Verb = "view") -> Run:
        self.run_asked = super().run_row(verb)
        return self.run_asked


class Runs(ApiView):
    @describe(
        TAG,
        answer=RunShape,
        pages=True,
        query={
            "project": "Only those of a project.",
            "pipeline": "Only those of a pipeline, by id or project/slug.",
            **FILTERS,
        },
    )
    def get(self, request: Request) -> Response:
        """List the runs that you see, newest first."""
        rows = matching(self.actor, self.query_filters("project", "pipeline", *FILTERS))
        return self.page(rows, queries.run_summary, ordering="-task_id")


_FROM_THE_OTHER: Mapping[str, Any] = {
    "version": "latest",
    "name": "",
    "draft": False,
    "until": None,
    "only": None,
}
"""What is not said of a run that is like another, and how it looks then."""


class PipelineRuns(Patient, PipelineApiView):
    @describe(TAG, answer=RunShape, pages=True, query=FILTERS)
    def get(self, request: Request, **_: Any) -> Response:
        """List a pipeline's runs, newest first."""
        filters = {**_filters(self.query_filters(*FILTERS)), "pipeline": self.pipeline()}
        rows = runs_for(self.actor, filters=filters)
        return self.page(rows, queries.run_summary, ordering="-task_id")

    @describe(
        TAG,
        body=NewRun,
        answer=RunShape,
        status=201,
        query={"wait": WAIT_FOR_END},
        headers={
            "Idempotency-Key": "The same key and body give the same run, for a day; to a script, "
            "as long as there is the run.",
            "If-Match": 'With version "draft": the revision that you have seen.',
        },
        errors=[412, 428],
    )
    def post(self, request: Request, **_: Any) -> Response:
        """Start a run; the answer comes at once, the steps start in the background.

        What a script starts with its token is a step of the run that it drives.

        With ``until`` only those steps run and what comes before them; with ``only`` they run
        alone, and what they take from others is taken from the last runs that had it.
        """
        pipeline = self.pipeline("operate")
        wanted = self.body(NewRun)
        run = self._like(pipeline, wanted) if wanted["like"] else self._start(pipeline, wanted)
        self.run_shown = run
        return created(queries.run_summary(run), path_of(run))

    def show(self, run_id: UUID) -> dict[str, Any]:
        return queries.run_summary(find_run(self.actor, run_id))

    def _start(self, pipeline: Pipeline, wanted: dict[str, Any]) -> Run:
        until, only = wanted["until"], wanted["only"]
        part = None
        if until is not None or only is not None:
            part = Part(*(None if one is None else tuple(one) for one in (until, only)))
        return self._by_script(actions.start_run, start_as_step)(
            **who_asks(self.actor),
            pipeline=pipeline,
            version=wanted["version"],
            parameters=wanted["parameters"],
            origin=self._origin(),
            name=wanted["name"],
            draft=wanted["draft"],
            cache=wanted["cache"],
            priority=wanted["priority"],
            idempotency=self._idempotency(pipeline, wanted),
            part=part,
            revision=revision_from(self.request) if wanted["version"] == "draft" else None,
        )

    def _like(self, pipeline: Pipeline, wanted: dict[str, Any]) -> Run:
        earlier = find_run(self.actor, wanted["like"])
        if earlier.pipeline_id != pipeline.pk:
            raise Invalid.at("like", "bad_value", "that is a run of another pipeline")
        for name, usual in _FROM_THE_OTHER.items():
            if wanted[name] != usual:
                message = f'"{name}" comes from the run that "like" names'
                raise Invalid.at(name, "bad_value", message)
        if "Idempotency-Key" in self.request.headers:
            message = 'not together with "like"; name version and parameters instead'
            raise Invalid.at("Idempotency-Key", "not_supported", message)
        return self._by_script(actions.run_again, run_again_as_step)(
            **who_asks(self.actor),
            run=earlier,
            parameters=wanted["parameters"],
            origin=self._origin(),
            cache=wanted["cache"],
        )

    def _by_script(self, usual: Callable[..., Run], as_step: Callable[..., Run]) -> Any:
        """What a script starts is a step of the run that it drives."""
        if self.attempt is None or self.script is None:
            return usual
        key = self.request.headers.get("Idempotency-Key", "")
        return partial(as_step, script=self.attempt.task_id, key=short_key(key, KEY_LENGTH))

    def _origin(self) -> str:
        if self.attempt is not None:
            return "script"
        return "token" if isinstance(self.request.auth, ApiToken) else "page"

    def _idempotency(self, pipeline: Pipeline, wanted: dict[str, Any]) -> Idempotency | None:
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return None
        if not 0 < len(key) <= 200:
            raise Invalid.at("Idempotency-Key", "bad_value", "a key has 1 to 200 characters")
        token = self.request.auth
        owner = str(token.pk) if isinstance(token, ApiToken) else f"user:{self.actor.user_id}"
        by_script = self.attempt is not None
        if self.attempt is not None:
            owner = f"script:{self.attempt.task_id}"
        content = json.dumps([str(pipeline.pk), wanted], sort_keys=True, default=str)
        body_hash = hashlib.sha256(content.encode()).hexdigest()
        return Idempotency(owner, key, body_hash, by_script=by_script)


class RunView(Patient, RunApiView):
    @describe(TAG, answer=RunShape, query={"wait": WAIT_FOR_END})
    def get(self, request: Request, **_: Any) -> Response:
        """Show a run without its steps."""
        self.run_shown = self.run_row()
        return Response(queries.run_summary(self.run_shown))

    def show(self, run_id: UUID) -> dict[str, Any]:
        self.run_shown = self.run_row()
        return queries.run_summary(self.run_shown)

    @describe(TAG, body=RunChange, answer=RunShape)
    def patch(self, request: Request, **_: Any) -> Response:
        """Change the parameters of a draft run."""
        run = self.run_row("operate")
        parameters = self.body(RunChange)["parameters"]
        changed = actions.change_draft_run(actor=self.actor.name, run=run, parameters=parameters)
        return Response(queries.run_summary(changed))


class GraphView(RunApiView):
    @describe(TAG, answer=GraphShape)
    def get(self, request: Request, **_: Any) -> Response:
        """Show what is connected with what; with If-None-Match, 304 when it is known."""
        run = self.run_row()
        tag = queries.graph_etag(run)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if is_known(request, tag):
            return Response(status=304, headers=headers)
        return Response(queries.graph(run), headers=headers)


class SnapshotView(RunApiView):
    @describe(
        TAG, answer=SnapshotShape, query={"at": "As it was after this change; by default now."}
    )
    def get(self, request: Request, **_: Any) -> Response:
        """Show where every step stands, with the number of the last change in it."""
        run = self.run_row()
        at = number_from(request, "at") if "at" in request.query_params else None
        return Response(queries.snapshot(run, at))


class AbortRun(RunVerbView):
    @describe_verb(TAG, body=Abort)
    def post(self, request: Request, **_: Any) -> Response:
        """Ask for the end of a run, or of some of its steps."""
        run = self.run_row("operate")
        steps = self.body(Abort)["steps"]
        if steps is None:
            return accepted(actions.abort_run(actor=self.actor.name, run=run))
        return accepted(actions.abort_steps(actor=self.actor.name, run=run, steps=steps))


class RerunRun(RunVerbView):
    @describe_verb(TAG, body=Rerun, also={200: PREVIEW_OR_ANSWER})
    def post(self, request: Request, **_: Any) -> Response:
        """Ask for new attempts: of some steps, of some and all after them, of what failed or is
        stale, of all.

        With ``dry_run`` nothing is asked for: the answer is what it would do to each step.
        """
        run = self.run_row("operate")
        wanted = self.body(Rerun)
        return rerun_or_preview(self.actor, run, _wish(wanted), dry_run=wanted["dry_run"])


def rerun_or_preview(actor: Actor, run: Run, wish: reruns.Wish, *, dry_run: bool) -> Response:
    """Ask for a rerun, or only say what it would do."""
    if dry_run:
        return Response(reruns.foresee(run=run, **wish))
    return accepted(reruns.rerun(actor=actor.name, run=run, **wish))


def _wish(wanted: dict[str, Any]) -> reruns.Wish:
    return {
        "steps": wanted.get("steps"),
        "from_": wanted.get("from"),
        "failed": wanted["failed"],
        "stale": wanted["stale"],
        "everything": wanted["all"],
        "parameters": overrides_by_step(wanted["parameters"] or {}),
        "queue": wanted["queue"],
        "versions": wanted["version"],
        "reset": wanted["reset_overrides"],
        "cache": wanted["cache"],
    }


class RunAsStep(RunApiView):
    @describe(TAG, body=AsStep, answer=AddedStep, errors=[409])
    def post(self, request: Request, **_: Any) -> Response:
        """Add a step to the draft of another pipeline that runs what this run ran."""
        run = self.run_row("operate")
        pipeline = find_pipeline(self.actor, self.body(AsStep)["pipeline"])
        require(self.actor, "edit", pipeline.project)
        draft, step = add_as_step(actor=self.actor.name, run=run, pipeline=pipeline)
        name = f"{pipeline.project.slug}/{pipeline.slug}"
        return Response({"pipeline": name, "step": step, "revision": draft.revision})


class CloneRun(RunApiView):
    @describe(TAG, body=Nothing, answer=RunShape, status=201)
    def post(self, request: Request, **_: Any) -> Response:
        """Make a draft run like this one; change its parameters, then enqueue it."""
        run = self.run_row("operate")
        self.body(Nothing)
        clone = actions.clone_run(actor=self.actor.name, run=run)
        return created(queries.run_summary(clone), path_of(clone))


class EnqueueRun(RunVerbView):
    @describe_verb(TAG, body=Nothing)
    def post(self, request: Request, **_: Any) -> Response:
        """Let a draft run start; one that a script enqueues with its token is a step of its run."""
        run = self.run_row("operate")
        self.body(Nothing)
        if self.attempt is not None and self.script is not None:
            script = self.attempt.task_id
            asked = enqueue_run_as_step(**who_asks(self.actor), script=script, run=run)
            return accepted(asked)
        return accepted(actions.enqueue_run(**who_asks(self.actor), run=run))


def overrides_by_step(given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Check that overrides are objects by step name."""
    for step, values in given.items():
        if not isinstance(values, dict):
            message = "a step's parameters are an object of values by name"
            raise Invalid.at(f"parameters.{step}", "wrong_type", message)
    return given


def matching(actor: Actor, given: Mapping[str, str]) -> QuerySet[Run]:
    """The runs that somebody sees and that these filters leave, newest first."""
    filters = _filters(given)
    if "project" in given:
        filters["project"] = find_project(actor, given["project"])
    if "pipeline" in given:
        filters["pipeline"] = find_pipeline(actor, given["pipeline"])
    return runs_for(actor, filters=filters)


def _filters(given: Mapping[str, str]) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    if "status" in given:
        filters["status__in"] = statuses_called(given["status"])
    if "actor" in given:
        filters["actor"] = given["actor"]
    if "version" in given:
        if not given["version"].isascii() or not given["version"].isdigit():
            raise Invalid.at("version", "bad_value", "a version is a number")
        filters["version__number"] = int(given["version"][:9])
    return filters
