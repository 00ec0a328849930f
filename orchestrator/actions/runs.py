"""What one may ask of runs. Verbs leave a signal and ask for a turn; the turn does the rest."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from orchestrator import announce, dispatch
from orchestrator.actions.audit import record
from orchestrator.actions.parts import Part, version_for_part
from orchestrator.actions.pipelines import locked_pipeline, version_for_draft
from orchestrator.domain.errors import Conflict, Invalid, NotFound
from orchestrator.domain.graph import Graph
from orchestrator.domain.parameters import (
    check_values,
    specs_from,
)
from orchestrator.domain.states import FINAL, Status
from orchestrator.graphs import document_of, graph_of_run, graph_of_version
from orchestrator.models import (
    IdempotencyKey,
    Pipeline,
    PipelineVersion,
    Run,
    Task,
)
from orchestrator.pins import check_nesting, pins_for_run
from orchestrator.queries.pipelines import find_version
from orchestrator.store import signals
from orchestrator.store.creation import NewRun, insert_run, parameters_of
from orchestrator.store.turns import database_now

KEYS_KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A keyed request: the same token, key and body give the same run again; those of a script
    as long as there is the run, as a script may be taken up after days."""

    token: str
    key: str
    body_hash: str
    by_script: bool = False


class KeyReused(Conflict):
    """This Idempotency-Key was used with another body."""

    code = "idempotency_key_reused"


def start_run(  # noqa: PLR0913 - a trigger has that many parts
    *,
    actor: str,
    scopes: Sequence[str] | None = None,
    pipeline: Pipeline,
    version: int | str | None = None,
    parameters: Mapping[str, Any] | None = None,
    origin: str = "token",
    name: str = "",
    draft: bool = False,
    cache: bool = True,
    priority: int = 0,
    idempotency: Idempotency | None = None,
    part: Part | None = None,
    revision: int | None = None,
) -> Run:
    """Make a run of a version (a number, "draft", or the latest), or of a part, and let it start.

    Raises Invalid naming each wrong parameter, NotFound for an unknown version, KeyReused, and
    StaleDraft when the draft is not at the revision that is meant.
    """
    if idempotency is not None and (earlier := _earlier(idempotency)):
        # Whatever would be refused by now.
        return earlier
    chosen, said = _chosen(pipeline, version, part, revision)
    document = document_of(chosen.pk, chosen.content_hash)
    values = checked_parameters(document, parameters or {})
    pins = pins_for_run(chosen)
    with transaction.atomic():
        if idempotency is not None:
            # The pipeline's row is the lock: of two equal requests one waits for the other.
            locked_pipeline(pipeline)
            if earlier := _earlier(idempotency):
                return earlier
        run = _insert(
            NewRun(
                version=chosen,
                steps=len(graph_of_version(chosen.pk, chosen.content_hash)),
                actor=actor,
                scopes=scopes,
                origin=origin,
                name=name,
                parameters=values,
                pins=pins,
                draft=draft,
                part=said,
                options=_options(cache),
                priority=priority,
            )
        )
        if idempotency is not None:
            _keep_key(idempotency, run)
    return run


def _keep_key(idempotency: Idempotency, run: Run) -> None:
    try:
        IdempotencyKey.objects.create(
            token=idempotency.token,
            key=idempotency.key,
            body_hash=idempotency.body_hash,
            run=run,
        )
    except IntegrityError as error:
        # Another pipeline was asked for in the same moment, and its row is another lock.
        raise KeyReused from error


def _options(cache: bool) -> dict[str, Any]:
    return {} if cache else {"cache": False}


@transaction.atomic
def _chosen(
    pipeline: Pipeline, version: int | str | None, part: Part | None, revision: int | None
) -> tuple[PipelineVersion, dict[str, Any]]:
    """The version to run, and what is said of it when it is a part of another."""
    whole = None if version == "draft" else _version(pipeline, version)
    if part is not None:
        return version_for_part(pipeline, part, version=whole, revision=revision)
    return whole or version_for_draft(pipeline, revision), {}


def _version(pipeline: Pipeline, version: int | str | None) -> PipelineVersion:
    if version is None or version == "latest":
        return find_version(pipeline)
    if isinstance(version, bool) or not isinstance(version, int):
        message = f'a version is a number, "latest" or "draft", not {version!r:.60}'
        raise Invalid.at("version", "bad_value", message)
    return find_version(pipeline, version)


