"""Pipelines: the graph that people edit, its draft and its immutable versions."""

from __future__ import annotations

from django.db import models

from orchestrator.domain.names import SERVICES_QUEUE
from orchestrator.models.fields import uuid7


class Pipeline(models.Model):
    """A named graph of steps."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("orchestrator.Project", models.CASCADE, related_name="pipelines")
    slug = models.SlugField(max_length=100)
    name = models.CharField(max_length=128)
    description = models.TextField(blank=True, default="")
    tags = models.JSONField(default=list)
    last_run_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("project__slug", "slug")
        constraints = (
            models.UniqueConstraint(fields=("project", "slug"), name="pipeline_slug_once"),
        )

    def __str__(self) -> str:
        return self.slug


class Draft(models.Model):
    """The one state of a pipeline that can be edited."""

    pipeline = models.OneToOneField(Pipeline, models.CASCADE, primary_key=True)
    revision = models.PositiveIntegerField(default=1)
    document = models.JSONField()
    actor = models.CharField(max_length=150)
    updated_at = models.DateTimeField(auto_now=True)


class DraftRevision(models.Model):
    """An earlier state of a draft, kept so that others' edits can be merged."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    document = models.JSONField()
    actor = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("draft", "revision"), name="draft_revision_once"),
        )


class PipelineVersion(models.Model):
    """An immutable document. Without a number: made to run an unpublished draft.

    ``pins`` maps each step's name to the template version it was published with. A version that
    Python registered has the ``script`` that drives its runs, which waits in ``script_queue``:
    as *controller* it answers for the steps of the document, as *script* it finds them as it goes.
    """

    class Driver(models.TextChoices):
        GRAPH = "graph"
        CONTROLLER = "controller"
        SCRIPT = "script"

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(null=True, blank=True)
    label = models.CharField(max_length=64, blank=True, default="")
    document = models.JSONField()
    pins = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    driver = models.CharField(max_length=10, choices=Driver.choices, default=Driver.GRAPH)
    script = models.ForeignKey(
        "orchestrator.Definition", models.PROTECT, null=True, blank=True, related_name="+"
    )
    script_queue = models.CharField(max_length=64, default=SERVICES_QUEUE)
    author = models.CharField(max_length=150)
    note = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("pipeline", "number"), name="pipeline_version_once"),
        )


class SlugAlias(models.Model):
    """A slug that a template or pipeline had before it was renamed."""

    project = models.ForeignKey("orchestrator.Project", models.CASCADE)
    kind = models.CharField(max_length=16)
    slug = models.SlugField(max_length=100)
    target = models.UUIDField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("project", "kind", "slug"), name="alias_once"),
        )
