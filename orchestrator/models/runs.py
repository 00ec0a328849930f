"""Runs: executions of pipelines. Written by their own turn, apart from their creation."""

from __future__ import annotations

import uuid

from django.db import models

from orchestrator.domain.states import Status
from orchestrator.models.fields import status_check, status_field
from orchestrator.models.pipelines import PipelineVersion


class Run(models.Model):
    """One execution of a version; it is its controller task, one to one.

    ``tally`` counts the step rows by status, ``uncounted`` those of them that may fail;
    ``steps_made`` of ``steps_total`` rows exist.
    ``pins`` is what each step's template resolved to when the run was created.
    ``part`` says which steps of the version were asked for, if not all: {"until": names}, or
    {"only": names, "given": {step: {"run", "task"}}}, whose values came from earlier runs.
    ``line`` is where it waits for a place before it starts, ``key`` the name of the line of its
    concurrency key.
    ``metrics`` are the last values of what its steps' metrics are watched for, by title/series.
    ``taken_up`` counts how often its script was started again because its machine was lost.
    ``options`` is what was asked of this run alone. It ends at ``deadline_at`` if it still runs;
    ``due_at`` is when something is to be looked at next.
    """

    Driver = PipelineVersion.Driver

    task = models.OneToOneField("orchestrator.Task", models.CASCADE, primary_key=True)
    project = models.ForeignKey("orchestrator.Project", models.CASCADE, related_name="runs")
    pipeline = models.ForeignKey("orchestrator.Pipeline", models.CASCADE, related_name="runs")
    version = models.ForeignKey(
        "orchestrator.PipelineVersion", models.PROTECT, null=True, related_name="runs"
    )
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200, blank=True, default="")
    driver = models.CharField(max_length=10, choices=Driver.choices, default=Driver.GRAPH)
    parent_attempt = models.ForeignKey(
        "orchestrator.Attempt", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = status_field(Status.QUEUED)
    reason = models.TextField(blank=True, default="")
    stop_reason = models.CharField(max_length=16, blank=True, default="")
    round = models.PositiveIntegerField(default=1)
    graph_revision = models.PositiveIntegerField(default=0)
    graph_open = models.BooleanField(default=False)
    taken_up = models.PositiveSmallIntegerField(default=0)
    last_change = models.PositiveIntegerField(default=0)
    steps_total = models.PositiveIntegerField(default=0)
    steps_made = models.PositiveIntegerField(default=0)
    tally = models.JSONField(default=dict)
    uncounted = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    pins = models.JSONField(default=dict)
    part = models.JSONField(default=dict)
    outputs = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    line = models.ForeignKey(
        "orchestrator.Line", models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    key = models.CharField(max_length=200, blank=True, default="", db_index=True)
    actor = models.CharField(max_length=150)
    origin = models.CharField(max_length=16, default="token")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            status_check("run"),
            models.UniqueConstraint(fields=("pipeline", "number"), name="run_number_once"),
        )
        indexes = (
            models.Index(fields=("project", "-task"), name="run_listed"),
            models.Index(
                fields=("due_at",), condition=models.Q(due_at__isnull=False), name="run_due"
            ),
        )

    @property
    def id(self) -> uuid.UUID:
        return self.task_id


class GraphPart(models.Model):
    """What was added to a run's graph while it ran.

    The items of a fan-out: {"of": its index, "first": that of the first new node, "start": the
    place of the first item in the list, "count", "list": their values}. A step that its script
    added under a ``key``: {"first": its index, "step": as in a document, "pin": what its template
    or pipeline is, "task": that which the script made, if it did}.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="graph_parts")
    revision = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    body = models.JSONField()
    parents = models.JSONField(default=list)
    callbacks = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "key"), name="graph_part_once"),)


class Step(models.Model):
    """A node of one run. Its parents are counted by how they stand; see ``domain.planner``.

    ``cause`` is the index of the step that made this one be skipped; ``retried`` and ``crashed``
    count automatic new attempts since the last one that somebody asked for. ``again`` is what
    its next attempt is asked to be ({"actor", "overrides"}) once the living one has ended.
    ``let_pass`` says that the run has paused before it already. A fan-out's own row counts its
    ``items`` by how they stand; null: it has not been spread out yet.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    index = models.PositiveIntegerField()
    node = models.PositiveIntegerField()
    path = models.CharField(max_length=300)
    item_index = models.PositiveIntegerField(null=True, blank=True)
    item_value = models.JSONField(null=True, blank=True)
    status = status_field(Status.PENDING)
    reason = models.TextField(blank=True, default="")
    cause = models.PositiveIntegerField(null=True, blank=True)
    skipped_by = models.CharField(max_length=16, blank=True, default="")
    counts = models.BooleanField(default=True)
    open_parents = models.PositiveIntegerField(default=0)
    good_parents = models.PositiveIntegerField(default=0)
    bad_parents = models.PositiveIntegerField(default=0)
    stale = models.BooleanField(default=False)
    progress = models.FloatField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    due_why = models.CharField(max_length=16, blank=True, default="")
    attempt = models.PositiveIntegerField(default=0)
    retried = models.PositiveSmallIntegerField(default=0)
    crashed = models.PositiveSmallIntegerField(default=0)
    again = models.JSONField(null=True, blank=True)
    let_pass = models.BooleanField(default=False)
    items = models.PositiveIntegerField(null=True, blank=True)
    items_open = models.PositiveIntegerField(default=0)
    items_good = models.PositiveIntegerField(default=0)
    items_bad = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("index",)
        constraints = (
            status_check("step"),
            models.UniqueConstraint(fields=("run", "index"), name="step_index_once"),
            models.UniqueConstraint(fields=("run", "path"), name="step_path_once"),
        )
        indexes = (
            # Not a partial index: SQLite does not use one for values that come as parameters.
            models.Index(fields=("run", "status", "open_parents"), name="step_by_status"),
            models.Index(
                fields=("run", "index"), condition=models.Q(due_why="limit"), name="step_held"
            ),
        )


class Attempt(models.Model):
    """One try of a step: the row that ties it to the task made for it; never overwritten.

    ``cache`` says what the look for an equal earlier result gave: {"hit", "key", "why"}.
    """

    class Origin(models.TextChoices):
        FIRST = "first"
        RETRY = "retry"
        RERUN = "rerun"
        CACHED = "cached"
        BY_HAND = "by hand"
        SCRIPT = "script"

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.CASCADE, related_name="attempts")
    step = models.ForeignKey(Step, models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    task = models.ForeignKey(
        "orchestrator.Task", models.SET_NULL, null=True, blank=True, related_name="attempts"
    )
    status = status_field(Status.PENDING)
    reason = models.TextField(blank=True, default="")
    exit_code = models.IntegerField(null=True, blank=True)
    traceback = models.TextField(blank=True, default="")
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.FIRST)
    round = models.PositiveIntegerField(default=1)
    overrides = models.JSONField(default=dict)
    resolved = models.JSONField(default=dict)
    inputs = models.JSONField(default=list)
    outputs = models.JSONField(default=dict)
    cache = models.JSONField(null=True, blank=True)
    actor = models.CharField(max_length=150, blank=True, default="")
    agent = models.CharField(max_length=128, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            status_check("attempt"),
            models.UniqueConstraint(fields=("step", "number"), name="attempt_once"),
        )


