"""Tasks: one unit of work, the templates it is cloned from, and what they execute."""

from __future__ import annotations

from django.db import models

from orchestrator.domain.states import Status
from orchestrator.models.fields import status_check, status_field, uuid7


class Definition(models.Model):
    """What to execute, shared by all clones: identified by its content's hash, never changed.

    ``body`` by kind: python {"script", "requirements"};
    function {"source", "name", "requirements"};
    command {"argv": [...], "requirements"}.
    """

    hash = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(max_length=16)
    body = models.JSONField()


class TemplateVersion(models.Model):
    """A numbered, immutable state of a template."""

    template = models.ForeignKey("orchestrator.Task", models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.ForeignKey(Definition, models.PROTECT)
    specs = models.JSONField(default=list)
    queue = models.CharField(max_length=64, default="default")
    configuration = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    author = models.CharField(max_length=150)
    note = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("template", "number"), name="template_version_once"),
        )


class Task(models.Model):
    """One unit of work: what to execute, its parameters, its queue, and what became of it.

    ``fence`` rises with every enqueue; whatever an execution leaves behind carries it.
    ``published_at`` is when the message for this fence was last sent; null: not yet sent.
    A ``held`` one is not sent, because its run is paused. An abort is requested, delivered to
    the agent, and at ``kill_at`` no longer asked for but enforced.
    Equal tasks of a project have the same ``cache_key``: one may give its result to another.
    ``progress_told_at`` is when its run was last told of its progress.
    ``outcome`` is {"reason", "exit_code", "traceback", "confirmed", "killed"} once it has ended.
    ``process`` is {"host", "actor"} when a process runs it, or ran it last, that no agent started.
    ``batches`` holds, of each thing that it sends in batches, the last one's [fence, key, hash].
    What it executes acts for ``actor``, within the ``scopes`` of the token by which it was started
    (null: there was none, or one that may everything).
    ``configuration`` are texts by name. ``maker`` is the task whose script made this one, under
    ``maker_key``: a script that is taken up and makes it again gets the same.
    """

    CONTROLLER = "controller"
    """The kind of a graph run's task, which its own turn moves and no agent; the type of any
    run's task that is made with its run."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("orchestrator.Project", models.CASCADE, related_name="tasks")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    type = models.CharField(max_length=32, default="training")
    definition = models.ForeignKey(Definition, models.PROTECT, null=True, blank=True)
    parameters = models.JSONField(default=dict)
    specs = models.JSONField(default=list)
    is_template = models.BooleanField(default=False)
    slug = models.SlugField(max_length=100, blank=True, default="")
    template_version = models.ForeignKey(
        TemplateVersion, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.JSONField(null=True, blank=True)
    maker = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    maker_key = models.CharField(max_length=200, blank=True, default="")
    actor = models.CharField(max_length=150, blank=True, default="")
    scopes = models.JSONField(null=True, blank=True)
    queue = models.CharField(max_length=64, default="default")
    priority = models.SmallIntegerField(default=0)
    tags = models.JSONField(default=list)
    comment = models.TextField(blank=True, default="")
    limits = models.JSONField(default=dict)
    configuration = models.JSONField(default=dict)
    batches = models.JSONField(default=dict)

    status = status_field(Status.DRAFT)
    fence = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    agent = models.ForeignKey(
        "orchestrator.Agent", models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    process = models.JSONField(default=dict)
    lease_until = models.DateTimeField(null=True, blank=True)
    held = models.BooleanField(default=False)
    abort_requested_at = models.DateTimeField(null=True, blank=True)
    abort_delivered_at = models.DateTimeField(null=True, blank=True)
    kill_at = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField(default=dict)
    outputs = models.JSONField(default=dict)
    progress = models.FloatField(null=True, blank=True)
    progress_told_at = models.DateTimeField(null=True, blank=True)
    cache_key = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            status_check("task"),
            models.UniqueConstraint(
                fields=("project", "slug"),
                condition=models.Q(is_template=True),
                name="template_slug_once",
            ),
            models.UniqueConstraint(
                fields=("maker", "maker_key"),
                condition=~models.Q(maker_key=""),
                name="task_made_once",
            ),
        )
        indexes = (
            # Not a partial index: SQLite does not use one for values that come as parameters.
            models.Index(fields=("status", "queue", "-priority", "queued_at"), name="task_waiting"),
            # The line's own statements name the status, so that a long line costs them nothing.
            models.Index(
                fields=("queue", "-priority", "queued_at", "id"),
                condition=models.Q(status="queued", published_at__isnull=True),
                name="task_in_line",
            ),
            models.Index(
                fields=("queue",),
                condition=models.Q(status="queued", published_at__isnull=False),
                name="task_published",
            ),
            models.Index(fields=("status", "lease_until"), name="task_leased"),
            models.Index(fields=("cache_key",), name="task_equal"),
            models.Index(fields=("project", "is_template", "-id"), name="task_listed"),
        )

    def __str__(self) -> str:
        return self.name