def checked_parameters(document: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each parameter of the document; raises Invalid naming each that is wrong."""
    values, problems = check_values(specs_from(document.get("parameters")), given)
    if problems:
        raise Invalid(problems)
    return values


def _earlier(idempotency: Idempotency) -> Run | None:
    if not idempotency.by_script:
        late = database_now() - KEYS_KEPT_FOR
        IdempotencyKey.objects.filter(token=idempotency.token, created_at__lt=late).delete()
    row = (
        IdempotencyKey.objects.filter(token=idempotency.token, key=idempotency.key)
        .select_related("run")
        .first()
    )
    if row is not None and row.body_hash != idempotency.body_hash:
        raise KeyReused
    return row.run if row else None


def _insert(new: NewRun) -> Run:
    """Insert the run, and let it start unless it is a draft."""
    check_nesting(new.version, new.pins, ())
    run = insert_run(new, database_now())
    if not new.draft:
        dispatch.ask_for_turn(run.pk)
    return run


def ask(run: Run, kind: str, data: Mapping[str, Any], actor: str) -> int:
    """Leave a signal and ask for a turn; answers the signal's number."""
    with transaction.atomic():
        number = signals.put(run.pk, kind, data, actor)
        dispatch.ask_for_turn(run.pk)
    return number


def abort_run(*, actor: str, run: Run) -> int:
    """Ask for the end of a run; raises Conflict when it has ended already."""
    if run.status in FINAL:
        raise Conflict(f"the run is {run.status} already")
    return ask(run, "abort", {}, actor)


def abort_steps(*, actor: str, run: Run, steps: Sequence[str]) -> int:
    """Ask for the end of some steps of a run."""
    if run.status in FINAL:
        raise Conflict(f"the run is {run.status} already")
    return ask(run, "abort_steps", {"steps": indexes_of(run, steps)}, actor)


def run_again(
    *,
    actor: str,
    scopes: Sequence[str] | None = None,
    run: Run,
    parameters: Mapping[str, Any] | None = None,
    origin: str = "page",
    cache: bool = True,
) -> Run:
    """Start a new run of the same version, with the same parameters unless others are given."""
    options = _options(cache)
    return _like(
        run,
        actor=actor,
        scopes=scopes,
        parameters=parameters,
        origin=origin,
        draft=False,
        options=options,
    )


def clone_run(*, actor: str, run: Run) -> Run:
    """Make a draft run like this one; its parameters can be changed before it is enqueued."""
    return _like(
        run, actor=actor, parameters=None, origin=run.origin, draft=True, options=run.options
    )


def _like(
    run: Run,
    *,
    actor: str,
    scopes: Sequence[str] | None = None,
    parameters: Mapping[str, Any] | None,
    origin: str,
    draft: bool,
    options: dict[str, Any],
) -> Run:
    if run.version is None:
        raise Conflict("only runs of a pipeline's version can be run again")
    document = document_of(run.version.pk, run.version.content_hash)
    values = checked_parameters(document, {**run.parameters, **(parameters or {})})
    with transaction.atomic():
        return _insert(
            NewRun(
                version=run.version,
                steps=len(graph_of_version(run.version.pk, run.version.content_hash)),
                actor=actor,
                scopes=scopes,
                origin=origin,
                name=run.name,
                parameters=values,
                pins=pins_for_run(run.version),
                draft=draft,
                part=run.part,
                options=options,
            )
        )


@transaction.atomic
def change_draft_run(*, actor: str, run: Run, parameters: Mapping[str, Any]) -> Run:
    """Change the parameters of a run that has not been enqueued yet."""
    locked = Run.objects.select_for_update(of=("self",)).select_related("version").get(pk=run.pk)
    if locked.status != Status.DRAFT or locked.version is None:
        raise Conflict(f"the run is {locked.status}; only a draft's parameters can be changed")
    document = document_of(locked.version.pk, locked.version.content_hash)
    values = checked_parameters(document, {**locked.parameters, **parameters})
    Run.objects.filter(pk=run.pk).update(parameters=values)
    Task.objects.filter(pk=run.pk).update(parameters=parameters_of(values, locked.driver))
    record(actor, "run.parameters", run.pk, locked.project, names=sorted(parameters))
    run.refresh_from_db()
    announce.poke(f"run:{run.pk}")
    return run


@transaction.atomic
def enqueue_run(*, actor: str, run: Run, scopes: Sequence[str] | None = None) -> int:
    """Let a draft run start; it is the run of whoever wants that, whose draft it was before."""
    if not Run.objects.filter(pk=run.pk, status=Status.DRAFT).update(actor=actor):
        run.refresh_from_db(fields=["status"])
        raise Conflict(f"the run is {run.status}; only a draft can be enqueued")
    Task.objects.filter(pk=run.pk).update(actor=actor, scopes=scopes)
    return ask(run, "start", {}, actor)


def graph_of(run: Run) -> Graph:
    """The graph that the run executes."""
    if run.version is None:
        raise Conflict("the run has no graph of its own")
    return graph_of_run(run)


def indexes_of(run: Run, names: Sequence[str]) -> list[int]:
    """The indexes of these steps, in order; NotFound naming the first that there is not."""
    places = graph_of(run).index_by_name
    unknown = [name for name in names if name not in places]
    if unknown:
        raise NotFound(f'the run has no step "{unknown[0]}"')
    if not names:
        raise Invalid.at("steps", "missing", "name at least one step")
    return sorted({places[name] for name in names})


def find_run(run_id: uuid.UUID) -> Run:
    """The run with what actions need of it; NotFound when there is none."""
    run = Run.objects.select_related("version", "pipeline").filter(pk=run_id).first()
    if run is None:
        raise NotFound("there is no such run")
    return run