class Signal(models.Model):
    """Something that the run's next turn must take into account; deleted by that turn."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=16)
    data = models.JSONField(default=dict)
    actor = models.CharField(max_length=150, blank=True, default="")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=("run", "id"), name="signal_of_run"),)


class Change(models.Model):
    """What has happened to a run, numbered without gaps."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=24)
    data = models.JSONField(default=dict)
    actor = models.CharField(max_length=150, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="change_number_once"),
        )


class Call(models.Model):
    """A question to a script or a hook, and its answer; see ``domain.hooks``.

    ``place`` is that of the hook among those of its kind, ``by`` what that is. ``answer`` is
    {"value": …} or, of one that failed, {"reason", "traceback"}. A hook whose agent was lost is
    tried again. While the script that is to answer is not running, ``deadline_at`` is empty, and
    ``left_seconds`` says how much of its time is left.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="calls")
    round = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    step = models.PositiveIntegerField(null=True, blank=True)
    attempt = models.PositiveIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=16)
    by = models.CharField(max_length=10, default="python")
    place = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=16, blank=True, default="")
    arguments = models.JSONField(default=dict)
    task = models.ForeignKey("orchestrator.Task", models.SET_NULL, null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    left_seconds = models.FloatField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, default="open")
    answer = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "round", "number"), name="call_number_once"),
            models.UniqueConstraint(
                fields=("run", "round", "step", "attempt", "kind", "place", "status"),
                name="call_asked_once",
            ),
        )
        indexes = (
            # Asked for by each turn of a run with a script; most were answered long ago.
            models.Index(fields=("run", "by", "state"), name="call_by_state"),
        )


class Delivery(models.Model):
    """A webhook's payload on its way, sent at ``next_at`` unless it has arrived; ``fault`` is what
    went wrong when it was sent last."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="deliveries")
    url = models.URLField(max_length=2000)
    payload = models.JSONField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("call", "url"), name="delivery_once"),)
        indexes = (models.Index(fields=("next_at",), name="delivery_due"),)
